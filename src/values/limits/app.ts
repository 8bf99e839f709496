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
    default: 5,
    setting: null,
    beyond: 'the oldest one can no longer be finished'
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
