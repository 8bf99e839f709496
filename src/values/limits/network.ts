/**
 * The limits of requests over the network, and of the keys of clients: rows of `limits.ts`.
 *
 * @module
 */
import type { Limit } from './limit.js'

/** The rows of these limits. */
export const networkLimits = {
  keyRequestTime: {
    subject: 'network',
    what: 'One request for the keys of a client, from the wait for its turn to the end of the body',
    unit: 'milliseconds',
    default: 5000,
    setting: '`timeoutMilliseconds` of `guardedFetch`',
    beyond: '401 `invalid_client`; the audit event says why'
  },
  keyConnectionTime: {
    subject: 'network',
    what: "The connection to one address of a key set's host",
    unit: 'milliseconds',
    default: 1000,
    setting: null,
    beyond: 'the next address is tried; after the last one 401 `invalid_client`'
  },
  keyAddresses: {
    subject: 'network',
    what: 'The addresses of one name that are tried',
    unit: 'items',
    default: 8,
    setting: null,
    beyond: 'the others are not tried'
  },
  keyDocument: {
    subject: 'network',
    what: 'The document at a `jwks_uri`',
    unit: 'bytes',
    default: 262144,
    setting: '`bodyLimitBytes` of `guardedFetch`',
    beyond: '401 `invalid_client`; the rest is not read'
  },
  keyInterimAnswers: {
    subject: 'network',
    what: 'The interim answers (1xx) before the document',
    unit: 'items',
    default: 8,
    setting: null,
    beyond: '401 `invalid_client`; the connection is closed'
  },
  keyRequests: {
    subject: 'network',
    what: 'The requests for keys of clients that are in progress',
    unit: 'requests',
    default: 32,
    setting: '`requestsAtOnce` of `guardedFetch`',
    beyond: 'the request waits for its turn'
  },
  keyRequestsPerHost: {
    subject: 'network',
    what: 'The requests for keys to one host that are in progress',
    unit: 'requests',
    default: 4,
    setting: '`requestsAtOncePerHost` of `guardedFetch`',
    beyond: 'the request waits for its turn'
  },
  keyRequestsWaiting: {
    subject: 'network',
    what: 'The waiting requests for keys: of hosts that have answered before, and the same number for other hosts',
    unit: 'requests',
    default: 256,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  keyRequestsWaitingPerHost: {
    subject: 'network',
    what: 'The requests for keys to one host that wait for their turn',
    unit: 'requests',
    default: 16,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  knownKeyHosts: {
    subject: 'network',
    what: 'The hosts that are known to have answered',
    unit: 'items',
    default: 1000,
    setting: null,
    beyond: 'the host that answered longest ago is forgotten'
  },
  nameServerTime: {
    subject: 'network',
    what: 'The first query to a name server; the second one may take as long again',
    unit: 'milliseconds',
    default: 1500,
    setting: '`resolve` of `guardedFetch`',
    beyond: 'the query is repeated once; then 401 `invalid_client`'
  },
  nameServerTries: {
    subject: 'network',
    what: 'The queries to a name server for one name and address family',
    unit: 'requests',
    default: 2,
    setting: '`resolve` of `guardedFetch`',
    beyond: '401 `invalid_client`'
  },
  keySet: {
    subject: 'clients',
    what: 'The cached keys of one `jwks_uri`',
    unit: 'characters',
    default: 65536,
    setting: null,
    beyond: '401 `invalid_client`'
  },
  keySets: {
    subject: 'clients',
    what: 'The addresses with cached keys',
    unit: 'items',
    default: 1000,
    setting: '`urlLimit` of `cachedClientKeys`',
    beyond: 'the keys that were fetched longest ago are removed'
  },
  keySetLifetime: {
    subject: 'clients',
    what: 'The cache lifetime of keys, whatever their server says',
    unit: 'seconds',
    default: 3600,
    setting: '`longestTtlSeconds` of `cachedClientKeys`',
    beyond: 'they are fetched again'
  },
  keySetRefetch: {
    subject: 'clients',
    what: 'The time between two requests for one address that a missing key causes',
    unit: 'seconds',
    default: 60,
    setting: '`refetchIntervalSeconds` of `cachedClientKeys`',
    beyond: 'within it, the cached keys are used'
  },
  keySetFailure: {
    subject: 'clients',
    what: 'The time in which an address that failed is not requested again',
    unit: 'seconds',
    default: 5,
    setting: null,
    beyond: 'it is requested again; before, 401 `invalid_client` at once'
  },
  keyRequestsGivenUp: {
    subject: 'clients',
    what: 'The requests for one address, aborted within `keySetRefetch` because all waiting clients have left',
    unit: 'requests',
    default: 8,
    setting: null,
    beyond: 'the next request is not aborted, and its result is cached'
  },
  importedKeys: {
    subject: 'clients',
    what: 'The imported keys of clients',
    unit: 'items',
    default: 1000,
    setting: null,
    beyond: 'all are imported again when they are needed'
  },
  upstreamTime: {
    subject: 'network',
    what: 'One request to an upstream FHIR server, or one call of the function `fhir` of a host',
    unit: 'milliseconds',
    default: 30_000,
    setting: '`timeoutMilliseconds` of `fhirUpstream`',
    beyond: '503 OperationOutcome `transient`'
  },
  upstreamAnswer: {
    subject: 'network',
    what: 'The body of a response of an upstream FHIR server',
    unit: 'bytes',
    default: 16 * 2 ** 20,
    setting: '`bodyLimitBytes` of `fhirUpstream`',
    beyond: '413 OperationOutcome `too-costly`, or as beyond `fhirUpstreamAnswer`; the rest is not read'
  },
  checkTime: {
    subject: 'network',
    what: 'Each request of the `check` command, with its redirects',
    unit: 'milliseconds',
    default: 10_000,
    setting: null,
    beyond: 'exit code 2 for the SMART configuration, otherwise a finding, with the reason'
  },
  checkedDocument: {
    subject: 'network',
    what: 'Each document that the `check` command reads',
    unit: 'bytes',
    default: 2 ** 20,
    setting: null,
    beyond: 'exit code 2 for the SMART configuration, otherwise a finding, with the reason'
  },
  checkedNames: {
    subject: 'network',
    what: 'The unknown members of a SMART configuration that `check` compares with the known names',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: 'further members are not compared'
  }
} as const satisfies Readonly<Record<string, Limit>>
