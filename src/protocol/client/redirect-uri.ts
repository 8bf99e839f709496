/**
 * Refuses redirect and launch URIs whose query already contains parameters of the response or launch that is sent to
 * them.
 *
 * Source: RFC 6749, section 3.1 (response parameters must not occur more than once); RFC 9207, section 2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { formDecode } from '../http/form.js'

/** The parameters of authorization responses, for all response types and modes registered for OAuth. */
const responseParameters: ReadonlySet<string> = new Set([
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'scope',
  'session_state',
  'access_token',
  'refresh_token',
  'id_token',
  'token_type',
  'expires_in',
  'response'
])

/** The parameters that an EHR adds to a launch URI (app-launch, "Launch App: EHR Launch"). */
const launchParameters: ReadonlySet<string> = new Set(['iss', 'launch'])

/**
 * The parameter names in the query of a URL, normalized as by parsers that ignore case, spaces and brackets; null for a
 * name that cannot be decoded.
 */
const namesIn = (url: string): ReadonlyArray<string | null> =>
  (/\?([^#]*)/.exec(url)?.[1] ?? '').split(/[&;]/).map((pair) => {
    const name = formDecode(pair.split('=', 1)[0] ?? '')
    return Either.isLeft(name) ? null : name.right.trim().toLowerCase().replace(/\[.*/s, '')
  })

const holdsOne = (url: string, reserved: ReadonlySet<string>): boolean =>
  url.includes('?') && namesIn(url).some((name) => name === null || reserved.has(name))

/**
 * Whether the query of a redirect URI contains a parameter of an authorization response, in any encoding, or a name
 * that cannot be decoded. Such a URI cannot be registered: the app would receive the parameter twice and might use the
 * wrong one.
 *
 * @example
 * ```ts
 * import { carriesResponse } from './redirect-uri.js'
 *
 * carriesResponse('https://app.example/cb?tenant=7') // => false
 * carriesResponse('https://app.example/cb?state=1') // => true
 * carriesResponse('https://app.example/cb?%63ode=1') // => true
 * ```
 */
export const carriesResponse = (redirectUri: string): boolean => holdsOne(redirectUri, responseParameters)

/** Whether the query of a launch URI contains a launch parameter, or a name that cannot be decoded. */
export const carriesLaunch = (launchUri: string): boolean => holdsOne(launchUri, launchParameters)
