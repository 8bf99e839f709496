/**
 * Every bound of the toolkit, as data: how much one peer can make it read, compute, keep or ask for.
 *
 * Code takes its bound from here, `docs/limits.md` is generated from here, and `test/limits` reaches each bound from below and from
 * above. A bound that is a setting of its own (a body limit, a lifetime) has its default here too.
 *
 * @module
 */
import { fhirLimits } from './fhir-limits.js'
import { scopeLimits } from './scope-limits.js'

/** One bound. */
export interface Limit {
  /** The part of the toolkit that keeps it. */
  readonly subject: 'scopes' | 'authorization' | 'clients' | 'tokens' | 'registration' | 'launch' | 'discovery' | 'fhir' | 'app' | 'http' | 'network' | 'memory' | 'simulator'
  /** What is bounded: a noun phrase that says of what. */
  readonly what: string
  readonly unit: 'bytes' | 'characters' | 'items' | 'levels' | 'comparisons' | 'operations' | 'requests' | 'milliseconds' | 'seconds' | 'bits'
  /** The most that is taken, where a host says nothing else. */
  readonly standard: number
  /** Where a host sets another value; null where none may need one. */
  readonly setting: string | null
  /** What the peer is told beyond it, or what happens to what is beyond. */
  readonly beyond: string
}

/** The table of bounds. */
export const limits = {
  requestBody: {
    subject: 'http', what: 'The body of one request', unit: 'bytes', standard: 65536,
    setting: '`bodyLimitBytes` of `nodeHandler` and `webHandler`', beyond: '413 `invalid_request`, and the connection is closed'
  },
  shownText: {
    subject: 'scopes', what: 'One text of somebody else\'s in a sentence of `explain` or on a page: a name, a value, a scope that is not known',
    unit: 'characters', standard: 100, setting: null, beyond: 'its middle is left out, and it is said how much'
  },
  shownValues: {
    subject: 'scopes', what: 'The values of one clause that a sentence of `explain` names', unit: 'items', standard: 20,
    setting: null, beyond: 'it is said how many others there are'
  },
  shownScope: {
    subject: 'simulator', what: 'The exact text of one scope beside its explanation, and an address', unit: 'characters', standard: 300,
    setting: null, beyond: 'its middle is left out, and it is said how much'
  },
  shownDetail: {
    subject: 'simulator', what: 'One particular of a refusal in the log, and a line of the command line about foreign text', unit: 'characters',
    standard: 1000, setting: null, beyond: 'its middle is left out, and it is said how much'
  },
  authorizationState: {
    subject: 'authorization', what: 'The `state` of an authorization request', unit: 'characters', standard: 4096,
    setting: null, beyond: '`invalid_request` to the app, without the state'
  },
  authorizationNonce: {
    subject: 'authorization', what: 'The `nonce` of an authorization request', unit: 'characters', standard: 1024,
    setting: null, beyond: '`invalid_request` to the app'
  },
  grantedScope: {
    subject: 'authorization', what: 'The scopes that one authorization request can be granted, printed', unit: 'characters', standard: 8192,
    setting: null, beyond: '`invalid_scope` to the app, before anything is kept'
  },
  userIdentifier: {
    subject: 'authorization', what: 'The identifier of a user (`sub`)', unit: 'characters', standard: 255,
    setting: null, beyond: 'a page with `server_error`; the simulator refuses such a user in its configuration'
  },
  sessionIdentifier: {
    subject: 'authorization', what: 'The identifier of a user\'s session, as the host tells it (`sessionId`)', unit: 'characters', standard: 255,
    setting: null, beyond: 'a page with `server_error`'
  },
  smallPendingRequests: {
    subject: 'memory', what: 'All authorization requests of at most 4 KiB before a user has signed in, in the memory store', unit: 'bytes', standard: 67108864,
    setting: '`smallPendingBytes` of `memoryStore`', beyond: 'the oldest are forgotten, and their page says that the sign-in is not known here'
  },
  largePendingRequests: {
    subject: 'memory', what: 'All longer authorization requests before a user has signed in, in the memory store', unit: 'bytes', standard: 16777216,
    setting: '`largePendingBytes` of `memoryStore`', beyond: 'the oldest are forgotten, and their page says that the sign-in is not known here'
  },
  simulatorSessions: {
    subject: 'simulator', what: 'The sessions of users that are kept at a time', unit: 'items', standard: 10000,
    setting: null, beyond: 'the session that was idle longest ends'
  },
  simulatorSessionIdle: {
    subject: 'simulator', what: 'How long a session lasts without a request of its browser', unit: 'seconds', standard: 1800,
    setting: null, beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  simulatorSessionLife: {
    subject: 'simulator', what: 'How long a session lasts after the sign-in', unit: 'seconds', standard: 43200,
    setting: null, beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  ...scopeLimits,
  ...fhirLimits
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a bound. */
export type LimitName = keyof typeof limits
