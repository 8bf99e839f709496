/**
 * FHIR access decisions: for resource servers.
 *
 * @module resource
 */
export { decide, interactionOf } from './machines/access-decision.js'
export type { AccessFacts, Alternative, Decision, Interaction } from './machines/access-decision.js'
export { bearerTokenOf } from './engine/bearer.js'
export type { PlainRequest } from './messages/http.js'
export type { LaunchContext, SignedInUser } from './messages/launch-context.js'
export { defaultPolicy } from './messages/policy.js'
export type { SmartPolicy } from './messages/policy.js'
export { bearerChallenge } from './messages/refusal-table.js'
export type { Refusal } from './messages/refusal.js'
