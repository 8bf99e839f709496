/**
 * A granted scope set, indexed for many questions: by level, resource type and permission, and the queries by the
 * values that satisfy them. The cost of a question does not grow with the number of granted scopes.
 *
 * @module
 */
import type { Condition } from './clause.js'
import { conditionOf } from './clause.js'
import { keyedIndex } from './index-names.js'
import type { ValueIndex, QueriedValue } from './value-index.js'
import { valueIndexOf } from './value-index.js'
import { includingLevels } from './levels.js'
import type { Access, ScopeOptions, SearchIndex } from './permits.js'
import { mostSelectiveOf } from './selectivity.js'
import type { Level, Permission, ResourceScope, ScopeSet } from './scope.js'
import { completeOptions, isAtom } from './permits.js'
import { ownMember } from '../values/own.js'

/** A condition, with the index keys of its values. */
interface IndexedCondition {
  readonly key: string
  readonly names: ReadonlySet<string>
}

/** A scope's query: all its conditions must be satisfied. */
type Query = ReadonlyArray<IndexedCondition>

interface Row {
  /** The permissions that are granted without a query, as bits. */
  plain: number
  /**
   * The queries for each permission, indexed by the values of their most selective condition; null when there are none.
   */
  byKey: Map<string, Array<Query>> | null
}

type Rows = Map<string, Row>

const bits: Readonly<Record<Permission, number>> = { c: 1, r: 2, u: 4, d: 8, s: 16 }

/** A scope set, compiled by {@link compile}. */
export interface Compiled {
  /** Whether the set permits an access. The result is the same as that of `permits`. */
  readonly permits: (access: Access) => boolean
}

const rowIn = (rows: Rows, type: string): Row => {
  const known = rows.get(type)
  if (known !== undefined) return known
  const row: Row = { plain: 0, byKey: null }
  rows.set(type, row)
  return row
}

const queriedIn = ({ key, values }: Condition): ReadonlyArray<QueriedValue> => values.map((value) => ({ key, value }))

/**
 * A scope with a query, before it is indexed. Its most selective condition is known only when all queries are known.
 */
interface UnindexedScope {
  readonly row: Row
  readonly permissions: ReadonlyArray<Permission>
  readonly query: Query
}

const indexAll = (unindexed: ReadonlyArray<UnindexedScope>): void => {
  const chosen = mostSelectiveOf(unindexed.map(({ query }) => query.map(({ names }) => names)))
  for (const { row, permissions, query } of unindexed) {
    row.byKey ??= new Map()
    for (const chosenName of chosen(query.map(({ names }) => names))) {
      for (const permission of permissions) {
        const name = `${permission} ${chosenName}`
        const queries = row.byKey.get(name)
        if (queries === undefined) row.byKey.set(name, [query])
        else queries.push(query)
      }
    }
  }
}

/** The lookup keys of the index values of one parameter. */
type LookupKeys = ReadonlySet<string>

/** The lookup keys of a resource by parameter, computed on first use. */
const lookupKeysOf = (valueIndex: ValueIndex, resource: SearchIndex): ((key: string) => LookupKeys) => {
  const known = new Map<string, LookupKeys>()
  return (key) => {
    const before = known.get(key)
    if (before !== undefined) return before
    const names = new Set<string>()
    const values = ownMember(resource, key)
    if (values !== undefined)
      for (const index of values) for (const name of valueIndex.lookupKeys(key, index)) names.add(name)
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
  byKey: ReadonlyMap<string, ReadonlyArray<Query>>,
  permission: Permission,
  resource: SearchIndex,
  lookupKeys: (key: string) => LookupKeys
): boolean => {
  const isSatisfied = (query: Query): boolean =>
    query.length === 1 || query.every(({ key, names }) => haveCommon(names, lookupKeys(key)))
  for (const key of Object.keys(resource)) {
    for (const name of lookupKeys(key)) if (byKey.get(`${permission} ${name}`)?.some(isSatisfied) === true) return true
  }
  return false
}

const isPlain = (row: Row | undefined, permission: Permission): boolean =>
  row !== undefined && (row.plain & bits[permission]) !== 0

/**
 * Compiles a scope set once, for many questions.
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
  const valueIndex = valueIndexOf(conditioned.flatMap(({ conditions }) => conditions.flatMap(queriedIn)))
  const nameOf = ({ key, values }: Condition): IndexedCondition => ({
    key,
    names: new Set(values.map((value) => valueIndex.indexKey({ key, value })))
  })
  indexAll(
    conditioned.map(({ scope, row, conditions }) => ({
      row,
      permissions: scope.permissions,
      query: conditions.map(nameOf)
    }))
  )
  const includedIn: Readonly<Record<Level, ReadonlyArray<Rows>>> = {
    patient: includingLevels('patient', levelOrder).map((level) => byLevel[level]),
    user: includingLevels('user', levelOrder).map((level) => byLevel[level]),
    system: includingLevels('system', levelOrder).map((level) => byLevel[level])
  }
  return {
    permits: (access) => {
      if (isAtom(access)) return atoms.has(access.atom)
      const { level, type, permission } = access
      const allRows = includedIn[level]
      for (const rows of allRows)
        if (isPlain(rows.get(type), permission) || isPlain(rows.get('*'), permission)) return true
      if (conditioned.length === 0) return false
      const resource = keyedIndex(vocabulary, type, access.resource)
      const lookupKeys = lookupKeysOf(valueIndex, resource)
      const isInQuery = (row: Row | undefined): boolean =>
        row !== undefined && row.byKey !== null && permitsByQuery(row.byKey, permission, resource, lookupKeys)
      for (const rows of allRows) if (isInQuery(rows.get(type)) || isInQuery(rows.get('*'))) return true
      return false
    }
  }
}
