/**
 * Decides which web pages may read a response (CORS), as header fields.
 *
 * Discovery and metadata documents are public: any page may read them. Tokens, the user's claims and the FHIR API are
 * only for pages of registered apps. Responses are never shared with credentials, so cookies are not sent. The
 * authorization endpoint is not shared. Source: app-launch 2.1.0, "Considerations for Cross-Origin Resource Sharing
 * (CORS) Support"; Fetch Standard, "CORS protocol".
 *
 * @module
 */
import type { RegisteredClient } from './client.js'
import type { PlainRequest, PlainResponse } from '../http/message.js'
import { limits } from '../../values/limits/limits.js'
import { normalizedOriginOf } from '../../values/urls.js'
import { ownMember } from '../../values/own.js'

/** The pages that may read an endpoint's responses. */
export type CorsAudience = 'anyone' | 'registered'

/** How long a browser may cache a preflight, in seconds. */
const preflightMaxAgeSeconds = 600

const exposed = 'Location, Content-Location, ETag, Last-Modified, WWW-Authenticate, Retry-After'

/** Whether a text is an origin as browsers send it. `null` (a sandboxed or local page) is refused. */
export const isOrigin = (text: string): boolean =>
  text.length <= limits.corsOrigin.default && /^https?:\/\/[\x21\x22\x24-\x2e\x30-\x3e\x40-\x7e]+$/.test(text)

/** Whether a request is a CORS preflight. */
export const isPreflight = ({ method, headers }: PlainRequest): boolean =>
  method === 'OPTIONS' &&
  ownMember(headers, 'origin') !== undefined &&
  ownMember(headers, 'access-control-request-method') !== undefined

/**
 * The header fields that allow a page to read a response; empty when it may not.
 *
 * @example
 * ```ts
 * import { corsHeaders } from './cors.js'
 *
 * corsHeaders('anyone', 'https://app.example', false)['access-control-allow-origin'] // => '*'
 * corsHeaders('registered', 'https://app.example', true)['access-control-allow-origin'] // => 'https://app.example'
 * corsHeaders('registered', 'https://evil.example', false) // => { vary: 'Origin' }
 * ```
 */
export const corsHeaders = (
  sharing: CorsAudience,
  origin: string | undefined,
  isRegistered: boolean
): Readonly<Record<string, string>> => {
  if (sharing === 'anyone') return { 'access-control-allow-origin': '*', 'access-control-expose-headers': exposed }
  return origin !== undefined && isOrigin(origin) && isRegistered
    ? { 'access-control-allow-origin': origin, 'access-control-expose-headers': exposed, vary: 'Origin' }
    : { vary: 'Origin' }
}

/** The response to a preflight. `methods` are the methods of the endpoint, separated by commas. */
export const preflightResponse = (
  sharing: CorsAudience,
  methods: string,
  origin: string | undefined,
  isRegistered: boolean
): PlainResponse => {
  const headers = corsHeaders(sharing, origin, isRegistered)
  const { 'access-control-expose-headers': _exposed, ...shared } = headers
  return {
    status: 204,
    headers: Object.hasOwn(headers, 'access-control-allow-origin')
      ? {
          ...shared,
          'access-control-allow-methods': methods,
          'access-control-allow-headers':
            'Authorization, Content-Type, Accept, Prefer, If-Match, If-None-Match, If-None-Exist, If-Modified-Since',
          'access-control-max-age': String(preflightMaxAgeSeconds)
        }
      : shared,
    body: ''
  }
}

/** The origins of a client's pages: those of its redirect and launch URIs. A native app has no pages. */
export const originsOf = (
  client: Pick<RegisteredClient, 'applicationType' | 'redirectUris' | 'launchUris'>
): ReadonlyArray<string> =>
  client.applicationType === 'native'
    ? []
    : [...new Set([...client.redirectUris, ...client.launchUris].map(normalizedOriginOf).filter(isOrigin))]
