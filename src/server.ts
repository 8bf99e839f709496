/**
 * The authorization server: for framework authors and hosts.
 *
 * @module server
 */
export { authorizationServer } from './engine/server.js'
export type { AuthorizationServer } from './engine/server.js'
export { answerWith } from './engine/answer.js'
export type { Answer, Host } from './engine/answer.js'
export type { Asked, Conversation, Interaction } from './engine/conversation.js'
export { launchAddress } from './engine/launch.js'
export type { LaunchOffer } from './engine/launch.js'
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
  Silence,
  Store,
  StoredRecord,
  Unavailable,
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
export type { AssociatedEndpoint, Brands, Features } from './messages/features.js'
export { completePolicy, defaultPolicy } from './messages/policy.js'
export { checkPolicy } from './messages/policy-check.js'
export type { SettingsError } from './messages/policy-check.js'
export { checkContext } from './messages/launch-context-rules.js'
export { checkUser } from './messages/signed-in-user-rules.js'
export type { SmartPolicy } from './messages/policy.js'
export type { OAuthError, Place, Refusal, RefusalRow, RefusalTag } from './messages/refusal.js'
export { refusalTable } from './messages/refusal-table.js'
export type { ServerFacts } from './messages/smart-configuration.js'
