/**
 * Scopes as URIs, for places that hold only URIs.
 *
 * The names of OpenID Connect and `offline_access` take OpenID's prefix, everything else of SMART the SMART prefix; an
 * extension that is a URI stays as it is. Both prefixes are accepted when `offline_access` is read.
 * Source: scopes-and-launch-context, "Appendix: URI representation of scopes".
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
 * A scope as a URI.
 *
 * @example
 * ```ts
 * import { fromUri, parseScope, toUri } from 'smart-app-launch/scopes'
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

/** The scope that a URI stands for. A URI with neither prefix is a scope of its own. */
export const fromUri = (uri: string): Scope => {
  if (uri.startsWith(smartScopePrefix)) {
    const scope = parseScope(uri.slice(smartScopePrefix.length))
    return openidNames.has(scope.text) && scope.text !== 'offline_access' ? parseScope(uri) : scope
  }
  if (!uri.startsWith(openidScopePrefix)) return parseScope(uri)
  const name = uri.slice(openidScopePrefix.length)
  return openidNames.has(name) ? parseScope(name) : parseScope(uri)
}
