/**
 * The context of one client request at the gate, and of each of its entries.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { RequestBudget, SendUpstream } from './cost.js'
import type { GateContext, GateOptions } from './gate-context.js'
import { linkedResources, nothingToLoad } from './linked/linked-resources.js'
import type { AccessFacts, AccessRules, Alternative, EvaluationContext } from '../../protocol/access/alternatives.js'
import { alternativesIn } from '../../protocol/access/alternatives.js'
import { permittedAmong } from '../../protocol/access/permitted.js'
import { releaseIn, vocabularyIn } from '../../protocol/access/release.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { IndexReader, ReferenceFacts } from '../../protocol/access/search/search-index.js'
import { indexReader } from '../../protocol/access/search/search-index.js'
import { fhirJsonType } from '../../protocol/http/media-type.js'
import type { FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import type { Permission } from '../../scopes/scope.js'
import type { Vocabulary } from '../../scopes/vocabulary.js'
import { fhirR4 } from '../../scopes/vocabulary.js'
import { noMembers, ownMember, ownMembers } from '../../values/own.js'

/** The constant data of one client request, shared by all its entries. */
export interface RequestContext {
  readonly options: GateOptions
  readonly facts: AccessFacts
  readonly references: ReferenceFacts
  readonly budget: RequestBudget
  readonly ask: SendUpstream
  /** Gives the audit event of an interaction to the host. */
  readonly tell: TellAccess
  /** The same, with numbers as they are written. */
  readonly askAsWritten: SendUpstream
  /** See {@link GateContext}. */
  readonly readsNumbers: boolean
}

/** Takes an answered interaction, and the kind of decision about it, for the audit event. */
export type TellAccess = (interaction: FhirInteraction, decision: Decision['_tag'], response: PlainResponse) => void

/** The header fields of a request with these names. */
export const headersNamed = (names: ReadonlyArray<string>, { headers }: PlainRequest): PlainRequest['headers'] =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => names.includes(name)))

/** Types of parameters whose evaluation does not depend on how a number is written. */
const withoutNumbers: ReadonlySet<string> = new Set(['token', 'reference', 'string', 'uri', 'date'])

/** See {@link GateContext}. */
export const areNumbersRead = (
  options: GateOptions,
  alternatives: ReadonlyArray<Alternative>,
  vocabulary: Vocabulary = fhirR4
): boolean =>
  ownMember(options, 'reader') !== undefined ||
  ownMember(options, 'userMay') !== undefined ||
  alternatives.some(({ query, type }) => query.some(({ name }) => !withoutNumbers.has(vocabulary.typeOf(type, name))))

/** The index reader, with the values of the resource that was read last under each parameter. */
const remembering = (read: IndexReader): IndexReader => {
  const known = new Map<string, { resource: Resource; values: ReadonlyArray<string> }>()
  return (resource, parameter) => {
    const before = known.get(parameter)
    if (before?.resource === resource) return before.values
    const values = read(resource, parameter)
    if (before === undefined) known.set(parameter, { resource, values })
    else {
      before.resource = resource
      before.values = values
    }
    return values
  }
}

/** The host's rule about users, called once for each permission and resource. */
const remembered = (userMay: EvaluationContext['userMay']): EvaluationContext['userMay'] => {
  const known = new WeakMap<Resource, Map<Permission, boolean>>()
  return (permission, resource) => {
    const before = known.get(resource) ?? new Map<Permission, boolean>()
    const may = before.get(permission) ?? userMay(permission, resource)
    known.set(resource, before.set(permission, may))
    return may
  }
}

/** The gate context of one request or entry, with its decision. */
export const gateContextOf = (
  { options, facts, references, budget, ask, askAsWritten, readsNumbers }: RequestContext,
  decision: Decision,
  request: PlainRequest
): GateContext => {
  const rules: AccessRules = options.rules ?? noMembers
  const evaluation: EvaluationContext = {
    read: remembering((options.reader ?? indexReader)(references, releaseIn(rules))),
    references,
    userMay: remembered((permission, resource) => options.userMay?.(facts, permission, resource) === true),
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
  const whole = (one: Parameters<GateContext['ask']>[0]): PlainRequest => {
    const { body, headers } = ownMembers(one)
    const form = body === undefined ? {} : { 'content-type': fhirJsonType }
    return { query: '', body: '', ...one, headers: { ...kept, accept: fhirJsonType, ...form, ...headers } }
  }
  const askKept: GateContext['ask'] = (one, writes) => ask(whole(one), writes)
  const linked = linkedResources({
    granted,
    evaluation,
    references,
    budget,
    ask: askKept
  })
  const evidenced = linked === null ? evaluation : { ...evaluation, evidence: linked.evidence }
  const permits = permittedAmong(alternatives, releaseIn(rules).types, evidenced)
  const may: GateContext['may'] = (permission, resource, before = null) => permits(permission, resource, before)
  const isMinimal = /(?:^|[,;\s])return\s*=\s*"?minimal\b/i.test(headerOf(request, 'prefer') ?? '')
  return {
    options,
    facts,
    references,
    evaluation: evidenced,
    budget,
    may,
    prepare: (resources, areCurrent = false, requests) =>
      linked === null ? TaskEither.right(nothingToLoad) : linked.load(resources, areCurrent, may, requests),
    mayShow: (resource) => {
      try {
        return !isMinimal && may('r', resource)
      } catch {
        return false
      }
    },
    ask: askKept,
    askAsWritten: (one, writes) => askAsWritten(whole(one), writes),
    readsNumbers
  }
}
