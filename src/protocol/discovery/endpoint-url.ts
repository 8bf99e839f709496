/**
 * Discovery by an app: the URL of the document, and the resolution of the URLs in it.
 *
 * Source: app-launch, "Retrieve .well-known/smart-configuration"; conformance, "Using .well-known"; RFC 8615.
 *
 * @module
 */
import { jsonType } from '../http/media-type.js'
import { below, hasScheme, originOf, withoutTrailingSlash } from '../../values/urls.js'

/**
 * The URL of a FHIR server's SMART configuration: below its base URL, whatever path that has.
 *
 * @example
 * ```ts
 * import { discoveryUrl } from './endpoint-url.js'
 *
 * discoveryUrl('https://ehr.example/apis/fhir')
 * // => 'https://ehr.example/apis/fhir/.well-known/smart-configuration'
 * discoveryUrl('https://ehr.example/apis/fhir/')
 * // => 'https://ehr.example/apis/fhir/.well-known/smart-configuration'
 * ```
 */
export const discoveryUrl = (fhirBaseUrl: string): string => below(fhirBaseUrl, '.well-known/smart-configuration')

/** The URL of an issuer's OpenID configuration (OpenID Connect Discovery 1.0, section 4). */
export const openidConfigurationUrl = (issuer: string): string => below(issuer, '.well-known/openid-configuration')

/** The header fields of a request for a discovery document. */
export const discoveryHeaders: Readonly<Record<string, string>> = { accept: jsonType }

/** Resolves a relative path against a base path, removing the last segment of the base and `.` and `..` segments. */
const merged = (basePath: string, relative: string): string => {
  const kept: Array<string> = []
  for (const segment of `${basePath}/${relative}`.split('/')) {
    if (segment === '..') kept.pop()
    else if (segment !== '.' && segment !== '') kept.push(segment)
  }
  return `/${kept.join('/')}`
}

/**
 * An endpoint of a discovery document as an absolute URL. Servers must publish absolute URLs. A relative one is
 * resolved against the FHIR base URL with a slash at its end, so that no part of the base is lost.
 *
 * @example
 * ```ts
 * import { resolveEndpoint } from './endpoint-url.js'
 *
 * resolveEndpoint('https://ehr.example/fhir', 'auth/token') // => 'https://ehr.example/fhir/auth/token'
 * resolveEndpoint('https://ehr.example/fhir', '/auth/token') // => 'https://ehr.example/auth/token'
 * resolveEndpoint('https://ehr.example/fhir', 'https://auth.example/token') // => 'https://auth.example/token'
 * ```
 */
export const resolveEndpoint = (fhirBaseUrl: string, endpoint: string): string => {
  if (hasScheme(endpoint)) return endpoint
  const origin = originOf(fhirBaseUrl)
  if (endpoint.startsWith('//')) return `${origin.slice(0, origin.indexOf(':') + 1)}${endpoint}`
  const [path = '', ...query] = endpoint.split('?')
  const suffix = query.length === 0 ? '' : `?${query.join('?')}`
  const basePath = endpoint.startsWith('/') ? '' : withoutTrailingSlash(fhirBaseUrl).slice(origin.length)
  return `${origin}${merged(basePath, path)}${suffix}`
}
