/**
 * The states, events and commands of an app's launch.
 *
 * @module
 */
import type { IdToken } from './id-token-rules.js'
import type { AppFailure } from './failure.js'
import type { DocumentRequest } from './trust/server-documents.js'
import type { Redirect } from './requests.js'
import type { ReceivedTokens } from './token-response.js'
import type { PlainResponse } from '../http/message.js'
import type { Jwk } from '../jwt/jwk.js'
import type { OutgoingRequest } from '../http/outgoing-request.js'
import type { LaunchOrigin, PendingLaunch, SessionFacts, StoredLaunch, Tokens, UsedAppLaunch } from './stored-app.js'
import type { AppAuthentication, ValidatedServer, Trust, TrustedServer } from './trusted-server.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The settings of an app. */
export interface AppLaunchSettings {
  /** Finds a trusted server by `iss`. */
  readonly trust: Trust
  /** The requested scope. `launch` is added in an EHR launch and removed in a standalone launch. */
  readonly scope: string
  readonly specVersion: SmartPolicy['specVersion']
  /** How long a launch is valid, in seconds. */
  readonly launchLifetimeSeconds: number
  /** How long an unused session is kept, in seconds. */
  readonly sessionLifetimeSeconds: number
  /** The allowed clock difference, in seconds. */
  readonly clockSkewSeconds: number
  /** The accepted algorithms of id_tokens. */
  readonly idTokenAlgorithms: ReadonlyArray<string>
  /** Longer authorization requests are sent as a form if the server supports it. */
  readonly longestAddress: number
  /** Whether texts are accepted as booleans at servers whose tolerances do not say. */
  readonly acceptTextBooleans: boolean
}

/**
 * The start of a launch. `data` are the app's own: any JSON value of at most 4096 characters. They are stored with the
 * launch, and the session gives them back in `facts.launch.data`. They are not sent to the server.
 */
export type LaunchRequest =
  /** The EHR opened the app's launch URL; its query as received, with or without the question mark. */
  | { readonly _tag: 'EhrLaunch'; readonly query: string; readonly data?: unknown }
  /** The user opened the app, and the app knows the server. */
  | { readonly _tag: 'Standalone'; readonly iss: string; readonly data?: unknown }

/** Random values of 256 bits, the current time, and the app's keys for a new launch. */
export interface FreshLaunchValues {
  readonly now: EpochSeconds
  readonly launchId: string
  readonly state: string
  readonly nonce: string
  readonly writeId: string
  /** The public name of the launch, derived from its id. */
  readonly handle: string
  /** The algorithms with which the app's keys can sign; null when they are not known. */
  readonly algorithms: ReadonlyArray<string> | null
}

/** The redirect that returned the browser to the app. */
export interface CallbackRequest {
  /** The ids of the launches that this browser has begun, from its session. */
  readonly launchIds: ReadonlyArray<string>
  /** The query of the redirect as received, with or without the question mark. */
  readonly query: string
  /**
   * The redirect URI at which it arrived, if the app uses a different one for each server. This defends against mix-up
   * attacks also when `iss` was removed from the redirect.
   */
  readonly redirectUri?: string
  /**
   * The whole URL at which it arrived, as the browser shows it. It is also compared with the redirect URI of the
   * launch.
   */
  readonly arrivedAt?: string
}

/** Random values and the current time for a callback. */
export interface FreshCallbackValues {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** The parameters of a redirect. */
export interface Callback {
  readonly state: string
  readonly code: string | null
  readonly iss: string | null
  readonly error: string | null
  readonly description: string | null
  /** The redirect URI at which it arrived; null when the host does not state it. */
  readonly redirectUri: string | null
  /** The whole URL; null when the host does not state it. */
  readonly arrivedAt: string | null
}

/** The input of discovery. */
export interface LaunchInput {
  readonly server: TrustedServer
  readonly iss: string
  readonly launch: string | null
  readonly scope: string
  readonly fresh: FreshLaunchValues
  readonly origin: LaunchOrigin
}

/** The input of the callback, once its launch is found. */
export interface CallbackInput {
  readonly fresh: FreshCallbackValues
  readonly launchId: string
  readonly pending: PendingLaunch
  /** The id of the session to open. It is derived from the launch id and the code, and both are needed for it. */
  readonly sessionId: string
}

/** The states of a launch. */
export type AppLaunchState =
  | { readonly _tag: 'Discovering'; readonly beginning: LaunchInput; readonly document: DocumentRequest }
  | {
      readonly _tag: 'DiscoveringIssuer'
      readonly beginning: LaunchInput
      readonly validated: ValidatedServer
      readonly document: DocumentRequest
    }
  | {
      readonly _tag: 'DerivingVerifier'
      readonly beginning: LaunchInput
      readonly validated: ValidatedServer
      readonly method: AppAuthentication['method']
    }
  | { readonly _tag: 'SavingLaunch'; readonly launchId: string; readonly redirect: Redirect }
  | { readonly _tag: 'Redirecting'; readonly launchId: string; readonly redirect: Redirect }
  | {
      readonly _tag: 'FindingLaunch'
      readonly callback: Callback
      readonly launchId: string
      readonly others: ReadonlyArray<string>
      readonly fresh: FreshCallbackValues
    }
  /** The launch was used before: looks for the session that it opened. */
  | {
      readonly _tag: 'FindingSession'
      readonly callback: Callback
      readonly launchId: string
      readonly fresh: FreshCallbackValues
    }
  | {
      readonly _tag: 'SpendingLaunch'
      readonly returning: Omit<CallbackInput, 'sessionId'>
      readonly callback: Callback
      readonly code: string
      /** The failure after the launch is marked as used; null when the launch continues. */
      readonly failure: AppFailure | null
    }
  | {
      readonly _tag: 'SigningAssertion'
      readonly returning: CallbackInput
      readonly code: string
      readonly codeVerifier: string
    }
  | { readonly _tag: 'Exchanging'; readonly returning: CallbackInput }
  | {
      readonly _tag: 'FetchingKeys'
      readonly returning: CallbackInput
      readonly tokens: ReceivedTokens
      readonly idToken: IdToken
      /** The number of this request for the keys, from 1 on. */
      readonly fetches: number
    }
  | {
      readonly _tag: 'VerifyingIdToken'
      readonly returning: CallbackInput
      readonly tokens: ReceivedTokens
      readonly idToken: IdToken
      /** The number of requests for the keys; null when TLS stands in for the signature, and no key was requested. */
      readonly fetches: number | null
    }
  | {
      readonly _tag: 'SavingSession'
      readonly launchId: string
      readonly sessionId: string
      readonly facts: SessionFacts
    }
  | { readonly _tag: 'Ready'; readonly launchId: string; readonly sessionId: string; readonly facts: SessionFacts }
  | { readonly _tag: 'Failed'; readonly failure: AppFailure }

/** The events of a launch. */
export type AppLaunchEvent =
  | { readonly _tag: 'Answered'; readonly response: PlainResponse }
  | { readonly _tag: 'ServerUnavailable'; readonly reason: string }
  | { readonly _tag: 'VerifierDerived'; readonly codeChallenge: string; readonly stateDigest: Digest }
  | { readonly _tag: 'LaunchSaved' }
  | { readonly _tag: 'LaunchFound'; readonly launch: StoredLaunch; readonly stateDigest: Digest }
  | { readonly _tag: 'LaunchNotFound' }
  | { readonly _tag: 'LaunchUsed'; readonly codeVerifier: string; readonly sessionId: string }
  | { readonly _tag: 'LaunchAlreadyUsed' }
  | { readonly _tag: 'SessionFound'; readonly sessionId: string; readonly facts: SessionFacts }
  | { readonly _tag: 'SessionNotFound' }
  | { readonly _tag: 'AssertionSigned'; readonly assertion: string }
  | { readonly _tag: 'SignatureChecked'; readonly fits: boolean; readonly accessTokenDigest: Digest }
  | { readonly _tag: 'SessionSaved' }
  | { readonly _tag: 'StoreUnavailable' }
  | { readonly _tag: 'KeysUnavailable'; readonly reason: string }

/** The commands of a launch. */
export type AppLaunchCommand =
  | { readonly _tag: 'Send'; readonly request: OutgoingRequest }
  /** Derives the PKCE verifier from the launch id, and digests what is stored of it. */
  | { readonly _tag: 'DeriveVerifier'; readonly launchId: string; readonly state: string }
  | { readonly _tag: 'SaveLaunch'; readonly launchId: string; readonly launch: PendingLaunch }
  | { readonly _tag: 'FindLaunch'; readonly launchId: string; readonly state: string }
  /** Replaces the pending launch by a used one; fails if another request has done so. */
  /** `code` is null if no session will be opened. */
  | { readonly _tag: 'SpendLaunch'; readonly launchId: string; readonly writeId: string; readonly code: string | null }
  /** Looks for the session that a used launch opened with the same code. */
  | { readonly _tag: 'FindSession'; readonly launchId: string; readonly code: string; readonly used: UsedAppLaunch }
  | {
      readonly _tag: 'SignAssertion'
      readonly clientId: string
      readonly audience: string
      /** The algorithms that the server lists; null when it lists none. */
      readonly algorithms: ReadonlyArray<string> | null
    }
  /** Without a key (null) no signature fits; the access token is digested in any case. */
  | {
      readonly _tag: 'VerifyIdToken'
      readonly key: Jwk | null
      readonly idToken: IdToken
      readonly accessToken: string
    }
  | {
      readonly _tag: 'OpenSession'
      readonly sessionId: string
      readonly facts: SessionFacts
      readonly tokens: Tokens
      readonly fresh: FreshCallbackValues
    }
