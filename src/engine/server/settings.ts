/**
 * The settings of an authorization server.
 *
 * @module
 */
import type { Features } from '../../protocol/discovery/features.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'

/** The settings of an authorization server. */
export interface ServerSettings {
  /** The issuer; the endpoints are below it. An https URL without query; http only on a loopback address. */
  readonly issuer: string
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  /** Example scopes for the discovery documents. */
  readonly scopesSupported?: ReadonlyArray<string>
  /** Replaces malformed scopes under the policy `malformedScope: 'serverDefault'`. */
  readonly defaultScope?: string
  /** The features that differ from {@link defaultFeatures}. */
  readonly features?: Partial<Features>
  /**
   * The signature algorithms for client assertions. Default: RS384 and ES384, at least one of which must be included.
   */
  readonly assertionAlgorithms?: ReadonlyArray<string>
  /** Whether clients may register themselves. Default: closed. */
  readonly registration?: RegistrationSettings
  /**
   * When the store was last restored from a backup: seconds since the epoch, the same in all processes. Nothing that
   * was issued before is accepted: codes, tokens, launches, remembered consents and client assertions. Registrations
   * stay. Default: the store was never restored.
   */
  readonly restoredAt?: EpochSeconds
  /** The policy options that differ from {@link defaultPolicy}. */
  readonly policy?: Partial<SmartPolicy>
}

/** Whether and how clients may register themselves. */
export interface RegistrationSettings {
  /**
   * `closed`: no new clients (existing ones stay and may manage their registrations); `token`: with an initial access
   * token; `open`: everyone.
   */
  readonly mode: 'closed' | 'token' | 'open'
  /** SHA-256 digests of the initial access tokens, as base64url. */
  readonly initialAccessTokenDigests?: ReadonlyArray<Digest>
  /**
   * The widest scope of a self-registered client. Default: `scopesSupported` without `system/` scopes. In the mode
   * `open`, `system/` scopes and backend services are not allowed, because they act without a user and the clients are
   * not reviewed.
   */
  readonly scope?: string
  /** Whether any client, not only native ones, may have loopback redirect URIs: for demonstrations and tests. */
  readonly allowLoopback?: boolean
  /** How many clients may register per hour. Default: 100. */
  readonly limitPerHour?: number
  /** The maximum number of clients without an initial access token (mode `open`). Default: 10000. */
  readonly limitKept?: number
}
