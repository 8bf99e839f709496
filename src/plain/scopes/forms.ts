/**
 * Other forms of scopes: version 1, URIs, and the dialects of some servers. Arguments and results are as in
 * `smart-app-launch/scopes`.
 *
 * @module scopes/forms
 */
import type { DialectReading } from '../../scopes/dialects.js'
import {
  readAzureScopes as readAzure,
  readVerbScopes as readVerbs,
  readVersion1WithQuery as readVersion1
} from '../../scopes/dialects.js'
import type { ResourceScope, Scope } from '../../scopes/scope.js'
import { fromUri as fromUriText, toUri as toUriText } from '../../scopes/uri-form.js'
import type { NotExpressibleInV1 } from '../../scopes/version-1.js'
import { toV1 as toV1Either, toV2 as toV2Scope } from '../../scopes/version-1.js'
import { textIn } from '../arguments.js'
import type { Result } from '../result.js'
import { resultOf } from '../result.js'
import { resourceScopeIn, scopeIn } from './scope-input.js'

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

/**
 * Reads scopes of Microsoft Entra ID (Azure AD), which allows neither `/` nor `*` in a scope name:
 * `patient.Observation.read`, `launch%2fpatient`, `user.all.read`.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { readAzureScopes } from 'smart-app-launch/scopes/forms'
 *
 * const { scopes, repairs } = readAzureScopes('patient.all.rs launch%2fpatient openid')
 * format(scopes) // => 'patient/*.rs launch/patient openid'
 * repairs.length // => 2
 * ```
 */
export const readAzureScopes = (text: string): DialectReading => readAzure(textIn('readAzureScopes', 'text', text))

/**
 * Reads scopes with interactions written as words (`patient/Observation.search`), as some product and profile documents
 * do.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { readVerbScopes } from 'smart-app-launch/scopes/forms'
 *
 * format(readVerbScopes('patient/Observation.search').scopes) // => 'patient/Observation.s'
 * ```
 */
export const readVerbScopes = (text: string): DialectReading => readVerbs(textIn('readVerbScopes', 'text', text))

/**
 * Reads version 1 permissions with a query (`patient/Observation.read?category=…`). Version 1 itself has no queries.
 *
 * @example
 * ```ts
 * import { format } from 'smart-app-launch/scopes'
 * import { readVersion1WithQuery } from 'smart-app-launch/scopes/forms'
 *
 * format(readVersion1WithQuery('patient/Observation.read?category=x').scopes) // => 'patient/Observation.rs?category=x'
 * ```
 */
export const readVersion1WithQuery = (text: string): DialectReading =>
  readVersion1(textIn('readVersion1WithQuery', 'text', text))
