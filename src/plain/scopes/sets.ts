/**
 * What two scope sets have in common and in what they differ; see `../scopes.ts`.
 *
 * @module
 */
import * as Either from '../../values/either.js'
import type { TooComplex } from '../../scopes/atoms.js'
import type { GrantComparison } from '../../scopes/compare-grant.js'
import { compareGrant as compareGrantEither } from '../../scopes/compare-grant.js'
import { normalize as normalizeEither } from '../../scopes/normalize.js'
import type { Access, ScopeOptions } from '../../scopes/permits.js'
import type { ScopeSet } from '../../scopes/scope.js'
import {
  intersect as intersectEither,
  uncovered as uncoveredEither,
  union as unionEither
} from '../../scopes/set-operations.js'
import { counterexample as counterexampleEither } from '../../scopes/subsumes.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import type { ScopeInput } from '../scope-input.js'
import { optionsIn, scopesIn } from '../scope-input.js'

/**
 * An access that `requested` permits and `granted` does not; null when there is none. A failure when the requested set
 * exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { counterexample } from 'smart-app-launch/scopes'
 *
 * counterexample('openid', 'openid fhirUser') // => { ok: true, value: { atom: 'fhirUser' } }
 * ```
 */
export const counterexample = (
  granted: ScopeInput,
  requested: ScopeInput,
  options?: ScopeOptions
): Result<Access | null, TooComplex> => {
  const found = counterexampleEither(
    scopesIn('counterexample', 'granted', granted),
    scopesIn('counterexample', 'requested', requested),
    optionsIn('counterexample', options)
  )
  if (Either.isLeft(found)) return { ok: false, failure: found.left }
  return { ok: true, value: found.right._tag === 'Some' ? found.right.value : null }
}

/**
 * What both sets permit: how much of a request may be granted. A requested scope that the limit covers entirely keeps
 * its spelling; a scope that is covered in part is printed in v2. A failure when the sets exceed the complexity limit.
 *
 * @example
 * ```ts
 * import { format, intersect } from 'smart-app-launch/scopes'
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
 * import { format, union } from 'smart-app-launch/scopes'
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
 * import { format, uncovered } from 'smart-app-launch/scopes'
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
 * import { format, normalize } from 'smart-app-launch/scopes'
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
 * import { compareGrant } from 'smart-app-launch/scopes'
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
