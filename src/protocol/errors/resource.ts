/**
 * The refusals of the resource server, and those of unavailable ports (store, client registry, keys). See `refusal.ts`.
 */
import type { ErrorAudience, RefusalRow, RefusalRows } from './refusal.js'

/** The row of an invalid access token. The response does not contain the reason. */
const accessTokenInvalid = (advice: string): RefusalRow => ({
  error: 'invalid_token',
  status: 401,
  shown: ['resource'],
  challenge: 'Bearer',
  description: 'The access token is not valid.',
  advice,
  anchor: 'rfc6750#section-3.1'
})

const everywhere: ReadonlyArray<ErrorAudience> = ['page', 'redirect', 'token', 'resource']

/** The row of an unavailable port. The response does not contain which one. */
const unavailable = (shown: ReadonlyArray<ErrorAudience>, advice: string): RefusalRow => ({
  error: 'temporarily_unavailable',
  status: 503,
  shown,
  description: 'The server cannot answer now. Please try again.',
  advice,
  anchor: 'rfc6749#section-4.1.2.1'
})

/** The row of an internal error. The response does not contain which one. */
const serverError = (advice: string): RefusalRow => ({
  error: 'server_error',
  status: 500,
  shown: everywhere,
  description: 'The server cannot answer.',
  advice,
  anchor: 'rfc6749#section-4.1.2.1'
})

/** The refusals of the resource server, and those of unavailable ports (store, client registry, keys). */
export const resourceRefusals = {
  AccessTokenMissing: {
    error: 'invalid_token',
    status: 401,
    shown: ['resource'],
    challenge: 'Bearer',
    description: 'An access token is needed.',
    advice: 'The request carries no bearer token.',
    anchor: 'rfc6750#section-2.1'
  },
  AccessTokenInAddress: {
    error: 'invalid_request',
    status: 400,
    shown: ['resource'],
    challenge: 'Bearer',
    description: 'Access tokens must be sent in the Authorization header.',
    advice: 'A token in an address stands in logs.',
    anchor: 'rfc9700#section-4.3.2'
  },
  AccessTokenUnknown: accessTokenInvalid('Not an access token of this server: invented, mangled, or of another kind.'),
  AccessTokenExpired: accessTokenInvalid('The app must refresh.'),
  AccessTokenRevoked: accessTokenInvalid('The grant behind the token has ended, or another server issued the token.'),
  AccessTokenForAnotherServer: accessTokenInvalid('The token was issued for another FHIR base URL.'),
  AccessNotGranted: {
    error: 'insufficient_scope',
    status: 403,
    shown: ['resource'],
    description: 'The granted scopes do not allow this request.',
    advice: 'The decision names the scopes that would.',
    anchor: 'rfc6750#section-3.1'
  },
  StoreUnavailable: unavailable(
    everywhere,
    'The store did not answer, or did not say whether it wrote. Nothing was handed out.'
  ),
  StoreContended: unavailable(everywhere, 'Too many writers at one record; no honest client makes that many.'),
  StoreUnreadable: serverError('A stored record is not one that this version of the toolkit writes.'),
  StoredByLaterRelease: unavailable(
    everywhere,
    'A process of a later release wrote the record. Upgrade this process; until then another one must answer.'
  ),
  ClientsUnavailable: unavailable(['page', 'token'], 'The register of clients did not answer.'),
  KeysUnavailable: unavailable(everywhere, 'The keys could not be used; nothing was signed.'),
  PolicyUnavailable: unavailable(['page', 'redirect', 'token'], 'The access policy did not answer.'),
  UsersUnavailable: {
    ...unavailable(['token'], 'The host could not say whether the user is still signed in. Nothing was handed out.'),
    anchor: 'rfc6749#section-5.2'
  },
  HostUnavailable: unavailable(
    ['page', 'token', 'resource'],
    'A function of the host threw an error or did not settle in time. The log has the reason.'
  ),
  UnexpectedEvent: serverError(
    'A defect of the toolkit or its host: a state machine received an event that it does not expect in this state.'
  )
} satisfies RefusalRows
