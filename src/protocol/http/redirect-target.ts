/**
 * Where the answer to an authorization request goes.
 *
 * @module
 */

/** Where an answer to the app goes: a proven redirect URI, and the state that the app sent (null when it sent none). */
export interface RedirectTarget {
  readonly redirectUri: string
  readonly state: string | null
}
