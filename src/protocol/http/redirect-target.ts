/**
 * The target of an authorization response.
 *
 * @module
 */

/** The target of an authorization response: a validated redirect URI, and the app's state (null when it sent none). */
export interface RedirectTarget {
  readonly redirectUri: string
  readonly state: string | null
}
