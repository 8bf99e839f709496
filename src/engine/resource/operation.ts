/**
 * Operations through the gate: an operation that is permitted is forwarded, and its response is checked, page by page.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { exportAnswer, jobStarted } from './bulk/kick-off.js'
import type { StopReason } from './cost.js'
import type { GateContext, GateResult } from './gate-context.js'
import { newPageCost } from './linked/page-cost.js'
import type { PagePlace } from './page-links.js'
import { isCheckedEntry, passedBundle, publicText, readResource } from './page-text.js'
import { judgedPage, linkedPage, pageIn, passedPage, passedPageIn } from './pages.js'
import { serverHeaders } from './public-urls.js'
import {
  answeredWithoutResource,
  entriesOf,
  fhirResponse,
  insufficientScope,
  isUpstreamError,
  isWithoutResource,
  notFoundResponse,
  resourceIn,
  upstreamFailed
} from './responses.js'
import { askedIn, hiddenIfTooLarge, upstreamRefused } from './upstream-answer.js'
import type { AccessRules } from '../../protocol/access/alternatives.js'
import { alternativesIn, appliesTo, isUnlimited } from '../../protocol/access/alternatives.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { isOfRow, isOutcome, isOutcomeAlone, resourcesIn } from '../../protocol/access/operations/response-kinds.js'
import { openingScope, operationWrites, tableRowOf } from '../../protocol/access/operations/decide-operation.js'
import { localInput, localInputText } from '../../protocol/access/operations/local-input.js'
import type { Operation } from '../../protocol/access/operations/operation-rules.js'
import type { StandardOperation } from '../../protocol/access/operations/table.js'
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

/**
 * The texts of an operation as they are sent: without `_format`, and with the references of an operation of the table
 * in the relative spelling. `rules` is null for any other operation.
 */
const sentTexts = (
  operation: Operation,
  rules: AccessRules | null,
  request: PlainRequest
): Pick<PlainRequest, 'body' | 'query'> => {
  const [query, form] = [withoutFormat(request.query), isForm(request) ? withoutFormat(request.body) : null]
  const { input } = operation
  if (rules === null || input === null) return { query, body: form ?? request.body }
  const local = localInput(operation, input, rules)
  if (local === input) return { query, body: form ?? request.body }
  return {
    query: localInputText(operation, query, rules),
    body:
      form !== null
        ? localInputText(operation, form, rules)
        : local.body === input.body
          ? request.body
          : JSON.stringify(local.body)
  }
}

/** An operation that was sent: the request of the client, and the place of the page that it answers. */
interface Sent {
  readonly request: PlainRequest
  readonly place: PagePlace
  /** The upstream requests before it. */
  readonly before: number
  /** Path and query at the upstream server. */
  readonly from: string
}

/** A Bundle in a response: a page that is checked; `isSeen` is null where nothing in it can be hidden. */
const bundleAnswer = (
  gateContext: GateContext,
  { request, place, from, before }: Sent,
  response: PlainResponse,
  isSeen: ((resource: Resource) => boolean) | null
): GateResult => {
  const telling = { reach: 'request', requested: askedIn(request) } as const
  const page = pageIn(gateContext, { ...response, status: 200 }, { ...telling, from })
  if (Either.isLeft(page)) return TaskEither.right(page.left.refusal)
  const { status, headers } = response
  const head = { status, headers }
  if (isSeen === null) return passedPage(gateContext, request, page.right, null, place, head)
  const cost = newPageCost(gateContext, before)
  cost.count()
  return judgedPage(gateContext, request, { page: page.right, from: place, cost, telling, isSeen, head })
}

/** Whether the token may see everything, so that nothing in a Bundle can be hidden from it. */
const seesAll = ({ facts, options: { rules = noMembers } }: GateContext): boolean =>
  alternativesIn(facts, rules).some(
    (alternative) =>
      (['r', 's'] as const).some((permission) => appliesTo(alternative, permission, null)) &&
      isUnlimited(alternative, null)
  )

/** A Bundle in which nothing can be hidden, if it may be passed on as it is written; null for any other response. */
const passedAnswer = (
  gateContext: GateContext,
  { request, place, from }: Sent,
  response: PlainResponse
): GateResult | null => {
  const bundle =
    response.status === 200 && seesAll(gateContext) ? passedBundle(gateContext.options, null, response) : null
  if (bundle === null) return null
  const page = passedPageIn(gateContext, response, bundle, { reach: 'request', requested: askedIn(request), from })
  if (Either.isLeft(page)) return TaskEither.right(page.left.refusal)
  const { status, headers } = response
  return passedPage(gateContext, request, page.right, null, place, { status, headers })
}

/**
 * The response of a permitted operation. The host declares the scopes that an operation needs; a Bundle in the response
 * shows no more than reads and searches would. If nothing in it is hidden, it is returned unchanged, but for its page
 * links. An operation of the table shows what its row says, unless nothing can be hidden from the token.
 */
const permittedAnswer =
  (gateContext: GateContext, row: StandardOperation | undefined, sent: Sent) =>
  (response: PlainResponse): GateResult => {
    const passed = passedAnswer(gateContext, sent, response)
    if (passed !== null) return passed
    const read = readResource(gateContext, response)
    const isFailure = isUpstreamError(response) || response.status === 403
    if (isFailure || (read === null && isUnreadable(response))) return TaskEither.right(upstreamFailed(response))
    const isAll = seesAll(gateContext)
    const isSeen = (resource: Resource): boolean =>
      isOutcome(resource) || gateContext.may('r', resource) || gateContext.may('s', resource)
    const headers = { ...serverHeaders(response), 'cache-control': 'no-store' }
    if (read?.resource.resourceType === 'Bundle' && (row === undefined || response.status === 200))
      return bundleAnswer(gateContext, sent, { ...response, headers }, isAll ? null : isSeen)
    const answer = {
      status: response.status,
      headers,
      body: read === null ? response.body : publicText(gateContext.options, read, response, askedIn(sent.request))
    }
    if (row === undefined || response.body === '' || (isAll && read !== null)) return TaskEither.right(answer)
    if (response.status >= 400 && (read === null || !isOutcome(read.resource)))
      return TaskEither.right(upstreamRefused(gateContext, response, 'request', askedIn(sent.request)))
    if (read === null) return TaskEither.right(unexpected(response))
    return pipe(
      gateContext.prepare(resourcesIn(read.resource)),
      TaskEither.map(() => (isOfRow(row, read.resource, isSeen) ? answer : unexpected(response)))
    )
  }

/** The server did not answer as the table of operations says. */
const unexpected = (response: PlainResponse): PlainResponse => upstreamFailed({ ...response, status: 502 })

/** The resource in the URL, if the token may read it; else the refusal. */
const focusOf = (
  gateContext: GateContext,
  { type, id }: Operation
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, Resource>> =>
  pipe(
    gateContext.ask({ method: 'GET', path: `/${type ?? ''}/${id ?? ''}` }),
    TaskEither.chain((found) => {
      if (isUpstreamError(found)) return TaskEither.right(Either.left(upstreamFailed(found)))
      const focus = resourceIn(found)
      if (found.status !== 200 || focus?.resourceType !== type || focus.id !== id)
        return TaskEither.right(Either.left(isWithoutResource(found) ? answeredWithoutResource() : notFoundResponse()))
      return pipe(
        gateContext.prepare([focus]),
        TaskEither.map(() =>
          gateContext.may('r', focus) ? Either.right(focus) : Either.left(notFoundResponse('resource-permitted'))
        )
      )
    }),
    hiddenIfTooLarge<Either.Either<PlainResponse, Resource>>(gateContext, Either.left)
  )

/** Whether a client asks for an answer later (FHIR R4, async.html). */
const isAsynchronous = (request: PlainRequest): boolean =>
  /(?:^|[,;\s])respond-async\b/i.test(headerOf(request, 'prefer') ?? '')

/** A resource in a response, if it is seen. */
const shownResource = (
  gateContext: GateContext,
  response: PlainResponse,
  read: NonNullable<ReturnType<typeof readResource>>,
  isSeen: (resource: Resource) => boolean
): GateResult =>
  pipe(
    gateContext.prepare([read.resource]),
    TaskEither.map(() =>
      isSeen(read.resource)
        ? { ...fhirResponse(200, null), body: publicText(gateContext.options, read, response) }
        : notFoundResponse('resource-permitted')
    )
  )

/** The members of a document besides its entries; it has no extensions (FHIR R4, bundle.html). */
const documentMembers: ReadonlySet<string> = new Set([
  ...['resourceType', 'id', 'meta', 'implicitRules', 'language', 'identifier', 'type', 'timestamp', 'total', 'link'],
  ...['entry', 'signature']
])

/** A document: whole, or not at all. Of one that holds what cannot be checked nothing is shown. */
const documentAnswer = (
  gateContext: GateContext,
  response: PlainResponse,
  read: NonNullable<ReturnType<typeof readResource>>,
  isSeen: (resource: Resource) => boolean
): GateResult => {
  const entries = read.resource.resourceType === 'Bundle' ? entriesOf(read.resource) : []
  const resources = entries.flatMap(({ resource }) => resource ?? [])
  const given = read.resource['entry']
  const isWhole =
    Array.isArray(given) &&
    given.length === resources.length &&
    entries.every(isCheckedEntry) &&
    Object.keys(read.resource).every((name) => documentMembers.has(name))
  return pipe(
    gateContext.prepare(resources),
    TaskEither.map(() =>
      isWhole && resources.every(isSeen)
        ? { ...fhirResponse(200, null), body: publicText(gateContext.options, read, response) }
        : insufficientScope([], 'response-can-be-filtered')
    )
  )
}

/** The response of an operation of the table to a token with a limit. */
const checkedAnswer = (
  gateContext: GateContext,
  operation: Operation,
  row: StandardOperation,
  sent: Sent,
  response: PlainResponse
): GateResult => {
  if (isUpstreamError(response)) return TaskEither.right(upstreamFailed(response))
  const isHeld = (answer: PlainResponse): GateResult => TaskEither.right(answer)
  const read = readResource(gateContext, response)
  const isOutcomeAsked = row.response === 'outcome' && read !== null && isOutcomeAlone(read.resource)
  if (isOutcomeAsked && response.status < 500)
    return isHeld({
      ...fhirResponse(response.status, null),
      body: publicText(gateContext.options, read, response, askedIn(sent.request))
    })
  if (response.status >= 400) return isHeld(upstreamRefused(gateContext, response, 'request', askedIn(sent.request)))
  if (response.status !== 200 || read === null) return isHeld(unexpected(response))
  const { resource } = read
  if (isOutcome(resource) && row.response !== 'outcome' && row.response !== 'values')
    return isHeld(unexpected(response))
  const shown = new Set(row.reads.flatMap((one) => (one.how === 'shown' ? [one.permission] : [])))
  const isFocus = ({ resourceType, id }: Resource): boolean =>
    operation.level === 'instance' && resourceType === operation.type && id === operation.id
  const isSeen = (one: Resource): boolean =>
    [...shown].some((permission) => gateContext.may(permission, one)) || (isFocus(one) && gateContext.may('r', one))
  switch (row.response) {
    case 'resources':
      return resource.resourceType === 'Bundle'
        ? bundleAnswer(gateContext, sent, { ...response, headers: {} }, isSeen)
        : shownResource(gateContext, response, read, isSeen)
    case 'document':
      return documentAnswer(gateContext, response, read, isSeen)
    case 'resource':
      return shownResource(gateContext, response, read, isSeen)
    case 'outcome':
    case 'values': {
      const isPlain = isOfRow(row, resource, () => false)
      const body = publicText(gateContext.options, read, response, askedIn(sent.request))
      return isHeld(isPlain ? { ...fhirResponse(200, null), body } : unexpected(response))
    }
    case 'files':
      return isHeld(unexpected(response))
  }
}

/** The response of an operation that the host maps, to a token with a limit. */
const mappedAnswer =
  (gateContext: GateContext, sent: Sent) =>
  (response: PlainResponse): GateResult => {
    if (isUpstreamError(response)) return TaskEither.right(upstreamFailed(response))
    if (response.status >= 400)
      return TaskEither.right(upstreamRefused(gateContext, response, 'request', askedIn(sent.request)))
    const read = response.status === 200 ? readResource(gateContext, response) : null
    if (read === null) return TaskEither.right(insufficientScope([], 'response-can-be-filtered'))
    const isSeen = (one: Resource): boolean => gateContext.may('r', one)
    return read.resource.resourceType === 'Bundle'
      ? bundleAnswer(gateContext, sent, { ...response, headers: {} }, isSeen)
      : shownResource(gateContext, response, read, isSeen)
  }

/**
 * The response to an operation that is permitted, or whose response can be checked; `place` is that of a page after the
 * first.
 */
export const operationAnswer = (
  gateContext: GateContext,
  decision: Decision,
  interaction: Operation,
  request: PlainRequest,
  place: PagePlace
): GateResult => {
  const rules = gateContext.options.rules ?? noMembers
  const row = tableRowOf(interaction, rules)
  const opened = openingScope(gateContext.facts, interaction, rules)
  if (row?.response === 'files' && interaction.input !== null && opened === undefined)
    return exportAnswer(gateContext, interaction, interaction.input, request)
  const { body, query } = sentTexts(interaction, row === undefined || opened !== undefined ? null : rules, request)
  const form = headerOf(request, 'content-type') ?? fhirJsonType
  const content = request.body === '' ? {} : { body }
  const headers = {
    ...(request.body === '' ? {} : { 'content-type': form }),
    ...(opened !== undefined && isAsynchronous(request) ? { prefer: 'respond-async' } : {})
  }
  const linked = linkedPage(place)
  const checksFocus = decision._tag === 'Filter' && decision.obligations.some(({ phase }) => phase === 'stored')
  const sent: Sent = {
    request,
    place,
    before: checksFocus ? 1 : 0,
    from: place.next ?? `${request.path}?${request.query}`
  }
  const forwarded =
    linked !== null
      ? gateContext.askAsWritten(linked, false)
      : gateContext.askAsWritten(
          { method: request.method, path: request.path, query, ...content, headers },
          opened === undefined ? operationWrites(interaction, rules) : true
        )
  const answered = (answer: (response: PlainResponse) => GateResult): GateResult =>
    gateContext.budget.whileHolding(pipe(forwarded, TaskEither.chain(answer)))
  if (decision._tag !== 'Filter')
    return answered((response) =>
      opened !== undefined && response.status === 202 && headerOf(response, 'content-location') !== undefined
        ? () => jobStarted(gateContext, request, response, { needs: '', opened })
        : permittedAnswer(gateContext, opened === undefined ? row : undefined, sent)(response)
    )
  const checked = answered((response) =>
    row === undefined
      ? mappedAnswer(gateContext, sent)(response)
      : checkedAnswer(gateContext, interaction, row, sent, response)
  )
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
