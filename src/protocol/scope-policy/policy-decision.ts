/**
 * What the host's policy says of a user and a client: how much may be given now, or that the grant is over.
 *
 * @module
 */

/**
 * The answer of the access policy, as the machines take it. An empty scope means that nothing may be given now; the
 * grant is left as it is, and what is permitted again can be had again. Only `Ended` ends it.
 */
export type PolicyDecision =
  | { readonly _tag: 'Permitted'; /** The most that may be given now. Printed scopes. */ readonly scope: string }
  | { readonly _tag: 'Ended' }
