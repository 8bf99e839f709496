/**
 * Scopes in plain language, for a consent page, and the rights and claims of a set. Arguments and results are as in
 * `smart-app-launch/scopes`.
 *
 * @module scopes/explain
 */
import type { TooComplex } from '../../scopes/atoms.js'
import type { Rights, RightsOptions } from '../../scopes/explain/claims.js'
import { rightsOf as rightsOfScopes } from '../../scopes/explain/claims.js'
import { english } from '../../scopes/explain/english.js'
import type { Descriptor, ExplainOptions, Explanation } from '../../scopes/explain/explain.js'
import {
  explain as explainEither,
  explainEach as explainEachOf,
  explainScope as explainOne
} from '../../scopes/explain/explain.js'
import type { Sentences } from '../../scopes/explain/sentences.js'
import type { Scope } from '../../scopes/scope.js'
import { isObject } from '../../values/object.js'
import { argumentIn } from '../arguments.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import type { ScopeInput } from './scope-input.js'
import { scopeIn, scopesIn } from './scope-input.js'

export type { TooComplex } from '../../scopes/atoms.js'
export { claims, claimsFor } from '../../scopes/explain/claims.js'
export type { Act, Claim, ClaimName, Rights, RightsOptions } from '../../scopes/explain/claims.js'
export type { ExplainedClause, ExplainedValue } from '../../scopes/explain/clauses.js'
export { english } from '../../scopes/explain/english.js'
export type { Descriptor, ExplainOptions, Explanation } from '../../scopes/explain/explain.js'
export type { Explained, ExplainedResource, Sentences } from '../../scopes/explain/sentences.js'
export type { Scope } from '../../scopes/scope.js'
export type { Result } from '../result.js'
export type { ScopeInput } from './scope-input.js'

const sentencesIn = (called: string, given: Sentences): Sentences =>
  argumentIn(called, 'sentences', 'sentences such as `english`, or nothing', isObject, given)

const optionsIn = (called: string, given: ExplainOptions): ExplainOptions =>
  argumentIn(called, 'options', 'an object, or nothing', isObject, given)

/**
 * What a set permits in plain language, after normalization, and what it does not allow. A failure when the set exceeds
 * the complexity limit; {@link explainEach} has none.
 *
 * @example
 * ```ts
 * import { explain } from 'smart-app-launch/scopes/explain'
 *
 * const explained = explain('patient/Observation.rs')
 * explained.ok ? explained.value.allows.map(({ short }) => short) : explained.failure
 * // => ['Read and search Observation records of this patient']
 * ```
 */
export const explain = (
  scopes: ScopeInput,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Result<Explanation, TooComplex> =>
  resultOf(
    explainEither(
      scopesIn('explain', 'scopes', scopes),
      sentencesIn('explain', sentences),
      optionsIn('explain', options)
    )
  )

/**
 * Explains each scope of a set as it is spelled, without a complexity limit.
 *
 * @example
 * ```ts
 * import { explainEach } from 'smart-app-launch/scopes/explain'
 *
 * explainEach('openid').allows.map(({ short }) => short) // => ['Know that it is you']
 * ```
 */
export const explainEach = (
  scopes: ScopeInput,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Explanation =>
  explainEachOf(
    scopesIn('explainEach', 'scopes', scopes),
    sentencesIn('explainEach', sentences),
    optionsIn('explainEach', options)
  )

/**
 * Explains one scope; `beside` is the set in which it stands.
 *
 * @example
 * ```ts
 * import { explainScope } from 'smart-app-launch/scopes/explain'
 *
 * explainScope('patient/*.r').marks.everyType // => true
 * ```
 */
export const explainScope = (
  scope: string | Scope,
  sentences: Sentences = english,
  options: ExplainOptions = {},
  beside?: ScopeInput
): Descriptor => {
  const one = scopeIn('explainScope', 'scope', scope)
  return explainOne(
    one,
    sentencesIn('explainScope', sentences),
    optionsIn('explainScope', options),
    beside === undefined ? [one] : scopesIn('explainScope', 'beside', beside)
  )
}

/**
 * The rights that a set gives: the facts on which its claims depend.
 *
 * @example
 * ```ts
 * import { rightsOf } from 'smart-app-launch/scopes/explain'
 *
 * rightsOf('patient/Observation.rs openid').hasOpenid // => true
 * ```
 */
export const rightsOf = (scopes: ScopeInput, options: RightsOptions = {}): Rights =>
  rightsOfScopes(scopesIn('rightsOf', 'scopes', scopes), options)
