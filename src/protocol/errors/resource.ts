/**
 * The refusals of the resource server, and silence: a store, register or key that does not answer. See `refusal.ts`.
 */
import type { RefusalRow, RefusalTag } from './refusal.js'

type Tags = Extract<
  RefusalTag,
  | 'AccessTokenMissing'
  | 'AccessTokenInAddress'
  | 'AccessTokenUnknown'
  | 'AccessTokenExpired'
  | 'AccessTokenRevoked'
  | 'AccessTokenForAnotherServer'
  | 'AccessNotGranted'
  | 'StoreUnavailable'
  | 'StoreContended'
  | 'StoreUnreadable'
  | 'ClientsUnavailable'
  | 'KeysUnavailable'
  | 'PolicyUnavailable'
  | 'UsersUnavailable'
  | 'HostUnavailable'
  | 'UnexpectedEvent'
>

/** The refusals of the resource server, and silence: a store, register or key that does not answer. */
export const resourceRefusals: Readonly<Record<Tags, RefusalRow>> = {
  AccessTokenMissing: {
    error: 'invalid_token',
    status: 401,
    shown: ['resource'],
    description: 'An access token is needed.',
    advice: 'The request carries no bearer token.',
    anchor: 'rfc6750#section-2.1'
  },
  AccessTokenInAddress: {
    error: 'invalid_request',
    status: 400,
    shown: ['resource'],
    description: 'Access tokens must be sent in the Authorization header.',
    advice: 'A token in an address stands in logs.',
    anchor: 'rfc9700#section-4.3.2'
  },
  AccessTokenUnknown: {
    error: 'invalid_token',
    status: 401,
    shown: ['resource'],
    description: 'The access token is not valid.',
    advice: 'Not an access token of this server: invented, mangled, or of another kind.',
    anchor: 'rfc6750#section-3.1'
  },
  AccessTokenExpired: {
    error: 'invalid_token',
    status: 401,
    shown: ['resource'],
    description: 'The access token is not valid.',
    advice: 'The app must refresh.',
    anchor: 'rfc6750#section-3.1'
  },
  AccessTokenRevoked: {
    error: 'invalid_token',
    status: 401,
    shown: ['resource'],
    description: 'The access token is not valid.',
    advice: 'The grant behind the token has ended.',
    anchor: 'rfc6750#section-3.1'
  },
  AccessTokenForAnotherServer: {
    error: 'invalid_token',
    status: 401,
    shown: ['resource'],
    description: 'The access token is not valid.',
    advice: 'The token was issued for another FHIR base URL.',
    anchor: 'rfc6750#section-3.1'
  },
  AccessNotGranted: {
    error: 'insufficient_scope',
    status: 403,
    shown: ['resource'],
    description: 'The granted scopes do not allow this request.',
    advice: 'The decision names the scopes that would.',
    anchor: 'rfc6750#section-3.1'
  },
  StoreUnavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'redirect', 'token', 'resource'],
    description: 'The server cannot answer now. Please try again.',
    advice: 'The store did not answer, or did not say whether it wrote. Nothing was handed out.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  StoreContended: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'redirect', 'token', 'resource'],
    description: 'The server cannot answer now. Please try again.',
    advice: 'Too many writers at one record; no honest client makes that many.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  StoreUnreadable: {
    error: 'server_error',
    status: 500,
    shown: ['page', 'redirect', 'token', 'resource'],
    description: 'The server cannot answer.',
    advice: 'A stored record is not one that this version of the toolkit writes.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  ClientsUnavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'token'],
    description: 'The server cannot answer now. Please try again.',
    advice: 'The register of clients did not answer.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  KeysUnavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'redirect', 'token', 'resource'],
    description: 'The server cannot answer now. Please try again.',
    advice: 'The keys could not be used; nothing was signed.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  PolicyUnavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'redirect', 'token'],
    description: 'The server cannot answer now. Please try again.',
    advice: 'The access policy did not answer.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  UsersUnavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['token'],
    description: 'The server cannot answer now. Please try again.',
    advice: 'The host could not say whether the user is still signed in. Nothing was handed out.',
    anchor: 'rfc6749#section-5.2'
  },
  HostUnavailable: {
    error: 'temporarily_unavailable',
    status: 503,
    shown: ['page', 'token', 'resource'],
    description: 'The server cannot answer now. Please try again.',
    advice:
      'A port of the host threw that has no answer for its failure: the clock, chance, a digest. The reason is ' +
      'in the log.',
    anchor: 'rfc6749#section-4.1.2.1'
  },
  UnexpectedEvent: {
    error: 'server_error',
    status: 500,
    shown: ['page', 'redirect', 'token', 'resource'],
    description: 'The server cannot answer.',
    advice: 'A mistake in the toolkit or its host: a machine was told something that it did not ask for.',
    anchor: 'rfc6749#section-4.1.2.1'
  }
}
