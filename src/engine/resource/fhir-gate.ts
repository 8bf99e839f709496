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
import { newBundle } from './batch-response.js'
import { jobAnswer } from './bulk/job.js'
import type { JobRequest } from './bulk/job-address.js'
import { jobRequestOf } from './bulk/job-address.js'
import type { SendUpstream } from './cost.js'
import { newRequestBudget, defaultGateLimits } from './cost.js'
import type { GateOptions, GateResult } from './gate-context.js'
import { operationAnswer } from './operation.js'
import { publicMetadata, publicHeaders, withPublicAddresses } from './public-urls.js'
import { readAnswer } from './read.js'
import type { RequestContext } from './request-context.js'
import { gateContextOf, headersNamed } from './request-context.js'
import { accessDenied, costExceeded, outcome, stopped } from './responses.js'
import { gatherHistory, gatherSearch } from './search.js'
import { transaction } from './transaction.js'
import { write } from './write.js'
import { portUnavailable } from '../ports.js'
import { answeredAnyway, validatedFhirServer, thrownReason } from '../validated-ports.js'
import type { AccessFacts } from '../../protocol/access/alternatives.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import { decide } from '../../protocol/access/decision.js'
import type { BundleEntry, FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import { interactionOf } from '../../protocol/access/read-interaction.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { holdsNullText, withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { ownMember, ownMembers } from '../../values/own.js'

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

/** The response to a request for a part of a job. */
const jobTask = (requestContext: RequestContext, request: PlainRequest, job: JobRequest): Task.Task<PlainResponse> =>
  pipe(
    jobAnswer(requestContext, request, job),
    TaskEither.getOrElse((stop) => Task.of(stopped(stop))),
    Task.map((response) => (request.method === 'HEAD' ? { ...response, body: '' } : response))
  )

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
        const job = jobRequestOf(read)
        const response = await (
          job === null
            ? answerTo(requestContext, read, interactionOf(read, options.base))
            : answeredAnyway(() => jobTask(requestContext, read, job), hostRuleFailed)
        )()
        return { ...response, body: withPublicAddresses(options, withTextsAsNumbers(response.body)) }
      } catch (thrown) {
        return hostRuleFailed(thrownReason(thrown))
      } finally {
        budget.end()
      }
    }
  }
