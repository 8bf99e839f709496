/**
 * The limits of a host: rows of `limits.ts`.
 *
 * @module
 */
import type { Limit } from './limit.js'

/** What a host keeps for a user, and what it reads. */
export const hostLimits = {
  connectedApps: {
    subject: 'host',
    what: 'The grants in the list of connected apps of one user; the remembered consents of one user',
    unit: 'items',
    default: 50,
    setting: null,
    beyond: 'the oldest grant of the app with the most grants is revoked, the oldest consent is forgotten'
  },
  fhirRequestBody: {
    subject: 'host',
    what: 'The body of one request below the FHIR base',
    unit: 'bytes',
    default: 4 * 2 ** 20,
    setting: '`fhirBodyLimitBytes` of `smartHost`',
    beyond: '413 with an OperationOutcome'
  },
  storeRequestTime: {
    subject: 'host',
    what: 'One request of a store to its database engine',
    unit: 'milliseconds',
    default: 5000,
    setting: '`timeoutMilliseconds` of `openPostgresStore`, `openSqliteStore`, `openRedisStore` and `openEtcdStore`',
    beyond: 'the outcome is unknown: 503, and nothing is issued'
  }
} as const satisfies Readonly<Record<string, Limit>>
