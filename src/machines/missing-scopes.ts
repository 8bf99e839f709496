/**
 * What a request needs of a token, and the least scopes that would have given it.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from './access-alternatives.js'
import { alternativesIn, isAbout, isUnlimited } from './access-alternatives.js'
import type { SearchQuery } from './fhir-query.js'
import { commaList, isOutsideGranted } from './search-overlap.js'
import { resourceScope } from '../scopes/format.js'
import { parse } from '../scopes/parse.js'
import { clauseOf } from '../scopes/query.js'
import type { Level, Permission, ResourceScope } from '../scopes/scope.js'
import { isResourceScope, permissionOrder } from '../scopes/scope.js'

/** What an interaction needs. */
export interface Need {
  /** Null is every type. */
  readonly type: string | null
  readonly permission: Permission
  /** Whether limits of patient or query are not enough. */
  readonly isUnlimited: boolean
}

/** Which alternatives may be used for a request. */
export type Fits = (alternative: Alternative) => boolean

/** Whether one of the alternatives gives what is needed. */
export const isAnswered = (alternatives: ReadonlyArray<Alternative>) => (need: Need): boolean =>
  alternatives.some((alternative) =>
    isAbout(alternative, need.permission, need.type) && (!need.isUnlimited || isUnlimited(alternative, need.type)))

/** One letter of one scope. */
interface Letter {
  readonly level: Level
  readonly type: string
  readonly permission: Permission
}

/** The levels at which a token can hold scopes: those of its patient, and those of its user or, without one, of the system. */
const levelsOf = ({ context, user }: AccessFacts): ReadonlyArray<Level> => [
  ...(context.patient === undefined ? [] : ['patient'] as const),
  user === null ? 'system' : 'user'
]

/** Texts of scopes: the letters of one level and type together. */
const printed = (letters: ReadonlyArray<Letter>): ReadonlyArray<string> => {
  const isSame = (one: Letter, other: Letter): boolean => one.level === other.level && one.type === other.type
  return letters.filter((one, index) => letters.findIndex((other) => isSame(one, other)) === index).map((first) =>
    resourceScope(first.level, first.type, permissionOrder.filter((permission) =>
      letters.some((one) => isSame(one, first) && one.permission === permission))).text)
}

/** Scopes without queries, joined where level and type are the same. */
export const joinedScopes = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  printed(parse(texts.join(' ')).filter(isResourceScope).flatMap(({ level, type, permissions }) =>
    permissions.map((permission) => ({ level, type, permission }))))

/**
 * The least scopes that would have given what a request needs, at the narrowest level that does; none when no scope that the
 * token can hold would.
 */
export const missingScopes = (facts: AccessFacts, rules: AccessRules, needs: ReadonlyArray<Need>, fits: Fits = () => true): ReadonlyArray<string> => {
  const giving = (letters: ReadonlyArray<Letter>): ReadonlyArray<Alternative> =>
    alternativesIn({ ...facts, scopes: letters.map(({ level, type, permission }) => resourceScope(level, type, [permission])) }, rules).filter(fits)
  const found = needs.flatMap((need): ReadonlyArray<Letter> =>
    levelsOf(facts).map((level) => ({ level, type: need.type ?? '*', permission: need.permission }))
      .filter((letter) => isAnswered(giving([letter]))(need)).slice(0, 1))
  if (found.length < needs.length) return []
  const least = found.reduce<ReadonlyArray<Letter>>((kept, letter) => {
    const others = kept.filter((one) => one !== letter)
    return needs.every(isAnswered(giving(others))) ? others : kept
  }, found)
  return printed(least)
}

/**
 * The least scope that would have covered a search for what no granted query covers: one with the values that were asked for,
 * or without a query where no such scope covers it.
 */
export const missingSearch = (
  facts: AccessFacts,
  rules: AccessRules,
  needs: ReadonlyArray<Need>,
  query: SearchQuery,
  granted: ReadonlyArray<Alternative>,
  fits: Fits
): ReadonlyArray<string> => {
  const limited = new Set(granted.flatMap((alternative) => alternative.query.map(({ name }) => name)))
  const asked = query.filter(({ name }) => limited.has(name)).map(({ name, value }) => clauseOf(name, null, commaList(value)))
  const covers = (scope: ResourceScope): boolean => {
    const alternatives = alternativesIn({ ...facts, scopes: [scope] }, rules).filter(fits)
    return needs.some(isAnswered(alternatives)) && !isOutsideGranted(query, alternatives, rules)
  }
  const scopes = levelsOf(facts).flatMap((level) => needs.flatMap(({ type }) =>
    [asked, []].map((clauses) => resourceScope(level, type ?? '*', ['s'], clauses))))
  return scopes.filter(covers).slice(0, 1).map(({ text }) => text)
}
