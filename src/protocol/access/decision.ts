/**
 * Decides what a token permits at the FHIR server: permit, filter, or deny.
 *
 * `Filter` contains the granting scopes as alternatives, and obligations for what cannot be decided from the request
 * alone: which versions of which resources one of the alternatives must permit, and when. The permissions of one
 * interaction may come from different scopes; each is evaluated with its own alternatives. Source:
 * scopes-and-launch-context, "Scopes for requesting clinical data"; FHIR R4, http.html.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from './alternatives.js'
import { alternativesIn, appliesTo, isUserLimited } from './alternatives.js'
import { conditionalReferences } from './conditional-references.js'
import { deny, firstDenial, interactionRules, searchParameterRules } from './decision-rules.js'
import type { FhirInteraction } from './fhir-interaction.js'
import { releaseIn } from './release.js'
import type { SearchParameter, SearchQuery } from './search/query.js'
import { choosesPage, presentationParameters, reachOfSearch, typesOfSearch } from './search/query.js'
import { decideOperation } from './operations/decide-operation.js'
import type { Need } from './missing-scopes.js'
import { distinctNeeds, isAnswered, joinedScopes } from './missing-scopes.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Permission } from '../../scopes/scope.js'
import { holdsText } from '../../scopes/scope.js'
import { noMembers } from '../../values/own.js'
import type { Phase, Obligation, Decision } from './decision-types.js'

interface Question {
  readonly needs: ReadonlyArray<Need>
  readonly obligations: ReadonlyArray<Obligation>
}

const limited = (type: string | null, permission: Permission): Need => ({ type, permission, isUnlimited: false })
const unlimited = (type: string | null, permission: Permission): Need => ({ type, permission, isUnlimited: true })

/**
 * The permissions that a search of these types needs: for the types themselves, and for the types that chains look at.
 */
const searchNeeds = (types: ReadonlyArray<string | null>, query: SearchQuery): ReadonlyArray<Need> => [
  ...types.map((type) => limited(type, 's')),
  // A place in the results tells how many hidden ones stand before it.
  ...(query.some(choosesPage) ? types.map((type) => unlimited(type, 's')) : []),
  ...reachOfSearch(query).demands.map(({ type, permission }) => unlimited(type, permission))
]

const inclusions = (query: SearchQuery): ReadonlyArray<Obligation> => {
  const { includes } = reachOfSearch(query)
  return [
    ...(includes.isIncluding ? [{ phase: 'included', permission: 'r' } as const] : []),
    ...(includes.reverseTypes.length > 0 ? [{ phase: 'included-reverse', permission: 's' } as const] : [])
  ]
}

/** The needs of a write, including the search of a conditional write. */
const writeQuestion = (
  type: string,
  permission: Permission,
  phases: ReadonlyArray<Phase>,
  condition: SearchQuery | null
): Question => ({
  needs: [limited(type, permission), ...(condition === null ? [] : searchNeeds([type], condition))],
  obligations: [
    ...(condition === null ? [] : [{ phase: 'matched', permission: 's' } as const]),
    ...phases.map((phase) => ({ phase, permission }))
  ]
})

/**
 * Whether a token permits the searches of the conditional references in a resource. A decision covers the references in
 * the request; the result of a patch may contain others, copied from elsewhere in the resource.
 */
export const mayResolveReferences = (facts: AccessFacts, resource: unknown, rules: AccessRules = {}): boolean =>
  distinctNeeds(conditionalReferences(resource, rules)).every(isAnswered(alternativesIn(facts, rules)))

type Data = Exclude<
  FhirInteraction,
  { readonly _tag: 'Capabilities' | 'Batch' | 'Operation' | 'NotSupported' | 'Malformed' }
>

/** Parameters of a history that choose versions by time, or only order or present them (FHIR R4, http.html#history). */
const historyParameters: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...presentationParameters,
  '_since',
  '_at',
  '_sort'
])

/**
 * Whether a parameter of a history tells nothing about hidden versions. By any other, servers may select versions, so
 * that a page without results would tell about a hidden resource.
 */
const isOfHistory = ({ name }: SearchParameter): boolean => historyParameters.has(name)

const questionOf = (interaction: Data): Question => {
  switch (interaction._tag) {
    case 'Read':
    case 'VersionRead':
      return { needs: [limited(interaction.type, 'r')], obligations: [{ phase: 'returned', permission: 'r' }] }
    case 'History': {
      const { type, id, query } = interaction
      const permission = id === null ? 's' : 'r'
      return {
        needs: [
          limited(type, permission),
          ...searchNeeds([], query),
          ...(query.every(isOfHistory) ? [] : [unlimited(type, permission)])
        ],
        obligations: [{ phase: 'returned', permission }]
      }
    }
    case 'Search': {
      const { type, query } = interaction
      const types = type === null ? (typesOfSearch(query) ?? [null]) : [type]
      return {
        needs: searchNeeds(types, query),
        obligations: [{ phase: 'returned', permission: 's' }, ...inclusions(query)]
      }
    }
    case 'Create':
      return writeQuestion(interaction.type, 'c', ['result'], interaction.condition)
    case 'Update':
    case 'Patch':
      return writeQuestion(
        interaction.type,
        'u',
        ['stored', 'result'],
        interaction.target._tag === 'Id' ? null : interaction.target.query
      )
    case 'Delete':
      return writeQuestion(
        interaction.type,
        'd',
        ['stored'],
        interaction.target._tag === 'Id' ? null : interaction.target.query
      )
  }
}

/**
 * The search parameters of an interaction. A server may apply search parameters to a history, so they count there too.
 */
const queryOf = (interaction: Data): SearchQuery => {
  switch (interaction._tag) {
    case 'Search':
    case 'History':
      return interaction.query
    case 'Create':
      return interaction.condition ?? []
    case 'Update':
    case 'Patch':
    case 'Delete':
      return interaction.target._tag === 'Condition' ? interaction.target.query : []
    default:
      return []
  }
}

const idOfTarget = (interaction: Data): string | null =>
  'target' in interaction && interaction.target._tag === 'Id' ? interaction.target.id : null

/**
 * Whether alternatives may be used for a compartment: not for that of another patient. The contents of the others (of
 * an Encounter, a Practitioner, a Device, a RelatedPerson) can be filtered to the patient's.
 */
const fitsCompartment =
  (interaction: Data) =>
  (alternative: Alternative): boolean => {
    if (interaction._tag !== 'Search' || interaction.compartment === null || alternative.patient === null) return true
    const { type, id } = interaction.compartment
    return type !== 'Patient' || id === alternative.patient
  }

/** Whether alternatives may permit a request for a Patient by its id: no scope of another patient does. */
const fitsPatient =
  (interaction: Data) =>
  ({ patient }: Alternative): boolean => {
    const id = 'id' in interaction ? interaction.id : idOfTarget(interaction)
    return interaction.type !== 'Patient' || id === null || patient === null || patient === id
  }

const answer = (policy: SmartPolicy, facts: AccessFacts, interaction: Data, rules: AccessRules): Decision => {
  const query = queryOf(interaction)
  const unread = firstDenial(searchParameterRules, { query, types: releaseIn(rules).types })
  if (unread !== null) return unread
  const { needs, obligations } = questionOf(interaction)
  const body =
    interaction._tag === 'Create' || interaction._tag === 'Update'
      ? interaction.resource
      : interaction._tag === 'Patch'
        ? interaction.patch
        : null
  const all = distinctNeeds([...needs, ...conditionalReferences(body, rules)])
  const granted = alternativesIn(facts, rules)
  const [fits, fitsOwn] = [fitsCompartment(interaction), fitsPatient(interaction)]
  const fitting = granted.filter(fits)
  const isMet = isAnswered(fitting)
  const unmet = all.filter((need) => !isMet(need))
  const searched = all.filter(({ permission, isUnlimited: whole }) => permission === 's' && !whole)
  const searching = fitting.filter((alternative) => searched.some((need) => appliesTo(alternative, 's', need.type)))
  const denied = firstDenial(interactionRules, {
    policy,
    facts,
    rules,
    query,
    needs: all,
    unmet,
    granted,
    fits: (alternative) => fits(alternative) && fitsOwn(alternative),
    searched,
    searching
  })
  if (denied !== null) return denied
  const hasInclusions = obligations.some(({ phase }) => phase.startsWith('included'))
  const freed = reachOfSearch(query).findsAnyType ? [...all, unlimited(null, 's')] : all
  const isFree = !hasInclusions && freed.every((need) => isMet({ ...need, isUnlimited: true }))
  if (isFree) return { _tag: 'Permit' }
  const permissions = new Set(obligations.map(({ permission }) => permission))
  const types = new Set(needs.filter((need) => !need.isUnlimited).map(({ type }) => type))
  const relevant = fitting.filter(
    (alternative) =>
      permissions.has(alternative.permission) &&
      (hasInclusions || [...types].some((type) => appliesTo(alternative, alternative.permission, type)))
  )
  return { _tag: 'Filter', alternatives: relevant, obligations }
}

/** Reading the user's own record, as far as the host's rule about users permits it. Other scopes may permit it too. */
const ownRecord = (
  policy: SmartPolicy,
  facts: AccessFacts,
  interaction: Extract<Data, { readonly _tag: 'Read' }>,
  rules: AccessRules
): Decision => {
  const beside = answer(policy, facts, interaction, rules)
  if (beside._tag === 'Permit' || !isUserLimited(rules)) return { _tag: 'Permit' }
  const own: Alternative = {
    permission: 'r',
    level: 'user',
    type: interaction.type,
    patient: null,
    sharedTypes: [],
    moreCompartment: noMembers,
    links: [],
    isOfUser: true,
    actingTypes: [],
    query: []
  }
  return {
    _tag: 'Filter',
    alternatives: [...(beside._tag === 'Filter' ? beside.alternatives : []), own],
    obligations: [{ phase: 'returned', permission: 'r' }]
  }
}

const isOwnRecord = (
  policy: SmartPolicy,
  facts: AccessFacts,
  interaction: FhirInteraction
): interaction is Extract<Data, { readonly _tag: 'Read' }> =>
  policy.fhirUserImpliesRead &&
  interaction._tag === 'Read' &&
  holdsText(facts.scopes, 'openid') &&
  holdsText(facts.scopes, 'fhirUser') &&
  facts.user?.fhirUser === `${interaction.type}/${interaction.id}`

/**
 * Decides about an interaction. `openid fhirUser` permits reading the one resource that represents the user, if the
 * policy says so and the host's rule about users permits it.
 *
 * @example
 * ```ts
 * import { decide, defaultPolicy, interactionOf } from 'smart-app-launch/resource'
 * import { parse } from 'smart-app-launch/scopes'
 *
 * const facts = {
 *   clientId: 'my-app',
 *   scopes: parse('patient/Observation.rs'),
 *   context: { patient: '123' },
 *   user: null
 * }
 * const plain = { method: 'GET', query: '', headers: {}, body: '' }
 *
 * const search = decide(
 *   defaultPolicy,
 *   facts,
 *   interactionOf({ ...plain, path: '/Observation', query: 'code=1234-5' })
 * )
 * search._tag // => 'Filter'
 * search._tag === 'Filter' ? search.obligations : [] // => [{ phase: 'returned', permission: 's' }]
 * search._tag === 'Filter' ? search.alternatives.map(({ patient }) => patient) : [] // => ['123']
 *
 * const read = interactionOf({ ...plain, path: '/Condition/1' })
 * decide(defaultPolicy, facts, read)
 * // => { _tag: 'Deny', reason: 'insufficient-scope', rule: 'scope-sufficient', missing: ['patient/Condition.r'] }
 * ```
 */
export const decide = (
  policy: SmartPolicy,
  facts: AccessFacts,
  interaction: FhirInteraction,
  rules: AccessRules = {}
): Decision => {
  switch (interaction._tag) {
    case 'Capabilities':
      return { _tag: 'Permit' }
    case 'NotSupported':
    case 'Malformed':
      return deny(interaction.reason)
    case 'Operation':
      return decideOperation(facts, interaction, rules)
    case 'Batch': {
      const decisions = interaction.entries.map((entry) => decide(policy, facts, entry.interaction, rules))
      const refused = decisions.find((decision) => decision._tag === 'Deny')
      if (!interaction.isTransaction || refused === undefined) return { _tag: 'Each', decisions }
      const missing = decisions.flatMap((decision) => (decision._tag === 'Deny' ? [decision.missing] : []))
      return deny(
        refused.reason,
        missing.some((scopes) => scopes.length === 0) ? [] : joinedScopes(missing.flat()),
        refused.rule
      )
    }
    default:
      return isOwnRecord(policy, facts, interaction)
        ? ownRecord(policy, facts, interaction, rules)
        : answer(policy, facts, interaction, rules)
  }
}
