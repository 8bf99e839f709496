/**
 * The requests of an app: to the authorization endpoint, and to the token endpoint for its three grant types.
 *
 * Source: app-launch, steps 4 and 5, and "Refresh access token"; backend-services, step 3; RFC 6749, section 2.3.1.
 *
 * @module
 */
import { assertionType } from '../jwt/jwt.js'
import type { OutgoingRequest } from '../http/outgoing-request.js'
import { postForm } from '../http/outgoing-request.js'
import { encodeBasic } from '../../values/base64url.js'
import type { EpochSeconds } from '../../values/time.js'
import { withParameters } from '../../values/urls.js'

/** How the browser is sent to the server: by a redirect, or by a form that submits itself. */
export type Redirect =
  | { readonly _tag: 'Get'; readonly url: string }
  | { readonly _tag: 'Post'; readonly action: string; readonly fields: ReadonlyArray<readonly [string, string]> }

/** The facts for an authorization request. */
export interface AuthorizationFacts {
  readonly clientId: string
  readonly redirectUri: string
  readonly scope: string
  readonly state: string
  readonly audience: string
  /** The launch handle as received; null in a standalone launch. */
  readonly launch: string | null
  /** BASE64URL(SHA-256(code_verifier)). */
  readonly codeChallenge: string
  /** Null when no id_token is requested. */
  readonly nonce: string | null
}

/**
 * The parameters of an authorization request. All parameters that the guide requires are always included, also PKCE and
 * `state`.
 *
 * @example
 * ```ts
 * import { authorizationRequestParameters } from './requests.js'
 *
 * const facts = {
 *   clientId: 'app',
 *   redirectUri: 'https://app.example/cb',
 *   scope: 'patient/*.rs',
 *   state: 's',
 *   audience: 'https://ehr.example/fhir',
 *   launch: null,
 *   codeChallenge: 'c',
 *   nonce: null
 * }
 * authorizationRequestParameters(facts).map(([name]) => name)
 * // => ['response_type', 'client_id', 'redirect_uri', 'scope', 'state', 'aud',
 * //    'code_challenge', 'code_challenge_method']
 * ```
 */
export const authorizationRequestParameters = (facts: AuthorizationFacts): ReadonlyArray<readonly [string, string]> => [
  ['response_type', 'code'],
  ['client_id', facts.clientId],
  ['redirect_uri', facts.redirectUri],
  ...(facts.launch === null ? [] : [['launch', facts.launch] as const]),
  ['scope', facts.scope],
  ['state', facts.state],
  ['aud', facts.audience],
  ['code_challenge', facts.codeChallenge],
  ['code_challenge_method', 'S256'],
  ...(facts.nonce === null ? [] : [['nonce', facts.nonce] as const])
]

/** A GET redirect; a POST form if the server supports POST and the URL would exceed the limit. */
export const redirectTo = (
  endpoint: string,
  facts: AuthorizationFacts,
  acceptsPost: boolean,
  longestAddress: number
): Redirect => {
  const fields = authorizationRequestParameters(facts)
  const url = withParameters(endpoint, fields)
  return acceptsPost && url.length > longestAddress ? { _tag: 'Post', action: endpoint, fields } : { _tag: 'Get', url }
}

/** The grant of a token request. */
export type TokenGrant =
  | { readonly _tag: 'Code'; readonly code: string; readonly redirectUri: string; readonly codeVerifier: string }
  | { readonly _tag: 'Refresh'; readonly refreshToken: string; readonly scope: string | null }
  | { readonly _tag: 'ClientCredentials'; readonly scope: string }
  /** No grant: a request to the revocation endpoint, with the same client authentication (RFC 7009, section 2.1). */
  | { readonly _tag: 'Revocation'; readonly token: string; readonly hint: 'access_token' | 'refresh_token' }

/** The client authentication of a token request. */
export type Proof =
  | { readonly _tag: 'ClientId' }
  /** `isRaw`: id and secret are sent as they are, for a server that does not decode them. */
  | { readonly _tag: 'Basic'; readonly clientSecret: string; readonly isRaw: boolean }
  /** The secret in the body (`client_secret_post`). */
  | { readonly _tag: 'Secret'; readonly clientSecret: string }
  | { readonly _tag: 'Assertion'; readonly assertion: string }

const grantPairs = (grant: TokenGrant): ReadonlyArray<readonly [string, string]> => {
  switch (grant._tag) {
    case 'Code':
      return [
        ['grant_type', 'authorization_code'],
        ['code', grant.code],
        ['redirect_uri', grant.redirectUri],
        ['code_verifier', grant.codeVerifier]
      ]
    case 'Refresh':
      return [
        ['grant_type', 'refresh_token'],
        ['refresh_token', grant.refreshToken],
        ...(grant.scope === null ? [] : [['scope', grant.scope] as const])
      ]
    case 'Revocation':
      return [
        ['token', grant.token],
        ['token_type_hint', grant.hint]
      ]
    case 'ClientCredentials':
      return [
        ['grant_type', 'client_credentials'],
        ['scope', grant.scope]
      ]
  }
}

/**
 * The value of the header field Authorization: id and secret are form-encoded first (RFC 6749, section 2.3.1).
 *
 * @example
 * ```ts
 * import { basicAuthorization } from './requests.js'
 *
 * basicAuthorization('my-app', 'my-app-secret-123') // => 'Basic bXktYXBwOm15LWFwcC1zZWNyZXQtMTIz'
 * ```
 */
export const basicAuthorization = (clientId: string, clientSecret: string): string =>
  `Basic ${encodeBasic(`${formEncoded(clientId)}:${formEncoded(clientSecret)}`)}`

/**
 * The same without form encoding, as some servers compare it. An id with a colon cannot be sent so, and is encoded
 * (RFC 7617, section 2).
 */
const rawBasicAuthorization = (clientId: string, clientSecret: string): string =>
  clientId.includes(':')
    ? basicAuthorization(clientId, clientSecret)
    : `Basic ${encodeBasic(`${clientId}:${clientSecret}`)}`

const formEncoded = (text: string): string => encodeURIComponent(text.toWellFormed()).replaceAll('%20', '+')

/**
 * A token request. The client authenticates by one method. `client_id` is in the body only if the client does not
 * authenticate, or its secret is there too.
 */
export const tokenRequest = (
  tokenEndpoint: string,
  clientId: string,
  proof: Proof,
  grant: TokenGrant
): OutgoingRequest => {
  const pairs = grantPairs(grant)
  switch (proof._tag) {
    case 'ClientId':
      return postForm(tokenEndpoint, [...pairs, ['client_id', clientId]])
    case 'Basic':
      return postForm(tokenEndpoint, pairs, {
        authorization: (proof.isRaw ? rawBasicAuthorization : basicAuthorization)(clientId, proof.clientSecret)
      })
    case 'Secret':
      return postForm(tokenEndpoint, [...pairs, ['client_id', clientId], ['client_secret', proof.clientSecret]])
    case 'Assertion':
      return postForm(tokenEndpoint, [
        ...pairs,
        ['client_assertion_type', assertionType],
        ['client_assertion', proof.assertion]
      ])
  }
}

/** The claims of a client assertion. */
export interface AssertionClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly jti: string
}

/** The lifetime of an assertion in seconds: less than the allowed five minutes, because clocks differ. */
export const issuedAssertionLifetimeSeconds = 240

/** The claims of a new assertion. */
export const assertionClaims = (
  clientId: string,
  audience: string,
  now: EpochSeconds,
  jti: string
): AssertionClaims => ({
  iss: clientId,
  sub: clientId,
  aud: audience,
  exp: now + issuedAssertionLifetimeSeconds,
  iat: now,
  jti
})
