/** The refusals of the token endpoint. See `refusal.ts`. */
import type { RefusalRow, RefusalRows } from './refusal.js'

/** The row of a code that cannot be redeemed. The response does not contain the reason. */
const codeInvalid = (advice: string): RefusalRow => ({
  error: 'invalid_grant',
  status: 400,
  shown: ['token'],
  description: 'The code is not valid.',
  advice,
  anchor: 'rfc6749#section-5.2'
})

/** The row of an invalid refresh token. The response does not contain the reason. */
const refreshTokenInvalid = (advice: string): RefusalRow => ({
  error: 'invalid_grant',
  status: 400,
  shown: ['token'],
  description: 'The refresh token is not valid.',
  advice,
  anchor: 'rfc6749#section-5.2'
})

/** The row of a code or token whose grant has ended. The response does not contain how it ended. */
const grantOver = (advice: string): RefusalRow => ({
  error: 'invalid_grant',
  status: 400,
  shown: ['token'],
  description: 'The code or token is not valid.',
  advice,
  anchor: 'rfc6749#section-5.2'
})

/** The refusals of the token endpoint, including those about scopes that the authorization endpoint also uses. */
export const tokenRefusals = {
  ScopeTooComplex: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token', 'page'],
    description: 'The scopes have more combinations of values than this server compares.',
    advice: 'Comma lists multiply; the budget of the scope algebra is documented with TooComplex.',
    anchor: 'rfc6749#section-3.3'
  },
  ScopeTooLong: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect'],
    description: 'The scopes are longer than this server keeps.',
    advice: 'What could be granted is kept until the user has signed in, so its length is bounded (docs/limits.md).',
    anchor: 'rfc6749#section-3.3'
  },
  ScopeTooLongForToken: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'The scope is too long for an access token that can be presented.',
    advice:
      'A JWT holds its scope, and so does a token that is narrower than its grant; the bound is in docs/limits.md.',
    anchor: 'rfc6749#section-3.3'
  },
  GrantTypeMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'The parameter grant_type is missing.',
    advice: 'The client left out grant_type.',
    anchor: 'rfc6749#section-4.1.3'
  },
  GrantTypeNotSupported: {
    error: 'unsupported_grant_type',
    status: 400,
    shown: ['token'],
    description: 'This grant_type is not supported.',
    advice: 'The client asks for a grant that SMART does not have, or that this server does not serve.',
    anchor: 'rfc6749#section-5.2'
  },
  BackendNeedsAssertion: {
    error: 'unauthorized_client',
    status: 400,
    shown: ['token'],
    description: 'Backend services authenticate with private_key_jwt.',
    advice: 'A client with a secret, or with none, asks for client_credentials.',
    anchor: 'rfc6749#section-4.4'
  },
  CodeMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'The parameter code is missing.',
    advice: 'The client left out the code.',
    anchor: 'app-launch#step-5-access-token'
  },
  CodeVerifierMissing: {
    error: 'invalid_grant',
    status: 400,
    shown: ['token'],
    description: 'The parameter code_verifier is missing.',
    advice: 'The client left out the PKCE verifier.',
    anchor: 'rfc7636#section-4.5'
  },
  CodeVerifierMalformed: {
    error: 'invalid_grant',
    status: 400,
    shown: ['token'],
    description: 'The code_verifier must be 43 to 128 unreserved characters.',
    advice: 'The verifier is no PKCE verifier; the code is untouched.',
    anchor: 'rfc7636#section-4.1'
  },
  RedirectUriNotRepeated: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'The parameter redirect_uri is missing.',
    advice: 'The client must repeat the redirect_uri of its authorization request.',
    anchor: 'app-launch#step-5-access-token'
  },
  CodeUnknown: codeInvalid('No such code: invented, mistyped, or forgotten after its end.'),
  CodeOfAnotherClient: codeInvalid(
    'The code was issued to another client: injected or stolen. Its owner can still use it.'
  ),
  RedirectUriDiffers: codeInvalid(
    'The redirect_uri is not the one of the authorization request; by policy the code is no longer valid.'
  ),
  CodeVerifierDiffers: codeInvalid(
    'The S256 digest of the code_verifier is not the code_challenge of the authorization request: the verifier is of ' +
      'another launch, or the code was injected. By policy the code is no longer valid.'
  ),
  CodeExpired: codeInvalid('The client took longer than codeLifetimeSeconds.'),
  CodeReplayed: codeInvalid(
    'The code was redeemed before: by someone else, or by an app that sent it twice. So the whole grant was revoked.'
  ),
  RefreshTokenMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'The parameter refresh_token is missing.',
    advice: 'The client left out the refresh token.',
    anchor: 'app-launch#step-7-refresh'
  },
  RefreshTokenUnknown: refreshTokenInvalid(
    'Not a refresh token of this server: invented, mangled, or its key is gone.'
  ),
  RefreshTokenOfAnotherClient: refreshTokenInvalid(
    'The token was issued to another client: injected or stolen. Its owner can still use it.'
  ),
  RefreshTokenExpired: refreshTokenInvalid('The grant is older than refreshTokenLifetimeSeconds.'),
  RefreshTokenReused: refreshTokenInvalid(
    'The token was used before: by someone else, or by an app that sent it twice. So the whole grant was revoked.'
  ),
  RefreshTokenAhead: refreshTokenInvalid(
    'A genuine token of a later generation than the store knows: the store lost an acknowledged write.'
  ),
  UserNotOnline: {
    error: 'invalid_grant',
    status: 400,
    shown: ['token'],
    description: 'The user is not signed in any more.',
    advice: 'A token of online_access is good only in the session in which it was issued. The grant ended with it.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-a-refresh-token'
  },
  TargetDiffers: {
    error: 'invalid_target',
    status: 400,
    shown: ['token'],
    description: 'The code or token was issued for another server.',
    advice: 'The client names a resource that the grant is not for.',
    anchor: 'rfc8707#section-2.2'
  },
  ScopeBeyondGrant: {
    error: 'invalid_scope',
    status: 400,
    shown: ['token'],
    description: 'The scope is not within what was granted.',
    advice: 'A refresh may ask for less than was granted, never for more.',
    anchor: 'app-launch#step-7-refresh'
  },
  ScopeNoLongerRegistered: {
    error: 'invalid_scope',
    status: 400,
    shown: ['token', 'page'],
    description: 'The app is not registered any more for what was granted.',
    advice:
      'The registration was narrowed. A conversation with the user ends; what is registered again can be ' +
      'refreshed again.',
    anchor: 'rfc6749#section-6'
  },
  ScopeNoLongerPermitted: {
    error: 'invalid_scope',
    status: 400,
    shown: ['token'],
    description: 'Nothing of what was granted may be given now.',
    advice: 'The access policy permits nothing of this grant now. No token was used: a later refresh may succeed.',
    anchor: 'rfc6749#section-6'
  },
  RedirectUriNoLongerRegistered: codeInvalid(
    'The code was sent to an address that is not registered any more: others may hold it, so the grant was revoked.'
  ),
  CodeScopeNoLongerRegistered: codeInvalid(
    'The registration was narrowed after the code was issued and no longer covers its scope: the grant was revoked.'
  ),
  CodeUnprotected: {
    ...codeInvalid(
      'The client requested the code without a code challenge, and is registered as public since: a thief of the ' +
        'code could redeem it, so the grant was revoked.'
    ),
    anchor: 'app-launch#considerations-for-pkce-support'
  },
  GrantEndedByPolicy: grantOver('The access policy ended this grant (its answer was endGrant).'),
  GrantEnded: grantOver('The grant was denied, revoked or is expired.')
} satisfies RefusalRows
