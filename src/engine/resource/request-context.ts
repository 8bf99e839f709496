/**
 * The context of one client request at the gate, and of each of its entries.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { RequestBudget, SendUpstream } from './cost.js'
import type { GateContext, GateOptions } from './gate-context.js'
import { linkedResources } from './linked-resources.js'
import type { AccessFacts, AccessRules, EvaluationContext } from '../../protocol/access/alternatives.js'
import { alternativesIn, isPermitted } from '../../protocol/access/alternatives.js'
import { releaseIn, vocabularyIn } from '../../protocol/access/release.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import { indexReader } from '../../protocol/access/search/search-index.js'
import { fhirJsonType } from '../../protocol/http/media-type.js'
import type { FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import type { Permission } from '../../scopes/scope.js'
import { noMembers, ownMembers } from '../../values/own.js'

/** The constant data of one client request, shared by all its entries. */
export interface RequestContext {
  readonly options: GateOptions
  readonly facts: AccessFacts
  readonly references: ReferenceFacts
  readonly budget: RequestBudget
  readonly ask: SendUpstream
  /** Gives the audit event of an interaction to the host. */
  readonly tell: TellAccess
}

/** Takes an answered interaction, and the kind of decision about it, for the audit event. */
export type TellAccess = (interaction: FhirInteraction, decision: Decision['_tag'], response: PlainResponse) => void

/** The header fields of a request with these names. */
export const headersNamed = (names: ReadonlyArray<string>, { headers }: PlainRequest): PlainRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))

/** The gate context of one request or entry, with its decision. */
export const gateContextOf = (
  { options, facts, references, budget, ask }: RequestContext,
  decision: Decision,
  request: PlainRequest
): GateContext => {
  const rules: AccessRules = options.rules ?? noMembers
  const evaluation: EvaluationContext = {
    read: (options.reader ?? indexReader)(references, releaseIn(rules)),
    references,
    userMay: (permission, resource) => options.userMay?.(facts, permission, resource) === true,
    vocabulary: vocabularyIn(rules)
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
  const askKept: GateContext['ask'] = (one, writes) => {
    const { body, headers } = ownMembers(one)
    const form = body === undefined ? {} : { 'content-type': fhirJsonType }
    return ask({ query: '', body: '', ...one, headers: { ...kept, accept: fhirJsonType, ...form, ...headers } }, writes)
  }
  const linked = linkedResources({ granted, evaluation, references, budget, ask: askKept })
  const judged = linked === null ? evaluation : { ...evaluation, evidence: linked.evidence }
  const may: GateContext['may'] = (permission, resource, before = null) =>
    isPermitted(alternatives, permission, resource, { ...judged, before })
  const isMinimal = /(?:^|[,;\s])return\s*=\s*"?minimal\b/i.test(headerOf(request, 'prefer') ?? '')
  return {
    options,
    facts,
    references,
    evaluation: judged,
    budget,
    may,
    prepare: (resources, areCurrent = false) =>
      linked === null ? TaskEither.right(null) : linked.load(resources, areCurrent, may),
    mayShow: (resource) => {
      try {
        return !isMinimal && may('r', resource)
      } catch {
        return false
      }
    },
    ask: askKept
  }
}
