/**
 * The limits of apps, of launch context, and of writes to a store: rows of `limits.ts`.
 *
 * @module
 */
import type { Limit } from './limit.js'

const contextInvalid = 'a page with `invalid_request`; the refusal `LaunchContextInvalid` of `offerLaunch`'

/** The rows. */
export const appLimits = {
  tabLaunches: {
    subject: 'app',
    what: 'The launches of one tab that can still be finished',
    unit: 'items',
    default: 20,
    setting: null,
    beyond: 'the oldest one can no longer be finished'
  },
  tabSessions: {
    subject: 'app',
    what: 'The sessions of the frames and apps of one tab',
    unit: 'items',
    default: 20,
    setting: null,
    beyond: 'the page of the oldest one launches again when it is loaded again'
  },
  leavingPage: {
    subject: 'app',
    what: 'The time in which a second `begin` of a page that is being left does nothing',
    unit: 'seconds',
    default: 10,
    setting: null,
    beyond: 'it begins another launch'
  },
  callbackLaunches: {
    subject: 'app',
    what: 'The launches of one browser that a callback is compared with',
    unit: 'items',
    default: 20,
    setting: null,
    beyond: 'the others are not compared: the failure `StateDiffers`'
  },
  discoveryRedirects: {
    subject: 'app',
    what: 'The redirects of one discovery document, if the tolerance `discoveryRedirects` accepts them',
    unit: 'items',
    default: 3,
    setting: null,
    beyond: 'the failure `DiscoveryRedirected`'
  },
  keyFetches: {
    subject: 'app',
    what: 'The requests for the keys of an issuer in one launch',
    unit: 'operations',
    default: 2,
    setting: null,
    beyond: 'the failure `IdTokenKeyUnknown` or `IdTokenSignatureWrong`'
  },
  launchData: {
    subject: 'app',
    what: "The app's own data that travel with a launch, as JSON",
    unit: 'characters',
    default: 4096,
    setting: null,
    beyond: 'the failure `LaunchDataUnusable`'
  },
  sessionPolls: {
    subject: 'app',
    what: 'The times that a repeated callback looks for the session that the first one opens (250 ms apart)',
    unit: 'operations',
    default: 20,
    setting: null,
    beyond: 'the failure `StateUsed`'
  },
  appWait: {
    subject: 'app',
    what: 'The wait of `Retry-After` after which a read of an app is repeated',
    unit: 'seconds',
    default: 10,
    setting: '`longestWaitSeconds` of an app',
    beyond: 'the response is given as it is'
  },
  retryAfter: {
    subject: 'app',
    what: 'The wait of `Retry-After` after which a read or a token request of a backend service is repeated',
    unit: 'seconds',
    default: 60,
    setting: '`longestWaitSeconds` of a backend service',
    beyond: 'the response is given as it is; at the token endpoint the failure `ServerBusy`'
  },
  busyRepeats: {
    subject: 'app',
    what: 'The repetitions of a read that a server answers with 429 or 503 and `Retry-After`',
    unit: 'operations',
    default: 2,
    setting: null,
    beyond: 'the response is given as it is'
  },
  sessionWrites: {
    subject: 'app',
    what: 'The attempts to write new tokens to a store that is unavailable',
    unit: 'operations',
    default: 6,
    setting: null,
    beyond: 'the failure `StoreUnavailable`'
  },
  servicePause: {
    subject: 'app',
    what: 'The pause of a backend service between two token requests',
    unit: 'milliseconds',
    default: 2000,
    setting: null,
    beyond: 'it stays at this length'
  },
  authorizationAddress: {
    subject: 'app',
    what: 'The authorization request URL, if the server also accepts POST',
    unit: 'characters',
    default: 2000,
    setting: '`longestAddress` of the app',
    beyond: 'The request is sent by POST'
  },
  recordChanges: {
    subject: 'memory',
    what: 'The attempts to change a record that other requests change at the same time',
    unit: 'operations',
    default: 8,
    setting: null,
    beyond: '503 `temporarily_unavailable`'
  },
  contextEntries: {
    subject: 'launch',
    what: 'The entries of `fhirContext`',
    unit: 'items',
    default: 100,
    setting: null,
    beyond: contextInvalid
  },
  contextText: {
    subject: 'launch',
    what: 'The `tenant` or the `intent` of a launch',
    unit: 'characters',
    default: 1024,
    setting: null,
    beyond: contextInvalid
  },
  contextSize: {
    subject: 'launch',
    what: 'The values and characters of a launch context, which is stored with the grant and sent with every token',
    unit: 'items',
    default: 65536,
    setting: null,
    beyond: contextInvalid
  },
  contextDepth: {
    subject: 'launch',
    what: 'The nesting of a launch context',
    unit: 'levels',
    default: 32,
    setting: null,
    beyond: contextInvalid
  }
} as const satisfies Readonly<Record<string, Limit>>
