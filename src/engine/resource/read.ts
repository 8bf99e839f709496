/**
 * Reads through the gate: a resource, or one of its versions. A hidden resource looks like one that does not exist.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateContext, GateResult } from './gate-context.js'
import { readResource } from './page-text.js'
import {
  answeredWithoutResource,
  fhirResponse,
  isUpstreamError,
  isWithoutResource,
  namesTag,
  notFoundResponse,
  refusalBy,
  upstreamFailed,
  versionOf
} from './responses.js'
import { hiddenIfTooLarge, upstreamRefused } from './upstream-answer.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { ownMember } from '../../values/own.js'

const etagOf = (resource: Resource, response: PlainResponse): PlainResponse['headers'] => {
  const version = versionOf(resource, response)
  const modified = headerOf(response, 'last-modified')
  return {
    ...(version === null ? {} : { etag: `W/"${version}"` }),
    ...(modified === undefined ? {} : { 'last-modified': modified })
  }
}

/** The response with a resource that may be shown: 304 if the client has this version. */
const shownAnswer = (
  resource: Resource,
  text: string,
  response: PlainResponse,
  request: PlainRequest
): PlainResponse => {
  const headers = etagOf(resource, response)
  const tag = ownMember(headers, 'etag')
  const isKnown = typeof tag === 'string' && namesTag(headerOf(request, 'if-none-match') ?? '', tag)
  return isKnown ? { status: 304, headers, body: '' } : { ...fhirResponse(200, null, headers), body: text }
}

/** The upstream server refuses the request itself; 403 is about the credentials of the gate, 404 and 410 about data. */
const isRefusal = ({ status }: PlainResponse): boolean =>
  status >= 400 && status < 500 && ![403, 404, 410].includes(status)

/** The response to a read of a resource or of one of its versions; `isFree` if the token may read all of the type. */
export const readAnswer = (
  gateContext: GateContext,
  { type, id }: { readonly type: string; readonly id: string },
  path: string,
  request: PlainRequest,
  isFree: boolean
): GateResult =>
  pipe(
    gateContext.askAsWritten({ method: 'GET', path: `/${type}/${id}${path}` }),
    TaskEither.chain((response) => {
      if (isUpstreamError(response)) return TaskEither.right(upstreamFailed(response))
      // The server lacks reads of this kind, whatever is stored.
      if (response.status === 501) return TaskEither.right(upstreamRefused(gateContext, response, 'request', ''))
      if (response.status === 410 && isFree) return TaskEither.right(refusalBy('resource-not-deleted', 410, 'deleted'))
      if (isFree && isRefusal(response)) return TaskEither.right(upstreamRefused(gateContext, response, 'request', ''))
      const read = response.status === 200 ? readResource(gateContext, response) : null
      if (read === null || read.resource.resourceType !== type || read.resource.id !== id) {
        // The content of a Binary, from a server that ignores `Accept`: a hidden one must look like a missing one.
        const isContent = type === 'Binary' && response.status === 200 && !isFree
        return TaskEither.right(
          isWithoutResource(response) && !isContent ? answeredWithoutResource() : notFoundResponse()
        )
      }
      const { resource, text } = read
      if (isFree) return TaskEither.right(shownAnswer(resource, text, response, request))
      return pipe(
        gateContext.prepare([resource]),
        TaskEither.map(() =>
          gateContext.may('r', resource)
            ? shownAnswer(resource, text, response, request)
            : notFoundResponse('resource-permitted')
        )
      )
    }),
    hiddenIfTooLarge<PlainResponse>(gateContext, (refusal) => refusal),
    gateContext.budget.whileHolding
  )
