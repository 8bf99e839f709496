/**
 * Operations on scope sets: intersection, union, and the part that is not covered.
 *
 * Laws: `intersect` is the greatest lower bound and `union` the least upper bound of `subsumes`. The granted set
 * together with `uncovered` covers the requested set.
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { TooComplex } from './atoms.js'
import { atomCount, atomsOf, canonicalAccess, withinBudget } from './atoms.js'
import type { Compiled } from './compile.js'
import { compile } from './compile.js'
import { resourceScope } from './format.js'
import { commonLevels } from './levels.js'
import { assembled, normalize, withoutRedundant } from './normalize.js'
import type { LevelOrder, ScopeOptions } from './permits.js'
import { completeOptions } from './permits.js'
import type { Permission, ResourceScope, Scope, ScopeSet } from './scope.js'
import { isResourceScope, withoutRepetitions } from './scope.js'
import { coveredBy } from './subsumes.js'

/** The meet of two scopes whose types overlap: the level, type and permissions that they share, and all clauses. */
const meet = (one: ResourceScope, other: ResourceScope, order: LevelOrder): ReadonlyArray<ResourceScope> => {
  const permissions = one.permissions.filter((permission) => other.permissions.includes(permission))
  if (permissions.length === 0) return []
  const texts = new Set(one.query.map(({ text }) => text))
  const added = other.query.filter(({ text }) => !texts.has(text))
  const type = one.type === '*' ? other.type : one.type
  return commonLevels(one.level, other.level, order).map((level) =>
    resourceScope(level, type, permissions, [...one.query, ...added])
  )
}

/**
 * Whether both scopes cover their meet. A parameter on which the resource types disagree is opaque for `*` and
 * interpreted for one type. A clause that moves from `*` to a type could therefore mean more than before; such a meet
 * is not granted.
 */
const isSound = (met: ResourceScope, one: Compiled, other: Compiled, options: ScopeOptions): boolean =>
  coveredBy(one, [met], options) && coveredBy(other, [met], options)

/** Whether the meet of two scopes moves a clause from `*` to a type. */
const movesClause = (one: ResourceScope, other: ResourceScope): boolean =>
  one.type !== other.type && (one.type === '*' ? one : other).query.length > 0

const tooMany = (limit: number, count: number): Either.Either<TooComplex, never> =>
  Either.left({ _tag: 'TooComplex', limit, count })

/** Finds the scopes whose type overlaps with that of a given scope. */
const byType = (scopes: ReadonlyArray<ResourceScope>): ((scope: ResourceScope) => ReadonlyArray<ResourceScope>) => {
  const types = new Map<string, Array<ResourceScope>>()
  for (const scope of scopes) {
    const known = types.get(scope.type)
    if (known === undefined) types.set(scope.type, [scope])
    else known.push(scope)
  }
  const wild = types.get('*') ?? []
  return ({ type }) => {
    if (type === '*') return scopes
    const named = types.get(type) ?? []
    return wild.length === 0 ? named : [...named, ...wild]
  }
}

/** A scope reduced to some of its permissions; null when there are none. */
const withPermissions = (
  { level, type, query }: ResourceScope,
  permissions: ReadonlyArray<Permission>
): ResourceScope | null => (permissions.length === 0 ? null : resourceScope(level, type, permissions, query))

/** A scope split by permission into the part that a set covers and the rest. */
interface Parts {
  readonly scope: ResourceScope
  readonly covered: ResourceScope | null
  readonly rest: ResourceScope | null
}

const partsOf = (scope: ResourceScope, other: Compiled, options: ScopeOptions): Parts => {
  const isCovered = (permission: Permission): boolean =>
    coveredBy(other, [{ ...scope, permissions: [permission] }], options)
  const covered = scope.permissions.filter(isCovered)
  return {
    scope,
    covered: withPermissions(scope, covered),
    rest: withPermissions(
      scope,
      scope.permissions.filter((permission) => !covered.includes(permission))
    )
  }
}

const isThere = <A>(value: A | null): value is A => value !== null

/**
 * What requested scopes that the limit does not cover entirely have in common with it, by requested scope: the part
 * that the limit covers, the parts of the limit that the request covers, and otherwise the meets of both. Only the
 * meets are computed pairwise. All parts are counted against the complexity limit.
 */
const commonParts = (
  requested: ReadonlyArray<ResourceScope>,
  kept: ScopeSet,
  limit: ReadonlyArray<ResourceScope>,
  compiledLimit: Compiled,
  options: ScopeOptions
): Either.Either<TooComplex, ReadonlyMap<Scope, ReadonlyArray<ResourceScope>>> => {
  const { budget, levelOrder } = completeOptions(options)
  const requestedParts = requested.map((scope) => partsOf(scope, compiledLimit, options))
  const compiledRequest = compile([...kept, ...requested], options)
  const allowed = limit.map((scope) => partsOf(scope, compiledRequest, options))
  const known = compile([...kept, ...requestedParts.map(({ covered }) => covered).filter(isThere)], options)
  const found = new Map<Scope, Array<ResourceScope>>(
    requestedParts.map(({ scope, covered }) => [scope, covered === null ? [] : [covered]])
  )
  const requestedByType = byType(requested)
  for (const part of allowed.map(({ covered }) => covered).filter(isThere)) {
    if (coveredBy(known, [part], options)) continue
    const first = requestedByType(part).find((scope) => meet(scope, part, levelOrder).length > 0)
    if (first !== undefined) found.get(first)?.push(part)
  }
  let count = atomCount([...found.values()].flat())
  const others = byType(allowed.map(({ rest }) => rest).filter(isThere))
  const pairs: Array<{
    readonly scope: ResourceScope
    readonly other: ResourceScope
    readonly met: ReadonlyArray<ResourceScope>
  }> = []
  // Everything is counted before anything is compared, so that a question over the limit is refused early.
  for (const { scope, rest } of requestedParts) {
    if (rest === null) continue
    for (const other of others(rest)) {
      const met = meet(rest, other, levelOrder)
      count += Math.max(1, atomCount(met))
      if (count > budget) return tooMany(budget, count)
      pairs.push({ scope, other, met })
    }
  }
  for (const { scope, other, met } of pairs) {
    const sound = movesClause(scope, other)
      ? met.filter((one) => isSound(one, compile([scope], options), compiledLimit, options))
      : met
    found.get(scope)?.push(...sound)
  }
  return Either.right(found)
}

/**
 * What both sets permit: how much of a request may be granted. A requested scope that the limit covers entirely keeps
 * its spelling (v1 stays v1); a scope that is covered in part is printed in v2. The order is that of the request. Left
 * when the sets exceed the complexity limit.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, intersect, parse } from 'smart-app-launch/fp-ts'
 *
 * const both = (requested: string, limit: string) => Either.map(format)(intersect(parse(requested), parse(limit)))
 * both('patient/*.read openid', 'patient/*.cruds') // => Either.right('patient/*.read')
 * both('patient/*.cruds', 'patient/Observation.rs patient/Condition.r')
 * // => Either.right('patient/Observation.rs patient/Condition.r')
 * both('patient/Observation.rs', 'patient/*.r?category=laboratory')
 * // => Either.right('patient/Observation.r?category=laboratory')
 * ```
 */
export const intersect = (
  requested: ScopeSet,
  limit: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, ScopeSet> => {
  const possible = withinBudget(withoutRepetitions([...requested, ...limit]), options)
  if (Either.isLeft(possible)) return possible
  const compiled = compile(limit, options)
  const nonEmpty = requested.filter(({ text }) => text !== '')
  const covered = new Set(nonEmpty.filter((scope) => coveredBy(compiled, [scope], options)))
  const partial = nonEmpty.filter((scope) => !covered.has(scope)).filter(isResourceScope)
  if (partial.length === 0) return Either.right(nonEmpty.filter((scope) => covered.has(scope)))
  const common = commonParts(partial, [...covered], limit.filter(isResourceScope), compiled, options)
  return Either.isLeft(common)
    ? common
    : Either.right(
        nonEmpty.flatMap((scope): ReadonlyArray<Scope> =>
          covered.has(scope) ? [scope] : withoutRedundant(common.right.get(scope) ?? [], options)
        )
      )
}

/**
 * The part of a set that is within a limit, without a complexity limit. Where {@link intersect} gives no answer, the
 * result contains the scopes that the limit contains with the same text, or that it permits without a query. The result
 * never exceeds the intersection.
 */
export const narrowed = (scopes: ScopeSet, limit: ScopeSet, options: ScopeOptions = {}): ScopeSet => {
  const met = intersect(scopes, limit, options)
  if (!Either.isLeft(met)) return met.right
  const texts = new Set(limit.map(({ text }) => text))
  const compiled = compile(limit, options)
  return scopes.filter(
    (scope) =>
      texts.has(scope.text) || (isResourceScope(scope) && coveredBy(compiled, [{ ...scope, query: [] }], options))
  )
}

/**
 * The scopes of a set that overlap with a limit. Scopes over the complexity limit are included: `intersect` reports
 * them for the whole set.
 */
export const overlapping = (scopes: ScopeSet, limit: ScopeSet, options: ScopeOptions = {}): ScopeSet => {
  const { budget, levelOrder } = completeOptions(options)
  const compiled = compile(limit, options)
  const limitsFor = byType(limit.filter(isResourceScope))
  let [requestedAtoms, common] = [0, 0]
  const isFound = (scope: ResourceScope): boolean => {
    return limitsFor(scope).some((other) => {
      const met = meet(scope, other, levelOrder)
      common += Math.max(1, atomCount(met))
      if (common > budget || !movesClause(scope, other)) return common > budget || met.length > 0
      return met.some((one) => isSound(one, compile([scope], options), compiled, options))
    })
  }
  return scopes.filter((scope) => {
    if (scope.text === '') return false
    requestedAtoms += atomCount([scope])
    return (
      requestedAtoms > budget || coveredBy(compiled, [scope], options) || (isResourceScope(scope) && isFound(scope))
    )
  })
}

/** What either set permits, in canonical form. Left when the sets exceed the complexity limit. */
export const union = (
  left: ScopeSet,
  right: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, ScopeSet> => normalize([...left, ...right], options)

/**
 * The part of the requested set that the granted set does not cover, split as finely as needed. Left when the requested
 * set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, parse, uncovered } from 'smart-app-launch/fp-ts'
 *
 * Either.map(format)(uncovered(parse('patient/Observation.r'), parse('patient/Observation.rs openid')))
 * // => Either.right('patient/Observation.s openid')
 * ```
 */
export const uncovered = (
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, ScopeSet> => {
  const possible = withinBudget(requested, options)
  if (Either.isLeft(possible)) return possible
  const compiled = compile(granted, options)
  return Either.right(
    requested.flatMap((scope): ReadonlyArray<Scope> => {
      if (coveredBy(compiled, [scope], options)) return []
      if (!isResourceScope(scope)) return [scope]
      const atoms = atomsOf(scope, options)
      const missing = atoms.filter((atom) => !compiled.permits(canonicalAccess(atom)))
      return missing.length === atoms.length ? [scope] : assembled(missing)
    })
  )
}
