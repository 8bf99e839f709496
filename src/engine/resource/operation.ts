/**
 * Operations through the gate: an operation that is permitted is forwarded, and its response is checked.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { exportAnswer, jobStarted } from './bulk/kick-off.js'
import type { StopReason } from './cost.js'
import type { GateContext, GateResult } from './gate-context.js'
import { publicResource } from './public-urls.js'
import {
  entriesOf,
  fhirResponse,
  insufficientScope,
  isUpstreamError,
  notFoundResponse,
  outcome,
  resourceIn,
  upstreamFailed
} from './responses.js'
import { pageOf } from './search.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { isResource } from '../../protocol/access/fhir-interaction.js'
import { openingScope, operationWrites, tableRowOf } from '../../protocol/access/operations/decide-operation.js'
import type { Operation } from '../../protocol/access/operations/operation-rules.js'
import type { StandardOperation } from '../../protocol/access/operations/table.js'
import { namesParameter } from '../../protocol/access/search/query.js'
import { fhirJsonType, isForm } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { isObject } from '../../values/object.js'
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
    if (isUpstreamError(response) || isUnreadable(response) || holdsNoEntries(response)) return upstreamFailed()
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

/** The resource in the URL, if the token may read it; else the refusal. */
const focusOf = (
  gateContext: GateContext,
  { type, id }: Operation
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, Resource>> =>
  pipe(
    gateContext.ask({ method: 'GET', path: `/${type ?? ''}/${id ?? ''}` }),
    TaskEither.map((found) => {
      if (isUpstreamError(found)) return Either.left(upstreamFailed())
      const focus = resourceIn(found)
      const isRequested = focus?.resourceType === type && focus.id === id
      return found.status !== 200 || focus === null || !isRequested || !gateContext.may('r', focus)
        ? Either.left(notFoundResponse())
        : Either.right(focus)
    })
  )

/** A page of a Bundle with the resources that the token may see. */
const checkedBundle = (
  gateContext: GateContext,
  bundle: Resource,
  isSeen: (resource: Resource) => boolean
): GateResult => TaskEither.right(pageOf(publicResource(gateContext.options, bundle), isSeen))

/** The resources inside Parameters, at any depth. */
const resourcesIn = (value: unknown): ReadonlyArray<Resource> => {
  if (Array.isArray(value)) return value.flatMap(resourcesIn)
  if (!isObject(value)) return []
  return isResource(value)
    ? [
        value,
        ...Object.values(value).flatMap((inner) => (value.resourceType === 'Parameters' ? resourcesIn(inner) : []))
      ]
    : Object.values(value).flatMap(resourcesIn)
}

/** Whether a response holds nothing but OperationOutcomes, and Parameters around them. */
const isOutcome = (resource: Resource): boolean =>
  resourcesIn(resource).every(
    ({ resourceType }) => resourceType === 'OperationOutcome' || resourceType === 'Parameters'
  )

/** Whether a client asks for an answer later (FHIR R4, async.html). */
const isAsynchronous = (request: PlainRequest): boolean =>
  /(?:^|[,;\s])respond-async\b/i.test(headerOf(request, 'prefer') ?? '')

/** The response of an operation of the table to a token with a limit. */
const checkedAnswer = (
  gateContext: GateContext,
  operation: Operation,
  row: StandardOperation,
  response: PlainResponse
): GateResult => {
  const resource = resourceIn(response)
  const isHeld = (status: PlainResponse): GateResult => TaskEither.right(status)
  if (isUpstreamError(response) || holdsNoEntries(response)) return isHeld(upstreamFailed())
  if (resource?.resourceType === 'OperationOutcome' && (response.status >= 400 || row.response === 'outcome'))
    return isHeld(fhirResponse(response.status, publicResource(gateContext.options, resource)))
  if (response.status >= 400) return isHeld(response.status < 500 ? refused(response) : upstreamFailed())
  if (response.status !== 200 || resource === null) return isHeld(upstreamFailed())
  const shown = new Set(row.reads.flatMap((read) => (read.how === 'shown' ? [read.permission] : [])))
  const isFocus = ({ resourceType, id }: Resource): boolean =>
    operation.level === 'instance' && resourceType === operation.type && id === operation.id
  const isSeen = (one: Resource): boolean =>
    [...shown].some((permission) => gateContext.may(permission, one)) || (isFocus(one) && gateContext.may('r', one))
  switch (row.response) {
    case 'resources':
      if (resource.resourceType === 'Bundle') return checkedBundle(gateContext, resource, isSeen)
      return isHeld(isSeen(resource) ? fhirResponse(200, resource) : notFoundResponse())
    case 'document': {
      const isWhole =
        resource.resourceType === 'Bundle' &&
        entriesOf(resource).every((entry) => entry.resource !== undefined && isSeen(entry.resource))
      return isHeld(isWhole ? fhirResponse(200, publicResource(gateContext.options, resource)) : insufficientScope())
    }
    case 'resource':
      return isHeld(isSeen(resource) ? fhirResponse(200, resource) : notFoundResponse())
    case 'outcome':
      return isHeld(isOutcome(resource) ? fhirResponse(200, resource) : upstreamFailed())
    case 'values': {
      const isPlain = resource.resourceType === 'Parameters' && isOutcome(resource)
      return isHeld(isPlain ? fhirResponse(200, resource) : upstreamFailed())
    }
    case 'files':
      return isHeld(upstreamFailed())
  }
}

/** The server refuses an operation, without an OperationOutcome. */
const refused = ({ status }: PlainResponse): PlainResponse =>
  outcome(status === 404 ? 404 : 400, 'not-supported', 'The FHIR server refuses the operation.')

/** The response of an operation that the host maps, to a token with a limit. */
const mappedAnswer =
  (gateContext: GateContext) =>
  (response: PlainResponse): PlainResponse => {
    if (isUpstreamError(response)) return upstreamFailed()
    const resource = resourceIn(response)
    if (response.status >= 400 && response.status < 500 && resource?.resourceType === 'OperationOutcome')
      return fhirResponse(response.status, publicResource(gateContext.options, resource))
    if (response.status !== 200 || resource === null) return insufficientScope()
    if (resource.resourceType !== 'Bundle')
      return gateContext.may('r', resource) ? fhirResponse(200, resource) : notFoundResponse()
    return pageOf(publicResource(gateContext.options, resource), (one) => gateContext.may('r', one))
  }

/** The response to an operation that is permitted, or whose response can be checked. */
export const operationAnswer = (
  gateContext: GateContext,
  decision: Decision,
  interaction: Operation,
  request: PlainRequest
): GateResult => {
  const rules = gateContext.options.rules ?? noMembers
  const row = tableRowOf(interaction, rules)
  const opened = openingScope(gateContext.facts, interaction, rules)
  if (row?.response === 'files' && interaction.input !== null && opened === undefined)
    return exportAnswer(gateContext, interaction, interaction.input, request)
  const body = isForm(request) ? withoutFormat(request.body) : request.body
  const form = headerOf(request, 'content-type') ?? fhirJsonType
  const content = request.body === '' ? {} : { body }
  const headers = {
    ...(request.body === '' ? {} : { 'content-type': form }),
    ...(opened !== undefined && isAsynchronous(request) ? { prefer: 'respond-async' } : {})
  }
  const forwarded = gateContext.ask(
    { method: request.method, path: request.path, query: withoutFormat(request.query), ...content, headers },
    opened === undefined ? operationWrites(interaction, rules) : true
  )
  if (decision._tag !== 'Filter')
    return pipe(
      forwarded,
      TaskEither.chain((response) =>
        opened !== undefined && response.status === 202 && headerOf(response, 'content-location') !== undefined
          ? TaskEither.fromTask(() => jobStarted(gateContext, response, { needs: '', opened }))
          : TaskEither.right(permittedAnswer(gateContext)(response))
      )
    )
  const checked = pipe(
    forwarded,
    TaskEither.chain((response) =>
      row === undefined
        ? TaskEither.right(mappedAnswer(gateContext)(response))
        : checkedAnswer(gateContext, interaction, row, response)
    )
  )
  const checksFocus = decision.obligations.some(({ phase }) => phase === 'stored')
  return checksFocus
    ? pipe(
        focusOf(gateContext, interaction),
        TaskEither.chain(
          Either.match(
            (refusal) => TaskEither.right<StopReason, PlainResponse>(refusal),
            () => checked
          )
        )
      )
    : checked
}
