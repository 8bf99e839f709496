/** The refusals of client authentication. See `refusal.ts`. */
import type { RefusalRow, RefusalRows } from './refusal.js'

/** The row of a failed client authentication. The response does not contain the reason. */
export const clientAuthenticationFailed = (advice: string): RefusalRow => ({
  error: 'invalid_client',
  status: 401,
  shown: ['token'],
  description: 'Client authentication failed.',
  advice,
  anchor: 'rfc6749#section-5.2'
})

/** The refusals of client authentication. */
export const clientRefusals = {
  CredentialsMissing: clientAuthenticationFailed('The request names no client at all.'),
  CredentialsUnreadable: clientAuthenticationFailed('The Authorization header is no readable HTTP Basic.'),
  CredentialsTwice: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'A client must authenticate in exactly one way.',
    advice: 'The request carries credentials in the header and in the body.',
    anchor: 'rfc6749#section-2.3'
  },
  CredentialsInAddress: {
    error: 'invalid_request',
    status: 400,
    shown: ['token'],
    description: 'Credentials must not be sent in the address.',
    advice: 'The secret now stands in logs; replace it.',
    anchor: 'rfc6749#section-2.3.1'
  },
  AuthenticatingClientUnknown: clientAuthenticationFailed('No such client.'),
  AuthenticationMethodDiffers: clientAuthenticationFailed(
    'The client uses another method than the one that it registered.'
  ),
  ClientSecretDiffers: clientAuthenticationFailed('The secret is wrong; many of these are an attack.'),
  AssertionTypeUnknown: clientAuthenticationFailed(
    'client_assertion_type is not urn:ietf:params:oauth:client-assertion-type:jwt-bearer.'
  ),
  AssertionUnreadable: clientAuthenticationFailed(
    'The client_assertion is no JWT of three base64url parts, or a name stands twice in one of its objects.'
  ),
  AssertionAlgorithmNotAllowed: clientAuthenticationFailed('The header alg is none of those that this server allows.'),
  AssertionTypeHeaderWrong: clientAuthenticationFailed('The header typ is not JWT.'),
  AssertionKeyIdMissing: clientAuthenticationFailed('The header kid is missing or no text.'),
  AssertionExtensionCritical: clientAuthenticationFailed('The header names an extension (crit) that is not supported.'),
  AssertionJkuNotRegistered: clientAuthenticationFailed(
    'The header jku is not the registered jwks_uri. It was not fetched.'
  ),
  AssertionKeyUnknown: clientAuthenticationFailed('No registered public key has that kid and fits the alg.'),
  AssertionKeyAmbiguous: clientAuthenticationFailed('Several registered keys have that kid and fit the alg.'),
  AssertionKeysUnavailable: clientAuthenticationFailed('The jwks_uri of the client did not give a JWK Set.'),
  AssertionSignatureWrong: clientAuthenticationFailed('The signature does not fit the registered key.'),
  AssertionIssuerWrong: clientAuthenticationFailed('iss and sub must both be the client_id, as texts.'),
  AssertionAudienceWrong: clientAuthenticationFailed(
    'aud must be one audience: an address of this server that the policy accepts.'
  ),
  AssertionExpired: clientAuthenticationFailed('exp is missing, is no number, or is past.'),
  AssertionTooLong: clientAuthenticationFailed('exp is further ahead than five minutes and the clock skew.'),
  AssertionNotYetValid: clientAuthenticationFailed('nbf or iat is in the future, or no number.'),
  AssertionFromBeforeRestoration: clientAuthenticationFailed(
    'The assertion may have been made before the store was restored (restoredAt), so its use may be forgotten.'
  ),
  AssertionIdMissing: clientAuthenticationFailed('jti is missing, is no text, or is too long.'),
  AssertionReplayed: clientAuthenticationFailed(
    'The jti was used before: a replay, or a client that does not make new ones.'
  ),
  SecretInBodyNotAllowed: clientAuthenticationFailed('client_secret_post is off (allowClientSecretPost).'),
  RedirectUriUnacceptable: {
    error: 'invalid_redirect_uri',
    status: 400,
    shown: ['token'],
    description: 'A redirect address cannot be registered.',
    advice: 'The refusal says what a redirect address must be.',
    anchor: 'rfc7591#section-3.2.2'
  },
  ClientMetadataUnacceptable: {
    error: 'invalid_client_metadata',
    status: 400,
    shown: ['token'],
    description: 'The metadata of the client cannot be registered.',
    advice: 'The refusal names the member and what is expected of it.',
    anchor: 'rfc7591#section-3.2.2'
  },
  SoftwareStatementUnacceptable: {
    error: 'invalid_software_statement',
    status: 400,
    shown: ['token'],
    description: 'Software statements are not trusted here.',
    advice: 'The client sends a software_statement; this server trusts no issuer of such.',
    anchor: 'rfc7591#section-3.2.2'
  },
  RegistrationTokenDiffers: {
    error: 'invalid_token',
    status: 401,
    shown: ['token'],
    challenge: 'Bearer',
    description: 'The registration access token is not good here.',
    advice: 'The token is of another client, or the client was removed.',
    anchor: 'rfc7592#section-2.1'
  },
  ClientHasNoSecret: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'This client has no secret.',
    advice: 'The host changes the secret of a client that proves itself otherwise.',
    anchor: 'rfc7591#section-2'
  },
  RegistrationsTooMany: {
    error: 'temporarily_unavailable',
    status: 429,
    shown: ['token'],
    description: 'Too many clients have registered; try again later.',
    advice:
      'As many clients as the settings allow have registered, within this hour or altogether. A flood, or a ' +
      'limit that is too low.',
    anchor: 'rfc7591#section-5'
  },
  OverlapUnacceptable: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'The old secret can stay valid for a whole number of seconds from 0.',
    advice: 'The host rotates a secret with an overlap that is no such number.',
    anchor: 'rfc7591#section-2'
  }
} satisfies RefusalRows
