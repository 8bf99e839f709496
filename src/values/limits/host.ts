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
  shownChoices: {
    subject: 'host',
    what: 'The patients or encounters on the default page to choose one',
    unit: 'items',
    default: 50,
    setting: '`pages.choosePatient` of `smartHost`',
    beyond: 'the page says how many there are, and has a search by name'
  },
  recordReads: {
    subject: 'host',
    what: 'The records and clients that the page of connected apps reads at the same time',
    unit: 'operations',
    default: 10,
    setting: null,
    beyond: 'the others are read after these'
  },
  hostTime: {
    subject: 'host',
    what:
      'The answer to one request that is not below the FHIR base, with the functions, pages, store and keys of the ' +
      'host; and the check of an access token below the FHIR base',
    unit: 'milliseconds',
    default: 30_000,
    setting: '`timeoutMilliseconds` of `smartHost`',
    beyond: '503 `temporarily_unavailable`, and a line on the console; what was begun may still be done'
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
