/**
 * The gate: stands in front of any FHIR server and lets through what the token allows.
 *
 * What a decision cannot tell from the request is looked at here: the stored version before a write, and the write goes
 * to exactly that version (If-Match); the outcome of a patch; each resource of an answer. What may not be seen looks
 * like what is not there. The server behind is trusted to store and to find, and with nothing else: every answer is
 * judged again. Source: FHIR R4, http.html and security.html, 6.1.0.5.1.
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
import { newBundle } from './bundle.js'
import type { SendUpstream, RequestBudget } from './cost.js'
import { newRequestBudget, standardGateLimits } from './cost.js'
import { gatherHistory, gatherSearch, pageOf } from './search.js'
import { transaction } from './transaction.js'
import { publicMetadata, publicHeaders, publicResource, withPublicAddresses } from './public-urls.js'
import { write } from './write.js'
import { answeredAnyway, validatedFhirServer, thrownReason } from '../validated-ports.js'
import type { AccessFacts, AccessRules, EvaluationContext } from '../../protocol/access/alternatives.js'
import { alternativesIn, isPermitted } from '../../protocol/access/alternatives.js'
import type { Decision } from '../../protocol/access/decision.js'
import { decide, operationWrites } from '../../protocol/access/decision.js'
import type { BundleEntry, FhirInteraction, Resource } from '../../protocol/access/interaction.js'
import { interactionOf } from '../../protocol/access/interaction.js'
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

/** What does not change on the way of one request of a client, with all its entries. */
interface Way {
  readonly options: GateOptions
  readonly facts: AccessFacts
  readonly references: ReferenceFacts
  readonly spending: RequestBudget
  readonly ask: SendUpstream
}

const headersNamed = (names: ReadonlyArray<string>, { headers }: PlainRequest): PlainRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))

const gateContextOf = (
  { options, facts, references, spending, ask }: Way,
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
  // What a write shows in its answer is a read, which the decision about the write does not speak of.
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
    spending,
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
      const isAsked = resource?.resourceType === type && resource.id === id
      if (response.status !== 200 || resource === null || !isAsked || !(isFree || gateContext.may('r', resource)))
        return notFoundResponse()
      const headers = etagOf(resource, response)
      const tag = ownMember(headers, 'etag')
      const isKnown = typeof tag === 'string' && namesTag(headerOf(request, 'if-none-match') ?? '', tag)
      return isKnown ? { status: 304, headers, body: '' } : fhirResponse(200, resource, headers)
    })
  )

/** Whether an answer may be FHIR data in a form that is not read here: XML, or JSON that holds no resource. */
const isUnreadable = (response: PlainResponse): boolean =>
  response.body !== '' &&
  resourceIn(response) === null &&
  /^$|\b(?:json|ndjson|xml|turtle)\b/i.test(String(headerOf(response, 'content-type') ?? ''))

/** Whether an answer is a Bundle with something in it that is no entry, or whose resource is none. */
const holdsNoEntries = (response: PlainResponse): boolean => {
  const bundle = resourceIn(response)
  return (
    bundle?.resourceType === 'Bundle' &&
    Array.isArray(bundle['entry']) &&
    entriesOf(bundle).length < bundle['entry'].length
  )
}

/** A query or a form without the parameter that asks for another form of the answer than JSON. */
const withoutFormat = (query: string): string =>
  query
    .split('&')
    .filter((pair) => !namesParameter(pair, '_format'))
    .join('&')

/**
 * The answer of a permitted operation. The host says what it needs; a Bundle in it shows no more than reads and
 * searches would. One in which nothing is hidden is given out as it is, with its pages.
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
      const isAsked = focus?.resourceType === interaction.type && focus.id === interaction.id
      if (found.status !== 200 || focus === null || !isAsked || !gateContext.may('r', focus))
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
 * The request of an entry, with what the client wants of all answers: its language, and whether it wants resources
 * after writes.
 */
const entryRequest = (whole: PlainRequest, { request }: BundleEntry): PlainRequest => ({
  ...request,
  headers: { ...headersNamed(['accept-language', 'prefer'], whole), ...request.headers }
})

/** Every entry is a request of its own, one after the other; what fails is said in its place. */
const batchAnswer =
  (way: Way, whole: PlainRequest, entries: ReadonlyArray<BundleEntry>): GateResult =>
  async () => {
    const bundle = newBundle('batch-response', way.spending)
    for (const entry of entries) await bundle.add(entry, answerTo(way, entryRequest(whole, entry), entry.interaction))
    return Either.right(bundle.response())
  }

const pass = (way: Way, request: PlainRequest, interaction: FhirInteraction, decision: Decision): GateResult => {
  const gateContext = gateContextOf(way, decision, request)
  switch (interaction._tag) {
    case 'Capabilities':
      return pipe(
        gateContext.ask({ method: 'GET', path: '/metadata', query: request.query }),
        TaskEither.map((response) => publicMetadata(way.options, response))
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
            answerTo(way, entryRequest(request, entry), entry.interaction)
          )
        : batchAnswer(way, request, interaction.entries)
    case 'NotSupported':
    case 'Malformed':
      return TaskEither.right(outcome(404, 'not-supported', 'There is no such interaction.'))
  }
}

/** The answer where a rule of the host (`userMay`, `reader`) failed: nothing is decided by it. */
const undecided = (reason: string): PlainResponse => stopped({ _tag: 'Unavailable', reason })

/** Decides about an interaction that was read already, and answers. */
const answerTo = (way: Way, request: PlainRequest, interaction: FhirInteraction): Task.Task<PlainResponse> =>
  answeredAnyway(() => decidedAnswer(way, request, interaction), undecided)

const decidedAnswer = (way: Way, request: PlainRequest, interaction: FhirInteraction): Task.Task<PlainResponse> => {
  const { options, facts, spending } = way
  if (interaction._tag === 'Batch' && interaction.entries.length > spending.limits.bundleEntries)
    return Task.of(costExceeded('entries'))
  // The entries of a batch are decided about one by one, when they are carried out.
  const isBatch = interaction._tag === 'Batch' && !interaction.isTransaction
  const decision = isBatch
    ? ({ _tag: 'Each', decisions: [] } as const)
    : decide(options.policy, facts, interaction, options.rules)
  if (decision._tag === 'Deny') return Task.of(accessDenied(decision.reason, decision.missing))
  return pipe(
    pass(way, request, interaction, decision),
    TaskEither.getOrElse((stop) => Task.of(stopped(stop))),
    Task.map((response) => ({
      ...response,
      headers: publicHeaders(options, response.headers),
      ...(request.method === 'HEAD' ? { body: '' } : {})
    }))
  )
}

/** The server with the numbers of its answers as texts, which are numbers again when they are sent to it. */
const keepingNumbers =
  (ask: SendUpstream): SendUpstream =>
  (request, writes) =>
    pipe(
      ask({ ...request, body: withTextsAsNumbers(request.body) }, writes),
      TaskEither.map((response) => ({ ...response, body: withNumbersAsTexts(response.body) }))
    )

/**
 * Answers requests of a token's bearer. `path` is below the FHIR base. It never fails: a silent server is a 503, and so
 * is a rule of the host that throws. Decimals pass as they are written (`1.10` is not `1.1`); the host's `reader` and
 * `userMay` see such a number as a text behind U+0000.
 *
 * When `signal` of the request is aborted, nothing more is asked of the server behind, and what is being read there is
 * given up; a write that was sent is not.
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
      const spending = newRequestBudget({ ...standardGateLimits, ...options.limits }, ownMember(request, 'signal'))
      const references: ReferenceFacts = { base: options.base, aliases: options.aliases ?? [] }
      const way = {
        options: ownMembers({ ...options, rules }),
        facts,
        references,
        spending,
        ask: keepingNumbers(spending.ask(validatedFhirServer(options.server)))
      }
      try {
        const response = await answerTo(way, read, interactionOf(read, options.base))()
        return { ...response, body: withPublicAddresses(options, withTextsAsNumbers(response.body)) }
      } catch (thrown) {
        return undecided(thrownReason(thrown))
      } finally {
        spending.end()
      }
    }
  }
