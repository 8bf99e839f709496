/**
 * Operations through the gate: an operation that is permitted is forwarded, and its response is checked.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { GateContext, GateResult } from './gate-context.js'
import { publicText, readResource } from './page-text.js'
import {
  fhirResponse,
  insufficientScope,
  isUpstreamError,
  notFoundResponse,
  resourceIn,
  upstreamFailed
} from './responses.js'
import type { PagePlace } from './page-links.js'
import { firstPlace } from './page-links.js'
import { judgedPage, linkedPage, pageIn } from './pages.js'
import { askedIn } from './upstream-answer.js'
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

/** A query or form without `_format`, so that the response is JSON. */
const withoutFormat = (query: string): string =>
  query
    .split('&')
    .filter((pair) => !namesParameter(pair, '_format'))
    .join('&')

/** A Bundle in a response: a page that is judged. */
const bundleAnswer = (
  gateContext: GateContext,
  request: PlainRequest,
  response: PlainResponse,
  isSeen: (resource: Resource) => boolean,
  isFirst: boolean
): GateResult => {
  const page = pageIn(gateContext, { ...response, status: 200 }, { reach: 'request', asked: askedIn(request) })
  if (Either.isLeft(page)) return TaskEither.right(page.left.refusal)
  const { status, headers } = response
  return judgedPage(gateContext, request, page.right, isSeen, isFirst, { status, headers })
}

/**
 * The response of a permitted operation. The host declares the scopes that an operation needs; a Bundle in the response
 * shows no more than reads and searches would. If nothing in it is hidden, it is returned unchanged, but for its page
 * links.
 */
const permittedAnswer =
  (gateContext: GateContext, request: PlainRequest, isFirst: boolean) =>
  (response: PlainResponse): GateResult => {
    const read = readResource(gateContext, response)
    if (isUpstreamError(response) || (read === null && isUnreadable(response)))
      return TaskEither.right(upstreamFailed(response))
    const isSeen = (resource: Resource): boolean =>
      resource.resourceType === 'OperationOutcome' || gateContext.may('r', resource) || gateContext.may('s', resource)
    const headers = { ...response.headers, 'cache-control': 'no-store' }
    if (read?.resource.resourceType === 'Bundle')
      return bundleAnswer(gateContext, request, { ...response, headers }, isSeen, isFirst)
    return TaskEither.right({
      status: response.status,
      headers,
      body: read === null ? response.body : publicText(gateContext.options, read, response)
    })
  }

/** The response to an operation that the host maps to permissions; `place` is that of a page after the first. */
export const operationAnswer = (
  gateContext: GateContext,
  decision: Decision,
  interaction: Extract<FhirInteraction, { readonly _tag: 'Operation' }>,
  request: PlainRequest,
  place: PagePlace
): GateResult => {
  const body = isForm(request) ? withoutFormat(request.body) : request.body
  const form = headerOf(request, 'content-type') ?? fhirJsonType
  const content = request.body === '' ? {} : { body, headers: { 'content-type': form } }
  const linked = linkedPage(place)
  const isFirst = place === firstPlace
  const forwarded =
    linked !== null
      ? gateContext.askAsWritten(linked, false)
      : gateContext.askAsWritten(
          { method: request.method, path: request.path, query: withoutFormat(request.query), ...content },
          operationWrites(interaction, gateContext.options.rules ?? noMembers)
        )
  const passed = (answer: (response: PlainResponse) => GateResult): GateResult =>
    gateContext.budget.whileHolding(pipe(forwarded, TaskEither.chain(answer)))
  if (decision._tag === 'Permit') return passed(permittedAnswer(gateContext, request, isFirst))
  return pipe(
    gateContext.ask({ method: 'GET', path: `/${interaction.type ?? ''}/${interaction.id ?? ''}` }),
    TaskEither.chain((found) => {
      if (isUpstreamError(found)) return TaskEither.right(upstreamFailed(found))
      const focus = resourceIn(found)
      const isRequested = focus?.resourceType === interaction.type && focus.id === interaction.id
      if (found.status !== 200 || focus === null || !isRequested || !gateContext.may('r', focus))
        return TaskEither.right(notFoundResponse())
      return passed((response) => {
        if (isUpstreamError(response)) return TaskEither.right(upstreamFailed())
        const read = response.status === 200 ? readResource(gateContext, response) : null
        if (read === null) return TaskEither.right(insufficientScope())
        const { resource, text } = read
        if (resource.resourceType === 'Bundle')
          return bundleAnswer(
            gateContext,
            request,
            { ...response, headers: {} },
            (one) => gateContext.may('r', one),
            isFirst
          )
        return TaskEither.right(
          gateContext.may('r', resource) ? { ...fhirResponse(200, null), body: text } : notFoundResponse()
        )
      })
    })
  )
}
