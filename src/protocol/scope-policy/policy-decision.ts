/**
 * The result of the host's access policy for a user and a client: how much may be given now, or that the grant has
 * ended.
 *
 * @module
 */
import type { ParsedScope } from './parsed-scope.js'

/**
 * The result of the access policy, as the machines take it. An empty scope means that nothing may be given now; the
 * grant is unchanged, and scopes that are permitted again return. Only `Ended` ends the grant.
 */
export type PolicyDecision =
  | { readonly _tag: 'Permitted'; /** The most that may be given now. */ readonly scope: ParsedScope }
  | { readonly _tag: 'Ended' }
