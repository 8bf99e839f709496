/**
 * The canonical form: two sets permit the same exactly when their canonical forms print the same.
 *
 * The maximal atoms of a set (those that no other atom of it covers) are unique. They are put together again in one
 * way: permissions that meet the same query are merged, and values that differ in one clause become a comma list.
 *
 * Laws: `normalize` is idempotent, does not depend on order or spelling, and changes no meaning.
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { Atom, AtomConstraint, TooComplex } from './atoms.js'
import { atomsOf, constraintsIn, withinBudget } from './atoms.js'
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
import { limits } from '../values/limits/limits.js'

/** Texts compared code unit by code unit: the same order on every machine. */
const inOrder = (left: string, right: string): number => (left < right ? -1 : left > right ? 1 : 0)

const nameOfDemand = ({ key, value }: AtomConstraint): string => `${key}=${identityOf(value)}`

const nameOfQuery = (demands: ReadonlyArray<AtomConstraint>): string => demands.map(nameOfDemand).join('&')

/** Texts with what they stand for, in the order of the texts; each text is made once. */
const inOrderOf = <A>(all: Iterable<A>, textOf: (one: A) => string): ReadonlyArray<A> =>
  Array.from(all, (one) => ({ one, text: textOf(one) }))
    .sort((left, right) => inOrder(left.text, right.text))
    .map(({ one }) => one)

const sorted = (demands: Iterable<AtomConstraint>): ReadonlyArray<AtomConstraint> => inOrderOf(demands, nameOfDemand)

/** Demands in order, each once, without those that another one implies. */
const simplified = (demands: ReadonlyArray<AtomConstraint>, filing: ValueIndex): ReadonlyArray<AtomConstraint> => {
  if (demands.length < 2) return demands
  const unique = new Map(demands.map((demand) => [filing.under(demand), demand]))
  const implied = new Set(
    [...unique].flatMap(([own, { key, value }]) =>
      filing.lookedUp(key, instanceOf(value)).filter((name) => name !== own)
    )
  )
  return sorted([...unique].filter(([name]) => !implied.has(name)).map(([, demand]) => demand))
}

/** Atoms filed by the names of their demands, in order: one more step down for each name. */
interface Shelf<Filed extends Atom> {
  readonly next: Map<string, Shelf<Filed>>
  readonly atoms: Array<Filed>
}

const emptyShelf = <Filed extends Atom>(): Shelf<Filed> => ({ next: new Map(), atoms: [] })

/** The shelf below one under a name; a new one where there is none. */
const below = <Filed extends Atom>(shelf: Shelf<Filed>, name: string): Shelf<Filed> => {
  const known = shelf.next.get(name)
  if (known !== undefined) return known
  const added = emptyShelf<Filed>()
  shelf.next.set(name, added)
  return added
}

const kindOf = (permission: Permission, type: string): string => `${permission} ${type}`

/** All atoms on their shelves, below their permission and type. */
const filed = <Filed extends Atom>(atoms: ReadonlyArray<Filed>, filing: ValueIndex): Shelf<Filed> => {
  const all = emptyShelf<Filed>()
  for (const atom of atoms) {
    const names = new Set(atom.demands.map(filing.under))
    const shelf = [...names].sort(inOrder).reduce(below<Filed>, below(all, kindOf(atom.permission, atom.type)))
    shelf.atoms.push(atom)
  }
  return all
}

/** How many comparisons a set may cost for each atom that the budget allows. */
const comparisonsPerAtom = limits.scopeComparisons.standard / limits.scopePieces.standard

/** Counts comparisons, up to a limit. */
interface Counter {
  readonly limit: number
  count: number
}

const counterFor = (options: ScopeOptions): Counter => ({
  limit: comparisonsPerAtom * completeOptions(options).budget,
  count: 0
})

const isExhausted = ({ count, limit }: Counter): boolean => count > limit

/** The atoms on a shelf and below it of which every name is among these. */
function* within<Filed extends Atom>(
  shelf: Shelf<Filed>,
  names: ReadonlySet<string>,
  counter: Counter
): Generator<Filed> {
  counter.count += 1 + shelf.atoms.length + Math.min(names.size, shelf.next.size)
  yield* shelf.atoms
  for (const name of names.size < shelf.next.size ? names : shelf.next.keys()) {
    const next = names.has(name) ? shelf.next.get(name) : undefined
    if (next !== undefined) yield* within(next, names, counter)
  }
}

/**
 * Whether one of the filed atoms that count covers an atom: it asks for nothing that the other cannot be found under,
 * and its level includes the other's. No more is found when the counter is exhausted.
 */
const coveredOn = <Filed extends Atom>(
  shelves: Shelf<Filed>,
  filing: ValueIndex,
  counter: Counter,
  options: ScopeOptions
) => {
  const { levelOrder } = completeOptions(options)
  return (atom: Filed, isCounted: (other: Filed) => boolean): boolean => {
    const names = new Set(atom.demands.flatMap(({ key, value }) => filing.lookedUp(key, instanceOf(value))))
    for (const type of new Set([atom.type, '*'])) {
      const shelf = shelves.next.get(kindOf(atom.permission, type))
      if (shelf === undefined) continue
      for (const other of within(shelf, names, counter)) {
        if (isCounted(other) && includesLevel(levelOrder, other.level, atom.level)) return true
        if (isExhausted(counter)) return false
      }
    }
    return false
  }
}

/** The atoms of a set that no other atom of it covers. Two different atoms never cover each other. */
const maximalAtoms = (
  scopes: ReadonlyArray<ResourceScope>,
  options: ScopeOptions
): Either.Either<TooComplex, ReadonlyArray<Atom>> => {
  const atoms = new Map<string, Atom>()
  const filing = valueIndexOf(constraintsIn(scopes, options))
  for (const scope of scopes) {
    for (const atom of atomsOf(scope, options)) {
      const simple = {
        ...atom,
        level: representative(atom.level, completeOptions(options).levelOrder),
        demands: simplified(atom.demands, filing)
      }
      atoms.set(`${simple.level} ${atom.type} ${atom.permission} ${nameOfQuery(simple.demands)}`, simple)
    }
  }
  const all = [...atoms.values()]
  const counter = counterFor(options)
  const isCovered = coveredOn(filed(all, filing), filing, counter, options)
  const maximal = all.filter((atom) => !isExhausted(counter) && !isCovered(atom, (other) => other !== atom))
  return isExhausted(counter)
    ? Either.left({ _tag: 'TooComplex', limit: counter.limit, count: counter.count })
    : Either.right(maximal)
}

/**
 * Leaves out, from the last on, what the other scopes cover together, so that an answer is no longer than it needs to
 * be; where that would cost too much to know, it is longer.
 */
export const withoutRedundant = (
  scopes: ReadonlyArray<ResourceScope>,
  options: ScopeOptions
): ReadonlyArray<ResourceScope> => {
  const atoms = scopes.map((scope, owner) => atomsOf(scope, options).map((atom) => ({ ...atom, owner })))
  const counter = counterFor(options)
  const filing = valueIndexOf(constraintsIn(scopes, options))
  const isCovered = coveredOn(filed(atoms.flat(), filing), filing, counter, options)
  const leftOut = new Set<number>()
  for (const [owner, own] of [...atoms.entries()].reverse()) {
    if (own.every((atom) => isCovered(atom, (other) => other.owner !== owner && !leftOut.has(other.owner))))
      leftOut.add(owner)
  }
  return scopes.filter((_scope, owner) => !leftOut.has(owner))
}

/** A clause that is being put together: demands of one parameter, any of which will do. */
type Slot = ReadonlyArray<AtomConstraint>

const nameOfSlot = (slot: Slot): string => slot.map(nameOfDemand).join(',')

/** The head of a clause in whose place queries may differ to be joined; opaque clauses are whole and join nothing. */
const headOf = (slot: Slot, name: string): string => {
  const [first] = slot
  return first?.isOpaque === false ? `${first.name}:${first.modifier ?? ''} any` : name
}

type Numbers = Map<string, number>

/** A number for each text: the same for the same. */
const numberOf = (numbers: Numbers, text: string): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  numbers.set(text, numbers.size)
  return numbers.size - 1
}

/** For each place of a query a name: two queries have it in common when they are the same but for that place. */
const groupNames = (query: ReadonlyArray<Slot>, numbers: Numbers): ReadonlyArray<string> => {
  const names = query.map(nameOfSlot)
  // What stands before a place and what stands behind it, as one number each, so that a name does not repeat the whole
  // query.
  const before: Array<number> = []
  let run = -1
  for (const name of names) {
    before.push(run)
    run = numberOf(numbers, `${String(run)} then ${name}`)
  }
  const behind: Array<number> = []
  run = -1
  for (const name of names.toReversed()) {
    behind.push(run)
    run = numberOf(numbers, `${String(run)} after ${name}`)
  }
  behind.reverse()
  return query.map(
    (slot, place) => `${String(before[place])} ${String(behind[place])} ${headOf(slot, names[place] ?? '')}`
  )
}

const joined = (group: ReadonlyArray<ReadonlyArray<Slot>>, place: number): ReadonlyArray<Slot> => {
  const [first = []] = group
  if (group.length < 2) return first
  const values = new Map(group.flatMap((query) => query[place] ?? []).map((demand) => [nameOfDemand(demand), demand]))
  return first.map((slot, index) => (index === place ? sorted(values.values()) : slot))
}

/** Joins queries that differ in one slot only, slot by slot, until nothing changes. */
const factored = (queries: ReadonlyArray<ReadonlyArray<Slot>>): ReadonlyArray<ReadonlyArray<Slot>> => {
  if (queries.length < 2) return queries
  const numbers: Numbers = new Map()
  const named = queries.map((query) => ({ query, names: groupNames(query, numbers) }))
  const width = queries.reduce((most, query) => Math.max(most, query.length), 0)
  for (let place = 0; place < width; place++) {
    const groups = new Map<string, Array<ReadonlyArray<Slot>>>()
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

const clausesOf = (slot: Slot): ReadonlyArray<Clause> => {
  const [first] = slot
  if (first === undefined) return []
  const printed = slot.map(({ value, isOpaque }) => printValue(value, isOpaque))
  // The one text of an opaque clause is a comma list again when it is read.
  const values = first.isOpaque ? printed.flatMap((text) => splitAtCommas(text) ?? [text]) : printed
  return [clauseOf(first.name, first.modifier, values)]
}

interface Kind {
  readonly level: Level
  readonly type: string
  readonly demands: ReadonlyArray<AtomConstraint>
  readonly permissions: Set<Permission>
}

/** Merges the permissions of equal queries. */
const merged = (atoms: ReadonlyArray<Atom>): ReadonlyArray<Kind> => {
  const kinds = new Map<string, Kind>()
  for (const { level, type, permission, demands } of atoms) {
    const name = `${level} ${type} ${nameOfQuery(demands)}`
    const kind = kinds.get(name)
    if (kind === undefined) kinds.set(name, { level, type, demands, permissions: new Set([permission]) })
    else kind.permissions.add(permission)
  }
  return [...kinds.values()]
}

/** Atoms as scopes, as few as the factoring finds. */
export const assembled = (atoms: ReadonlyArray<Atom>): ReadonlyArray<ResourceScope> => {
  const families = new Map<
    string,
    {
      readonly kind: Kind
      readonly permissions: ReadonlyArray<Permission>
      readonly queries: Array<ReadonlyArray<Slot>>
    }
  >()
  for (const kind of merged(atoms)) {
    const permissions = permissionOrder.filter((permission) => kind.permissions.has(permission))
    const name = `${kind.level} ${kind.type} ${permissions.join('')}`
    const query = kind.demands.map((demand) => [demand])
    const family = families.get(name)
    if (family === undefined) families.set(name, { kind, permissions, queries: [query] })
    else family.queries.push(query)
  }
  return [...families.values()]
    .flatMap(({ kind, permissions, queries }) =>
      factored(inOrderOf(queries, (query) => query.map(nameOfSlot).join('&'))).map((query) =>
        resourceScope(kind.level, kind.type, permissions, query.flatMap(clausesOf))
      )
    )
    .sort((left, right) => inOrder(left.text, right.text))
}

/**
 * The canonical form of a set: scopes that permit only themselves first, then resource scopes in v2 spelling, each in
 * order.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, normalize, parse } from 'smart-app-launch/scopes'
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
