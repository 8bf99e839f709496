/**
 * Checks certificates of answers about scopes, without code of the toolkit. The definitions are those of the same names
 * in `test/proof/Certificates.v`, which proves that what `check` accepts is true. `read.ts` reads what is checked.
 */
/* eslint-disable @typescript-eslint/no-explicit-any, @typescript-eslint/no-unsafe-member-access -- any JSON */
/* eslint-disable @typescript-eslint/no-unsafe-argument, @typescript-eslint/no-unsafe-assignment -- the same */
/* eslint-disable @typescript-eslint/no-unsafe-call, @typescript-eslint/no-unsafe-return -- the same */
import type { Atom, Clause, Element, Includes, Question, Scope, Use, Value } from './read.js'

const isSame = (one: unknown, other: unknown): boolean => JSON.stringify(one) === JSON.stringify(other)

/** A part that is null is left open. */
const covers = (wide: Value, narrow: Value): boolean =>
  wide.kind === narrow.kind &&
  wide.parts.every((part, n) => part === null || part === narrow.parts[n]) &&
  narrow.start.startsWith(wide.start)

const clauseCovers = (wide: Clause, value: number, narrow: Clause, chosen: number): boolean =>
  wide.parameter === narrow.parameter && covers(wide.values[value]!, narrow.values[chosen]!)

const typeCovers = (wide: string, narrow: string): boolean => wide === '*' || wide === narrow

/** The level, the type and one permission of an atom, or of an access. */
const headCovers = (includes: Includes, wide: Scope, narrow: Scope | Exclude<Use, string>, permission: string) =>
  includes(wide.level, narrow.level) && typeCovers(wide.type, narrow.type) && wide.permissions.includes(permission)

const scopeCovers = (includes: Includes, wide: Scope, narrow: Scope, { permission, values, by }: any): boolean =>
  headCovers(includes, wide, narrow, permission) &&
  by.length === wide.query.length &&
  wide.query.every((one, n) => clauseCovers(one, by[n][0], narrow.query[by[n][1]]!, values[by[n][1]]))

/** Every choice of one value of each clause; the last changes first. */
const choices = ([clause, ...rest]: ReadonlyArray<Clause>): ReadonlyArray<ReadonlyArray<number>> =>
  clause === undefined ? [[]] : clause.values.flatMap((_, value) => choices(rest).map((others) => [value, ...others]))

/** All that must be covered. It is made from the request, not from the certificate. */
const wanted = (element: Element | null, requested: number): ReadonlyArray<Atom> => {
  if (element === null || typeof element === 'string') return element === null ? [] : [{ requested }]
  const atom = (values: ReadonlyArray<number>) =>
    element.permissions.map((permission) => ({ requested, permission, values }))
  return choices(element.query).flatMap(atom)
}

const covered = ({ granted, requested, includes }: Question, entry: any): boolean => {
  const [wide, narrow] = [granted[entry.granted]!, requested[entry.requested]!]
  if (typeof wide === 'string' || typeof narrow === 'string') return wide === narrow && entry.by === undefined
  return scopeCovers(includes, wide, narrow, entry)
}

const allows = (includes: Includes, element: Element, use: Use): boolean => {
  if (typeof element === 'string' || typeof use === 'string') return element === use
  const holds = ({ parameter, values }: Clause): boolean =>
    values.some((value) => use.index.get(parameter)?.some((one) => covers(value, one)))
  return headCovers(includes, element, use, use.permission) && element.query.every(holds)
}

/** Whether one of some scopes permits an access. */
export const permits = (includes: Includes, elements: Question['granted'], use: Use): boolean =>
  elements.some((element) => element !== null && allows(includes, element, use))

/** Whether a certificate proves its answer to this question. Throws where it is not a certificate at all. */
export const check = (question: Question, given: any): boolean => {
  const { granted, requested, includes, stated, readUse } = question
  if (!isSame([given.version, given.granted, given.requested, given.levelOrder, given.types], stated)) return false
  const use = given.result === false ? readUse(given.access) : null
  if (use !== null) return permits(includes, requested, use) && !permits(includes, granted, use)
  const named = given.atoms.map(({ requested, permission, values }: Atom) => ({ requested, permission, values }))
  if (given.result !== true || !isSame(named, requested.flatMap(wanted))) return false
  return given.atoms.every((entry: unknown) => covered(question, entry))
}
