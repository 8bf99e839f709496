/**
 * Comparing scope sets by what they permit.
 *
 * Let ⟦X⟧ be the set of accesses that X permits. `subsumes(g, r)` is ⟦r⟧ ⊆ ⟦g⟧. The requested set is split into atoms.
 * An atom is covered exactly when the granted set permits the atom's canonical resource; otherwise that resource is the
 * counterexample. The procedure is sound for every scope, and complete for token, reference, uri and string parameters
 * (docs/scopes.md).
 *
 * Laws: `subsumes` is reflexive and transitive; `equivalent` is `subsumes` in both directions; every counterexample is
 * permitted by the requested set and not by the granted one.
 *
 * @module
 */
import * as Either from '../values/either.js'
import * as Option from '../values/option.js'
import type { TooComplex } from './atoms.js'
import { canonicalAccess, canonicalIndex, canonicalType, choicesOf, withFreshWords, withinBudget } from './atoms.js'
import type { Compiled } from './compile.js'
import { compile } from './compile.js'
import { commonLevels } from './levels.js'
import type { Access, ScopeOptions } from './permits.js'
import type { Level, Permission, ResourceScope, Scope, ScopeSet } from './scope.js'
import { isResourceScope } from './scope.js'
import { completeOptions } from './permits.js'

/** The first access of a resource scope that a compiled set does not permit. */
const missingOf = (granted: Compiled, scope: ResourceScope, options: ScopeOptions): Access | null => {
  const type = canonicalType(scope.type)
  for (const constraints of scope.query.length === 0 ? [[]] : choicesOf(scope, options)) {
    const resource = canonicalIndex(constraints)
    for (const permission of scope.permissions) {
      const access = { level: scope.level, type, permission, resource }
      if (!granted.permits(access)) return canonicalAccess({ ...scope, permission, constraints })
    }
  }
  return null
}

/** The first access of a scope that a compiled set does not permit. */
const missing = (granted: Compiled, scope: Scope, options: ScopeOptions): Access | null => {
  if (isResourceScope(scope)) return missingOf(granted, scope, options)
  // Two spaces in a row give an empty scope, which permits nothing.
  if (scope.text === '') return null
  return granted.permits({ atom: scope.text }) ? null : { atom: scope.text }
}

/**
 * Whether a compiled set permits everything that `requested` permits. The caller checks the complexity limit: see
 * {@link subsumption}.
 */
export const coveredBy = (granted: Compiled, requested: ScopeSet, options: ScopeOptions = {}): boolean =>
  requested.every((scope) => missing(granted, scope, options) === null)

/**
 * Whether `granted` permits everything that `requested` permits. Left when the requested set exceeds the complexity
 * limit; the granted set may be of any size.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { parse, subsumption } from 'smart-app-launch/fp-ts'
 *
 * subsumption(parse('patient/*.read'), parse('patient/Observation.rs')) // => Either.right(true)
 * subsumption(parse('patient/Observation.r patient/Observation.s'), parse('patient/Observation.rs'))
 * // => Either.right(true)
 * subsumption(
 *   parse('patient/Observation.rs?category=a patient/Observation.rs?category=b'),
 *   parse('patient/Observation.rs?category=a,b')
 * ) // => Either.right(true)
 * subsumption(parse('user/Observation.rs'), parse('patient/Observation.rs')) // => Either.right(false)
 * subsumption(parse('patient/Observation.rs?category=laboratory'), parse('patient/Observation.rs'))
 * // => Either.right(false)
 * ```
 */
export const subsumption = (
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, boolean> => {
  const possible = withinBudget(requested, options)
  return Either.isLeft(possible) ? possible : Either.right(coveredBy(compile(granted, options), requested, options))
}

/**
 * An access that `requested` permits and `granted` does not; `none` when there is none. Left when the requested set
 * exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import * as Option from 'fp-ts/lib/Option.js'
 * import { counterexample, parse } from 'smart-app-launch/fp-ts'
 *
 * counterexample(
 *   parse('patient/Observation.rs?category=http://example.org|a'),
 *   parse('patient/Observation.r?category=a')
 * )
 * // => Either.right(
 * //     Option.some({ level: 'patient', type: 'Observation', permission: 'r', resource: { category: ['fresh|a'] } })
 * //   )
 * ```
 */
export const counterexample = (
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, Option.Option<Access>> => {
  const possible = withinBudget(requested, options)
  if (Either.isLeft(possible)) return possible
  const compiled = compile(granted, options)
  for (const scope of requested) {
    const access = missing(compiled, scope, options)
    if (access !== null) return Either.right(Option.some(withFreshWords(access, [...granted, ...requested])))
  }
  return Either.right(Option.none)
}

/** Whether two sets permit the same. Left when a set exceeds the complexity limit. */
export const equivalence = (
  left: ScopeSet,
  right: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, boolean> => {
  const there = subsumption(left, right, options)
  return Either.isLeft(there) || !there.right ? there : subsumption(right, left, options)
}

/** The permissions of a set at one level for one type, queries ignored. */
interface Row {
  readonly level: Level
  readonly type: string
  readonly permissions: Set<Permission>
}

/** The permissions of a set's resource scopes by level and type, and the texts of its other scopes. */
const outlineOf = (
  scopes: ScopeSet
): { readonly rows: ReadonlyMap<string, Row>; readonly texts: ReadonlySet<string> } => {
  const rows = new Map<string, Row>()
  const texts = new Set<string>()
  for (const scope of scopes) {
    if (!isResourceScope(scope)) {
      if (scope.text !== '') texts.add(scope.text)
      continue
    }
    const name = `${scope.level} ${scope.type}`
    const row = rows.get(name) ?? { level: scope.level, type: scope.type, permissions: new Set() }
    for (const permission of scope.permissions) row.permissions.add(permission)
    rows.set(name, row)
  }
  return { rows, texts }
}

const levels: ReadonlyArray<Level> = ['patient', 'user', 'system']

/**
 * Whether no access is permitted by both sets. Queries do not matter: a resource may have any number of index values,
 * so one resource can satisfy two queries. Only level, type and permission decide.
 */
export const disjoint = (left: ScopeSet, right: ScopeSet, options: ScopeOptions = {}): boolean => {
  const [mine, theirs] = [outlineOf(left), outlineOf(right)]
  const meets = (one: Row, other: Row | undefined): boolean =>
    other !== undefined &&
    [...one.permissions].some((permission) => other.permissions.has(permission)) &&
    commonLevels(one.level, other.level, completeOptions(options).levelOrder).length > 0
  const meetsAny = (one: Row): boolean =>
    one.type === '*'
      ? [...theirs.rows.values()].some((other) => meets(one, other))
      : levels.some(
          (level) => meets(one, theirs.rows.get(`${level} ${one.type}`)) || meets(one, theirs.rows.get(`${level} *`))
        )
  return ![...mine.texts].some((text) => theirs.texts.has(text)) && ![...mine.rows.values()].some(meetsAny)
}
