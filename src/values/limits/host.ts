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
  },
  storeSettingsAge: {
    subject: 'host',
    what: 'The age of what a store in Redis or etcd knows about the settings of its servers',
    unit: 'seconds',
    default: 60,
    setting: null,
    beyond: 'The next operation makes it look again; a setting that became unsafe stops the store'
  },
  storeLeases: {
    subject: 'host',
    what: 'The leases of etcd that one store remembers',
    unit: 'items',
    default: 1000,
    setting: null,
    beyond: 'The oldest one is forgotten; a record that needs it gets a new one'
  }
} as const satisfies Readonly<Record<string, Limit>>
