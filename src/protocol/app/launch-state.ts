/**
 * The states, events and commands of an app's launch.
 *
 * @module
 */
import type { IdToken } from './id-token-rules.js'
import type { AppFailure } from './failure.js'
import type { Redirect } from './requests.js'
import type { ReceivedTokens } from './token-response.js'
import type { PlainResponse } from '../http/message.js'
import type { Jwk } from '../jwt/jwk.js'
import type { OutgoingRequest } from '../http/outgoing-request.js'
import type { PendingLaunch, SessionFacts, StoredLaunch, Tokens } from './stored-app.js'
import type { AppAuthentication, ValidatedServer, Trust, TrustedServer } from './trusted-server.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** What an app is told once. */
export interface AppLaunchSettings {
  /** Finds the server of an iss among those that are trusted. */
  readonly trust: Trust
  /** What is requested. `launch` is added to an EHR launch and left out of a standalone one. */
  readonly scope: string
  readonly specVersion: SmartPolicy['specVersion']
  /** How long a user may take, in seconds. */
  readonly launchLifetimeSeconds: number
  /** How long a session is kept without being used, in seconds. */
  readonly sessionLifetimeSeconds: number
  /** By how much clocks may differ, in seconds. */
  readonly clockSkewSeconds: number
  /** The algorithms of id_tokens. */
  readonly idTokenAlgorithms: ReadonlyArray<string>
  /** Addresses that would be longer are sent as a form, where the server takes one. */
  readonly longestAddress: number
  readonly acceptTextBooleans: boolean
}

/** How a launch begins. */
export type LaunchRequest =
  /** The EHR opened the app's launch address; its query as it came, with or without the question mark. */
  | { readonly _tag: 'EhrLaunch'; readonly query: string }
  /** The user opened the app, which knows the server. */
  | { readonly _tag: 'Standalone'; readonly iss: string }

/** Chance and the present, for a launch that begins. Each value is of 256 random bits. */
export interface LaunchRandoms {
  readonly now: EpochSeconds
  readonly launchId: string
  readonly state: string
  readonly nonce: string
  readonly writeId: string
}

/** The browser that came back. */
export interface CallbackRequest {
  /** The ids of the launches that this browser began, from its session. */
  readonly launchIds: ReadonlyArray<string>
  /** The query of the redirect, as it came, with or without the question mark. */
  readonly query: string
  /**
   * The redirect URI at which it arrived, where servers have redirect URIs of their own: the defence against mix-up
   * that holds also against a redirect from which `iss` was taken.
   */
  readonly redirectUri?: string
  /** The whole address at which it arrived, as a browser shows it: compared with the redirect URI of the launch too. */
  readonly arrivedAt?: string
}

/** Chance and the present, for a browser that came back. */
export interface CallbackRandoms {
  readonly now: EpochSeconds
  readonly sessionId: string
  readonly writeId: string
}

/** What a redirect says. */
export interface Callback {
  readonly state: string
  readonly code: string | null
  readonly iss: string | null
  readonly error: string | null
  readonly description: string | null
  /** Where it arrived; null when the host does not say. */
  readonly redirectUri: string | null
  /** The whole address; null when the host does not say. */
  readonly arrivedAt: string | null
}

/** What discovery works on. */
export interface LaunchInput {
  readonly server: TrustedServer
  readonly iss: string
  readonly launch: string | null
  readonly scope: string
  readonly draw: LaunchRandoms
}

/** What the callback works on, once its launch is found. */
export interface CallbackInput {
  readonly draw: CallbackRandoms
  readonly launchId: string
  readonly pending: PendingLaunch
}

/** The conditions of a launch. */
export type AppLaunchState =
  | { readonly _tag: 'Discovering'; readonly beginning: LaunchInput; readonly url: string }
  | {
      readonly _tag: 'DiscoveringIssuer'
      readonly beginning: LaunchInput
      readonly judged: ValidatedServer
      readonly url: string
    }
  | {
      readonly _tag: 'DerivingVerifier'
      readonly beginning: LaunchInput
      readonly judged: ValidatedServer
      readonly method: AppAuthentication['method']
    }
  | { readonly _tag: 'SavingLaunch'; readonly launchId: string; readonly redirect: Redirect }
  | { readonly _tag: 'Redirecting'; readonly launchId: string; readonly redirect: Redirect }
  | {
      readonly _tag: 'FindingLaunch'
      readonly callback: Callback
      readonly launchId: string
      readonly others: ReadonlyArray<string>
      readonly draw: CallbackRandoms
    }
  | {
      readonly _tag: 'SpendingLaunch'
      readonly returning: CallbackInput
      readonly code: string
      /** Why it will not go on once the launch is spent; null when it will. */
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
    }
  | {
      readonly _tag: 'VerifyingIdToken'
      readonly returning: CallbackInput
      readonly tokens: ReceivedTokens
      readonly idToken: IdToken
    }
  | { readonly _tag: 'SavingSession'; readonly sessionId: string; readonly facts: SessionFacts }
  | { readonly _tag: 'Ready'; readonly sessionId: string; readonly facts: SessionFacts }
  | { readonly _tag: 'Failed'; readonly failure: AppFailure }

/** What can happen meanwhile. */
export type AppLaunchEvent =
  | { readonly _tag: 'Answered'; readonly response: PlainResponse }
  | { readonly _tag: 'ServerUnavailable'; readonly reason: string }
  | { readonly _tag: 'VerifierDerived'; readonly codeChallenge: string; readonly stateDigest: Digest }
  | { readonly _tag: 'LaunchSaved' }
  | { readonly _tag: 'LaunchFound'; readonly launch: StoredLaunch; readonly stateDigest: Digest }
  | { readonly _tag: 'LaunchNotFound' }
  | { readonly _tag: 'LaunchSpent'; readonly codeVerifier: string }
  | { readonly _tag: 'LaunchAlreadyUsed' }
  | { readonly _tag: 'AssertionSigned'; readonly assertion: string }
  | { readonly _tag: 'SignatureChecked'; readonly fits: boolean; readonly accessTokenDigest: Digest }
  | { readonly _tag: 'SessionSaved' }
  | { readonly _tag: 'StoreUnavailable' }
  | { readonly _tag: 'KeysUnavailable'; readonly reason: string }

/** What must be done meanwhile. */
export type AppLaunchCommand =
  | { readonly _tag: 'Send'; readonly request: OutgoingRequest }
  /** Makes the verifier out of the launch's id, and digests what is kept of it. */
  | { readonly _tag: 'DeriveVerifier'; readonly launchId: string; readonly state: string }
  | { readonly _tag: 'SaveLaunch'; readonly launchId: string; readonly launch: PendingLaunch }
  | { readonly _tag: 'FindLaunch'; readonly launchId: string; readonly state: string }
  /** Exchanges what was found for a record that is good for nothing; loses when somebody else was faster. */
  | { readonly _tag: 'SpendLaunch'; readonly launchId: string; readonly writeId: string }
  | { readonly _tag: 'SignAssertion'; readonly clientId: string; readonly audience: string }
  | { readonly _tag: 'VerifyIdToken'; readonly key: Jwk; readonly idToken: IdToken; readonly accessToken: string }
  | {
      readonly _tag: 'OpenSession'
      readonly sessionId: string
      readonly facts: SessionFacts
      readonly tokens: Tokens
      readonly draw: CallbackRandoms
    }
