/**
 * The limits for data from clients and untrusted parties: registrations, keys, assertions, origins, and presented
 * tokens.
 *
 * @module
 */
import type { Limit } from './limit.js'

const unacceptable = '400 `invalid_client_metadata`'

/** The rows. */
export const clientLimits = {
  registrationBody: {
    subject: 'registration',
    what: 'The metadata of one registration',
    unit: 'characters',
    default: 65536,
    setting: null,
    beyond: '413 `invalid_request`'
  },
  secretDigestCost: {
    subject: 'clients',
    what: 'The work of one scrypt digest of a client secret: 128 × N × r × p',
    unit: 'bytes',
    default: 134_217_728,
    setting: null,
    beyond: '503 `temporarily_unavailable`, because the digest is not computed'
  },
  registeredName: {
    subject: 'registration',
    what: 'The name of a client',
    unit: 'characters',
    default: 100,
    setting: null,
    beyond: unacceptable
  },
  registrationLosses: {
    subject: 'registration',
    what: 'The attempts of one registration to write the count of registrations',
    unit: 'operations',
    default: 100,
    setting: null,
    beyond: '503 `temporarily_unavailable`'
  },
  registeredAddresses: {
    subject: 'registration',
    what: 'The redirect addresses of a client, and as many launch addresses',
    unit: 'items',
    default: 20,
    setting: null,
    beyond: '400 `invalid_redirect_uri`, or `invalid_client_metadata` for launch addresses'
  },
  registeredAddress: {
    subject: 'registration',
    what: 'Each address that a client registers',
    unit: 'characters',
    default: 2048,
    setting: null,
    beyond: '400 `invalid_redirect_uri`, or `invalid_client_metadata` for other addresses'
  },
  registeredKeys: {
    subject: 'registration',
    what: 'The keys of a JWK Set, registered or published',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: `${unacceptable}; a published set is refused`
  },
  keyOperations: {
    subject: 'registration',
    what: 'The operations that a key names',
    unit: 'items',
    default: 16,
    setting: null,
    beyond: `${unacceptable}; in a published set the key is left out`
  },
  keyModulus: {
    subject: 'registration',
    what: 'The modulus of an RSA key',
    unit: 'bits',
    default: 8192,
    setting: null,
    beyond: `${unacceptable}; in a published set the key verifies no assertion`
  },
  keyExponent: {
    subject: 'registration',
    what: 'The public exponent of an RSA key',
    unit: 'bits',
    default: 64,
    setting: null,
    beyond: `${unacceptable}; in a published set the key verifies no assertion`
  },
  registrationsPerHour: {
    subject: 'registration',
    what: 'The clients that register themselves within an hour',
    unit: 'items',
    default: 100,
    setting: '`registration.limitPerHour`',
    beyond: '429 `temporarily_unavailable` with `Retry-After`'
  },
  registrationsKept: {
    subject: 'registration',
    what: 'The clients that registered without an initial access token (mode `open`), at any time',
    unit: 'items',
    default: 10000,
    setting: '`registration.limitKept`',
    beyond: '429 `temporarily_unavailable` with `Retry-After`, until one is removed'
  },
  corsOrigin: {
    subject: 'clients',
    what: 'An origin that is looked up for CORS',
    unit: 'characters',
    default: 300,
    setting: null,
    beyond: 'it matches no client: the response has no CORS header'
  },
  assertionText: {
    subject: 'clients',
    what: 'A client assertion',
    unit: 'characters',
    default: 16384,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  assertionId: {
    subject: 'clients',
    what: 'The `jti` of a client assertion',
    unit: 'characters',
    default: 255,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  assertionKeyId: {
    subject: 'clients',
    what: 'The `kid` of a client assertion',
    unit: 'characters',
    default: 1024,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  assertionLifetime: {
    subject: 'clients',
    what: 'The remaining lifetime of a client assertion, without the clock skew',
    unit: 'seconds',
    default: 300,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  presentedToken: {
    subject: 'tokens',
    what: 'A token that is introspected or revoked',
    unit: 'characters',
    default: 16384,
    setting: null,
    beyond: 'it counts as an unknown token: `{"active":false}`, or 200'
  }
} as const satisfies Readonly<Record<string, Limit>>
