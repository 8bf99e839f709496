/**
 * The settings of an authorization server.
 *
 * @module
 */
import type { Features } from '../../protocol/discovery/features.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import type { Digest } from '../../values/secret.js'

/** The settings of an authorization server. */
export interface ServerSettings {
  /** The issuer; the endpoints stand below it. An https address without query; http on a loopback address only. */
  readonly issuer: string
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  /** Scopes that discovery shows as examples of what can be asked for. */
  readonly scopesSupported?: ReadonlyArray<string>
  /** What takes the place of malformed scopes when the policy says so (`malformedScope: 'serverDefault'`). */
  readonly defaultScope?: string
  /** What the server offers where it differs from {@link defaultFeatures}. */
  readonly features?: Partial<Features>
  /** The signature algorithms of client assertions. Default: RS384 and ES384, of which at least one must be there. */
  readonly assertionAlgorithms?: ReadonlyArray<string>
  /** Whether clients may register themselves. Default: closed. */
  readonly registration?: RegistrationSettings
  /** The switches that differ from {@link defaultPolicy}. */
  readonly policy?: Partial<SmartPolicy>
}

/** Whether and how clients may register themselves. */
export interface RegistrationSettings {
  /**
   * No new ones (those that registered before stay and may manage their registrations); with an initial access token;
   * or everybody.
   */
  readonly mode: 'closed' | 'token' | 'open'
  /** SHA-256 of each initial access token, as base64url. */
  readonly initialAccessTokenDigests?: ReadonlyArray<Digest>
  /**
   * The widest that such a client may ever be granted. Default: `scopesSupported` without `system/` scopes. In the mode
   * `open` there can be none, and no backend services either: they act without a user, and nobody has vouched for them.
   */
  readonly scope?: string
  /** Whether any client may stand on a loopback address: for demonstrations and tests. */
  readonly allowLoopback?: boolean
  /** How many clients may register within an hour. Default: 100. */
  readonly limitPerHour?: number
  /** How many clients for which nobody has vouched (mode `open`) there may be at any time. Default: 10000. */
  readonly limitKept?: number
}
