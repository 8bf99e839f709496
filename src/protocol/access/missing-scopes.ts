/**
 * What a request needs of a token, and the least scopes that would have given it.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from './alternatives.js'
import { alternativesIn, appliesTo, isUnlimited } from './alternatives.js'
import type { SearchQuery } from './search/query.js'
import { commaList, isOutsideGranted } from './search/overlap.js'
import { resourceScope } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import { clauseOf } from '../../scopes/query.js'
import type { Level, Permission, ResourceScope } from '../../scopes/scope.js'
import { isResourceScope, permissionOrder } from '../../scopes/scope.js'
import { ownMember } from '../../values/own.js'

/** What an interaction needs. */
export interface Need {
  /** Null is every type. */
  readonly type: string | null
  readonly permission: Permission
  /** Whether limits of patient or query are not enough. */
  readonly isUnlimited: boolean
}

/** Which alternatives may be used for a request. */
export type AlternativeFilter = (alternative: Alternative) => boolean

/** What is needed, each once. */
export const distinctNeeds = (needs: ReadonlyArray<Need>): ReadonlyArray<Need> => [
  ...new Map(needs.map((need) => [`${need.permission} ${need.type ?? ''} ${String(need.isUnlimited)}`, need])).values()
]

/** Whether one of the alternatives gives what is needed: those of each permission and type are looked up. */
export const isAnswered = (alternatives: ReadonlyArray<Alternative>): ((need: Need) => boolean) => {
  const filed = new Map<string, Array<Alternative>>()
  for (const alternative of alternatives) {
    const place = `${alternative.permission} ${alternative.type}`
    const others = filed.get(place)
    if (others === undefined) filed.set(place, [alternative])
    else others.push(alternative)
  }
  return ({ type, permission, isUnlimited: isWhole }) =>
    [...new Set([type ?? '*', '*'])].some((name) =>
      (filed.get(`${permission} ${name}`) ?? []).some(
        (alternative) => appliesTo(alternative, permission, type) && (!isWhole || isUnlimited(alternative, type))
      )
    )
}

/** One letter of one scope. */
interface PermissionLetter {
  readonly level: Level
  readonly type: string
  readonly permission: Permission
}

/**
 * The levels at which a token can hold scopes: those of its patient, and those of its user or, without one, of the
 * system.
 */
const levelsOf = ({ context, user }: AccessFacts): ReadonlyArray<Level> => [
  ...(ownMember(context, 'patient') === undefined ? [] : (['patient'] as const)),
  user === null ? 'system' : 'user'
]

/** Texts of scopes: the letters of one level and type together. */
const printed = (letters: ReadonlyArray<PermissionLetter>): ReadonlyArray<string> => {
  const joined = new Map<string, { readonly first: PermissionLetter; readonly permissions: Set<Permission> }>()
  for (const letter of letters) {
    const name = `${letter.level}/${letter.type}`
    const same = joined.get(name) ?? { first: letter, permissions: new Set() }
    joined.set(name, same)
    same.permissions.add(letter.permission)
  }
  return [...joined.values()].map(
    ({ first, permissions }) =>
      resourceScope(
        first.level,
        first.type,
        permissionOrder.filter((permission) => permissions.has(permission))
      ).text
  )
}

/** Scopes without queries, joined where level and type are the same. */
export const joinedScopes = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  printed(
    parse(texts.join(' '))
      .filter(isResourceScope)
      .flatMap(({ level, type, permissions }) => permissions.map((permission) => ({ level, type, permission })))
  )

const nameOfLetter = ({ level, type, permission }: PermissionLetter): string => `${level}/${type}.${permission}`

/**
 * The least scopes that would have given what a request needs, at the narrowest level that does; none when no scope
 * that the token can hold would.
 */
export const missingScopes = (
  facts: AccessFacts,
  rules: AccessRules,
  needs: ReadonlyArray<Need>,
  fits: AlternativeFilter = () => true
): ReadonlyArray<string> => {
  const levels = levelsOf(facts)
  const gives = ({ level, type, permission }: PermissionLetter): ((need: Need) => boolean) =>
    isAnswered(alternativesIn({ ...facts, scopes: [resourceScope(level, type, [permission])] }, rules).filter(fits))
  const wanted = distinctNeeds(needs)
  // Of letters that are found twice the last counts.
  const found = new Map<
    string,
    { readonly letter: PermissionLetter; readonly gives: (need: Need) => boolean; readonly given: Array<Need> }
  >()
  for (const need of wanted) {
    const own = levels
      .map((level): PermissionLetter => ({ level, type: need.type ?? '*', permission: need.permission }))
      .map((letter) => ({ letter, gives: gives(letter), given: [] }))
      .find((one) => one.gives(need))
    if (own === undefined) return []
    found.delete(nameOfLetter(own.letter))
    found.set(nameOfLetter(own.letter), own)
  }
  // How many of the letters give each need; only those of its own type and of every type can.
  const givers = new Map<Need, number>()
  for (const need of wanted) {
    const candidates = levels.flatMap((level) =>
      [...new Set([need.type ?? '*', '*'])].flatMap(
        (type) => found.get(nameOfLetter({ level, type, permission: need.permission })) ?? []
      )
    )
    const giving = candidates.filter((one) => one.gives(need))
    for (const one of giving) one.given.push(need)
    givers.set(need, giving.length)
  }
  const least: Array<PermissionLetter> = []
  for (const { letter, given } of found.values()) {
    if (given.some((need) => givers.get(need) === 1)) least.push(letter)
    else for (const need of given) givers.set(need, (givers.get(need) ?? 0) - 1)
  }
  return printed(least)
}

/**
 * The least scope that would have covered a search for what no granted query covers: one with the values that were
 * asked for, or without a query where no such scope covers it.
 */
export const missingSearch = (
  facts: AccessFacts,
  rules: AccessRules,
  needs: ReadonlyArray<Need>,
  query: SearchQuery,
  granted: ReadonlyArray<Alternative>,
  fits: AlternativeFilter
): ReadonlyArray<string> => {
  const limited = new Set(granted.flatMap((alternative) => alternative.query.map(({ name }) => name)))
  const asked = query
    .filter(({ name }) => limited.has(name))
    .map(({ name, value }) => clauseOf(name, null, commaList(value)))
  const covers = (scope: ResourceScope): boolean => {
    const alternatives = alternativesIn({ ...facts, scopes: [scope] }, rules).filter(fits)
    return needs.some(isAnswered(alternatives)) && !isOutsideGranted(query, alternatives, rules)
  }
  for (const level of levelsOf(facts)) {
    for (const { type } of needs) {
      for (const clauses of [asked, []]) {
        const scope = resourceScope(level, type ?? '*', ['s'], clauses)
        if (covers(scope)) return [scope.text]
      }
    }
  }
  return []
}
