/** The refusals of client authentication. See `refusal.ts`. */
import type { RefusalRow, RefusalTag } from './refusal.js'

type Tags = Extract<
  RefusalTag,
  | 'CredentialsMissing'
  | 'CredentialsUnreadable'
  | 'CredentialsTwice'
  | 'CredentialsInAddress'
  | 'AuthenticatingClientUnknown'
  | 'AuthenticationMethodDiffers'
  | 'ClientSecretDiffers'
  | 'AssertionTypeUnknown'
  | 'AssertionUnreadable'
  | 'AssertionAlgorithmNotAllowed'
  | 'AssertionTypeHeaderWrong'
  | 'AssertionKeyIdMissing'
  | 'AssertionExtensionCritical'
  | 'AssertionJkuNotRegistered'
  | 'AssertionKeyUnknown'
  | 'AssertionKeyAmbiguous'
  | 'AssertionKeysUnavailable'
  | 'AssertionSignatureWrong'
  | 'AssertionIssuerWrong'
  | 'AssertionAudienceWrong'
  | 'AssertionExpired'
  | 'AssertionTooLong'
  | 'AssertionNotYetValid'
  | 'AssertionIdMissing'
  | 'AssertionReplayed'
  | 'SecretInBodyNotAllowed'
  | 'RedirectUriUnacceptable'
  | 'ClientMetadataUnacceptable'
  | 'SoftwareStatementUnacceptable'
  | 'RegistrationTokenDiffers'
  | 'ClientHasNoSecret'
  | 'RegistrationsTooMany'
  | 'OverlapUnacceptable'
>

/** The refusals of client authentication. */
export const clientRefusals: Readonly<Record<Tags, RefusalRow>> = {
  CredentialsMissing: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The request names no client at all.',
    anchor: 'rfc6749#section-5.2'
  },
  CredentialsUnreadable: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The Authorization header is no readable HTTP Basic.',
    anchor: 'rfc6749#section-5.2'
  },
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
  AuthenticatingClientUnknown: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'No such client.',
    anchor: 'rfc6749#section-5.2'
  },
  AuthenticationMethodDiffers: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The client uses another method than the one that it registered.',
    anchor: 'rfc6749#section-5.2'
  },
  ClientSecretDiffers: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The secret is wrong; many of these are an attack.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionTypeUnknown: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'client_assertion_type is not urn:ietf:params:oauth:client-assertion-type:jwt-bearer.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionUnreadable: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The client_assertion is no JWT of three base64url parts, or a name stands twice in one of its objects.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionAlgorithmNotAllowed: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The header alg is none of those that this server allows.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionTypeHeaderWrong: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The header typ is not JWT.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionKeyIdMissing: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The header kid is missing or no text.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionExtensionCritical: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The header names an extension (crit) that nobody here understands.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionJkuNotRegistered: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The header jku is not the registered jwks_uri. It was not fetched.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionKeyUnknown: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'No registered public key has that kid and fits the alg.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionKeyAmbiguous: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'Several registered keys have that kid and fit the alg.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionKeysUnavailable: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The jwks_uri of the client did not give a JWK Set.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionSignatureWrong: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The signature does not fit the registered key.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionIssuerWrong: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'iss and sub must both be the client_id, as texts.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionAudienceWrong: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'aud must be one audience: an address of this server that the policy accepts.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionExpired: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'exp is missing, is no number, or is past.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionTooLong: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'exp is further ahead than five minutes and the clock skew.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionNotYetValid: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'nbf or iat is in the future, or no number.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionIdMissing: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'jti is missing, is no text, or is too long.',
    anchor: 'rfc6749#section-5.2'
  },
  AssertionReplayed: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'The jti was used before: a replay, or a client that does not make new ones.',
    anchor: 'rfc6749#section-5.2'
  },
  SecretInBodyNotAllowed: {
    error: 'invalid_client',
    status: 401,
    shown: ['token'],
    description: 'Client authentication failed.',
    advice: 'client_secret_post is off (allowClientSecretPost).',
    anchor: 'rfc6749#section-5.2'
  },
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
    description: 'The old secret can stay good for a whole number of seconds from 0.',
    advice: 'The host rotates a secret with an overlap that is no such number.',
    anchor: 'rfc7591#section-2'
  }
}
