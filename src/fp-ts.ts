/**
 * The server, the gate before a FHIR server, the app and the scope language in the types of fp-ts: `Either`, `Option`,
 * `Task` and `TaskEither`. The same engine is behind `smart-app-launch/server`, `/resource`, `/app` and `/scopes`,
 * whose functions return promises and plain data.
 *
 * Adapters for one platform are beside it: `smart-app-launch/fp-ts/adapters/node`, `/node-crypto` and `/browser`.
 *
 * @module fp-ts
 */
export * from './scopes/index.js'
export { equivalent, subsumes } from './plain/scopes.js'
export type { Result, ScopeInput } from './plain/scopes.js'
export { errorUri } from './protocol/errors/refusal.js'
export { authorizationServer } from './engine/server/authorization-server.js'
export type { AuthorizationServer, EndpointHandler } from './engine/server/authorization-server.js'
export { requestHandler } from './engine/server/http-handler.js'
export type { RequestHandler, HostPages } from './engine/server/http-handler.js'
export type { ConsentDetails, Conversation, Interaction } from './engine/server/interaction/conversation.js'
export { launchUrl } from './engine/server/interaction/offer-launch.js'
export type { EhrLaunchRequest } from './engine/server/interaction/offer-launch.js'
export type { RegistrationSettings, ServerSettings } from './engine/server/settings.js'
export type {
  AccessPolicy,
  Audit,
  AuditEvent,
  ClientKeys,
  Clients,
  Clock,
  Keys,
  Ports,
  Random,
  PortError,
  Store,
  StoredRecord,
  StoreError,
  TokenOwner,
  Users,
  Version
} from './engine/ports.js'
export type { AccessFacts } from './protocol/access/alternatives.js'
export type { ClientAuthenticationMethod, GrantType, RegisteredClient } from './protocol/client/client.js'
export type { PlainRequest, PlainResponse } from './protocol/http/message.js'
export type { ClientKeySource, Jwk } from './protocol/jwt/jwk.js'
export type { IdTokenClaims } from './protocol/jwt/id-token-claims.js'
export type { AccessTokenClaims } from './protocol/token/access-token-claims.js'
export type { FhirContextEntry, LaunchContext, PresentUser, SignedInUser } from './protocol/launch/launch-context.js'
export { defaultFeatures } from './protocol/discovery/features.js'
export type { AssociatedEndpoint, UserAccessBrands, Features } from './protocol/discovery/features.js'
export { completePolicy, defaultPolicy, policyOptions } from './protocol/policy/policy.js'
export type { PolicyOption } from './protocol/policy/policy-option.js'
export { checkPolicy } from './protocol/policy/policy-check.js'
export type { SettingsError } from './protocol/policy/policy-check.js'
export { checkContext } from './protocol/launch/launch-context-rules.js'
export { checkUser } from './protocol/launch/user-rules.js'
export type { PolicyValue, SmartPolicy } from './protocol/policy/policy.js'
export type { OAuthError, ErrorAudience, Refusal, RefusalRow, RefusalTag } from './protocol/errors/refusal.js'
export { refusalTable } from './protocol/errors/refusal-table.js'
export type { ServerFacts } from './protocol/discovery/smart-configuration.js'
export { planKeys } from './values/key-rotation.js'
export type { PlannedKey, RotationPlan, RotationTimes } from './values/key-rotation.js'
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
export { printSearchQuery, reachOfSearch, readSearchQuery } from './protocol/access/search/query.js'
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
  AccessRules,
  Alternative,
  EvaluationContext,
  OperationRule,
  OperationScope
} from './protocol/access/alternatives.js'
export type { OperationInput, OperationParameter } from './protocol/access/operations/input.js'
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
export { rewriteSearch } from './protocol/access/search/rewrite.js'
export type { NotExpressible, RewrittenSearch } from './protocol/access/search/rewrite.js'
export { bearerTokenOf } from './engine/server/bearer-token.js'
export { fhirGate } from './engine/resource/fhir-gate.js'
export { pageLinksUnder, pageLinksWith } from './engine/resource/page-links.js'
export type { AccessEvent, AccessOutcome, OnAccess } from './protocol/access/access-event.js'
export type { GateOptions } from './engine/resource/gate-context.js'
export type { GateLimits } from './engine/resource/cost.js'
export { publicAddress, withPublicAddresses } from './engine/resource/addresses/public-address.js'
export type { Addresses } from './engine/resource/addresses/public-address.js'
export type { FhirServer, PageLinks } from './engine/ports.js'
export { bearerChallenge } from './protocol/errors/refusal-table.js'
export { defaultAppSettings, smartApp } from './engine/app/smart-app.js'
export type { AppSettings } from './engine/app/smart-app.js'
export type { SmartApp } from './engine/app/context.js'
export { backendService } from './engine/app/backend-service.js'
export type { BackendService, BackendSettings } from './engine/app/backend-service.js'
export type { AppKeys, AppPorts, Http, StreamHttp } from './engine/app/ports.js'
export type { LaunchBegun, RevokedToken, SessionOpened, SessionTime, SignedOut } from './engine/app/context.js'
export type { CurrentToken, TokenRequestOptions } from './engine/app/context.js'
export type { FhirRequest, FhirResponse, StreamedResponse } from './protocol/app/fhir-request.js'
export type { AppLaunchSettings, CallbackRequest, LaunchRequest } from './protocol/app/launch-state.js'
export type { AppSessionSettings } from './protocol/app/session.js'
export type { BackendServiceSettings } from './protocol/app/backend-service.js'
export { appFailureTable, failureAdvice } from './protocol/app/failure.js'
export { appCookies } from './protocol/app/app-cookies.js'
export type { AppCookieOptions, AppCookies } from './protocol/app/app-cookies.js'
export type { AppFailure, AppFailureRow, AppFailureTag } from './protocol/app/failure.js'
export type { AssertionClaims, Redirect } from './protocol/app/requests.js'
export { intentOf, roleOf } from './protocol/app/token-response.js'
export { fhirUrl } from './protocol/app/fhir-url.js'
export type { OutgoingRequest } from './protocol/http/outgoing-request.js'
export type {
  SessionGrantComparison,
  LaunchedUser,
  LaunchBinding,
  LaunchOrigin,
  SessionFacts
} from './protocol/app/stored-app.js'
export { toleranceTable, tolerancesFor } from './protocol/app/trust/tolerances.js'
export type { ServerTolerances, ToleranceName, ToleranceRow } from './protocol/app/trust/tolerances.js'
export type { IdentityClaims } from './protocol/app/identity-claims.js'
export { trustEntryFor } from './protocol/app/trust/trust-entry.js'
export type { EntryReason, ServerDocuments, TrustEntry, WantedEntry } from './protocol/app/trust/trust-entry.js'
export type { DocumentNeeds } from './protocol/app/trust/server-documents.js'
export { trustList } from './protocol/app/trusted-server.js'
export type { AppAuthentication, Trust, TrustedServer } from './protocol/app/trusted-server.js'
export { webHandler, defaultBodyLimitBytes } from './adapters/web.js'
export type { HandlerOptions } from './adapters/web.js'
export { cachedClientKeys } from './adapters/client-key-cache.js'
export type { ClientKeysOptions, DocumentFetch, FetchedDocument } from './adapters/client-key-cache.js'
export { fhirUpstream } from './adapters/fhir-upstream.js'
export type { FhirUpstreamOptions } from './adapters/fhir-upstream.js'
export { systemClock, systemRandom } from './adapters/system.js'
export { generateKeyMaterial, joseKeys } from './adapters/jose.js'
export type { KeyMaterial } from './adapters/jose.js'
export type { MemoryStore } from './adapters/stores/memory-store.js'
export { memoryStore } from './adapters/stores/memory-store.js'
export type { PendingLimits } from './adapters/stores/pending-requests.js'
export { memoryClients, noClientKeys, noSessions } from './adapters/memory-clients.js'
export { appPorts } from './adapters/app-ports.js'
export type { AppPortsOptions } from './adapters/app-ports.js'
export { clientFromJson, clientToJson } from './protocol/client/client-json.js'
export type { ClientJson, ClientJsonError } from './protocol/client/client-json.js'
