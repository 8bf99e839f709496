/**
 * A granted scope set made ready for many questions: indexed by level, resource type and permission, and its conditions by
 * the values that can satisfy them. A question costs the same whether ten scopes are granted or a thousand.
 *
 * @module
 */
import type { Condition, Value } from './condition.js'
import { conditionOf, filedUnder, lookedUpUnder, matchesIndex } from './condition.js'
import { includingLevels } from './levels.js'
import type { Access, ScopeOptions, SearchIndex } from './permits.js'
import { rarestOf } from './rarest.js'
import type { Level, Permission, ScopeSet } from './scope.js'
import { fhirR4 } from './vocabulary.js'

/** A condition with its values filed under their names. */
interface FiledCondition {
  readonly key: string
  readonly values: ReadonlyArray<Value>
  readonly valuesUnder: ReadonlyMap<string, ReadonlyArray<Value>>
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

/** A scope with a query that waits to be filed: which of its conditions is rare shows when all are known. */
interface Granular {
  readonly row: Row
  readonly permissions: ReadonlyArray<Permission>
  readonly query: Query
  readonly names: ReadonlyArray<ReadonlyArray<string>>
}

const filed = ({ key, values }: Condition): FiledCondition => {
  const valuesUnder = new Map<string, Array<Value>>()
  for (const value of values) {
    const name = filedUnder(key, value)
    const known = valuesUnder.get(name)
    if (known === undefined) valuesUnder.set(name, [value])
    else known.push(value)
  }
  return { key, values, valuesUnder }
}

const namesOf = ({ valuesUnder }: FiledCondition): ReadonlyArray<string> => [...valuesUnder.keys()]

const fileAll = (granular: ReadonlyArray<Granular>): void => {
  const chosen = rarestOf(granular.map(({ names }) => names))
  for (const { row, permissions, query, names } of granular) {
    row.filed ??= new Map()
    for (const chosenName of chosen(names)) {
      for (const permission of permissions) {
        const name = `${permission} ${chosenName}`
        const queries = row.filed.get(name)
        if (queries === undefined) row.filed.set(name, [query])
        else queries.push(query)
      }
    }
  }
}

/** Fewer values than this are compared one by one, which is cheaper than naming the index value. */
const manyValues = 8

const meets = ({ key, values, valuesUnder }: FiledCondition, index: string): boolean =>
  values.length < manyValues
    ? values.some((value) => matchesIndex(value, index))
    : lookedUpUnder(key, index).some((name) => valuesUnder.get(name)?.some((value) => matchesIndex(value, index)) === true)

const satisfies = (resource: SearchIndex, query: Query): boolean =>
  query.every((condition) => {
    const found = Object.hasOwn(resource, condition.key) ? resource[condition.key] ?? [] : []
    return found.some((index) => meets(condition, index))
  })

const permitsByQuery = (filed: ReadonlyMap<string, ReadonlyArray<Query>>, permission: Permission, resource: SearchIndex): boolean => {
  for (const key of Object.keys(resource)) {
    for (const index of resource[key] ?? []) {
      for (const name of lookedUpUnder(key, index)) {
        const queries = filed.get(`${permission} ${name}`)
        if (queries?.some((query) => satisfies(resource, query)) === true) return true
      }
    }
  }
  return false
}

const permitsIn = (row: Row | undefined, permission: Permission, resource: SearchIndex): boolean => {
  if (row === undefined) return false
  if ((row.plain & bits[permission]) !== 0) return true
  return row.filed !== null && permitsByQuery(row.filed, permission, resource)
}

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
  const { vocabulary = fhirR4, levelOrder = [] } = options
  const byLevel: Readonly<Record<Level, Rows>> = { patient: new Map(), user: new Map(), system: new Map() }
  const atoms = new Set<string>()
  const texts = new Set<string>()
  const granular: Array<Granular> = []
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
    const query = scope.query.map((clause) => filed(conditionOf(vocabulary, scope.type, clause)))
    granular.push({ row, permissions: scope.permissions, query, names: query.map(namesOf) })
  }
  if (granular.length > 0) fileAll(granular)
  const includedIn: Readonly<Record<Level, ReadonlyArray<Rows>>> = {
    patient: includingLevels('patient', levelOrder).map((level) => byLevel[level]),
    user: includingLevels('user', levelOrder).map((level) => byLevel[level]),
    system: includingLevels('system', levelOrder).map((level) => byLevel[level])
  }
  return {
    permits: (access) => {
      if ('atom' in access) return atoms.has(access.atom)
      const { level, type, permission, resource } = access
      for (const rows of includedIn[level]) {
        if (permitsIn(rows.get(type), permission, resource) || permitsIn(rows.get('*'), permission, resource)) return true
      }
      return false
    }
  }
}
