/**
 * Compares a granted scope set with the requested one, by meaning and not by spelling.
 *
 * Source: RFC 6749, section 5.1 (`scope` tells the client when the granted scope differs from the requested one).
 *
 * @module
 */
import * as Either from '../values/either.js'
import type { TooComplex } from './atoms.js'
import { uncovered } from './set-operations.js'
import type { ScopeOptions } from './permits.js'
import type { ScopeSet } from './scope.js'

/** The result of comparing a granted set with the requested one. */
export interface GrantComparison {
  /** `different`: something requested is missing, and something was granted that was not requested. */
  readonly verdict: 'equal' | 'narrowed' | 'widened' | 'different'
  /** The part of the requested set that is not granted. */
  readonly missing: ScopeSet
  /** The part of the granted set that was not requested. */
  readonly excess: ScopeSet
}

/**
 * Compares the scopes of a token, refresh or introspection response with the requested ones. Left when the comparison
 * exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { format, compareGrant, parse } from 'smart-app-launch/fp-ts'
 *
 * const comparison = compareGrant(parse('patient/*.read openid'), parse('patient/Observation.rs patient/*.r openid'))
 * Either.map(({ verdict, missing }: { verdict: string; missing: ReturnType<typeof parse> }) => [
 *   verdict,
 *   format(missing)
 * ])(comparison) // => Either.right(['narrowed', 'patient/*.s'])
 * ```
 */
export const compareGrant = (
  requested: ScopeSet,
  granted: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, GrantComparison> => {
  const missing = uncovered(granted, requested, options)
  if (Either.isLeft(missing)) return missing
  const excess = uncovered(requested, granted, options)
  if (Either.isLeft(excess)) return excess
  const [lacks, exceeds] = [missing.right.length > 0, excess.right.length > 0]
  const verdict = lacks ? (exceeds ? 'different' : 'narrowed') : exceeds ? 'widened' : 'equal'
  return Either.right({ verdict, missing: missing.right, excess: excess.right })
}
