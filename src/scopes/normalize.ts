/**
 * The canonical form: two sets permit the same exactly when their canonical forms print the same.
 *
 * The maximal atoms of a set (atoms that no other atom of the set covers) are unique. They are joined
 * deterministically: permissions under the same query are merged, and values that differ in one clause become a comma
 * list.
 *
 * Laws: `normalize` is idempotent, does not depend on order or spelling, and does not change the meaning.
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { Atom, AtomConstraint, TooComplex } from './atoms.js'
import { atomsOf, comparisonLimit, constraintsIn, withinBudget } from './atoms.js'
import { identityOf, instanceOf, printValue } from './clause.js'
import type { ValueIndex } from './value-index.js'
import { valueIndexOf } from './value-index.js'
import { resourceScope } from './format.js'
import { includesLevel, representative } from './levels.js'
import type { ScopeOptions } from './permits.js'
import { completeOptions } from './permits.js'
import { clauseOf, splitAtCommas } from './query.js'
import type { Clause, Level, Permission, ResourceScope, ScopeSet } from './scope.js'
import { isResourceScope, permissionOrder } from './scope.js'

/** Compares two different texts by UTF-16 code units: the order is the same on every machine. */
const inOrder = (left: string, right: string): number => (left < right ? -1 : 1)

/**
 * Half of a character. Behind a separator it keeps names apart: no text of a scope contains it, but a value or a
 * modifier may contain every separator.
 */
const half = '\ud801'

/** Distinguishes the constraints of scopes of one type, which read a name alike. */
const nameOfConstraint = ({ name, modifier, isOpaque, value }: AtomConstraint): string =>
  `${isOpaque && modifier !== null ? `${name}:${modifier}=${half}` : `${name}=`}${identityOf(value)}`

const nameOfQuery = (constraints: ReadonlyArray<AtomConstraint>): string =>
  constraints.map(nameOfConstraint).join(`&${half}`)

/** Sorts constraints by their names; each name is computed once. */
const sorted = (constraints: Iterable<AtomConstraint>): ReadonlyArray<AtomConstraint> =>
  Array.from(constraints, (constraint) => ({ constraint, text: nameOfConstraint(constraint) }))
    .sort((left, right) => inOrder(left.text, right.text))
    .map(({ constraint }) => constraint)

/** Sorts constraints and removes duplicates and those that another constraint implies. */
const simplified = (
  constraints: ReadonlyArray<AtomConstraint>,
  valueIndex: ValueIndex
): ReadonlyArray<AtomConstraint> => {
  if (constraints.length < 2) return constraints
  const unique = new Map(constraints.map((constraint) => [valueIndex.indexKey(constraint), constraint]))
  const implied = new Set(
    [...unique].flatMap(([own, { key, value }]) =>
      valueIndex.lookupKeys(key, instanceOf(value)).filter((name) => name !== own)
    )
  )
  return sorted([...unique].filter(([name]) => !implied.has(name)).map(([, constraint]) => constraint))
}

/** A trie of atoms. The edges are the index keys of an atom's constraints, in order. */
interface Trie<Entry extends Atom> {
  readonly next: Map<string, Trie<Entry>>
  readonly atoms: Array<Entry>
}

const emptyTrie = <Entry extends Atom>(): Trie<Entry> => ({ next: new Map(), atoms: [] })

/** The child of a node for a key; created when it is missing. */
const childOf = <Entry extends Atom>(node: Trie<Entry>, name: string): Trie<Entry> => {
  const known = node.next.get(name)
  if (known !== undefined) return known
  const added = emptyTrie<Entry>()
  node.next.set(name, added)
  return added
}

const permissionAndType = (permission: Permission, type: string): string => `${permission} ${type}`

/** A trie of all atoms. The first edge is the atom's permission and type. */
const trieOf = <Entry extends Atom>(atoms: ReadonlyArray<Entry>, valueIndex: ValueIndex): Trie<Entry> => {
  const all = emptyTrie<Entry>()
  for (const atom of atoms) {
    const names = new Set(atom.constraints.map(valueIndex.indexKey))
    const node = [...names].sort().reduce(childOf<Entry>, childOf(all, permissionAndType(atom.permission, atom.type)))
    node.atoms.push(atom)
  }
  return all
}

/** Counts comparisons, up to a limit. */
interface Counter {
  readonly limit: number
  count: number
}

const counterFor = (options: ScopeOptions): Counter => ({
  limit: comparisonLimit(options),
  count: 0
})

const isExhausted = ({ count, limit }: Counter): boolean => count > limit

/** The atoms at a node and below it whose keys are all in `names`. */
function* within<Entry extends Atom>(
  node: Trie<Entry>,
  names: ReadonlySet<string>,
  counter: Counter
): Generator<Entry> {
  counter.count += 1 + node.atoms.length + Math.min(names.size, node.next.size)
  yield* node.atoms
  for (const name of names.size < node.next.size ? names : node.next.keys()) {
    const next = names.has(name) ? node.next.get(name) : undefined
    if (next !== undefined) yield* within(next, names, counter)
  }
}

/**
 * A test whether an atom is covered by one of the atoms in a trie: all constraints of the covering atom must hold for
 * the covered one, and its level must include the other's. The test gives false once the counter is exhausted.
 */
const coverageTest = <Entry extends Atom>(
  trie: Trie<Entry>,
  valueIndex: ValueIndex,
  counter: Counter,
  options: ScopeOptions
) => {
  const { levelOrder } = completeOptions(options)
  return (atom: Entry, isCounted: (other: Entry) => boolean): boolean => {
    const names = new Set(atom.constraints.flatMap(({ key, value }) => valueIndex.lookupKeys(key, instanceOf(value))))
    for (const type of new Set([atom.type, '*'])) {
      const node = trie.next.get(permissionAndType(atom.permission, type))
      if (node === undefined) continue
      for (const other of within(node, names, counter)) {
        if (isCounted(other) && includesLevel(levelOrder, other.level, atom.level)) return true
        if (isExhausted(counter)) return false
      }
    }
    return false
  }
}

/** The atoms of a set that no other atom of the set covers. Two different atoms never cover each other. */
const maximalAtoms = (
  scopes: ReadonlyArray<ResourceScope>,
  options: ScopeOptions
): Either.Either<TooComplex, ReadonlyArray<Atom>> => {
  const atoms = new Map<string, Atom>()
  const valueIndex = valueIndexOf(constraintsIn(scopes, options))
  for (const scope of scopes) {
    for (const atom of atomsOf(scope, options)) {
      const simple = {
        ...atom,
        level: representative(atom.level, completeOptions(options).levelOrder),
        constraints: simplified(atom.constraints, valueIndex)
      }
      atoms.set(`${simple.level} ${atom.type} ${atom.permission} ${nameOfQuery(simple.constraints)}`, simple)
    }
  }
  const all = [...atoms.values()]
  const counter = counterFor(options)
  const isCovered = coverageTest(trieOf(all, valueIndex), valueIndex, counter, options)
  const maximal = all.filter((atom) => !isExhausted(counter) && !isCovered(atom, (other) => other !== atom))
  return isExhausted(counter)
    ? Either.left({ _tag: 'TooComplex', limit: counter.limit, count: counter.count })
    : Either.right(maximal)
}

/**
 * Removes scopes, from the last on, that the remaining scopes cover together. Stops at the complexity limit; the result
 * may then contain redundant scopes.
 */
export const withoutRedundant = (
  scopes: ReadonlyArray<ResourceScope>,
  options: ScopeOptions
): ReadonlyArray<ResourceScope> => {
  const atoms = scopes.map((scope, owner) => atomsOf(scope, options).map((atom) => ({ ...atom, owner })))
  const counter = counterFor(options)
  const valueIndex = valueIndexOf(constraintsIn(scopes, options))
  const isCovered = coverageTest(trieOf(atoms.flat(), valueIndex), valueIndex, counter, options)
  const leftOut = new Set<number>()
  for (const [owner, own] of [...atoms.entries()].reverse()) {
    if (own.every((atom) => isCovered(atom, (other) => other.owner !== owner && !leftOut.has(other.owner))))
      leftOut.add(owner)
  }
  return scopes.filter((_scope, owner) => !leftOut.has(owner))
}

/** The values of a clause while clauses are joined: constraints of one parameter, of which one must hold. */
type ClauseGroup = ReadonlyArray<AtomConstraint>

const nameOfClauseGroup = (clauseGroup: ClauseGroup): string => clauseGroup.map(nameOfConstraint).join(`,${half}`)

/**
 * The group key of a clause: interpreted clauses of one parameter can be joined, opaque clauses join only with
 * themselves.
 */
const headOf = (clauseGroup: ClauseGroup): string => {
  const [first] = clauseGroup
  return first?.isOpaque === false ? `${first.name}:${String(first.modifier)} any` : nameOfClauseGroup(clauseGroup)
}

type Numbers = Map<string, number>

/** A number for each text; equal texts have equal numbers. */
const numberOf = (numbers: Numbers, text: string): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  numbers.set(text, numbers.size)
  return numbers.size - 1
}

/**
 * For each of some names, in order, a number that stands for all names before it; null before the first one. Equal
 * beginnings have equal numbers.
 */
const numbersBefore = (names: ReadonlyArray<string>, numbers: Numbers): ReadonlyArray<number | null> => {
  let run: number | null = null
  return names.map((name) => {
    const before = run
    run = numberOf(numbers, `${String(run)} ${name}`)
    return before
  })
}

/** For each position of a query, a key that two queries share exactly when they differ at most at that position. */
const groupNames = (query: ReadonlyArray<ClauseGroup>, numbers: Numbers): ReadonlyArray<string> => {
  const names = query.map(nameOfClauseGroup)
  // The clauses before and after a position are represented by one number each, so that the keys do not repeat the
  // whole query.
  const before = numbersBefore(names, numbers)
  const behind = numbersBefore(names.toReversed(), numbers).toReversed()
  return query.map((clauseGroup, place) => `${String(before[place])} ${String(behind[place])} ${headOf(clauseGroup)}`)
}

/** Queries that differ at most in one clause. */
type QueryGroup = [ReadonlyArray<ClauseGroup>, ...Array<ReadonlyArray<ClauseGroup>>]

const joined = (group: Readonly<QueryGroup>, place: number): ReadonlyArray<ClauseGroup> => {
  const [first] = group
  if (group.length < 2) return first
  const values = new Map(
    group.flatMap((query) => query[place] ?? []).map((constraint) => [nameOfConstraint(constraint), constraint])
  )
  return first.map((clauseGroup, index) => (index === place ? sorted(values.values()) : clauseGroup))
}

/** Joins queries that differ in one clause only, position by position, until nothing changes. */
const factored = (queries: ReadonlyArray<ReadonlyArray<ClauseGroup>>): ReadonlyArray<ReadonlyArray<ClauseGroup>> => {
  if (queries.length < 2) return queries
  const numbers: Numbers = new Map()
  const named = queries.map((query) => ({ query, names: groupNames(query, numbers) }))
  const width = queries.reduce((most, query) => Math.max(most, query.length), 0)
  for (let place = 0; place < width; place++) {
    const groups = new Map<string, QueryGroup>()
    for (const { query, names } of named) {
      const name = names[place] ?? `whole ${String(groups.size)}`
      const group = groups.get(name)
      if (group === undefined) groups.set(name, [query])
      else group.push(query)
    }
    if (groups.size < queries.length) return factored([...groups.values()].map((group) => joined(group, place)))
  }
  return queries
}

const clausesOf = (clauseGroup: ClauseGroup): ReadonlyArray<Clause> => {
  const [first] = clauseGroup
  if (first === undefined) return []
  const printed = clauseGroup.map(({ value, isOpaque }) => printValue(value, isOpaque))
  // The text of an opaque clause is split at commas again, as it is when it is parsed.
  const values = first.isOpaque ? printed.flatMap((text) => splitAtCommas(text) ?? [text]) : printed
  return [clauseOf(first.name, first.modifier, values)]
}

interface AtomGroup {
  readonly level: Level
  readonly type: string
  readonly constraints: ReadonlyArray<AtomConstraint>
  readonly permissions: Set<Permission>
}

/** Merges the permissions of equal queries. */
const merged = (atoms: ReadonlyArray<Atom>): ReadonlyArray<AtomGroup> => {
  const atomGroups = new Map<string, AtomGroup>()
  for (const { level, type, permission, constraints } of atoms) {
    const name = `${level} ${type} ${nameOfQuery(constraints)}`
    const atomGroup = atomGroups.get(name)
    if (atomGroup === undefined) atomGroups.set(name, { level, type, constraints, permissions: new Set([permission]) })
    else atomGroup.permissions.add(permission)
  }
  return [...atomGroups.values()]
}

/** Joins atoms to scopes, as few as this factoring finds. */
export const assembled = (atoms: ReadonlyArray<Atom>): ReadonlyArray<ResourceScope> => {
  const scopeGroups = new Map<
    string,
    {
      readonly atomGroup: AtomGroup
      readonly permissions: ReadonlyArray<Permission>
      readonly queries: Array<ReadonlyArray<ClauseGroup>>
    }
  >()
  for (const atomGroup of merged(atoms)) {
    const permissions = permissionOrder.filter((permission) => atomGroup.permissions.has(permission))
    const name = [atomGroup.level, atomGroup.type, ...permissions].join(' ')
    const query = atomGroup.constraints.map((constraint) => [constraint])
    const scopeGroup = scopeGroups.get(name)
    if (scopeGroup === undefined) scopeGroups.set(name, { atomGroup, permissions, queries: [query] })
    else scopeGroup.queries.push(query)
  }
  return [...scopeGroups.values()]
    .flatMap(({ atomGroup, permissions, queries }) =>
      factored(queries).map((query) =>
        resourceScope(atomGroup.level, atomGroup.type, permissions, query.flatMap(clausesOf))
      )
    )
    .sort((left, right) => inOrder(left.text, right.text))
}

/**
 * The canonical form of a set: scopes that permit only themselves first, then resource scopes in v2 syntax, each group
 * sorted. Left when the set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, normalize, parse } from 'smart-app-launch/fp-ts'
 *
 * Either.map(format)(normalize(parse('patient/Observation.s openid patient/Observation.r')))
 * // => Either.right('openid patient/Observation.rs')
 * Either.map(format)(normalize(parse('patient/*.read patient/Observation.rs?category=a')))
 * // => Either.right('patient/*.rs')
 * Either.map(format)(normalize(parse('patient/Observation.rs?category=b patient/Observation.rs?category=a')))
 * // => Either.right('patient/Observation.rs?category=a,b')
 * ```
 */
export const normalize = (scopes: ScopeSet, options: ScopeOptions = {}): Either.Either<TooComplex, ScopeSet> => {
  const possible = withinBudget(scopes, options)
  if (Either.isLeft(possible)) return possible
  const others = new Map(
    scopes.filter((scope) => !isResourceScope(scope) && scope.text !== '').map((scope) => [scope.text, scope])
  )
  const maximal = maximalAtoms(scopes.filter(isResourceScope), options)
  return Either.isLeft(maximal)
    ? maximal
    : Either.right([
        ...[...others.values()].sort((left, right) => inOrder(left.text, right.text)),
        ...assembled(maximal.right)
      ])
}
