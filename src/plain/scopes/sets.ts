/**
 * What scope sets have in common and in what they differ, as scopes again: union, intersection, difference, canonical
 * form, and the comparison of a grant with a request. Arguments and results are as in `smart-app-launch/scopes`.
 *
 * @module scopes/sets
 */
import type { TooComplex } from '../../scopes/atoms.js'
import type { GrantComparison } from '../../scopes/compare-grant.js'
import { compareGrant as compareGrantEither } from '../../scopes/compare-grant.js'
import { normalize as normalizeEither } from '../../scopes/normalize.js'
import type { ScopeOptions } from '../../scopes/permits.js'
import type { ScopeSet } from '../../scopes/scope.js'
import {
  intersect as intersectEither,
  uncovered as uncoveredEither,
  union as unionEither
} from '../../scopes/set-operations.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import type { ScopeInput } from './scope-input.js'
import { optionsIn, scopesIn } from './scope-input.js'

export type { TooComplex } from '../../scopes/atoms.js'
export type { GrantComparison } from '../../scopes/compare-grant.js'
export type { ScopeOptions } from '../../scopes/permits.js'
export type { ScopeSet } from '../../scopes/scope.js'
export type { Result } from '../result.js'
export type { ScopeInput } from './scope-input.js'

/**
 * What both sets permit: how much of a request may be granted. A requested scope that the limit covers entirely keeps
 * its spelling; a scope that is covered in part is printed in v2. A failure when the sets exceed the complexity limit.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { intersect } from 'smart-app-launch/scopes/sets'
 *
 * const both = intersect('patient/*.cruds openid', 'patient/Observation.rs patient/Condition.r')
 * both.ok ? format(both.value) : both.failure // => 'patient/Observation.rs patient/Condition.r'
 * ```
 */
export const intersect = (
  requested: ScopeInput,
  limit: ScopeInput,
  options?: ScopeOptions
): Result<ScopeSet, TooComplex> =>
  resultOf(
    intersectEither(
      scopesIn('intersect', 'requested', requested),
      scopesIn('intersect', 'limit', limit),
      optionsIn('intersect', options)
    )
  )

/**
 * What either set permits, in canonical form. A failure when the sets exceed the complexity limit.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { union } from 'smart-app-launch/scopes/sets'
 *
 * const both = union('patient/Observation.r', 'patient/Observation.s')
 * both.ok ? format(both.value) : both.failure // => 'patient/Observation.rs'
 * ```
 */
export const union = (left: ScopeInput, right: ScopeInput, options?: ScopeOptions): Result<ScopeSet, TooComplex> =>
  resultOf(unionEither(scopesIn('union', 'left', left), scopesIn('union', 'right', right), optionsIn('union', options)))

/**
 * The part of the requested set that the granted set does not cover, split as finely as needed. A failure when the
 * requested set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { uncovered } from 'smart-app-launch/scopes/sets'
 *
 * const rest = uncovered('patient/Observation.r', 'patient/Observation.rs')
 * rest.ok ? format(rest.value) : rest.failure // => 'patient/Observation.s'
 * ```
 */
export const uncovered = (
  granted: ScopeInput,
  requested: ScopeInput,
  options?: ScopeOptions
): Result<ScopeSet, TooComplex> =>
  resultOf(
    uncoveredEither(
      scopesIn('uncovered', 'granted', granted),
      scopesIn('uncovered', 'requested', requested),
      optionsIn('uncovered', options)
    )
  )

/**
 * The canonical form of a set: equivalent sets have the same one. A failure when it exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { normalize } from 'smart-app-launch/scopes/sets'
 *
 * const canonical = normalize('patient/Observation.r patient/Observation.s')
 * canonical.ok ? format(canonical.value) : canonical.failure // => 'patient/Observation.rs'
 * ```
 */
export const normalize = (scopes: ScopeInput, options?: ScopeOptions): Result<ScopeSet, TooComplex> =>
  resultOf(normalizeEither(scopesIn('normalize', 'scopes', scopes), optionsIn('normalize', options)))

/**
 * Compares the scopes of a token, refresh or introspection response with the requested ones. A failure when the
 * comparison exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { compareGrant } from 'smart-app-launch/scopes/sets'
 *
 * const compared = compareGrant('patient/*.rs openid', 'patient/Observation.rs openid')
 * compared.ok ? compared.value.verdict : compared.failure // => 'narrowed'
 * ```
 */
export const compareGrant = (
  requested: ScopeInput,
  granted: ScopeInput,
  options?: ScopeOptions
): Result<GrantComparison, TooComplex> =>
  resultOf(
    compareGrantEither(
      scopesIn('compareGrant', 'requested', requested),
      scopesIn('compareGrant', 'granted', granted),
      optionsIn('compareGrant', options)
    )
  )
