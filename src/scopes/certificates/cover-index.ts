/**
 * An index of granted scopes that finds for an atom a scope that covers it, and how. `compile` answers only whether
 * there is one.
 *
 * @module
 */
import type { Condition } from '../clause.js'
import { conditionOf, instanceOf } from '../clause.js'
import { includingLevels } from '../levels.js'
import type { LevelOrder } from '../permits.js'
import type { Level, Permission, Scope, ScopeSet } from '../scope.js'
import { mostSelectiveOf } from '../selectivity.js'
import { valueIndexOf } from '../value-index.js'
import type { Vocabulary } from '../vocabulary.js'
import type { CoveredAtom } from './certificate.js'

/** A queried value by the names under which granted values that cover it are found. */
export interface NamedValue {
  readonly key: string
  readonly names: ReadonlyArray<string>
}

/** The granted scope that covers an atom, and how: see {@link CoveredAtom}. */
export type Cover = Pick<CoveredAtom, 'granted' | 'by'>

/** Finds the covers of atoms. */
export interface CoverIndex {
  /** The names of each value of a condition. */
  readonly named: (condition: Condition) => ReadonlyArray<NamedValue>
  /** A cover of the atom with one value for each clause; null when there is none. */
  readonly find: (level: Level, type: string, permission: Permission, values: ReadonlyArray<NamedValue>) => Cover | null
}

/** A clause of a granted scope: the numbers of its values by name. */
interface GrantedClause {
  readonly key: string
  readonly numbers: ReadonlyMap<string, number>
}

interface GrantedScope {
  readonly place: number
  readonly clauses: ReadonlyArray<GrantedClause>
}

/** The scopes for one level, type and permission. */
interface Bucket {
  /** The place of the first scope without a query; -1 when there is none. */
  plain: number
  readonly byName: Map<string, Array<GrantedScope>>
}

/** For each key and name the number of the atom's clause. */
type AtomNames = ReadonlyMap<string, ReadonlyMap<string, number>>

const namesOfAtom = (values: ReadonlyArray<NamedValue>): AtomNames => {
  const all = new Map<string, Map<string, number>>()
  values.forEach(({ key, names }, clause) => {
    const known = all.get(key) ?? new Map<string, number>()
    all.set(key, known)
    for (const name of names) if (!known.has(name)) known.set(name, clause)
  })
  return all
}

/** The number of a granted value and of the requested clause that have a name in common. */
const commonOf = ({ key, numbers }: GrantedClause, atom: AtomNames): readonly [number, number] | null => {
  const clauses = atom.get(key)
  if (clauses === undefined) return null
  const [few, many] = numbers.size < clauses.size ? [numbers, clauses] : [clauses, numbers]
  for (const name of few.keys()) {
    if (!many.has(name)) continue
    return [numbers.get(name) ?? 0, clauses.get(name) ?? 0]
  }
  return null
}

const coverBy = ({ place, clauses }: GrantedScope, atom: AtomNames): Cover | null => {
  const by: Array<readonly [number, number]> = []
  for (const clause of clauses) {
    const common = commonOf(clause, atom)
    if (common === null) return null
    by.push(common)
  }
  return { granted: place, by }
}

const bucketName = (level: Level, type: string, permission: Permission): string => `${level} ${type} ${permission}`

interface ReadScope {
  readonly place: number
  readonly scope: Extract<Scope, { readonly _tag: 'ResourceScope' }>
  readonly conditions: ReadonlyArray<Condition>
}

/** The resource scopes of a set with their places; a repeated text once. */
const readAll = (granted: ScopeSet, vocabulary: Vocabulary): ReadonlyArray<ReadScope> => {
  const texts = new Set<string>()
  return granted.flatMap((scope, place) => {
    if (scope._tag !== 'ResourceScope' || texts.has(scope.text)) return []
    texts.add(scope.text)
    return [{ place, scope, conditions: scope.query.map((clause) => conditionOf(vocabulary, scope.type, clause)) }]
  })
}

/** Indexes granted scopes. */
export const coverIndexOf = (granted: ScopeSet, vocabulary: Vocabulary, levelOrder: LevelOrder): CoverIndex => {
  const read = readAll(granted, vocabulary)
  const valueIndex = valueIndexOf(
    read.flatMap(({ conditions }) => conditions.flatMap(({ key, values }) => values.map((value) => ({ key, value }))))
  )
  const clauseOf = ({ key, values }: Condition): GrantedClause => ({
    key,
    numbers: new Map(values.map((value, number) => [valueIndex.indexKey({ key, value }), number]))
  })
  const scopes = read.map(({ place, scope, conditions }) => ({ scope, place, clauses: conditions.map(clauseOf) }))
  const namesOf = ({ clauses }: GrantedScope): ReadonlyArray<ReadonlySet<string>> =>
    clauses.map(({ numbers }) => new Set(numbers.keys()))
  const chosen = mostSelectiveOf(scopes.map(namesOf))
  const buckets = new Map<string, Bucket>()
  for (const one of scopes) {
    const names = chosen(namesOf(one))
    for (const permission of one.scope.permissions) {
      const name = bucketName(one.scope.level, one.scope.type, permission)
      const bucket = buckets.get(name) ?? { plain: -1, byName: new Map<string, Array<GrantedScope>>() }
      buckets.set(name, bucket)
      if (one.clauses.length === 0) bucket.plain = bucket.plain === -1 ? one.place : bucket.plain
      for (const key of names) {
        const known = bucket.byName.get(key)
        if (known === undefined) bucket.byName.set(key, [one])
        else known.push(one)
      }
    }
  }
  const bucketsOf = (level: Level, type: string, permission: Permission): ReadonlyArray<Bucket> =>
    includingLevels(level, levelOrder).flatMap((wider) =>
      [...new Set([type, '*'])].flatMap((wideType) => buckets.get(bucketName(wider, wideType, permission)) ?? [])
    )
  return {
    named: ({ key, values }) => values.map((value) => ({ key, names: valueIndex.lookupKeys(key, instanceOf(value)) })),
    find: (level, type, permission, values) => {
      const found = bucketsOf(level, type, permission)
      for (const { plain } of found) if (plain !== -1) return { granted: plain, by: [] }
      const atom = namesOfAtom(values)
      for (const { byName } of found) {
        for (const names of atom.values()) {
          for (const name of names.keys()) {
            for (const scope of byName.get(name) ?? []) {
              const cover = coverBy(scope, atom)
              if (cover !== null) return cover
            }
          }
        }
      }
      return null
    }
  }
}
