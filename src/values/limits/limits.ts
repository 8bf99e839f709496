/**
 * Every bound of the toolkit, as data: how much one peer can make it read, compute, keep or ask for.
 *
 * Code takes its bound from here, `docs/limits.md` is generated from here, and `test/limits` reaches each bound from
 * below and from above. A bound that is a setting of its own (a body limit, a lifetime) has its default here too.
 *
 * @module
 */
import { appLimits } from './app.js'
import { clientLimits } from './client.js'
import { fhirLimits } from './fhir.js'
import { scopeLimits } from './scope.js'
import type { Limit } from './limit.js'

/** The table of bounds. */
export const limits = {
  requestBody: {
    subject: 'http',
    what: 'The body of one request',
    unit: 'bytes',
    standard: 65536,
    setting: '`bodyLimitBytes` of `nodeHandler` and `webHandler`',
    beyond: '413 `invalid_request`, and the connection is closed'
  },
  unsentAnswers: {
    subject: 'http',
    what: 'The answers of `nodeHandler` that clients have not taken yet, all connections of the process together',
    unit: 'bytes',
    standard: 67_108_864,
    setting: '`unsentAnswersBytes` of `nodeHandler`',
    beyond: 'The connections whose answers wait longest are closed'
  },
  waitingRequests: {
    subject: 'http',
    what:
      'The requests of one HTTP/1.1 connection that wait behind others, besides those that came with the same ' +
      'piece of data (64 KiB)',
    unit: 'requests',
    standard: 100,
    setting: '`waitingRequests` of `nodeHandler`',
    beyond: 'Nothing more is read from the connection until one was answered'
  },
  waitingRequestsInAll: {
    subject: 'http',
    what: 'The requests that wait behind others on all connections of the process together',
    unit: 'requests',
    standard: 10_000,
    setting: '`waitingRequestsInAll` of `nodeHandler`',
    beyond: 'The connection on which most wait is closed'
  },
  searchNumber: {
    subject: 'fhir',
    what: 'A number in a search value, a scope or an element that is searched',
    unit: 'characters',
    standard: 64,
    setting: null,
    beyond: 'A scope with such a value is not granted; an element with such a number is not found by it'
  },
  shownText: {
    subject: 'scopes',
    what:
      "One text of somebody else's in a sentence of `explain` or on a page: a name, a value, a scope that is not " +
      'known',
    unit: 'characters',
    standard: 100,
    setting: null,
    beyond: 'its middle is left out, and it is said how much'
  },
  shownMarks: {
    subject: 'scopes',
    what: "The marks (accents, vowel signs) on one letter of a text of somebody else's",
    unit: 'items',
    standard: 3,
    setting: null,
    beyond: 'they are written as `\\u{335}`'
  },
  shownValues: {
    subject: 'scopes',
    what: 'The values of one clause that a sentence of `explain` names',
    unit: 'items',
    standard: 20,
    setting: null,
    beyond: 'it is said how many others there are'
  },
  shownScope: {
    subject: 'simulator',
    what: 'The exact text of one scope beside its explanation, and an address',
    unit: 'characters',
    standard: 300,
    setting: null,
    beyond: 'its middle is left out, and it is said how much'
  },
  shownDetail: {
    subject: 'simulator',
    what: 'One particular of a refusal in the log, and a line of the command line about foreign text',
    unit: 'characters',
    standard: 1000,
    setting: null,
    beyond: 'its middle is left out, and it is said how much'
  },
  authorizationState: {
    subject: 'authorization',
    what: 'The `state` of an authorization request',
    unit: 'characters',
    standard: 4096,
    setting: null,
    beyond: '`invalid_request` to the app, without the state'
  },
  authorizationNonce: {
    subject: 'authorization',
    what: 'The `nonce` of an authorization request',
    unit: 'characters',
    standard: 1024,
    setting: null,
    beyond: '`invalid_request` to the app'
  },
  grantedScope: {
    subject: 'authorization',
    what: 'The scopes that one authorization request can be granted, printed',
    unit: 'characters',
    standard: 8192,
    setting: null,
    beyond: '`invalid_scope` to the app, before anything is kept'
  },
  userIdentifier: {
    subject: 'authorization',
    what: 'The identifier of a user (`sub`)',
    unit: 'characters',
    standard: 255,
    setting: null,
    beyond: 'a page with `access_denied`; the simulator refuses such a user in its configuration'
  },
  sessionIdentifier: {
    subject: 'authorization',
    what: "The identifier of a user's session, as the host tells it (`sessionId`)",
    unit: 'characters',
    standard: 255,
    setting: null,
    beyond: 'a page with `access_denied`'
  },
  smallPendingRequests: {
    subject: 'memory',
    what: 'All authorization requests of at most 4 KiB before a user has signed in, in the memory store',
    unit: 'bytes',
    standard: 67108864,
    setting: '`smallPendingBytes` of `memoryStore`',
    beyond: 'the oldest of the app or launching user with most of them are forgotten; their page says so'
  },
  largePendingRequests: {
    subject: 'memory',
    what: 'All longer authorization requests before a user has signed in, in the memory store',
    unit: 'bytes',
    standard: 16777216,
    setting: '`largePendingBytes` of `memoryStore`',
    beyond: 'the oldest of the app or launching user with most of them are forgotten; their page says so'
  },
  backendGrants: {
    subject: 'memory',
    what: 'All tokens of backend services that have not expired, with their scopes, in the memory store',
    unit: 'bytes',
    standard: 16777216,
    setting: '`backendBytes` of `memoryStore`',
    beyond: 'the oldest of the service with most of them are forgotten, and are good for nothing any more'
  },
  keptLaunches: {
    subject: 'memory',
    what: 'All EHR launches, in the memory store',
    unit: 'bytes',
    standard: 8388608,
    setting: '`launchBytes` of `memoryStore`',
    beyond: 'the oldest of the user with most of them are forgotten: the app is to be launched again'
  },
  simulatorSessions: {
    subject: 'simulator',
    what: 'The sessions of users that are kept at a time',
    unit: 'items',
    standard: 10000,
    setting: null,
    beyond: 'the session that was idle longest ends, first of those that began with a launch and without a password'
  },
  simulatorSessionIdle: {
    subject: 'simulator',
    what: 'How long a session lasts without a request of its browser',
    unit: 'seconds',
    standard: 1800,
    setting: null,
    beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  simulatorSessionLife: {
    subject: 'simulator',
    what: 'How long a session lasts after the sign-in',
    unit: 'seconds',
    standard: 43200,
    setting: null,
    beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  keyRequestTime: {
    subject: 'network',
    what: 'One request for the keys of a client, from the wait for its turn to the end of the body',
    unit: 'milliseconds',
    standard: 5000,
    setting: '`timeoutMilliseconds` of `guardedFetch`',
    beyond: '401 `invalid_client`; the audit event says why'
  },
  keyConnectionTime: {
    subject: 'network',
    what: "The connection to one address of a key set's host",
    unit: 'milliseconds',
    standard: 1000,
    setting: null,
    beyond: 'the next address is tried; after the last one 401 `invalid_client`'
  },
  keyAddresses: {
    subject: 'network',
    what: 'The addresses of one name that are tried',
    unit: 'items',
    standard: 8,
    setting: null,
    beyond: 'the others are not tried'
  },
  keyDocument: {
    subject: 'network',
    what: 'The document at a `jwks_uri`',
    unit: 'bytes',
    standard: 262144,
    setting: '`bodyLimitBytes` of `guardedFetch`',
    beyond: '401 `invalid_client`; the rest is not read'
  },
  keyInterimAnswers: {
    subject: 'network',
    what: 'The interim answers (1xx) before the document',
    unit: 'items',
    standard: 8,
    setting: null,
    beyond: '401 `invalid_client`; the connection is closed'
  },
  keyRequests: {
    subject: 'network',
    what: 'The requests for keys of clients that are under way',
    unit: 'requests',
    standard: 32,
    setting: '`requestsAtOnce` of `guardedFetch`',
    beyond: 'it waits for its turn'
  },
  keyRequestsPerHost: {
    subject: 'network',
    what: 'The requests for keys that ask one host',
    unit: 'requests',
    standard: 4,
    setting: '`requestsAtOncePerHost` of `guardedFetch`',
    beyond: 'it waits for its turn'
  },
  keyRequestsWaiting: {
    subject: 'network',
    what: 'The requests for keys that wait for their turn: of hosts that have answered before, and as many of others',
    unit: 'requests',
    standard: 256,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  keyRequestsWaitingPerHost: {
    subject: 'network',
    what: 'The requests for keys that wait to ask one host',
    unit: 'requests',
    standard: 16,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  knownKeyHosts: {
    subject: 'network',
    what: 'The hosts of which is known that they have answered',
    unit: 'items',
    standard: 1000,
    setting: null,
    beyond: 'the one that answered longest ago is forgotten'
  },
  nameServerTime: {
    subject: 'network',
    what: 'The first answer of a name server; the second one may take as long again',
    unit: 'milliseconds',
    standard: 1500,
    setting: '`resolve` of `guardedFetch`',
    beyond: 'the name is asked for once more; then 401 `invalid_client`'
  },
  nameServerTries: {
    subject: 'network',
    what: 'The questions to a name server for one name and kind of address',
    unit: 'requests',
    standard: 2,
    setting: '`resolve` of `guardedFetch`',
    beyond: '401 `invalid_client`'
  },
  keySet: {
    subject: 'clients',
    what: 'The keys that are kept of one `jwks_uri`',
    unit: 'characters',
    standard: 65536,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  keySets: {
    subject: 'clients',
    what: 'The addresses whose keys are kept',
    unit: 'items',
    standard: 1000,
    setting: '`urlLimit` of `cachedClientKeys`',
    beyond: 'the keys that were fetched longest ago are forgotten'
  },
  keySetLifetime: {
    subject: 'clients',
    what: 'How long keys are kept, whatever their server says',
    unit: 'seconds',
    standard: 3600,
    setting: '`longestTtlSeconds` of `cachedClientKeys`',
    beyond: 'they are fetched again'
  },
  keySetRefetch: {
    subject: 'clients',
    what: 'The time between two requests for one address that a missing key forces',
    unit: 'seconds',
    standard: 60,
    setting: '`refetchIntervalSeconds` of `cachedClientKeys`',
    beyond: 'within it, the keys that are kept decide'
  },
  keySetFailure: {
    subject: 'clients',
    what: 'How long an address that failed is not asked again',
    unit: 'seconds',
    standard: 5,
    setting: null,
    beyond: 'it is asked again; before, 401 `invalid_client` at once'
  },
  keyRequestsGivenUp: {
    subject: 'clients',
    what: 'The requests for one address that end within the time of `keySetRefetch` because all who waited have left',
    unit: 'requests',
    standard: 8,
    setting: null,
    beyond: 'the next one goes on to its end, and what it finds is kept'
  },
  importedKeys: {
    subject: 'clients',
    what: 'The keys of clients that are kept ready to verify with',
    unit: 'items',
    standard: 1000,
    setting: null,
    beyond: 'all are made ready anew when they are needed'
  },
  storeMarks: {
    subject: 'memory',
    what: 'The kinds of marks of the memory store that share an entry',
    unit: 'items',
    standard: 1024,
    setting: null,
    beyond: 'new marks share with new ones only'
  },
  upstreamTime: {
    subject: 'network',
    what: 'One request to a FHIR server behind',
    unit: 'milliseconds',
    standard: 30_000,
    setting: '`timeoutMilliseconds` of `fhirUpstream`',
    beyond: '503 OperationOutcome `transient`'
  },
  upstreamAnswer: {
    subject: 'network',
    what: 'The body of an answer of a FHIR server behind',
    unit: 'bytes',
    standard: 16 * 2 ** 20,
    setting: '`bodyLimitBytes` of `fhirUpstream`',
    beyond: '503 OperationOutcome `transient`; the rest is not read'
  },
  appRequestTime: {
    subject: 'app',
    what: 'One request of an app to its servers',
    unit: 'milliseconds',
    standard: 15_000,
    setting: '`timeoutMilliseconds` of `nodeAppPorts` and `browserAppPorts`',
    beyond: 'the failure `ServerUnavailable`, or a `Silence` of the request'
  },
  appAnswer: {
    subject: 'app',
    what: 'The body of an answer to an app',
    unit: 'bytes',
    standard: 16 * 2 ** 20,
    setting: '`bodyLimitBytes` of `nodeAppPorts` and `browserAppPorts`',
    beyond: 'as when there is no answer; the rest is not read'
  },
  simulatorConnections: {
    subject: 'simulator',
    what: 'The connections to the simulator',
    unit: 'items',
    standard: 1000,
    setting: null,
    beyond: 'the oldest connection that waits for no answer is closed; where all wait for one, the new one'
  },
  simulatorHeadTime: {
    subject: 'simulator',
    what: 'The head of a request to the simulator',
    unit: 'milliseconds',
    standard: 10_000,
    setting: null,
    beyond: '408, and the connection is closed'
  },
  simulatorRequestTime: {
    subject: 'simulator',
    what: 'A request to the simulator, its body included',
    unit: 'milliseconds',
    standard: 30_000,
    setting: null,
    beyond: '408, and the connection is closed'
  },
  simulatorSilence: {
    subject: 'simulator',
    what: 'The time in which nothing goes over a connection to the simulator',
    unit: 'milliseconds',
    standard: 120_000,
    setting: null,
    beyond: 'the connection is closed'
  },
  checkTime: {
    subject: 'network',
    what: 'The request of the `check` command',
    unit: 'milliseconds',
    standard: 10_000,
    setting: null,
    beyond: 'exit code 2, and why'
  },
  checkedDocument: {
    subject: 'network',
    what: 'The document that the `check` command reads',
    unit: 'bytes',
    standard: 2 ** 20,
    setting: null,
    beyond: 'exit code 2, and why'
  },
  ...appLimits,
  ...clientLimits,
  ...scopeLimits,
  ...fhirLimits
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a bound. */
export type LimitName = keyof typeof limits
