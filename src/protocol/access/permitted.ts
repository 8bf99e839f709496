/**
 * Whether a single alternative permits a resource, for many resources of the same alternatives: what depends on the
 * type alone is found once.
 *
 * @module
 */
import type { Alternative, EvaluationContext } from './alternatives.js'
import { appliesTo, clausesOf, isOfLevel, meetsAll } from './alternatives.js'
import type { Resource } from './fhir-interaction.js'
import type { ReadClause } from './search/clauses.js'
import type { Value } from '../../scopes/clause.js'
import type { Permission } from '../../scopes/scope.js'

/** Alternatives that permit the same resources but for their queries. */
interface Group {
  readonly alternative: Alternative
  /** The clauses of each query: a resource must meet all clauses of one of them. */
  readonly queries: ReadonlyArray<ReadonlyArray<ReadClause>>
}

/** Whether two alternatives that apply to a type permit the same resources of it but for their queries. */
const differOnlyInQuery = (one: Alternative, other: Alternative): boolean =>
  one.level === other.level &&
  one.patient === other.patient &&
  one.isOfUser === other.isOfUser &&
  one.sharedTypes === other.sharedTypes &&
  one.moreCompartment === other.moreCompartment &&
  one.links === other.links &&
  one.release === other.release

/** The values of several clauses under one key, each of which is a query by itself. */
interface Codes {
  readonly values: Array<Value>
  readonly codes: Set<string>
}

/**
 * The queries, where those of one clause with codes under the same key are one clause with all their codes: one look
 * for each value of a resource. Without any query where one of them is empty, because it is always met.
 */
const joined = (queries: ReadonlyArray<ReadonlyArray<ReadClause>>): Group['queries'] => {
  const byKey = new Map<string, Codes>()
  const others: Array<ReadonlyArray<ReadClause>> = []
  for (const clauses of queries) {
    const [first, ...more] = clauses
    if (first === undefined) return [[]]
    const { codes, condition, key } = first
    if (more.length > 0 || codes === null || condition._tag !== 'Coded') {
      others.push(clauses)
      continue
    }
    const known = byKey.get(key) ?? { values: [], codes: new Set<string>() }
    byKey.set(key, known)
    for (const value of condition.values) known.values.push(value)
    for (const code of codes) known.codes.add(code)
  }
  const ofCodes = [...byKey].map(([key, { codes, values }]): ReadonlyArray<ReadClause> => [
    { key, condition: { _tag: 'Coded', values }, codes }
  ])
  return [...ofCodes, ...others]
}

/** The alternatives that apply to a type, in groups. */
const groupsOf = (
  alternatives: ReadonlyArray<Alternative>,
  permission: Permission,
  type: string,
  evaluation: EvaluationContext
): ReadonlyArray<Group> => {
  const groups: Array<{
    readonly alternative: Alternative
    readonly queries: Array<ReadonlyArray<ReadClause>>
  }> = []
  for (const alternative of alternatives) {
    if (!appliesTo(alternative, permission, type)) continue
    const last = groups.at(-1)
    const clauses = clausesOf(alternative, evaluation)
    if (last !== undefined && differOnlyInQuery(last.alternative, alternative)) last.queries.push(clauses)
    else groups.push({ alternative, queries: [clauses] })
  }
  return groups.map(({ alternative, queries }) => ({ alternative, queries: joined(queries) }))
}

const isPermittedBy = (groups: ReadonlyArray<Group>, resource: Resource, evaluation: EvaluationContext): boolean => {
  for (const { alternative, queries } of groups) {
    if (!isOfLevel(alternative, resource, evaluation)) continue
    for (const clauses of queries) if (meetsAll(clauses, resource, evaluation.read)) return true
  }
  return false
}

/** Whether a permission is granted for a resource: whether a single alternative permits it. */
export const isPermitted = (
  alternatives: ReadonlyArray<Alternative>,
  permission: Permission,
  resource: Resource,
  evaluation: EvaluationContext
): boolean => isPermittedBy(groupsOf(alternatives, permission, resource.resourceType, evaluation), resource, evaluation)

/** The groups by type. */
type KnownGroups = Map<string, ReadonlyArray<Group>>

/**
 * {@link isPermitted} for many resources of the same alternatives. What depends on the type alone is remembered for
 * these types: a server may name any number of others.
 */
export const permittedAmong = (
  alternatives: ReadonlyArray<Alternative>,
  types: ReadonlySet<string>,
  evaluation: EvaluationContext
): ((permission: Permission, resource: Resource, before: Resource | null) => boolean) => {
  const known: Readonly<Record<Permission, KnownGroups>> = {
    c: new Map(),
    r: new Map(),
    u: new Map(),
    d: new Map(),
    s: new Map()
  }
  return (permission, resource, before) => {
    const type = resource.resourceType
    const byType = known[permission]
    const groups = byType.get(type) ?? groupsOf(alternatives, permission, type, evaluation)
    if (types.has(type)) byType.set(type, groups)
    return isPermittedBy(groups, resource, before === null ? evaluation : { ...evaluation, before })
  }
}
