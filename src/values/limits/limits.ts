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
import { hostLimits } from './host.js'
import { networkLimits } from './network.js'
import { scopeLimits } from './scope.js'
import { scopeNumbers } from './scope-numbers.js'
import { simulatorLimits } from './simulator.js'
import type { Limit } from './limit.js'

/** The table of limits. */
export const limits = {
  requestBody: {
    subject: 'http',
    what: 'The body of one request',
    unit: 'bytes',
    default: 65536,
    setting: '`bodyLimitBytes` of `nodeHandler` and `webHandler`',
    beyond: '413 `invalid_request`, and the connection is closed'
  },
  unsentAnswers: {
    subject: 'http',
    what: 'The responses of `nodeHandler` that clients have not read yet, on all connections of the process',
    unit: 'bytes',
    default: 67_108_864,
    setting: '`unsentAnswersBytes` of `nodeHandler`',
    beyond: 'The connections with the oldest unread responses are closed'
  },
  waitingRequests: {
    subject: 'http',
    what:
      'The requests of one HTTP/1.1 connection that wait behind others, without those in the same chunk of data ' +
      '(64 KiB)',
    unit: 'requests',
    default: 100,
    setting: '`waitingRequests` of `nodeHandler`',
    beyond: 'The connection is not read until one request was answered'
  },
  requestsAtOnce: {
    subject: 'http',
    what: 'The requests that the handlers of a process answer at the same time',
    unit: 'requests',
    default: 1000,
    setting: '`requestsAtOnce` of `nodeHandler`, `webHandler` and every framework',
    beyond: '503 `temporarily_unavailable` with `Retry-After`, below the FHIR base an OperationOutcome'
  },
  healthCheckTime: {
    subject: 'http',
    what: 'The checks behind `/health/ready`',
    unit: 'milliseconds',
    default: 2000,
    setting: '`timeoutMilliseconds` of `processHealth`',
    beyond: '503, with the checks that failed'
  },
  stopTime: {
    subject: 'http',
    what: 'The requests in progress when the process stops',
    unit: 'milliseconds',
    default: 10_000,
    setting: '`graceMilliseconds` of `gracefulStop`',
    beyond: 'their connections are closed'
  },
  waitingRequestsInAll: {
    subject: 'http',
    what: 'The requests that wait behind others, on all connections of the process',
    unit: 'requests',
    default: 10_000,
    setting: '`waitingRequestsInAll` of `nodeHandler`',
    beyond: 'The connection with the most waiting requests is closed'
  },
  searchNumber: {
    subject: 'fhir',
    what: 'A number in a search value, a scope or an element that is searched',
    unit: 'characters',
    default: scopeNumbers.searchNumber,
    setting: null,
    beyond: 'A scope with such a value is not granted; a search does not find an element with such a number'
  },
  shownText: {
    subject: 'scopes',
    what: 'One untrusted text in a sentence of `explain` or on a page: a name, a value, an unknown scope',
    unit: 'characters',
    default: scopeNumbers.shownText,
    setting: null,
    beyond: 'its middle is replaced by the number of omitted characters'
  },
  shownMarks: {
    subject: 'scopes',
    what: 'The marks (accents, vowel signs) on one letter of an untrusted text',
    unit: 'items',
    default: scopeNumbers.shownMarks,
    setting: null,
    beyond: 'they are written as `\\u{335}`'
  },
  shownValues: {
    subject: 'scopes',
    what: 'The values of one clause that a sentence of `explain` names',
    unit: 'items',
    default: scopeNumbers.shownValues,
    setting: null,
    beyond: 'the number of the other values is shown'
  },
  authorizationState: {
    subject: 'authorization',
    what: 'The `state` of an authorization request',
    unit: 'characters',
    default: 4096,
    setting: null,
    beyond: '`invalid_request` to the app, without the state'
  },
  authorizationNonce: {
    subject: 'authorization',
    what: 'The `nonce` of an authorization request',
    unit: 'characters',
    default: 1024,
    setting: null,
    beyond: '`invalid_request` to the app'
  },
  grantedScope: {
    subject: 'authorization',
    what: 'The scopes that one authorization request can be granted, printed',
    unit: 'characters',
    default: 8192,
    setting: null,
    beyond: '`invalid_scope` to the app, before anything is stored'
  },
  userIdentifier: {
    subject: 'authorization',
    what: 'The identifier of a user (`sub`)',
    unit: 'characters',
    default: 255,
    setting: null,
    beyond: 'a page with `access_denied`; the simulator tells the digest of a longer name'
  },
  sessionIdentifier: {
    subject: 'authorization',
    what: "The identifier of a user's session, given by the host (`sessionId`)",
    unit: 'characters',
    default: 255,
    setting: null,
    beyond: 'a page with `access_denied`'
  },
  smallPendingRequests: {
    subject: 'memory',
    what: 'All authorization requests of at most 4 KiB before a user has signed in, in the memory store',
    unit: 'bytes',
    default: 67108864,
    setting: '`smallPendingBytes` of `memoryStore`',
    beyond: 'the oldest of the app or launching user with most of them are forgotten; their page says so'
  },
  largePendingRequests: {
    subject: 'memory',
    what: 'All longer authorization requests before a user has signed in, in the memory store',
    unit: 'bytes',
    default: 16777216,
    setting: '`largePendingBytes` of `memoryStore`',
    beyond: 'the oldest of the app or launching user with most of them are forgotten; their page says so'
  },
  backendGrants: {
    subject: 'memory',
    what: 'All unexpired tokens of backend services with their scopes, in the memory store',
    unit: 'bytes',
    default: 16777216,
    setting: '`backendBytes` of `memoryStore`',
    beyond: 'the oldest tokens of the service with the most bytes are removed, and are no longer valid'
  },
  keptLaunches: {
    subject: 'memory',
    what: 'All EHR launches, in the memory store',
    unit: 'bytes',
    default: 8388608,
    setting: '`launchBytes` of `memoryStore`',
    beyond: 'the oldest launches of the user with the most bytes are removed: the app must be launched again'
  },
  appRequestTime: {
    subject: 'app',
    what: 'One request of an app to its servers',
    unit: 'milliseconds',
    default: 15_000,
    setting: '`timeoutMilliseconds` of `nodeAppPorts` and `browserAppPorts`',
    beyond: 'the failure `ServerUnavailable`, or a `PortError` of the request'
  },
  appAnswer: {
    subject: 'app',
    what: 'The body of a response to an app',
    unit: 'bytes',
    default: 16 * 2 ** 20,
    setting: '`bodyLimitBytes` of `nodeAppPorts` and `browserAppPorts`',
    beyond: 'as when there is no response; the rest is not read'
  },
  ...networkLimits,
  ...simulatorLimits,
  ...appLimits,
  ...clientLimits,
  ...scopeLimits,
  ...fhirLimits,
  ...hostLimits
} as const satisfies Readonly<Record<string, Limit>>

/** The name of a limit. */
export type LimitName = keyof typeof limits
