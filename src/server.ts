/**
 * The authorization server: for framework authors and hosts.
 *
 * @module server
 */
export { authorizationServer } from './engine/server.js'
export type { AuthorizationServer } from './engine/server.js'
export { requestHandler } from './engine/answer.js'
export type { RequestHandler, HostPages } from './engine/answer.js'
export type { ConsentDetails, Conversation, Interaction } from './engine/conversation.js'
export { launchUrl } from './engine/launch.js'
export type { EhrLaunchRequest } from './engine/launch.js'
export type { ServerSettings } from './engine/settings.js'
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
  Users,
  Version
} from './engine/ports.js'
export type { AccessFacts } from './machines/access-alternatives.js'
export type { ClientAuthenticationMethod, GrantType, RegisteredClient } from './messages/client.js'
export type { PlainRequest, PlainResponse } from './messages/http.js'
export type { ClientKeySource, Jwk } from './messages/jwk.js'
export type { IdTokenClaims } from './messages/id-token.js'
export type { FhirContextEntry, LaunchContext, PresentUser, SignedInUser } from './messages/launch-context.js'
export { defaultFeatures } from './messages/features.js'
export type { AssociatedEndpoint, UserAccessBrands, Features } from './messages/features.js'
export { completePolicy, defaultPolicy } from './messages/policy.js'
export { checkPolicy } from './messages/policy-check.js'
export type { SettingsError } from './messages/policy-check.js'
export { checkContext } from './messages/launch-context-rules.js'
export { checkUser } from './messages/signed-in-user-rules.js'
export type { SmartPolicy } from './messages/policy.js'
export type { OAuthError, ErrorAudience, Refusal, RefusalRow, RefusalTag } from './messages/refusal.js'
export { refusalTable } from './messages/refusal-table.js'
export type { ServerFacts } from './messages/smart-configuration.js'
