/**
 * Reads through the gate: a resource, or one of its versions. A hidden resource looks like one that does not exist.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateContext, GateResult } from './gate-context.js'
import {
  fhirResponse,
  isUpstreamError,
  namesTag,
  notFoundResponse,
  refusalBy,
  resourceIn,
  upstreamFailed,
  versionOf
} from './responses.js'
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
const shownAnswer = (resource: Resource, response: PlainResponse, request: PlainRequest): PlainResponse => {
  const headers = etagOf(resource, response)
  const tag = ownMember(headers, 'etag')
  const isKnown = typeof tag === 'string' && namesTag(headerOf(request, 'if-none-match') ?? '', tag)
  return isKnown ? { status: 304, headers, body: '' } : fhirResponse(200, resource, headers)
}

/** The response to a read of a resource or of one of its versions; `isFree` if the token may read all of the type. */
export const readAnswer = (
  gateContext: GateContext,
  { type, id }: { readonly type: string; readonly id: string },
  path: string,
  request: PlainRequest,
  isFree: boolean
): GateResult =>
  pipe(
    gateContext.ask({ method: 'GET', path: `/${type}/${id}${path}` }),
    TaskEither.chain((response) => {
      if (isUpstreamError(response)) return TaskEither.right(upstreamFailed(response))
      if (response.status === 410 && isFree) return TaskEither.right(refusalBy('resource-not-deleted', 410, 'deleted'))
      const resource = resourceIn(response)
      if (response.status !== 200 || resource?.resourceType !== type || resource.id !== id)
        return TaskEither.right(notFoundResponse())
      if (isFree) return TaskEither.right(shownAnswer(resource, response, request))
      return pipe(
        gateContext.prepare([resource]),
        TaskEither.map(() =>
          gateContext.may('r', resource)
            ? shownAnswer(resource, response, request)
            : notFoundResponse('resource-permitted')
        )
      )
    })
  )
