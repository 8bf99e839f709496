/**
 * What an address that answers are sent to may not say already: whatever the answer itself will say.
 *
 * Source: RFC 6749, section 3.1 (response parameters must not occur more than once); RFC 9207, section 2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { formDecode } from '../http/form.js'

/** The parameters of an authorization response, in every response type and mode that is registered for OAuth. */
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

/** The parameters that an EHR adds to a launch address (app-launch, "Launch App: EHR Launch"). */
const launchParameters: ReadonlySet<string> = new Set(['iss', 'launch'])

/**
 * The names in the query of an address, in the spelling of readers that ignore case, blanks and brackets; null where
 * one cannot be decoded.
 */
const namesIn = (url: string): ReadonlyArray<string | null> =>
  (/\?([^#]*)/.exec(url)?.[1] ?? '').split(/[&;]/).map((pair) => {
    const name = formDecode(pair.split('=', 1)[0] ?? '')
    return Either.isLeft(name) ? null : name.right.trim().toLowerCase().replace(/\[.*$/, '')
  })

const holdsOne = (url: string, reserved: ReadonlySet<string>): boolean =>
  url.includes('?') && namesIn(url).some((name) => name === null || reserved.has(name))

/**
 * Whether a redirect URI has a parameter of an authorization response in its query, in whatever encoding, or a name
 * that cannot be decoded. Such a URI cannot be registered: the app would find the parameter twice, and might take the
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

/** Whether a launch URI has a parameter of a launch in its query, or a name that cannot be decoded. */
export const carriesLaunch = (launchUri: string): boolean => holdsOne(launchUri, launchParameters)
