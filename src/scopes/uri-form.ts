/**
 * Scopes as URIs, for places that accept only URIs.
 *
 * The scopes of OpenID Connect and `offline_access` take OpenID's prefix, all other scopes of SMART the SMART prefix.
 * An extension that is a URI stays as it is. `offline_access` is read with either prefix. Source:
 * scopes-and-launch-context, "Appendix: URI representation of scopes".
 *
 * @module
 */
import { parseScope } from './parse.js'
import type { Scope } from './scope.js'

/** The prefix of SMART scopes. */
export const smartScopePrefix = 'http://smarthealthit.org/fhir/scopes/'

/** The prefix of OpenID Connect scopes. */
export const openidScopePrefix = 'http://openid.net/specs/openid-connect-core-1_0#'

const openidNames: ReadonlySet<string> = new Set(['openid', 'profile', 'email', 'address', 'phone', 'offline_access'])

/**
 * The URI of a scope.
 *
 * @example
 * ```ts
 * import { parseScope } from 'smart-app-launch/scopes'
 * import { fromUri, toUri } from 'smart-app-launch/scopes/forms'
 *
 * toUri(parseScope('patient/*.rs')) // => 'http://smarthealthit.org/fhir/scopes/patient/*.rs'
 * toUri(parseScope('openid')) // => 'http://openid.net/specs/openid-connect-core-1_0#openid'
 * fromUri('http://smarthealthit.org/fhir/scopes/launch/patient').text // => 'launch/patient'
 * ```
 */
export const toUri = (scope: Scope): string => {
  if (openidNames.has(scope.text)) return `${openidScopePrefix}${scope.text}`
  return scope._tag === 'ExtensionScope' && !scope.text.startsWith('__')
    ? scope.text
    : `${smartScopePrefix}${scope.text}`
}

/** The scope that a URI stands for. A URI with neither prefix is parsed as a scope itself. */
export const fromUri = (uri: string): Scope => {
  if (uri.startsWith(smartScopePrefix)) {
    const scope = parseScope(uri.slice(smartScopePrefix.length))
    return openidNames.has(scope.text) && scope.text !== 'offline_access' ? parseScope(uri) : scope
  }
  if (!uri.startsWith(openidScopePrefix)) return parseScope(uri)
  const name = uri.slice(openidScopePrefix.length)
  return openidNames.has(name) ? parseScope(name) : parseScope(uri)
}
