/**
 * The authorization server, as plain functions: for framework authors and hosts. `smart-app-launch/fp-ts` has the same
 * in the types of fp-ts.
 *
 * @module server
 */
export { createAuthorizationServer } from './plain/server.js'
export type {
  PlainAnswerer,
  ServerAdmin,
  ServerEhr,
  ServerEndpoints,
  ServerInteraction,
  ServerResource,
  SmartServer
} from './plain/server.js'
export type {
  AuthorizationServerOptions,
  ClientDefault,
  EndGrant,
  KeySource,
  PlainClient,
  PlainClients,
  PlainKeys,
  PlainStore,
  ServerPorts
} from './plain/ports.js'
export type { Awaitable, Result } from './plain/result.js'
export { smartHost } from './host/smart-host.js'
export type { HostFunctions, HostLaunch, SmartHost, SmartHostOptions } from './host/smart-host.js'
export type { HostOptions, HostPagesOf, RememberedConsentOptions } from './host/host-options.js'
export type {
  AskingClient,
  ChoosePatientPage,
  ConnectedApp,
  ConnectedAppsPage,
  ConsentPage,
  ErrorPage,
  PageAnswer,
  PageForm,
  PageOf,
  PatientChoice,
  ScopeInWords,
  ScopePart,
  SignInPage
} from './host/page-data.js'
export { escapeHtml } from './host/html.js'
export { isConfigurationError } from './plain/configuration-error.js'
export type { SmartConfigurationError } from './plain/configuration-error.js'
export { createMemoryStore } from './plain/memory.js'
export type { MemoryStoreOptions, PlainMemoryStore } from './plain/memory.js'
export { createKeyMaterial } from './plain/keys.js'
export type { KeyMaterial } from './adapters/jose.js'
export { checkContext, checkPolicy, checkUser } from './plain/checks.js'
export type { CorsAudience } from './protocol/client/cors.js'
export type { ConsentDetails, Conversation, Interaction } from './engine/server/interaction/conversation.js'
export type { EhrLaunchRequest } from './engine/server/interaction/offer-launch.js'
export type { RegistrationSettings, ServerSettings } from './engine/server/settings.js'
export type { AuditEvent, PortError, StoredRecord, TokenOwner, Version } from './engine/ports.js'
export type { AccessEvent, AccessOutcome, OnAccess } from './protocol/access/access-event.js'
export type { AccessFacts } from './protocol/access/alternatives.js'
export type { ClientAuthenticationMethod, GrantType, RegisteredClient } from './protocol/client/client.js'
export type { PlainRequest, PlainResponse } from './protocol/http/message.js'
export type { ClientKeySource, Jwk } from './protocol/jwt/jwk.js'
export type { IdTokenClaims } from './protocol/jwt/id-token-claims.js'
export type { FhirContextEntry, LaunchContext, PresentUser, SignedInUser } from './protocol/launch/launch-context.js'
export { defaultFeatures } from './protocol/discovery/features.js'
export type { AssociatedEndpoint, UserAccessBrands, Features } from './protocol/discovery/features.js'
export { completePolicy, defaultPolicy } from './protocol/policy/policy.js'
export type { SettingsError } from './protocol/policy/policy-check.js'
export type { SmartPolicy } from './protocol/policy/policy.js'
export type { OAuthError, ErrorAudience, Refusal, RefusalRow, RefusalTag } from './protocol/errors/refusal.js'
export { refusalTable } from './protocol/errors/refusal-table.js'
export type { ServerFacts } from './protocol/discovery/smart-configuration.js'
export { planKeys } from './values/key-rotation.js'
export type { PlannedKey, RotationPlan, RotationTimes } from './values/key-rotation.js'
export { readClient, writeClient } from './plain/client-json.js'
export type { ClientJson, ClientJsonError } from './plain/client-json.js'
