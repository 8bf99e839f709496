/**
 * Making scope sets out of scope sets: what both permit, what either permits, what is not covered.
 *
 * Laws: `intersect` is the greatest lower bound and `union` the least upper bound of `subsumes`; together with what is
 * granted, `uncovered` covers what was requested.
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
import { defaultBudget } from './permits.js'
import type { ResourceScope, Scope, ScopeSet } from './scope.js'
import { isResourceScope } from './scope.js'
import { coveredBy } from './subsumes.js'

/** What two scopes both permit: a scope with the level, type and permissions that they share, and all clauses of both. */
const meet = (one: ResourceScope, other: ResourceScope, order: LevelOrder): ReadonlyArray<ResourceScope> => {
  const levels = commonLevels(one.level, other.level, order)
  if (levels.length === 0 || (one.type !== '*' && other.type !== '*' && one.type !== other.type)) return []
  const permissions = one.permissions.filter((permission) => other.permissions.includes(permission))
  if (permissions.length === 0) return []
  const added = other.query.filter((clause) => !one.query.some((mine) => mine.text === clause.text))
  const type = one.type === '*' ? other.type : one.type
  return levels.map((level) => resourceScope(level, type, permissions, [...one.query, ...added]))
}

/**
 * Whether a meet is what it should be. A parameter on which the resource types disagree is opaque for `*` and compared by
 * meaning for one type; a clause that moves from `*` to a type could then mean more than it did, and is not granted.
 */
const isSound = (met: ResourceScope, one: Compiled, other: Compiled, options: ScopeOptions): boolean =>
  met.query.length === 0 || (coveredBy(one, [met], options) && coveredBy(other, [met], options))

const tooMany = (limit: number, count: number): Either.Either<TooComplex, never> => Either.left({ _tag: 'TooComplex', limit, count })

/**
 * What both sets permit: the answer to "how much of what was requested may be granted?". A requested scope that is permitted
 * whole keeps the spelling in which it was asked (v1 for v1); one that is permitted in part is printed in v2. The order is that
 * of the request.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, intersect, parse } from 'smart-app-launch/scopes'
 *
 * const both = (requested: string, limit: string) => Either.map(format)(intersect(parse(requested), parse(limit)))
 * both('patient/*.read openid', 'patient/*.cruds') // => Either.right('patient/*.read')
 * both('patient/*.cruds', 'patient/Observation.rs patient/Condition.r') // => Either.right('patient/Observation.rs patient/Condition.r')
 * both('patient/Observation.rs', 'patient/*.r?category=laboratory') // => Either.right('patient/Observation.r?category=laboratory')
 * ```
 */
export const intersect = (
  requested: ScopeSet,
  limit: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, ScopeSet> => {
  const possible = withinBudget([...requested, ...limit], options)
  if (Either.isLeft(possible)) return possible
  const budget = options.budget ?? defaultBudget
  const compiledLimit = compile(limit, options)
  const limits = limit.filter(isResourceScope)
  const met: Array<{ readonly scope: Scope; readonly candidates: ReadonlyArray<ResourceScope> | null }> = []
  let count = 0
  // All is counted before anything is compared, so that too much is refused at once.
  for (const scope of requested) {
    if (scope.text === '') continue
    if (coveredBy(compiledLimit, [scope], options)) {
      met.push({ scope, candidates: null })
      continue
    }
    if (!isResourceScope(scope)) continue
    const candidates = limits.flatMap((other) => meet(scope, other, options.levelOrder ?? []))
    count += atomCount(candidates)
    if (count > budget) return tooMany(budget, count)
    met.push({ scope, candidates })
  }
  return Either.right(met.flatMap(({ scope, candidates }): ReadonlyArray<Scope> => {
    if (candidates === null) return [scope]
    const mine = compile([scope], options)
    return withoutRedundant(candidates.filter((one) => isSound(one, mine, compiledLimit, options)), options)
  }))
}

/**
 * The scopes of which {@link intersect} finds anything in a set. Those for which that would cost too much to know are among them:
 * `intersect` says so of all together.
 */
export const meeting = (scopes: ScopeSet, limit: ScopeSet, options: ScopeOptions = {}): ScopeSet => {
  const budget = options.budget ?? defaultBudget
  const compiled = compile(limit, options)
  const limits = limit.filter(isResourceScope)
  let [asked, common] = [0, 0]
  const isFound = (scope: ResourceScope): boolean => {
    const mine = compile([scope], options)
    return limits.some((other) => meet(scope, other, options.levelOrder ?? []).some((one) => {
      common += atomCount([one])
      return common > budget || isSound(one, mine, compiled, options)
    }))
  }
  return scopes.filter((scope) => {
    if (scope.text === '') return false
    asked += atomCount([scope])
    return asked > budget || coveredBy(compiled, [scope], options) || (isResourceScope(scope) && isFound(scope))
  })
}

/** What either set permits, in canonical form. */
export const union = (left: ScopeSet, right: ScopeSet, options: ScopeOptions = {}): Either.Either<TooComplex, ScopeSet> =>
  normalize([...left, ...right], options)

/**
 * The requested scopes that are not covered, split as finely as needed: what would have to be granted besides.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, parse, uncovered } from 'smart-app-launch/scopes'
 *
 * Either.map(format)(uncovered(parse('patient/Observation.r'), parse('patient/Observation.rs openid'))) // => Either.right('patient/Observation.s openid')
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
  return Either.right(requested.flatMap((scope): ReadonlyArray<Scope> => {
    if (coveredBy(compiled, [scope], options)) return []
    if (!isResourceScope(scope)) return [scope]
    const atoms = atomsOf(scope, options)
    const missing = atoms.filter((atom) => !compiled.permits(canonicalAccess(atom)))
    return missing.length === atoms.length ? [scope] : assembled(missing)
  }))
}
