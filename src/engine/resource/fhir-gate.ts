/**
 * The gate: stands in front of any FHIR server and enforces what the token allows.
 *
 * The gate checks what cannot be decided from the request alone: the stored version before a write, which then goes to
 * exactly that version (If-Match); the result of a patch; each resource of a response. A hidden resource looks like one
 * that does not exist. The upstream server is trusted only to store and to find: every response is checked again.
 * Source: FHIR R4, http.html and security.html, 6.1.0.5.1.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import {
  accessDenied,
  entriesOf,
  fhirResponse,
  insufficientScope,
  isUpstreamError,
  namesTag,
  notFoundResponse,
  outcome,
  resourceIn,
  stopped,
  costExceeded,
  upstreamFailed,
  versionOf
} from './responses.js'
import { newBundle } from './batch-response.js'
import type { SendUpstream, RequestBudget } from './cost.js'
import { newRequestBudget, defaultGateLimits } from './cost.js'
import { gatherHistory, gatherSearch, pageOf } from './search.js'
import { transaction } from './transaction.js'
import { publicMetadata, publicHeaders, publicResource, withPublicAddresses } from './public-urls.js'
import { write } from './write.js'
import { portUnavailable } from '../ports.js'
import { answeredAnyway, validatedFhirServer, thrownReason } from '../validated-ports.js'
import type { AccessFacts, AccessRules, EvaluationContext } from '../../protocol/access/alternatives.js'
import { alternativesIn, isPermitted } from '../../protocol/access/alternatives.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import { decide, operationWrites } from '../../protocol/access/decision.js'
import type { BundleEntry, FhirInteraction, Resource } from '../../protocol/access/fhir-interaction.js'
import { interactionOf } from '../../protocol/access/read-interaction.js'
import { fhirJsonType, isForm } from '../../protocol/http/media-type.js'
import { namesParameter } from '../../protocol/access/search/query.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import { indexReader } from '../../protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import type { Permission } from '../../scopes/scope.js'
import { holdsNullText, withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { headerOf } from '../../protocol/http/message.js'
import { noMembers, ownMember, ownMembers } from '../../values/own.js'
import type { GateOptions, GateContext, GateResult } from './gate-context.js'

/** The constant data of one client request, shared by all its entries. */
interface RequestContext {
  readonly options: GateOptions
  readonly facts: AccessFacts
  readonly references: ReferenceFacts
  readonly budget: RequestBudget
  readonly ask: SendUpstream
}

const headersNamed = (names: ReadonlyArray<string>, { headers }: PlainRequest): PlainRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))

const gateContextOf = (
  { options, facts, references, budget, ask }: RequestContext,
  decision: Decision,
  request: PlainRequest
): GateContext => {
  const { vocabulary } = ownMembers(options.rules ?? (noMembers as AccessRules))
  const evaluation: EvaluationContext = {
    read: (options.reader ?? indexReader)(references),
    references,
    userMay: (permission, resource) => options.userMay?.(facts, permission, resource) === true,
    ...(vocabulary === undefined ? {} : { vocabulary })
  }
  // A resource in the response to a write is a read, and the decision about the write does not cover reads.
  const granted = alternativesIn(facts, options.rules ?? noMembers)
  const obliged =
    decision._tag === 'Filter'
      ? new Set(decision.obligations.map(({ permission }) => permission))
      : new Set<Permission>()
  const alternatives =
    decision._tag === 'Filter'
      ? [...decision.alternatives, ...granted.filter(({ permission }) => !obliged.has(permission))]
      : granted
  const kept = headersNamed(['accept-language'], request)
  const may: GateContext['may'] = (permission, resource, before = null) =>
    isPermitted(alternatives, permission, resource, { ...evaluation, before })
  const isMinimal = /(?:^|[,;\s])return\s*=\s*"?minimal\b/i.test(headerOf(request, 'prefer') ?? '')
  return {
    options,
    facts,
    references,
    evaluation,
    budget,
    may,
    mayShow: (resource) => {
      try {
        return !isMinimal && may('r', resource)
      } catch {
        return false
      }
    },
    ask: (one, writes) => {
      const { body, headers } = ownMembers(one)
      const form = body === undefined ? {} : { 'content-type': fhirJsonType }
      return ask(
        { query: '', body: '', ...one, headers: { ...kept, accept: fhirJsonType, ...form, ...headers } },
        writes
      )
    }
  }
}

const etagOf = (resource: Resource, response: PlainResponse): PlainResponse['headers'] => {
  const version = versionOf(resource, response)
  const modified = headerOf(response, 'last-modified')
  return {
    ...(version === null ? {} : { etag: `W/"${version}"` }),
    ...(modified === undefined ? {} : { 'last-modified': modified })
  }
}

const readAnswer = (
  gateContext: GateContext,
  { type, id }: { readonly type: string; readonly id: string },
  path: string,
  request: PlainRequest,
  isFree: boolean
): GateResult =>
  pipe(
    gateContext.ask({ method: 'GET', path: `/${type}/${id}${path}` }),
    TaskEither.map((response) => {
      if (isUpstreamError(response)) return upstreamFailed()
      if (response.status === 410 && isFree) return outcome(410, 'deleted', 'The resource was deleted.')
      const resource = resourceIn(response)
      const isRequested = resource?.resourceType === type && resource.id === id
      if (response.status !== 200 || resource === null || !isRequested || !(isFree || gateContext.may('r', resource)))
        return notFoundResponse()
      const headers = etagOf(resource, response)
      const tag = ownMember(headers, 'etag')
      const isKnown = typeof tag === 'string' && namesTag(headerOf(request, 'if-none-match') ?? '', tag)
      return isKnown ? { status: 304, headers, body: '' } : fhirResponse(200, resource, headers)
    })
  )

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

const operationAnswer = (
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
      if (isUpstreamError(found)) return TaskEither.right(upstreamFailed())
      const focus = resourceIn(found)
      const isRequested = focus?.resourceType === interaction.type && focus.id === interaction.id
      if (found.status !== 200 || focus === null || !isRequested || !gateContext.may('r', focus))
        return TaskEither.right(notFoundResponse())
      return pipe(
        forwarded,
        TaskEither.map((response) => {
          if (isUpstreamError(response)) return upstreamFailed()
          const resource = resourceIn(response)
          if (response.status !== 200 || resource === null) return insufficientScope()
          if (resource.resourceType !== 'Bundle')
            return gateContext.may('r', resource) ? fhirResponse(200, resource) : notFoundResponse()
          return pageOf(publicResource(gateContext.options, resource), (one) => gateContext.may('r', one))
        })
      )
    })
  )
}

/**
 * The request of an entry, with the header fields of the whole request that apply to all responses: the language, and
 * whether to return resources after writes.
 */
const entryRequest = (whole: PlainRequest, { request }: BundleEntry): PlainRequest => ({
  ...request,
  headers: { ...headersNamed(['accept-language', 'prefer'], whole), ...request.headers }
})

/** Each batch entry is handled on its own, one after the other; its failure becomes its entry's response. */
const batchAnswer =
  (requestContext: RequestContext, whole: PlainRequest, entries: ReadonlyArray<BundleEntry>): GateResult =>
  async () => {
    const bundle = newBundle('batch-response', requestContext.budget)
    for (const entry of entries)
      await bundle.add(entry, answerTo(requestContext, entryRequest(whole, entry), entry.interaction))
    return Either.right(bundle.response())
  }

const pass = (
  requestContext: RequestContext,
  request: PlainRequest,
  interaction: FhirInteraction,
  decision: Decision
): GateResult => {
  const gateContext = gateContextOf(requestContext, decision, request)
  switch (interaction._tag) {
    case 'Capabilities':
      return pipe(
        gateContext.ask({ method: 'GET', path: '/metadata', query: request.query }),
        TaskEither.map((response) => publicMetadata(requestContext.options, response))
      )
    case 'Read':
      return readAnswer(gateContext, interaction, '', request, decision._tag === 'Permit')
    case 'VersionRead':
      return readAnswer(
        gateContext,
        interaction,
        `/_history/${interaction.version}`,
        request,
        decision._tag === 'Permit'
      )
    case 'History':
      return gatherHistory(gateContext, interaction, decision._tag === 'Permit')
    case 'Search':
      return gatherSearch(gateContext, interaction, decision, request)
    case 'Create':
    case 'Update':
    case 'Patch':
    case 'Delete':
      return write(gateContext, interaction, request, decision._tag === 'Permit')
    case 'Operation':
      return operationAnswer(gateContext, decision, interaction, request)
    case 'Batch':
      return interaction.isTransaction
        ? transaction(gateContext, interaction.entries, (entry) =>
            answerTo(requestContext, entryRequest(request, entry), entry.interaction)
          )
        : batchAnswer(requestContext, request, interaction.entries)
    case 'NotSupported':
    case 'Malformed':
      return TaskEither.right(outcome(404, 'not-supported', 'There is no such interaction.'))
  }
}

/** The response when a function of the host (`userMay`, `reader`) failed: access is not granted. */
const hostRuleFailed = (reason: string): PlainResponse => stopped(portUnavailable(reason))

/** Decides about a parsed interaction, and answers. */
const answerTo = (
  requestContext: RequestContext,
  request: PlainRequest,
  interaction: FhirInteraction
): Task.Task<PlainResponse> => answeredAnyway(() => decidedAnswer(requestContext, request, interaction), hostRuleFailed)

const decidedAnswer = (
  requestContext: RequestContext,
  request: PlainRequest,
  interaction: FhirInteraction
): Task.Task<PlainResponse> => {
  const { options, facts, budget } = requestContext
  if (interaction._tag === 'Batch' && interaction.entries.length > budget.limits.bundleEntries)
    return Task.of(costExceeded('entries'))
  // The entries of a batch are decided one by one, when they are handled.
  const isBatch = interaction._tag === 'Batch' && !interaction.isTransaction
  const decision = isBatch
    ? ({ _tag: 'Each', decisions: [] } as const)
    : decide(options.policy, facts, interaction, options.rules)
  if (decision._tag === 'Deny') return Task.of(accessDenied(decision.reason, decision.missing))
  return pipe(
    pass(requestContext, request, interaction, decision),
    TaskEither.getOrElse((stop) => Task.of(stopped(stop))),
    Task.map((response) => ({
      ...response,
      headers: publicHeaders(options, response.headers),
      ...(request.method === 'HEAD' ? { body: '' } : {})
    }))
  )
}

/**
 * An upstream server whose responses have their numbers as texts; the texts become numbers again in requests to it.
 */
const withNumbersAsWritten =
  (ask: SendUpstream): SendUpstream =>
  (request, writes) =>
    pipe(
      ask({ ...request, body: withTextsAsNumbers(request.body) }, writes),
      TaskEither.map((response) => ({ ...response, body: withNumbersAsTexts(response.body) }))
    )

/**
 * Answers requests with an access token. `path` is below the FHIR base. The task never fails: an unavailable upstream
 * server gives 503, and so does a function of the host that throws. Decimals keep their notation (`1.10` does not
 * become `1.1`); the host's `reader` and `userMay` see such a number as a text after U+0000.
 *
 * When `signal` of the request is aborted, no more upstream requests are sent, and reads in progress are aborted; a
 * write that was sent is not.
 */
export const fhirGate =
  (given: GateOptions, facts: AccessFacts) =>
  (request: PlainRequest): Task.Task<PlainResponse> => {
    const options = ownMembers(given)
    if (holdsNullText(request.body))
      return Task.of(outcome(400, 'invalid', 'A text can hold no U+0000 (FHIR R4, string).'))
    const read = { ...request, body: withNumbersAsTexts(request.body) }
    const rules = ownMembers({ ...options.rules, hasUserRule: options.userMay !== undefined })
    return async () => {
      const budget = newRequestBudget({ ...defaultGateLimits, ...options.limits }, ownMember(request, 'signal'))
      const references: ReferenceFacts = { base: options.base, aliases: options.aliases ?? [] }
      const requestContext = {
        options: ownMembers({ ...options, rules }),
        facts,
        references,
        budget,
        ask: withNumbersAsWritten(budget.ask(validatedFhirServer(options.server)))
      }
      try {
        const response = await answerTo(requestContext, read, interactionOf(read, options.base))()
        return { ...response, body: withPublicAddresses(options, withTextsAsNumbers(response.body)) }
      } catch (thrown) {
        return hostRuleFailed(thrownReason(thrown))
      } finally {
        budget.end()
      }
    }
  }
