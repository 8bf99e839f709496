/**
 * Operations through the gate: an operation that is permitted is forwarded, and its response is checked.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateContext, GateResult } from './gate-context.js'
import { publicResource } from './public-urls.js'
import {
  entriesOf,
  fhirResponse,
  insufficientScope,
  isUpstreamError,
  notFoundResponse,
  resourceIn,
  upstreamFailed
} from './responses.js'
import { pageOf } from './search.js'
import { askedIn, upstreamRefused } from './upstream-answer.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import { operationWrites } from '../../protocol/access/decision.js'
import type { FhirInteraction, Resource } from '../../protocol/access/fhir-interaction.js'
import { namesParameter } from '../../protocol/access/search/query.js'
import { fhirJsonType, isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { noMembers } from '../../values/own.js'

/**
 * Whether a response may contain FHIR data in a format that the gate does not read: XML, or JSON without a resource.
 */
const isUnreadable = (response: PlainResponse): boolean =>
  response.body !== '' &&
  resourceIn(response) === null &&
  /^$|\b(?:json|ndjson|xml|turtle)\b/i.test(String(headerOf(response, 'content-type') ?? ''))

/** Whether a response is a Bundle in which an entry is not an object, or its resource is not a resource. */
const holdsNoEntries = (response: PlainResponse): boolean => {
  const bundle = resourceIn(response)
  return (
    bundle?.resourceType === 'Bundle' &&
    Array.isArray(bundle['entry']) &&
    entriesOf(bundle).length < bundle['entry'].length
  )
}

/** A query or form without `_format`, so that the response is JSON. */
const withoutFormat = (query: string): string =>
  query
    .split('&')
    .filter((pair) => !namesParameter(pair, '_format'))
    .join('&')

/**
 * The response of a permitted operation. The host declares the scopes that an operation needs; a Bundle in the response
 * shows no more than reads and searches would. If nothing in it is hidden, it is returned unchanged, with its page
 * links.
 */
const permittedAnswer =
  (gateContext: GateContext) =>
  (response: PlainResponse): PlainResponse => {
    const isFailure = isUpstreamError(response) || response.status === 403
    if (isFailure || isUnreadable(response) || holdsNoEntries(response)) return upstreamFailed(response)
    const bundle = resourceIn(response)
    const isSeen = (resource: Resource): boolean =>
      resource.resourceType === 'OperationOutcome' || gateContext.may('r', resource) || gateContext.may('s', resource)
    const seen = bundle === null ? null : publicResource(gateContext.options, bundle)
    return seen?.resourceType !== 'Bundle' ||
      entriesOf(seen).every(({ resource }) => resource === undefined || isSeen(resource))
      ? {
          status: response.status,
          headers: { ...response.headers, 'cache-control': 'no-store' },
          body: seen === null ? response.body : JSON.stringify(seen)
        }
      : { ...pageOf(seen, isSeen), status: response.status }
  }

/** The response to an operation that the host maps to permissions. */
export const operationAnswer = (
  gateContext: GateContext,
  decision: Decision,
  interaction: Extract<FhirInteraction, { readonly _tag: 'Operation' }>,
  request: PlainRequest
): GateResult => {
  const body = isForm(request) ? withoutFormat(request.body) : request.body
  const form = headerOf(request, 'content-type') ?? fhirJsonType
  const content = request.body === '' ? {} : { body, headers: { 'content-type': form } }
  const forwarded = gateContext.ask(
    { method: request.method, path: request.path, query: withoutFormat(request.query), ...content },
    operationWrites(interaction, gateContext.options.rules ?? noMembers)
  )
  if (decision._tag === 'Permit') return pipe(forwarded, TaskEither.map(permittedAnswer(gateContext)))
  return pipe(
    gateContext.ask({ method: 'GET', path: `/${interaction.type ?? ''}/${interaction.id ?? ''}` }),
    TaskEither.chain((found) => {
      if (isUpstreamError(found)) return TaskEither.right(upstreamFailed(found))
      const focus = resourceIn(found)
      const isRequested = focus?.resourceType === interaction.type && focus.id === interaction.id
      if (found.status !== 200 || focus === null || !isRequested) return TaskEither.right(notFoundResponse())
      if (!gateContext.may('r', focus)) return TaskEither.right(notFoundResponse('resource-permitted'))
      return pipe(
        forwarded,
        TaskEither.map((response) => {
          if (isUpstreamError(response) || response.status >= 400)
            return upstreamRefused(gateContext, response, 'request', askedIn(request))
          const resource = resourceIn(response)
          if (response.status !== 200 || resource === null) return insufficientScope([], 'response-can-be-filtered')
          if (resource.resourceType !== 'Bundle')
            return gateContext.may('r', resource) ? fhirResponse(200, resource) : notFoundResponse('resource-permitted')
          return pageOf(publicResource(gateContext.options, resource), (one) => gateContext.may('r', one))
        })
      )
    })
  )
}
