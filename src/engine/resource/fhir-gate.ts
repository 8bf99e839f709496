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
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { accessEvent, deliverAccess } from './access-event.js'
import { publicMetadata } from './addresses/metadata.js'
import { entryRequest, newBundle } from './batch-response.js'
import { jobAnswer } from './bulk/job.js'
import type { JobRequest } from './bulk/job-address.js'
import { jobRequestOf } from './bulk/job-address.js'
import type { SendUpstream } from './cost.js'
import { newRequestBudget, defaultGateLimits } from './cost.js'
import { formatRefusal } from './formats.js'
import type { GateContext, GateOptions, GateResult } from './gate-context.js'
import { historyAnswer } from './history.js'
import { operationAnswer } from './operation.js'
import type { PagePlace } from './page-links.js'
import { closedLink, firstPlace, opened, sealedIn } from './page-links.js'
import { withPublicAddresses } from './addresses/public-address.js'
import { publicHeaders } from './public-urls.js'
import { readAnswer } from './read.js'
import type { RequestContext, TellAccess } from './request-context.js'
import { areNumbersRead, gateContextOf } from './request-context.js'
import { costExceeded, hostFunctionFailed, outcome, refusalBy, stopped } from './responses.js'
import { accessDenied } from './refused/denial.js'
import { searchAnswer } from './search.js'
import { transaction } from './transaction.js'
import { write } from './write.js'
import type { FhirServer } from '../ports.js'
import { answeredAnyway, validatedFhirServer } from '../validated-ports.js'
import type { AccessFacts, AccessRules } from '../../protocol/access/alternatives.js'
import { alternativesIn } from '../../protocol/access/alternatives.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import { decide } from '../../protocol/access/decision.js'
import type { BundleEntry, FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import { interactionOf } from '../../protocol/access/read-interaction.js'
import { withLocalValues } from '../../protocol/access/search/local-values.js'
import { releaseIn, vocabularyIn } from '../../protocol/access/release.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { holdsNullText, withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { noMembers, ownMember, ownMembers } from '../../values/own.js'
import { withoutTrailingSlash } from '../../values/urls.js'

/** The response to an entry of a Bundle. Its `_format` is checked as that of a request is. */
const entryAnswer = (
  requestContext: RequestContext,
  whole: PlainRequest,
  entry: BundleEntry
): Task.Task<PlainResponse> => {
  const request = entryRequest(whole, entry)
  const { interaction } = entry
  const refusal = formatRefusal(request, interaction, releaseIn(requestContext.options.rules ?? noMembers).version)
  if (refusal === null) return answerTo(requestContext, request, interaction)
  return Task.fromIO(() => {
    requestContext.tell(interaction, 'Deny', refusal)
    return refusal
  })
}

/** Each batch entry is handled on its own, one after the other; its failure becomes its entry's response. */
const batchAnswer =
  (requestContext: RequestContext, whole: PlainRequest, entries: ReadonlyArray<BundleEntry>): GateResult =>
  async () => {
    const bundle = newBundle('batch-response', requestContext.budget, requestContext.tell)
    for (const entry of entries) await bundle.add(entry, entryAnswer(requestContext, whole, entry))
    return Either.right(bundle.response())
  }

/** A transaction; each entry that writes has its own audit event, and each entry of one that is refused. */
const transactionAnswer = (
  requestContext: RequestContext,
  gateContext: GateContext,
  request: PlainRequest,
  entries: ReadonlyArray<BundleEntry>,
  decision: Decision
): GateResult => {
  const decisions = decision._tag === 'Each' ? decision.decisions : []
  const decided = new Map(entries.map(({ interaction }, place) => [interaction, decisions[place]?._tag]))
  const tell = (interaction: FhirInteraction, response: PlainResponse): void => {
    requestContext.tell(interaction, decided.get(interaction) ?? decision._tag, response)
  }
  const answered = transaction(gateContext, entries, (entry) => entryAnswer(requestContext, request, entry), tell)
  return async () => {
    const result = await answered()
    const response = Either.isLeft(result) ? stopped(result.left) : result.right
    if (response.status >= 400) tellEach(requestContext, entries, decision._tag, response)
    return result
  }
}

/** The audit events of the entries of a Bundle that is refused as a whole. */
const tellEach = (
  { tell }: RequestContext,
  entries: ReadonlyArray<BundleEntry>,
  decision: Decision['_tag'],
  response: PlainResponse
): void => {
  for (const { interaction } of entries) tell(interaction, decision, response)
}

const pass = (
  requestContext: RequestContext,
  request: PlainRequest,
  interaction: FhirInteraction,
  decision: Decision,
  place: PagePlace
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
      return historyAnswer(gateContext, interaction, decision._tag === 'Permit', request, place)
    case 'Search':
      return searchAnswer(gateContext, interaction, decision, request, place)
    case 'Create':
    case 'Update':
    case 'Patch':
    case 'Delete':
      return write(gateContext, interaction, request, decision._tag === 'Permit')
    case 'Operation':
      return operationAnswer(gateContext, decision, interaction, request, place)
    case 'Batch':
      return interaction.isTransaction
        ? transactionAnswer(requestContext, gateContext, request, interaction.entries, decision)
        : batchAnswer(requestContext, request, interaction.entries)
    case 'NotSupported':
    case 'Malformed':
      return TaskEither.right(outcome(404, 'not-supported', 'There is no such interaction.'))
  }
}

/** A response, and the decision after which it was made. */
interface Decided {
  /** That of a page link is the interaction that the link continues. */
  readonly interaction: FhirInteraction
  readonly decision: Decision['_tag']
  readonly response: PlainResponse
}

/** Decides about a parsed interaction, and answers. If a function of the host fails, access is not granted. */
const answerTo =
  (requestContext: RequestContext, request: PlainRequest, interaction: FhirInteraction): Task.Task<PlainResponse> =>
  async () => {
    const encrypted = sealedIn(request, interaction)
    const decided = (): Task.Task<Decided> =>
      encrypted === null
        ? decidedAnswer(requestContext, request, interaction, firstPlace)
        : linkedAnswer(requestContext, request, interaction, encrypted)
    const answered = await answeredAnyway<Decided>(decided, () => ({
      interaction,
      decision: 'Deny',
      response: hostFunctionFailed()
    }))()
    requestContext.tell(answered.interaction, answered.decision, answered.response)
    return answered.response
  }

/** The page that a link leads to: the request that it holds is decided again, for the token of this request. */
const linkedAnswer = (
  requestContext: RequestContext,
  request: PlainRequest,
  interaction: FhirInteraction,
  encrypted: string
): Task.Task<Decided> =>
  pipe(
    opened(requestContext.options, requestContext.facts, encrypted),
    TaskEither.foldW(
      (stop) => Task.of({ interaction, decision: 'Deny' as const, response: stopped(stop) }),
      Option.match(
        () => Task.of({ interaction, decision: 'Deny' as const, response: closedLink() }),
        ({ place, request: linked }) => {
          const whole = { ...request, ...linked, headers: { ...request.headers, ...linked.headers } }
          return pipe(
            decidedAnswer(requestContext, whole, readInteraction(requestContext, whole), place),
            Task.map(({ response, ...rest }) => ({
              ...rest,
              response: request.method === 'HEAD' ? { ...response, body: '' } : response
            }))
          )
        }
      )
    )
  )

const decidedAnswer = (
  requestContext: RequestContext,
  request: PlainRequest,
  interaction: FhirInteraction,
  place: PagePlace
): Task.Task<Decided> => {
  const { options, facts, budget } = requestContext
  if (interaction._tag === 'Batch' && interaction.entries.length > budget.limits.bundleEntries)
    return Task.of({ interaction, decision: 'Deny', response: costExceeded('entries') })
  // The entries of a batch are decided one by one, when they are handled.
  const isBatch = interaction._tag === 'Batch' && !interaction.isTransaction
  const decision = isBatch
    ? ({ _tag: 'Each', decisions: [] } as const)
    : decide(options.policy, facts, interaction, options.rules)
  if (decision._tag === 'Deny') {
    const release = releaseIn(options.rules ?? noMembers)
    const response = accessDenied(decision, { request, interaction, release })
    if (interaction._tag === 'Batch') tellEach(requestContext, interaction.entries, 'Deny', response)
    return Task.of({ interaction, decision: 'Deny', response })
  }
  return pipe(
    pass(requestContext, request, interaction, decision, place),
    TaskEither.getOrElse((stop) => Task.of(stopped(stop))),
    Task.map((response) => ({
      interaction,
      decision: decision._tag,
      response: {
        ...response,
        headers: publicHeaders(options, response.headers),
        ...(request.method === 'HEAD' ? { body: '' } : {})
      }
    }))
  )
}

/** The interaction of the parts of a job: they belong to the operation that started it. */
const jobInteraction: FhirInteraction = {
  _tag: 'Operation',
  level: 'system',
  type: null,
  id: null,
  name: 'export',
  input: null
}

/** The response to a request for a part of a job. */
const jobTask = (requestContext: RequestContext, request: PlainRequest, job: JobRequest): Task.Task<PlainResponse> =>
  pipe(
    jobAnswer(requestContext, request, job),
    TaskEither.getOrElse((stop) => Task.of(stopped(stop))),
    Task.map((response) => {
      requestContext.tell(jobInteraction, 'Permit', response)
      return request.method === 'HEAD' ? { ...response, body: '' } : response
    })
  )

/**
 * An upstream server whose responses have their numbers as texts.
 */
const withNumbersAsWritten =
  (ask: SendUpstream): SendUpstream =>
  (request, writes) =>
    pipe(
      ask(request, writes),
      TaskEither.map(({ status, headers, body }) => ({ status, headers, body: withNumbersAsTexts(body) }))
    )

/** The interaction of a request; references in it to this server have their relative spelling. */
const readInteraction = (
  { options, references }: Pick<RequestContext, 'options' | 'references'>,
  request: PlainRequest
): FhirInteraction => {
  const rules: AccessRules = options.rules ?? noMembers
  return withLocalValues(interactionOf(request, options.base, releaseIn(rules)), vocabularyIn(rules), references)
}

/** Gives audit events to the function of the host, if there is one. */
const tellTo = ({ onAccess }: GateOptions, facts: AccessFacts): TellAccess =>
  onAccess === undefined
    ? () => undefined
    : (interaction, decision, response) => {
        deliverAccess(onAccess, () => accessEvent(facts, interaction, decision, response))
      }

/** A response as it leaves the gate: with numbers as numbers and public addresses, and without the rule. */
const sentResponse = (options: GateOptions, { status, headers, body }: PlainResponse): PlainResponse => ({
  status,
  headers,
  body: withPublicAddresses(options, withTextsAsNumbers(body))
})

/** A refusal before anything is decided; it depends on nothing but the request. */
const refusedEarly = (
  options: GateOptions,
  tell: TellAccess,
  { request, interaction, refusal }: { request: PlainRequest; interaction: FhirInteraction; refusal: PlainResponse }
): PlainResponse => {
  tell(interaction, 'Deny', refusal)
  return sentResponse(options, request.method === 'HEAD' ? { ...refusal, body: '' } : refusal)
}

/** The aliases that a host gives, and the address at which the upstream server is called. */
const aliasesOf = ({ base, aliases = [], server }: GateOptions): ReadonlyArray<string> => {
  const answer: Partial<FhirServer['answer']> | null = ownMember(server, 'answer') ?? null
  const called = answer?.base
  return called === undefined || [base, ...aliases].map(withoutTrailingSlash).includes(withoutTrailingSlash(called))
    ? aliases
    : [...aliases, called]
}

/** The options of a gate as they are used, and what is the same for all its requests. */
interface ReadOptions {
  /** The members of the options as they were given. */
  readonly given: GateOptions
  readonly options: GateOptions
  readonly references: ReferenceFacts
  readonly rules: AccessRules
}

const readBefore = new WeakMap<GateOptions, ReadOptions>()

const isSame = (one: GateOptions, other: GateOptions): boolean => {
  const names = Object.keys(one) as ReadonlyArray<keyof GateOptions>
  return names.length === Object.keys(other).length && names.every((name) => one[name] === other[name])
}

/** The options of a gate; read once as long as the host does not change them. */
const readOptions = (gate: GateOptions): ReadOptions => {
  const given = ownMembers(gate)
  const known = readBefore.get(gate)
  if (known !== undefined && isSame(known.given, given)) return known
  const aliases = aliasesOf(given)
  const references: ReferenceFacts = ownMembers({ base: given.base, aliases })
  const rules = ownMembers({ ...given.rules, hasUserRule: given.userMay !== undefined, references })
  const read = { given, references, rules, options: ownMembers({ ...given, aliases, rules }) }
  readBefore.set(gate, read)
  return read
}

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
    const { options, references, rules } = readOptions(given)
    const tell = tellTo(options, facts)
    if (holdsNullText(request.body)) {
      const refusal = refusalBy('texts-without-null', 400, 'invalid')
      const interaction: FhirInteraction = { _tag: 'Malformed', reason: 'not-json', place: 'body' }
      return Task.fromIO(() => refusedEarly(options, tell, { request, interaction, refusal }))
    }
    const read = request.body === '' ? request : { ...request, body: withNumbersAsTexts(request.body) }
    const interaction = readInteraction({ options, references }, read)
    return async () => {
      const budget = newRequestBudget({ ...defaultGateLimits, ...options.limits }, ownMember(request, 'signal'))
      const send = budget.ask(validatedFhirServer(options.server))
      const askAsWritten: SendUpstream = (one, writes) => send({ ...one, body: withTextsAsNumbers(one.body) }, writes)
      const requestContext = {
        options,
        facts,
        references,
        budget,
        ask: withNumbersAsWritten(askAsWritten),
        askAsWritten,
        readsNumbers: areNumbersRead(options, alternativesIn(facts, rules), vocabularyIn(rules)),
        tell
      }
      try {
        const job = jobRequestOf(read)
        if (job !== null) return sentResponse(options, await jobTask(requestContext, read, job)())
        const refusal = formatRefusal(read, interaction, releaseIn(rules).version)
        return refusal === null
          ? sentResponse(options, await answerTo(requestContext, read, interaction)())
          : refusedEarly(options, tell, { request: read, interaction, refusal })
      } catch {
        return sentResponse(options, hostFunctionFailed())
      } finally {
        budget.end()
      }
    }
  }
