/**
 * Every limit of the toolkit, as data: how much one peer can make it read, compute, store or request.
 *
 * The code takes its limits from this table, `docs/limits.md` is generated from it, and `test/limits` tests each limit
 * from below and from above. A limit that is a setting (a body limit, a lifetime) has its default here too.
 *
 * @module
 */
import { appLimits } from './app.js'
import { clientLimits } from './client.js'
import { fhirLimits } from './fhir.js'
import { scopeLimits } from './scope.js'
import type { Limit } from './limit.js'

/** The table of limits. */
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
    what: 'The responses of `nodeHandler` that clients have not read yet, on all connections of the process',
    unit: 'bytes',
    standard: 67_108_864,
    setting: '`unsentAnswersBytes` of `nodeHandler`',
    beyond: 'The connections with the oldest unread responses are closed'
  },
  waitingRequests: {
    subject: 'http',
    what:
      'The requests of one HTTP/1.1 connection that wait behind others, without those in the same chunk of data ' +
      '(64 KiB)',
    unit: 'requests',
    standard: 100,
    setting: '`waitingRequests` of `nodeHandler`',
    beyond: 'The connection is not read until one request was answered'
  },
  waitingRequestsInAll: {
    subject: 'http',
    what: 'The requests that wait behind others, on all connections of the process',
    unit: 'requests',
    standard: 10_000,
    setting: '`waitingRequestsInAll` of `nodeHandler`',
    beyond: 'The connection with the most waiting requests is closed'
  },
  searchNumber: {
    subject: 'fhir',
    what: 'A number in a search value, a scope or an element that is searched',
    unit: 'characters',
    standard: 64,
    setting: null,
    beyond: 'A scope with such a value is not granted; a search does not find an element with such a number'
  },
  shownText: {
    subject: 'scopes',
    what: 'One untrusted text in a sentence of `explain` or on a page: a name, a value, an unknown scope',
    unit: 'characters',
    standard: 100,
    setting: null,
    beyond: 'its middle is replaced by the number of omitted characters'
  },
  shownMarks: {
    subject: 'scopes',
    what: 'The marks (accents, vowel signs) on one letter of an untrusted text',
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
    beyond: 'the number of the other values is shown'
  },
  shownScope: {
    subject: 'simulator',
    what: 'The exact text of one scope beside its explanation, and an address',
    unit: 'characters',
    standard: 300,
    setting: null,
    beyond: 'its middle is replaced by the number of omitted characters'
  },
  shownDetail: {
    subject: 'simulator',
    what: 'One member of a refusal in the log, and a line of the command line about untrusted text',
    unit: 'characters',
    standard: 1000,
    setting: null,
    beyond: 'its middle is replaced by the number of omitted characters'
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
    beyond: '`invalid_scope` to the app, before anything is stored'
  },
  userIdentifier: {
    subject: 'authorization',
    what: 'The identifier of a user (`sub`)',
    unit: 'characters',
    standard: 255,
    setting: null,
    beyond: 'a page with `access_denied`; the simulator tells the digest of a longer name'
  },
  sessionIdentifier: {
    subject: 'authorization',
    what: "The identifier of a user's session, given by the host (`sessionId`)",
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
  simulatorUserName: {
    subject: 'simulator',
    what: 'The name of a user in the configuration',
    unit: 'characters',
    standard: 1000,
    setting: null,
    beyond: 'the simulator does not start'
  },
  simulatorSessions: {
    subject: 'simulator',
    what: 'The sessions of users',
    unit: 'items',
    standard: 10000,
    setting: null,
    beyond: 'the session that was idle longest ends, first of those that began with a launch and without a password'
  },
  simulatorSessionIdle: {
    subject: 'simulator',
    what: 'The idle time of a session',
    unit: 'seconds',
    standard: 1800,
    setting: null,
    beyond: 'the user must sign in again, and what `online_access` granted ends'
  },
  simulatorSessionLife: {
    subject: 'simulator',
    what: 'The lifetime of a session after the sign-in',
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
    what: 'The requests for keys of clients that are in progress',
    unit: 'requests',
    standard: 32,
    setting: '`requestsAtOnce` of `guardedFetch`',
    beyond: 'the request waits for its turn'
  },
  keyRequestsPerHost: {
    subject: 'network',
    what: 'The requests for keys to one host that are in progress',
    unit: 'requests',
    standard: 4,
    setting: '`requestsAtOncePerHost` of `guardedFetch`',
    beyond: 'the request waits for its turn'
  },
  keyRequestsWaiting: {
    subject: 'network',
    what: 'The waiting requests for keys: of hosts that have answered before, and the same number for other hosts',
    unit: 'requests',
    standard: 256,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  keyRequestsWaitingPerHost: {
    subject: 'network',
    what: 'The requests for keys to one host that wait for their turn',
    unit: 'requests',
    standard: 16,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  knownKeyHosts: {
    subject: 'network',
    what: 'The hosts that are known to have answered',
    unit: 'items',
    standard: 1000,
    setting: null,
    beyond: 'the host that answered longest ago is forgotten'
  },
  nameServerTime: {
    subject: 'network',
    what: 'The first query to a name server; the second one may take as long again',
    unit: 'milliseconds',
    standard: 1500,
    setting: '`resolve` of `guardedFetch`',
    beyond: 'the query is repeated once; then 401 `invalid_client`'
  },
  nameServerTries: {
    subject: 'network',
    what: 'The queries to a name server for one name and address family',
    unit: 'requests',
    standard: 2,
    setting: '`resolve` of `guardedFetch`',
    beyond: '401 `invalid_client`'
  },
  keySet: {
    subject: 'clients',
    what: 'The cached keys of one `jwks_uri`',
    unit: 'characters',
    standard: 65536,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  keySets: {
    subject: 'clients',
    what: 'The addresses with cached keys',
    unit: 'items',
    standard: 1000,
    setting: '`urlLimit` of `cachedClientKeys`',
    beyond: 'the keys that were fetched longest ago are removed'
  },
  keySetLifetime: {
    subject: 'clients',
    what: 'The cache lifetime of keys, whatever their server says',
    unit: 'seconds',
    standard: 3600,
    setting: '`longestTtlSeconds` of `cachedClientKeys`',
    beyond: 'they are fetched again'
  },
  keySetRefetch: {
    subject: 'clients',
    what: 'The time between two requests for one address that a missing key causes',
    unit: 'seconds',
    standard: 60,
    setting: '`refetchIntervalSeconds` of `cachedClientKeys`',
    beyond: 'within it, the cached keys are used'
  },
  keySetFailure: {
    subject: 'clients',
    what: 'The time in which an address that failed is not requested again',
    unit: 'seconds',
    standard: 5,
    setting: null,
    beyond: 'it is requested again; before, 401 `invalid_client` at once'
  },
  keyRequestsGivenUp: {
    subject: 'clients',
    what: 'The requests for one address, aborted within `keySetRefetch` because all waiting clients have left',
    unit: 'requests',
    standard: 8,
    setting: null,
    beyond: 'the next request is not aborted, and its result is cached'
  },
  importedKeys: {
    subject: 'clients',
    what: 'The imported keys of clients',
    unit: 'items',
    standard: 1000,
    setting: null,
    beyond: 'all are imported again when they are needed'
  },
  upstreamTime: {
    subject: 'network',
    what: 'One request to an upstream FHIR server',
    unit: 'milliseconds',
    standard: 30_000,
    setting: '`timeoutMilliseconds` of `fhirUpstream`',
    beyond: '503 OperationOutcome `transient`'
  },
  upstreamAnswer: {
    subject: 'network',
    what: 'The body of a response of an upstream FHIR server',
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
    beyond: 'the failure `ServerUnavailable`, or a `PortError` of the request'
  },
  appAnswer: {
    subject: 'app',
    what: 'The body of a response to an app',
    unit: 'bytes',
    standard: 16 * 2 ** 20,
    setting: '`bodyLimitBytes` of `nodeAppPorts` and `browserAppPorts`',
    beyond: 'as when there is no response; the rest is not read'
  },
  simulatorConnections: {
    subject: 'simulator',
    what: 'The connections to the simulator',
    unit: 'items',
    standard: 1000,
    setting: null,
    beyond:
      'the oldest connection that waits for no response is closed; if all wait for one, the new connection is closed'
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
    what: 'A request to the simulator, with its body',
    unit: 'milliseconds',
    standard: 30_000,
    setting: null,
    beyond: '408, and the connection is closed'
  },
  simulatorIdleConnection: {
    subject: 'simulator',
    what: 'The idle time of a connection to the simulator',
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
    beyond: 'exit code 2, with the reason'
  },
  checkedDocument: {
    subject: 'network',
    what: 'The document that the `check` command reads',
    unit: 'bytes',
    standard: 2 ** 20,
    setting: null,
    beyond: 'exit code 2, with the reason'
  },
  ...appLimits,
  ...clientLimits,
  ...scopeLimits,
  ...fhirLimits
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a limit. */
export type LimitName = keyof typeof limits
