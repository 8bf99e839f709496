/**
 * The authorization server: for framework authors and hosts.
 *
 * @module server
 */
export { authorizationServer } from './engine/server/authorization-server.js'
export type { AuthorizationServer } from './engine/server/authorization-server.js'
export { requestHandler } from './engine/server/http-handler.js'
export type { RequestHandler, HostPages } from './engine/server/http-handler.js'
export type { ConsentDetails, Conversation, Interaction } from './engine/server/interaction/conversation.js'
export { launchUrl } from './engine/server/interaction/offer-launch.js'
export type { EhrLaunchRequest } from './engine/server/interaction/offer-launch.js'
export type { ServerSettings } from './engine/server/settings.js'
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
export type { AccessFacts } from './protocol/access/alternatives.js'
export type { ClientAuthenticationMethod, GrantType, RegisteredClient } from './protocol/client/client.js'
export type { PlainRequest, PlainResponse } from './protocol/http/message.js'
export type { ClientKeySource, Jwk } from './protocol/jwt/jwk.js'
export type { IdTokenClaims } from './protocol/jwt/id-token-claims.js'
export type { FhirContextEntry, LaunchContext, PresentUser, SignedInUser } from './protocol/launch/launch-context.js'
export { defaultFeatures } from './protocol/discovery/features.js'
export type { AssociatedEndpoint, UserAccessBrands, Features } from './protocol/discovery/features.js'
export { completePolicy, defaultPolicy } from './protocol/policy/policy.js'
export { checkPolicy } from './protocol/policy/policy-check.js'
export type { SettingsError } from './protocol/policy/policy-check.js'
export { checkContext } from './protocol/launch/launch-context-rules.js'
export { checkUser } from './protocol/launch/user-rules.js'
export type { SmartPolicy } from './protocol/policy/policy.js'
export type { OAuthError, ErrorAudience, Refusal, RefusalRow, RefusalTag } from './protocol/errors/refusal.js'
export { refusalTable } from './protocol/errors/refusal-table.js'
export type { ServerFacts } from './protocol/discovery/smart-configuration.js'
export { planKeys } from './values/key-rotation.js'
export type { PlannedKey, RotationPlan, RotationTimes } from './values/key-rotation.js'
