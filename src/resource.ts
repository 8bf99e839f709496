/**
 * FHIR access decisions: for resource servers.
 *
 * @module resource
 */
export { interactionOf, isResource, resourceTypes } from './machines/fhir-interaction.js'
export type {
  BundleEntry,
  FhirInteraction,
  MalformedRequestReason,
  NotSupportedReason,
  OperationLevel,
  Resource,
  Target
} from './machines/fhir-interaction.js'
export { printSearchQuery, reachOfSearch, readSearchQuery } from './machines/fhir-query.js'
export type {
  SearchRequirement,
  Includes,
  QueryUnreadable,
  SearchParameter,
  SearchQuery,
  SearchReach
} from './machines/fhir-query.js'
export { decide, mayResolveReferences } from './machines/access-decision.js'
export type { Decision, DenyReason, Obligation, Phase } from './machines/access-decision.js'
export { isPermitted, permitsResource } from './machines/access-alternatives.js'
export type {
  AccessFacts,
  AccessRules,
  Alternative,
  EvaluationContext,
  OperationRule
} from './machines/access-alternatives.js'
export type { MoreCompartment } from './machines/search-index.js'
export { indexReader, isOfPatient, searchIndexOf } from './machines/search-index.js'
export { isOfPatientAlone } from './machines/access-patient-alone.js'
export { actingTypes, isClosedType } from './machines/acting-types.js'
export type { ActingType } from './machines/acting-types.js'
export type { IndexReader, ReferenceFacts } from './machines/search-index.js'
export { accessRulesOf, readableParameters } from './machines/resource-side.js'
export { matchesOrdered, readOrdered } from './machines/search-ordered.js'
export type { OrderedType, OrderedValue } from './machines/search-ordered.js'
export type { ResourceSide } from './messages/resource-side.js'
export type { RegisteredParameter } from './scopes/vocabulary.js'
export { rewriteSearch } from './machines/search-rewrite.js'
export type { NotExpressible, RewrittenSearch } from './machines/search-rewrite.js'
export { bearerTokenOf } from './engine/bearer.js'
export { fhirGate } from './engine/fhir-gate.js'
export type { GateOptions } from './engine/fhir-gate.js'
export type { GateLimits } from './engine/fhir-gate-cost.js'
export { publicAddress, withPublicAddresses } from './engine/fhir-public-addresses.js'
export type { Addresses } from './engine/fhir-public-addresses.js'
export type { FhirServer, PortError } from './engine/ports.js'
export type { PlainRequest } from './messages/http.js'
export type { LaunchContext, SignedInUser } from './messages/launch-context.js'
export { defaultPolicy } from './messages/policy.js'
export type { SmartPolicy } from './messages/policy.js'
export { bearerChallenge } from './messages/refusal-table.js'
export type { Refusal } from './messages/refusal.js'
