/**
 * Scope sets cut into atoms: one permission, and one value for each clause. An atom is covered by a granted set exactly
 * when its canonical resource is permitted: the resource that has the values which the atom asks for and nothing else.
 *
 * The cut is a product over comma lists, so it is counted before it is made.
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { Value } from './clause.js'
import { conditionOf, fold, fresh, instanceOf } from './clause.js'
import type { Access, ScopeOptions, SearchIndex } from './permits.js'
import { completeOptions, isAtom } from './permits.js'
import type { Clause, Level, Permission, ResourceScope, Scope, ScopeSet } from './scope.js'

/**
 * A question that would have to be split into more atoms than the budget allows, or take more comparisons of atoms
 * (`normalize`): how many at least, and how many are allowed.
 */
export interface TooComplex {
  readonly _tag: 'TooComplex'
  readonly limit: number
  readonly count: number
}

/** One value of one clause: the clause's parts, and the value by its meaning. */
export interface AtomConstraint {
  readonly key: string
  readonly value: Value
  /** The clause that it comes from: its name and modifier, and whether it is opaque. */
  readonly name: string
  readonly modifier: string | null
  readonly isOpaque: boolean
}

/** One permission for one kind of resource. */
export interface Atom {
  readonly level: Level
  readonly type: string
  readonly permission: Permission
  readonly demands: ReadonlyArray<AtomConstraint>
}

/**
 * How many atoms a resource scope is cut into, each counted once for every pair of its clauses: an atom is compared
 * demand by demand.
 */
const countOf = ({ permissions, query }: ResourceScope): number => {
  const pairs = Math.max(1, (query.length * (query.length - 1)) / 2)
  return query.reduce((count, clause) => count * clause.values.length, permissions.length * pairs)
}

/** What a set counts against the budget: see {@link withinBudget}. */
export const atomCount = (scopes: ScopeSet): number =>
  scopes.reduce((sum, scope) => sum + (scope._tag === 'ResourceScope' ? countOf(scope) : 1), 0)

/** Whether a set can be cut within the budget. */
export const withinBudget = (scopes: ScopeSet, options: ScopeOptions): Either.Either<TooComplex, ScopeSet> => {
  const limit = completeOptions(options).budget
  const count = atomCount(scopes)
  return count > limit ? Either.left({ _tag: 'TooComplex', limit, count }) : Either.right(scopes)
}

const demandsOf = (scope: ResourceScope, clause: Clause, options: ScopeOptions): ReadonlyArray<AtomConstraint> => {
  const { key, values, isOpaque } = conditionOf(completeOptions(options).vocabulary, scope.type, clause)
  const { name, modifier } = clause
  return values.map((value) => ({ key, value, name, modifier, isOpaque }))
}

/** All demands of scopes, each once for each clause that it stands in. */
export const constraintsIn = (
  scopes: ReadonlyArray<ResourceScope>,
  options: ScopeOptions
): ReadonlyArray<AtomConstraint> =>
  scopes.flatMap((scope) => scope.query.flatMap((clause) => demandsOf(scope, clause, options)))

/** The demands of each atom of a scope's query: every way of choosing one value per clause. */
export function* choicesOf(scope: ResourceScope, options: ScopeOptions): Generator<ReadonlyArray<AtomConstraint>> {
  const clauses = scope.query.map((clause) => demandsOf(scope, clause, options))
  // A number with one digit for each clause, counted up until it starts again.
  const digits = clauses.map(() => 0)
  for (;;) {
    yield clauses.flatMap((demands, place) => demands[digits[place] ?? 0] ?? [])
    let place = clauses.length - 1
    while (place >= 0 && digits[place] === (clauses[place]?.length ?? 0) - 1) {
      digits[place] = 0
      place -= 1
    }
    if (place < 0) return
    digits[place] = (digits[place] ?? 0) + 1
  }
}

/** The atoms of a resource scope. Whether there are too many is for the caller to ask first. */
export const atomsOf = (scope: ResourceScope, options: ScopeOptions): ReadonlyArray<Atom> =>
  Array.from(choicesOf(scope, options)).flatMap((demands) =>
    scope.permissions.map((permission) => ({ level: scope.level, type: scope.type, permission, demands }))
  )

const noIndex: SearchIndex = {}

/** The index of the canonical resource of some demands; {@link fresh} stands where anything may stand. */
export const canonicalIndex = (demands: ReadonlyArray<AtomConstraint>): SearchIndex => {
  if (demands.length === 0) return noIndex
  const index = new Map<string, Set<string>>()
  for (const { key, value } of demands) {
    const instance = instanceOf(value)
    const values = index.get(key)
    if (values === undefined) index.set(key, new Set([instance]))
    else values.add(instance)
  }
  return Object.fromEntries([...index].map(([key, values]) => [key, [...values]]))
}

/** The access that an atom permits and that every set which covers the atom permits. `*` becomes a type of its own. */
export const canonicalAccess = (atom: Atom): Access => ({
  level: atom.level,
  type: atom.type === '*' ? fresh : atom.type,
  permission: atom.permission,
  resource: canonicalIndex(atom.demands)
})

/**
 * A word whose first letter occurs nowhere in a text: it is equal to nothing in it, and lengthens no beginning of it.
 */
const freshWord = (text: string): string => {
  const used = new Set(text)
  const letter = Array.from('fqxzjkvwyubghm0123456789').find((one) => !used.has(one))
  if (letter !== undefined) return letter === 'f' ? 'fresh' : `${letter}fresh`
  // Ideographs: there are many, and they have neither case nor accents.
  let code = 0x4e00
  while (used.has(String.fromCodePoint(code))) code += 1
  return `${String.fromCodePoint(code)}fresh`
}

/**
 * Puts a word that occurs in none of the scopes where {@link fresh} stands, so that the access can be shown and
 * replayed.
 */
export const withFreshWords = (access: Access, scopes: ReadonlyArray<Scope>): Access => {
  if (isAtom(access)) return access
  const resourceScopes = scopes.filter((scope) => scope._tag === 'ResourceScope')
  const values = resourceScopes.flatMap((scope) => scope.query.flatMap((clause) => clause.values)).join(' ')
  const word = freshWord(`${values} ${values.toLowerCase()} ${fold(values)}`)
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
