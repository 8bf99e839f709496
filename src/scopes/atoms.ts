/**
 * Splits scope sets into atoms. An atom has one permission and one value for each clause. A granted set covers an atom
 * exactly when it permits the atom's canonical resource: the resource that has the values of the atom and no others.
 *
 * The number of atoms is a product over comma lists, so it is computed before the atoms are made.
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { Value } from './clause.js'
import { conditionOf, fold, fresh, instanceOf } from './clause.js'
import { indexName } from './index-names.js'
import type { Access, ScopeOptions, SearchIndex } from './permits.js'
import { completeOptions, isAtom } from './permits.js'
import type { Clause, Level, Permission, ResourceScope, Scope, ScopeSet } from './scope.js'
import { scopeNumbers } from '../values/limits/scope-numbers.js'

/**
 * A question that exceeds the complexity limit: it needs more atoms, more comparisons of atoms (`normalize`), or more
 * pairs in a certificate (`certify`), than `limit`. `count` is a lower bound of the number needed.
 */
export interface TooComplex {
  readonly _tag: 'TooComplex'
  readonly limit: number
  readonly count: number
}

/** One value of one clause, in the form in which values are compared. */
export interface AtomConstraint {
  readonly key: string
  /** The name of the index values in an access to the atom's type: see {@link SearchIndex}. */
  readonly indexed: string
  readonly value: Value
  /** The clause of the value: its name and modifier, and whether it is opaque. */
  readonly name: string
  readonly modifier: string | null
  readonly isOpaque: boolean
}

/** One permission for resources of one type, under one choice of values. */
export interface Atom {
  readonly level: Level
  readonly type: string
  readonly permission: Permission
  readonly constraints: ReadonlyArray<AtomConstraint>
}

/**
 * The number of atoms of a resource scope, each counted once for every pair of its clauses: comparing two atoms
 * compares their clauses pairwise.
 */
const countOf = ({ permissions, query }: ResourceScope): number => {
  const pairs = Math.max(1, (query.length * (query.length - 1)) / 2)
  return query.reduce((count, clause) => count * clause.values.length, permissions.length * pairs)
}

/** The complexity of a set, to be compared with the limit: see {@link withinBudget}. */
export const atomCount = (scopes: ScopeSet): number =>
  scopes.reduce((sum, scope) => sum + (scope._tag === 'ResourceScope' ? countOf(scope) : 1), 0)

/** The set itself; left when its complexity exceeds the limit. */
export const withinBudget = (scopes: ScopeSet, options: ScopeOptions): Either.Either<TooComplex, ScopeSet> => {
  const limit = completeOptions(options).budget
  const count = atomCount(scopes)
  return count > limit ? Either.left({ _tag: 'TooComplex', limit, count }) : Either.right(scopes)
}

/** The number of comparisons allowed for each atom of the complexity limit. */
const comparisonsPerAtom = scopeNumbers.scopeComparisons / scopeNumbers.scopePieces

/** The number of comparisons allowed for a canonical form, and of pairs that a certificate may name. */
export const comparisonLimit = (options: ScopeOptions): number => comparisonsPerAtom * completeOptions(options).budget

/** The type of the canonical resource. `*` becomes a type that occurs in no scope. */
export const canonicalType = (type: string): string => (type === '*' ? fresh : type)

/** The constraints of a clause in a scope: one for each value. */
export const constraintsOf = (
  scope: ResourceScope,
  clause: Clause,
  options: ScopeOptions
): ReadonlyArray<AtomConstraint> => {
  const { vocabulary } = completeOptions(options)
  const { key, values, isOpaque } = conditionOf(vocabulary, scope.type, clause)
  const { name, modifier } = clause
  const indexed =
    isOpaque && modifier !== null ? key : indexName(vocabulary, scope.type, canonicalType(scope.type), name)
  return values.map((value) => ({ key, indexed, value, name, modifier, isOpaque }))
}

/** All constraints of the scopes, one for each value of each clause. */
export const constraintsIn = (
  scopes: ReadonlyArray<ResourceScope>,
  options: ScopeOptions
): ReadonlyArray<AtomConstraint> =>
  scopes.flatMap((scope) => scope.query.flatMap((clause) => constraintsOf(scope, clause, options)))

/** Every choice of one number below each size; the last changes first. The caller checks that they are not too many. */
export function* choicesBelow(sizes: ReadonlyArray<number>): Generator<ReadonlyArray<number>> {
  let digits = sizes.map(() => 0)
  for (;;) {
    yield digits
    const last = digits.findLastIndex((digit, place) => digit + 1 !== sizes[place])
    if (last === -1) return
    digits = digits.map((digit, place) => (place < last ? digit : place === last ? digit + 1 : 0))
  }
}

/** The constraints of each atom of a scope's query: every choice of one value per clause. */
export function* choicesOf(scope: ResourceScope, options: ScopeOptions): Generator<ReadonlyArray<AtomConstraint>> {
  const clauses = scope.query.map((clause) => constraintsOf(scope, clause, options))
  for (const values of choicesBelow(clauses.map(({ length }) => length)))
    yield values.flatMap((value, place) => clauses[place]?.[value] ?? [])
}

/** The atoms of a resource scope. The caller checks first that there are not too many. */
export const atomsOf = (scope: ResourceScope, options: ScopeOptions): ReadonlyArray<Atom> =>
  Array.from(choicesOf(scope, options)).flatMap((constraints) =>
    scope.permissions.map((permission) => ({ level: scope.level, type: scope.type, permission, constraints }))
  )

const noIndex: SearchIndex = {}

/**
 * The search index of the canonical resource of some constraints. {@link fresh} stands for a value that is not
 * constrained.
 */
export const canonicalIndex = (constraints: ReadonlyArray<AtomConstraint>): SearchIndex => {
  if (constraints.length === 0) return noIndex
  const index = new Map<string, Set<string>>()
  for (const { indexed, value } of constraints) {
    const instance = instanceOf(value)
    const values = index.get(indexed)
    if (values === undefined) index.set(indexed, new Set([instance]))
    else values.add(instance)
  }
  return Object.fromEntries([...index].map(([key, values]) => [key, [...values]]))
}

/** The access that an atom permits. Every set that covers the atom permits it too. */
export const canonicalAccess = (atom: Atom): Access => ({
  level: atom.level,
  type: canonicalType(atom.type),
  permission: atom.permission,
  resource: canonicalIndex(atom.constraints)
})

/** A word whose first letter does not occur in a text. It equals no word of the text and extends none. */
const freshWord = (text: string): string => {
  const used = new Set(text)
  const letter = Array.from('fqxzjkvwyubghm0123456789').find((one) => !used.has(one))
  if (letter !== undefined) return letter === 'f' ? 'fresh' : `${letter}fresh`
  // Ideographs: there are many of them, and they have neither case nor accents.
  let code = 0x4e00
  while (used.has(String.fromCodePoint(code))) code += 1
  return `${String.fromCodePoint(code)}fresh`
}

/**
 * Replaces {@link fresh} in an access by a word that occurs in none of the scopes, so that the access can be shown and
 * replayed.
 */
export const withFreshWords = (access: Access, scopes: ReadonlyArray<Scope>): Access => {
  if (isAtom(access)) return access
  const resourceScopes = scopes.filter((scope) => scope._tag === 'ResourceScope')
  const values = resourceScopes.flatMap((scope) => scope.query.flatMap((clause) => clause.values)).join('')
  const word = freshWord(`${values}${fold(values)}`)
  const types = new Set(resourceScopes.map((scope) => scope.type))
  let number = 0
  while (types.has(`Fresh${String(number)}`)) number += 1
  return {
    ...access,
    type: access.type === fresh ? `Fresh${String(number)}` : access.type,
    resource: Object.fromEntries(
      Object.entries(access.resource).map(([key, indexed]) => [
        key,
        indexed.map((value) => value.replaceAll(fresh, word))
      ])
    )
  }
}
