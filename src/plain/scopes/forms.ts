/**
 * Other forms of scopes: version 1, URIs, and plain language; see `../scopes.ts`.
 *
 * @module
 */
import type { TooComplex } from '../../scopes/atoms.js'
import { english } from '../../scopes/explain/english.js'
import type { Descriptor, ExplainOptions, Explanation } from '../../scopes/explain/explain.js'
import {
  explain as explainEither,
  explainEach as explainEachOf,
  explainScope as explainOne
} from '../../scopes/explain/explain.js'
import type { Rights, RightsOptions } from '../../scopes/explain/claims.js'
import { rightsOf as rightsOfScopes } from '../../scopes/explain/claims.js'
import type { Sentences } from '../../scopes/explain/sentences.js'
import type { ResourceScope, Scope } from '../../scopes/scope.js'
import { fromUri as fromUriText, toUri as toUriText } from '../../scopes/uri-form.js'
import type { NotExpressibleInV1 } from '../../scopes/version-1.js'
import { toV1 as toV1Either, toV2 as toV2Scope } from '../../scopes/version-1.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import type { ScopeInput } from '../scope-input.js'
import { resourceScopeIn, scopeIn, scopesIn, textIn } from '../scope-input.js'

/**
 * A resource scope in version 1 syntax; a failure when version 1 cannot express it.
 *
 * @example
 * ```ts
 * import { toV1 } from 'smart-app-launch/scopes'
 *
 * const scope = toV1('patient/Observation.rs')
 * scope.ok ? scope.value.text : scope.failure // => 'patient/Observation.read'
 * ```
 */
export const toV1 = (scope: string | ResourceScope): Result<ResourceScope, NotExpressibleInV1> =>
  resultOf(toV1Either(resourceScopeIn('toV1', 'scope', scope)))

/**
 * A resource scope in version 2 syntax. Every version 1 scope has one.
 *
 * @example
 * ```ts
 * import { toV2 } from 'smart-app-launch/scopes'
 *
 * toV2('patient/Observation.read').text // => 'patient/Observation.rs'
 * ```
 */
export const toV2 = (scope: string | ResourceScope): ResourceScope => toV2Scope(resourceScopeIn('toV2', 'scope', scope))

/**
 * The URI of a scope, as some servers print it.
 *
 * @example
 * ```ts
 * import { toUri } from 'smart-app-launch/scopes'
 *
 * toUri('patient/*.rs') // => 'http://smarthealthit.org/fhir/scopes/patient/*.rs'
 * ```
 */
export const toUri = (scope: string | Scope): string => toUriText(scopeIn('toUri', 'scope', scope))

/**
 * The scope that a URI stands for. A URI with neither prefix is parsed as a scope itself.
 *
 * @example
 * ```ts
 * import { fromUri } from 'smart-app-launch/scopes'
 *
 * fromUri('http://smarthealthit.org/fhir/scopes/patient/*.rs').text // => 'patient/*.rs'
 * ```
 */
export const fromUri = (uri: string): Scope => fromUriText(textIn('fromUri', 'uri', uri))

/**
 * What a set permits in plain language, after normalization, and what it does not allow. A failure when the set exceeds
 * the complexity limit; {@link explainEach} has none.
 *
 * @example
 * ```ts
 * import { explain } from 'smart-app-launch/scopes'
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
): Result<Explanation, TooComplex> => resultOf(explainEither(scopesIn('explain', 'scopes', scopes), sentences, options))

/**
 * Explains each scope of a set as it is spelled, without a complexity limit.
 *
 * @example
 * ```ts
 * import { explainEach } from 'smart-app-launch/scopes'
 *
 * explainEach('openid').allows.map(({ short }) => short) // => ['Know that it is you']
 * ```
 */
export const explainEach = (
  scopes: ScopeInput,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Explanation => explainEachOf(scopesIn('explainEach', 'scopes', scopes), sentences, options)

/**
 * Explains one scope; `beside` is the set in which it stands.
 *
 * @example
 * ```ts
 * import { explainScope } from 'smart-app-launch/scopes'
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
  return explainOne(one, sentences, options, beside === undefined ? [one] : scopesIn('explainScope', 'beside', beside))
}

/**
 * The rights that a set gives: the facts on which its claims depend.
 *
 * @example
 * ```ts
 * import { rightsOf } from 'smart-app-launch/scopes'
 *
 * rightsOf('patient/Observation.rs openid').hasOpenid // => true
 * ```
 */
export const rightsOf = (scopes: ScopeInput, options: RightsOptions = {}): Rights =>
  rightsOfScopes(scopesIn('rightsOf', 'scopes', scopes), options)
