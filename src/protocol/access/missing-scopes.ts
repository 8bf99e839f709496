/**
 * The permissions that a request needs, and the smallest scopes that would have given them.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from './alternatives.js'
import { alternativesIn, appliesTo, isUnlimited } from './alternatives.js'
import type { SearchQuery } from './search/query.js'
import { isOutsideGranted } from './search/overlap.js'
import { resourceScope } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import { clauseOf, commaList } from '../../scopes/query.js'
import type { Level, Permission, ResourceScope } from '../../scopes/scope.js'
import { isResourceScope, permissionOrder } from '../../scopes/scope.js'
import { ownMember } from '../../values/own.js'

/** A permission that an interaction needs. */
export interface Need {
  /** Null is every type. */
  readonly type: string | null
  readonly permission: Permission
  /** Whether the permission must have no limit by patient or query. */
  readonly isUnlimited: boolean
}

/** Selects the alternatives that may be used for a request. */
export type AlternativeFilter = (alternative: Alternative) => boolean

/** The needs without duplicates. */
export const distinctNeeds = (needs: ReadonlyArray<Need>): ReadonlyArray<Need> => [
  ...new Map(needs.map((need) => [`${need.permission} ${need.type ?? ''} ${String(need.isUnlimited)}`, need])).values()
]

/** Tests whether one of the alternatives gives a need; alternatives are indexed by permission and type. */
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

/** One permission of one scope. */
interface PermissionLetter {
  readonly level: Level
  readonly type: string
  readonly permission: Permission
}

/**
 * The levels of scopes that a token can have: `patient` if it has a patient, and `user` or, without a user, `system`.
 */
export const levelsOf = ({ context, user }: AccessFacts): ReadonlyArray<Level> => [
  ...(ownMember(context, 'patient') === undefined ? [] : (['patient'] as const)),
  user === null ? 'system' : 'user'
]

/** Texts of scopes; permissions with the same level and type are joined. */
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

/** Joins scopes without queries that have the same level and type. */
export const joinedScopes = (texts: ReadonlyArray<string>): ReadonlyArray<string> =>
  printed(
    parse(texts.join(' '))
      .filter(isResourceScope)
      .flatMap(({ level, type, permissions }) => permissions.map((permission) => ({ level, type, permission })))
  )

const nameOfLetter = ({ level, type, permission }: PermissionLetter): string => `${level}/${type}.${permission}`

/**
 * The smallest scopes that would have given what a request needs, at the narrowest level that is sufficient; empty when
 * no scope of the token could.
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
  // Of duplicate permissions the last one counts.
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
  // How many permissions give each need. Only those of the need's own type and of `*` can.
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

/** What a token lacks to read and search every type without a limit. */
export const unmetForEverything = (facts: AccessFacts, rules: AccessRules): ReadonlyArray<Need> => {
  const isMet = isAnswered(alternativesIn(facts, rules))
  return (['r', 's'] as const)
    .map((permission): Need => ({ type: null, permission, isUnlimited: true }))
    .filter((need) => !isMet(need))
}

/**
 * The smallest scope that would have covered the part of a search that no granted query covers: a scope with the
 * requested values, or one without a query if that is not sufficient.
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
  const requested = query
    .filter(({ name }) => limited.has(name))
    .map(({ name, value }) => clauseOf(name, null, commaList(value)))
  const covers = (scope: ResourceScope): boolean => {
    const alternatives = alternativesIn({ ...facts, scopes: [scope] }, rules).filter(fits)
    return needs.some(isAnswered(alternatives)) && !isOutsideGranted(query, alternatives, rules)
  }
  for (const level of levelsOf(facts)) {
    for (const { type } of needs) {
      for (const clauses of [requested, []]) {
        const scope = resourceScope(level, type ?? '*', ['s'], clauses)
        if (covers(scope)) return [scope.text]
      }
    }
  }
  return []
}
