/**
 * A granted scope set made ready for many questions: indexed by level, resource type and permission, and its conditions
 * by the values that can satisfy them. A question costs the same whether ten scopes are granted or a thousand.
 *
 * @module
 */
import type { Condition } from './clause.js'
import { conditionOf } from './clause.js'
import type { ValueIndex, QueriedValue } from './value-index.js'
import { valueIndexOf } from './value-index.js'
import { includingLevels } from './levels.js'
import type { Access, ScopeOptions, SearchIndex } from './permits.js'
import { mostSelectiveOf } from './selectivity.js'
import type { Level, Permission, ResourceScope, ScopeSet } from './scope.js'
import { completeOptions, isAtom } from './permits.js'

/** A condition by the names of its values. */
interface FiledCondition {
  readonly key: string
  readonly names: ReadonlySet<string>
}

/** A scope's query: all of these must be satisfied. */
type Query = ReadonlyArray<FiledCondition>

interface Row {
  /** The permissions that are granted without a query, as bits. */
  plain: number
  /** The queries under each permission, filed by the values of their rarest condition; null when there are none. */
  filed: Map<string, Array<Query>> | null
}

type Rows = Map<string, Row>

const bits: Readonly<Record<Permission, number>> = { c: 1, r: 2, u: 4, d: 8, s: 16 }

/** A compiled scope set. */
export interface Compiled {
  /** Whether the set permits an access: the same answer as the definition `permits` gives. */
  readonly permits: (access: Access) => boolean
}

const rowIn = (rows: Rows, type: string): Row => {
  const known = rows.get(type)
  if (known !== undefined) return known
  const row: Row = { plain: 0, filed: null }
  rows.set(type, row)
  return row
}

const queriedIn = ({ key, values }: Condition): ReadonlyArray<QueriedValue> => values.map((value) => ({ key, value }))

/** A scope with a query that waits to be filed: which of its conditions is rare shows when all are known. */
interface Granular {
  readonly row: Row
  readonly permissions: ReadonlyArray<Permission>
  readonly query: Query
}

const fileAll = (granular: ReadonlyArray<Granular>): void => {
  const chosen = mostSelectiveOf(granular.map(({ query }) => query.map(({ names }) => names)))
  for (const { row, permissions, query } of granular) {
    row.filed ??= new Map()
    for (const chosenName of chosen(query.map(({ names }) => names))) {
      for (const permission of permissions) {
        const name = `${permission} ${chosenName}`
        const queries = row.filed.get(name)
        if (queries === undefined) row.filed.set(name, [query])
        else queries.push(query)
      }
    }
  }
}

/** The names that the index values of one parameter are looked up under. */
type LookedUp = ReadonlySet<string>

/** What a resource is looked up under, parameter by parameter, found when it is asked for. */
const lookedUpOf = (filing: ValueIndex, resource: SearchIndex): ((key: string) => LookedUp) => {
  const known = new Map<string, LookedUp>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const names = new Set<string>()
    if (Object.hasOwn(resource, key))
      for (const index of resource[key] ?? []) for (const name of filing.lookedUp(key, index)) names.add(name)
    known.set(key, names)
    return names
  }
}

const haveCommon = (one: ReadonlySet<string>, other: ReadonlySet<string>): boolean => {
  const [few, many] = one.size < other.size ? [one, other] : [other, one]
  for (const name of few) if (many.has(name)) return true
  return false
}

const permitsByQuery = (
  filed: ReadonlyMap<string, ReadonlyArray<Query>>,
  permission: Permission,
  resource: SearchIndex,
  lookedUp: (key: string) => LookedUp
): boolean => {
  const isSatisfied = (query: Query): boolean =>
    query.length === 1 || query.every(({ key, names }) => haveCommon(names, lookedUp(key)))
  for (const key of Object.keys(resource)) {
    for (const name of lookedUp(key)) if (filed.get(`${permission} ${name}`)?.some(isSatisfied) === true) return true
  }
  return false
}

const isPlain = (row: Row | undefined, permission: Permission): boolean =>
  row !== undefined && (row.plain & bits[permission]) !== 0

/**
 * Compiles a scope set once, for repeated questions.
 *
 * @example
 * ```ts
 * import { compile, parse } from 'smart-app-launch/scopes'
 *
 * const compiled = compile(parse('patient/Observation.rs patient/Condition.r'))
 * compiled.permits({ level: 'patient', type: 'Condition', permission: 'r', resource: {} }) // => true
 * compiled.permits({ level: 'patient', type: 'Condition', permission: 's', resource: {} }) // => false
 * ```
 */
export const compile = (granted: ScopeSet, options: ScopeOptions = {}): Compiled => {
  const { vocabulary, levelOrder } = completeOptions(options)
  const byLevel: Readonly<Record<Level, Rows>> = { patient: new Map(), user: new Map(), system: new Map() }
  const atoms = new Set<string>()
  const texts = new Set<string>()
  const conditioned: Array<{
    readonly scope: ResourceScope
    readonly row: Row
    readonly conditions: ReadonlyArray<Condition>
  }> = []
  for (const scope of granted) {
    if (scope._tag !== 'ResourceScope') {
      if (scope.text !== '') atoms.add(scope.text)
      continue
    }
    const row = rowIn(byLevel[scope.level], scope.type)
    if (scope.query.length === 0) {
      for (const permission of scope.permissions) row.plain |= bits[permission]
      continue
    }
    if (texts.has(scope.text)) continue
    texts.add(scope.text)
    conditioned.push({
      scope,
      row,
      conditions: scope.query.map((clause) => conditionOf(vocabulary, scope.type, clause))
    })
  }
  const filing = valueIndexOf(conditioned.flatMap(({ conditions }) => conditions.flatMap(queriedIn)))
  const nameOf = ({ key, values }: Condition): FiledCondition => ({
    key,
    names: new Set(values.map((value) => filing.under({ key, value })))
  })
  if (conditioned.length > 0) {
    fileAll(
      conditioned.map(({ scope, row, conditions }) => ({
        row,
        permissions: scope.permissions,
        query: conditions.map(nameOf)
      }))
    )
  }
  const includedIn: Readonly<Record<Level, ReadonlyArray<Rows>>> = {
    patient: includingLevels('patient', levelOrder).map((level) => byLevel[level]),
    user: includingLevels('user', levelOrder).map((level) => byLevel[level]),
    system: includingLevels('system', levelOrder).map((level) => byLevel[level])
  }
  return {
    permits: (access) => {
      if (isAtom(access)) return atoms.has(access.atom)
      const { level, type, permission, resource } = access
      const allRows = includedIn[level]
      for (const rows of allRows)
        if (isPlain(rows.get(type), permission) || isPlain(rows.get('*'), permission)) return true
      if (conditioned.length === 0) return false
      const lookedUp = lookedUpOf(filing, resource)
      const isInQuery = (row: Row | undefined): boolean =>
        row !== undefined && row.filed !== null && permitsByQuery(row.filed, permission, resource, lookedUp)
      for (const rows of allRows) if (isInQuery(rows.get(type)) || isInQuery(rows.get('*'))) return true
      return false
    }
  }
}
