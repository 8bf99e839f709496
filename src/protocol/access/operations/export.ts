/**
 * Decides about the kick-off of a bulk export, and writes it so that the server exports no more than the token permits.
 *
 * A token needs the permissions `r` and `s` for every exported type, at a level of no single user: `system/`, or
 * `user/` where users may see everything. Without `_type` the export is narrowed to the permitted types, and a scope
 * with a query narrows its type by `_typeFilter`. Both parameters are optional for servers, so the resources of the
 * files are checked as well, unless the token permits everything.
 *
 * Source: Bulk Data Access 3.0.0, export.html: "The FHIR server SHALL limit the data returned to only those FHIR
 * resources for which the client is authorized"; "system/Group.rs" for the Group of an export.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from '../alternatives.js'
import { firstDenial } from '../decision-rules.js'
import { alternativesIn } from '../alternatives.js'
import type { Decision } from '../decision-types.js'
import type { Need } from '../missing-scopes.js'
import { isAnswered } from '../missing-scopes.js'
import { printSearchQuery, reachOfSearch } from '../search/query.js'
import { rewriteSearch } from '../search/rewrite.js'
import type { TypeFilter } from './export-rules.js'
import { exportRules, isForExport, knownAssociated } from './export-rules.js'
import type { OperationInput, OperationParameter } from './input.js'
import { listedValues } from './input.js'
import { localInput } from './local-input.js'
import type { Operation } from './operation-rules.js'
import { typeFiltersIn } from './type-filters.js'
import { resourceScope } from '../../../scopes/format.js'
import type { Permission, ResourceScope } from '../../../scopes/scope.js'
import { isResourceScope } from '../../../scopes/scope.js'
import { fhirR4 } from '../../../scopes/vocabulary.js'
import * as Either from '../../../values/either.js'
import { limits } from '../../../values/limits/limits.js'
import { ownMember } from '../../../values/own.js'

/** Tests a permission for a type: null is every type. */
type Test = (need: Need) => boolean

/** Whether both permissions of an export hold. */
const holdsBoth = (isMet: Test, type: string | null, isUnlimited: boolean): boolean =>
  (['r', 's'] as const).every((permission) => isMet({ type, permission, isUnlimited }))

/** The alternatives of a token for exports. */
export const exportAlternatives = (facts: AccessFacts, rules: AccessRules): ReadonlyArray<Alternative> =>
  alternativesIn(facts, rules).filter(isForExport)

/** Whether the token permits to export everything, so that nothing needs to be checked. */
export const exportsEverything = (facts: AccessFacts, rules: AccessRules): boolean =>
  holdsBoth(isAnswered(exportAlternatives(facts, rules)), null, true)

/** Whether the token permits to export everything of a type. */
export const exportsWhole = (facts: AccessFacts, rules: AccessRules): ((type: string) => boolean) => {
  const isMet = isAnswered(exportAlternatives(facts, rules))
  return (type) => holdsBoth(isMet, type, true)
}

/** The kick-off as it is sent. */
export interface ExportPlan {
  readonly parameters: ReadonlyArray<OperationParameter>
  /** Whether each resource of the files must be checked. */
  readonly isChecked: boolean
  /** Whether the Group must be read and checked first. */
  readonly checksGroup: boolean
  /** The scopes that the export needs, by which later requests for its files are decided. */
  readonly needs: string
}

/** The types of an export: those that are named, else those that the token permits; null for every type. */
const typesOf = (
  named: ReadonlyArray<string>,
  alternatives: ReadonlyArray<Alternative>,
  isMet: Test
): ReadonlyArray<string> | null =>
  named.length > 0
    ? [...new Set(named)]
    : holdsBoth(isMet, null, false)
      ? null
      : [...new Set(alternatives.map(({ type }) => type))].filter((type) => holdsBoth(isMet, type, false))

/**
 * The needs of an export of the permitted types, where none is permitted: a type with both permissions. A permission
 * that the token has for some types is not needed again, so that the other one is enough: for that type, or for every
 * type where there are several. The permission to read the Group of an export is not taken for one to export Groups.
 */
const needsOfAnyType = (operation: Operation, alternatives: ReadonlyArray<Alternative>): ReadonlyArray<Need> => {
  const heldFor = (held: Permission): ReadonlyArray<string> => [
    ...new Set(alternatives.filter(({ permission }) => permission === held).map(({ type }) => type))
  ]
  const isOfGroup = operation.level === 'instance'
  const isExported = (type: string): boolean => !isOfGroup || type !== 'Group'
  const need = (permission: Permission, [type = '*', ...others]: ReadonlyArray<string> = []): Need => ({
    type: others.length > 0 || type === '*' ? null : type,
    permission,
    isUnlimited: false
  })
  // With the permission to read the Group, which such an export needs, Groups can be exported.
  if (isOfGroup && heldFor('s').includes('Group')) return []
  const [reading, searching] = [heldFor('r').filter(isExported), heldFor('s')]
  if (reading.length > 0) return [need('s', reading)]
  return searching.length > 0 ? [need('r', searching)] : [need('r'), need('s')]
}

/** The searches that the scopes leave of one type; null when they cannot be written as searches. */
const narrowedTo = (
  type: string,
  filters: ReadonlyArray<TypeFilter>,
  alternatives: ReadonlyArray<Alternative>,
  rules: AccessRules
): ReadonlyArray<TypeFilter> | null => {
  const found: Array<TypeFilter> = []
  for (const { query } of filters.length === 0 ? [{ query: [] }] : filters) {
    const narrowed = rewriteSearch(
      { _tag: 'Search', type, compartment: null, query },
      alternatives,
      ownMember(rules, 'vocabulary') ?? fhirR4
    )
    if (Either.isLeft(narrowed)) return null
    found.push(...narrowed.right.map((one) => ({ type, query: one.query })))
  }
  return found
}

/** All searches of `_typeFilter` to send. */
const sentFilters = (
  types: ReadonlyArray<string> | null,
  filters: ReadonlyArray<TypeFilter>,
  alternatives: ReadonlyArray<Alternative>,
  isMet: Test,
  rules: AccessRules
): ReadonlyArray<TypeFilter> => {
  // Without narrowing the server exports more, and the files are checked. Each search is at least one that is sent.
  if (types === null || filters.length > limits.fhirNarrowedRequests.default) return filters
  const sent = types.flatMap((type) => {
    const own = filters.filter((one) => one.type === type)
    return holdsBoth(isMet, type, true) ? own : (narrowedTo(type, own, alternatives, rules) ?? own)
  })
  return sent.length > limits.fhirNarrowedRequests.default ? filters : sent
}

/** Scopes as texts: for a type that is permitted without a limit that alone, else those of the token. */
const neededScopes = (facts: AccessFacts, types: ReadonlyArray<string> | null, isMet: Test): string => {
  const level = facts.user === null ? 'system' : 'user'
  const held = facts.scopes.filter(
    (scope): scope is ResourceScope =>
      isResourceScope(scope) &&
      scope.level !== 'patient' &&
      scope.permissions.some((permission) => permission === 'r' || permission === 's')
  )
  const of = (type: string | null): ReadonlyArray<string> =>
    holdsBoth(isMet, type, true) && held.every((scope) => scope.level === level)
      ? [resourceScope(level, type ?? '*', ['r', 's']).text]
      : held.filter((scope) => type === null || scope.type === '*' || scope.type === type).map(({ text }) => text)
  return [...new Set((types ?? [null]).flatMap(of))].join(' ')
}

const textParameter = (name: string, value: string): OperationParameter => ({
  name,
  value,
  json: { name, valueString: value }
})

const rewritten: ReadonlySet<string> = new Set(['_type', '_typeFilter'])

/**
 * What of an export's parameters is sent when the files are checked: `_elements` could remove what the check reads.
 */
const isKept = ({ name }: OperationParameter): boolean => !rewritten.has(name) && name !== '_elements'

/** The kick-off of an export that a token permits; or the denial. */
export const exportPlan = (
  facts: AccessFacts,
  operation: Operation,
  given: OperationInput,
  rules: AccessRules
): Either.Either<Decision, ExportPlan> => {
  const input = localInput(operation, given, rules)
  const alternatives = exportAlternatives(facts, rules)
  const isMet = isAnswered(alternatives)
  const isWhole = holdsBoth(isMet, null, true)
  const named = listedValues(input.parameters, '_type')
  const types = typesOf(named, alternatives, isMet)
  const filters = typeFiltersIn(input.parameters)
  const associated = listedValues(input.parameters, 'includeAssociatedData')
  const exported: ReadonlyArray<string | null> = [
    ...(types ?? [null]),
    ...(filters ?? []).map(({ type }) => type),
    ...(associated.some((one) => knownAssociated.has(one)) ? ['Provenance'] : [])
  ]
  const both = (type: string | null): ReadonlyArray<Need> =>
    (['r', 's'] as const).map((permission) => ({ type, permission, isUnlimited: false }))
  const needs: ReadonlyArray<Need> = [
    ...(exported.length === 0 ? needsOfAnyType(operation, alternatives) : []),
    ...exported.flatMap(both),
    ...(operation.level === 'instance' ? [{ type: 'Group', permission: 'r' as const, isUnlimited: false }] : []),
    ...(filters ?? []).flatMap(({ query }) =>
      reachOfSearch(query).demands.map(({ type, permission }) => ({ type, permission, isUnlimited: true }))
    )
  ]
  const denied = firstDenial(exportRules, {
    facts,
    rules,
    input,
    isWhole,
    filters,
    associated,
    isForSystems: alternatives.length > 0,
    unmet: needs.filter((need) => !isMet(need))
  })
  if (denied !== null) return Either.left(denied)
  if (isWhole)
    return Either.right({
      parameters: input.parameters.filter(({ name }) => name !== '_format' && name !== '_pretty'),
      isChecked: false,
      checksGroup: false,
      needs: neededScopes(facts, types, isMet)
    })
  const sent = sentFilters(types, filters ?? [], alternatives, isMet, rules)
  return Either.right({
    parameters: [
      ...input.parameters.filter(isKept),
      ...(types === null ? [] : [textParameter('_type', types.join(','))]),
      ...sent.map(({ type, query }) => textParameter('_typeFilter', `${type}?${printSearchQuery(query)}`))
    ],
    isChecked: true,
    checksGroup: operation.level === 'instance' && !isMet({ type: 'Group', permission: 'r', isUnlimited: true }),
    needs: neededScopes(facts, types, isMet)
  })
}

/** The decision about the kick-off of an export. */
export const decideExport = (
  facts: AccessFacts,
  operation: Operation,
  input: OperationInput,
  rules: AccessRules
): Decision => {
  const plan = exportPlan(facts, operation, input, rules)
  if (Either.isLeft(plan)) return plan.left
  if (!plan.right.isChecked) return { _tag: 'Permit' }
  return {
    _tag: 'Filter',
    alternatives: exportAlternatives(facts, rules).filter(({ permission }) => permission === 'r' || permission === 's'),
    obligations: [
      ...(plan.right.checksGroup ? [{ phase: 'stored', permission: 'r' } as const] : []),
      { phase: 'returned', permission: 'r' },
      { phase: 'returned', permission: 's' }
    ]
  }
}
