/**
 * FHIR access decisions and the gate, as plain functions: for resource servers. `smart-app-launch/fp-ts` has the same
 * in the types of fp-ts.
 *
 * @module resource
 */
export { createFhirGate } from './plain/gate.js'
export { bearerTokenOf, readSearchQuery, rewriteSearch } from './plain/checks.js'
export type { FhirGateOptions, PlainFhirGate } from './plain/gate.js'
export type { PlainFhirServer } from './plain/ports.js'
export type { Awaitable, Result } from './plain/result.js'
export { isConfigurationError } from './plain/configuration-error.js'
export type { SmartConfigurationError } from './plain/configuration-error.js'
export { interactionOf } from './protocol/access/read-interaction.js'
export { isResource, resourceTypes } from './protocol/access/fhir-interaction.js'
export type {
  BundleEntry,
  FhirInteraction,
  MalformedRequestReason,
  NotSupportedReason,
  OperationLevel,
  Resource,
  Target
} from './protocol/access/fhir-interaction.js'
export { printSearchQuery, reachOfSearch } from './protocol/access/search/query.js'
export type {
  SearchRequirement,
  Includes,
  QueryUnreadable,
  SearchParameter,
  SearchQuery,
  SearchReach
} from './protocol/access/search/query.js'
export { decide, mayResolveReferences } from './protocol/access/decision.js'
export type { Decision, DenyReason, Obligation, Phase } from './protocol/access/decision-types.js'
export { permitsResource } from './protocol/access/alternatives.js'
export { isPermitted } from './protocol/access/permitted.js'
export type {
  AccessFacts,
  AccessRules,
  Alternative,
  EvaluationContext,
  OperationRule,
  OperationScope
} from './protocol/access/alternatives.js'
export type { MoreCompartment } from './protocol/access/search/search-index.js'
export { accessProfiles } from './protocol/access/profiles/named-profiles.js'
export type { AccessProfile, AccessProfileRow, AccessWay, NamingDocument } from './protocol/access/profiles/profile.js'
export type { AccessProfileName } from './protocol/access/profiles/named-profiles.js'
export type { LinkEvidence, TargetAccess } from './protocol/access/profiles/links.js'
export { indexReader, isOfPatient, searchIndexOf } from './protocol/access/search/search-index.js'
export { isOfPatientAlone } from './protocol/access/patient-alone.js'
export { actingTypes, isClosedType } from './protocol/access/acting-types.js'
export type { ActingType } from './protocol/access/acting-types.js'
export type { IndexReader, ReferenceFacts } from './protocol/access/search/search-index.js'
export { accessRulesOf, readableParameters } from './protocol/scope-policy/resource-side-check.js'
export { matchesOrdered, readOrdered } from './protocol/access/search/ordered.js'
export type { OrderedType, OrderedValue, Unit } from './protocol/access/search/ordered.js'
export type { Cut, Interval, Prefix } from './values/interval.js'
export type { Decimal } from './values/decimal.js'
export type { ResourceSide } from './protocol/discovery/resource-side.js'
export type { RegisteredParameter } from './scopes/vocabulary.js'
export type { NotExpressible, RewrittenSearch } from './protocol/access/search/rewrite.js'
export type { OperationInput, OperationParameter } from './protocol/access/operations/input.js'
export type { AccessEvent, AccessOutcome, OnAccess } from './protocol/access/access-event.js'
export type { GateOptions } from './engine/resource/gate-context.js'
export type { GateLimits } from './engine/resource/cost.js'
export { publicAddress, withPublicAddresses } from './engine/resource/addresses/public-address.js'
export type { Addresses } from './engine/resource/addresses/public-address.js'
export type { PortError } from './engine/ports.js'
export type { PlainRequest } from './protocol/http/message.js'
export type { LaunchContext, SignedInUser } from './protocol/launch/launch-context.js'
export { defaultPolicy } from './protocol/policy/policy.js'
export type { SmartPolicy } from './protocol/policy/policy.js'
export { bearerChallenge } from './protocol/errors/refusal-table.js'
export type { Refusal } from './protocol/errors/refusal.js'
