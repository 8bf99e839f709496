/**
 * Other forms of scopes: version 1, URIs, and the dialects of some servers. Arguments and results are as in
 * `smart-app-launch/scopes`.
 *
 * @module scopes/forms
 */
import type { ResourceScope, Scope } from '../../scopes/scope.js'
import { fromUri as fromUriText, toUri as toUriText } from '../../scopes/uri-form.js'
import type { NotExpressibleInV1 } from '../../scopes/version-1.js'
import { toV1 as toV1Either, toV2 as toV2Scope } from '../../scopes/version-1.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import { resourceScopeIn, scopeIn, textIn } from '../scope-input.js'

export { readAzureScopes, readVerbScopes, readVersion1WithQuery } from '../../scopes/dialects.js'
export type { DialectReading, Repair } from '../../scopes/dialects.js'
export type { ResourceScope, Scope } from '../../scopes/scope.js'
export { openidScopePrefix, smartScopePrefix } from '../../scopes/uri-form.js'
export type { NotExpressibleInV1 } from '../../scopes/version-1.js'
export type { Result } from '../result.js'

/**
 * A resource scope in version 1 syntax; a failure when version 1 cannot express it.
 *
 * @example
 * ```ts
 * import { toV1 } from 'smart-app-launch/scopes/forms'
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
 * import { toV2 } from 'smart-app-launch/scopes/forms'
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
 * import { toUri } from 'smart-app-launch/scopes/forms'
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
 * import { fromUri } from 'smart-app-launch/scopes/forms'
 *
 * fromUri('http://smarthealthit.org/fhir/scopes/patient/*.rs').text // => 'patient/*.rs'
 * ```
 */
export const fromUri = (uri: string): Scope => fromUriText(textIn('fromUri', 'uri', uri))
