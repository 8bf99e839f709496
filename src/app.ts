/**
 * The app: launches, sessions and backend services, for web apps, servers of apps, and scripts.
 *
 * @module app
 */
export { defaultAppSettings, smartApp } from './engine/app/smart-app.js'
export type { AppSettings } from './engine/app/smart-app.js'
export type { SmartApp } from './engine/app/context.js'
export { backendService } from './engine/app/backend-service.js'
export type { BackendService, BackendSettings } from './engine/app/backend-service.js'
export type { AppKeys, AppPorts, Http } from './engine/app/ports.js'
export type { LaunchBegun, SessionOpened } from './engine/app/context.js'
export type { CurrentToken, TokenRequestOptions } from './engine/app/context.js'
export type { FhirRequest } from './protocol/app/fhir-request.js'
export type { Clock, Random, PortError, Store, StoredRecord, StoreError, Version } from './engine/ports.js'
export type { AppLaunchSettings, CallbackRequest, LaunchRequest } from './protocol/app/launch-state.js'
export type { AppSessionSettings } from './protocol/app/session.js'
export type { BackendServiceSettings } from './protocol/app/backend-service.js'
export { appFailureTable } from './protocol/app/failure.js'
export type { AppFailure, AppFailureRow, AppFailureTag } from './protocol/app/failure.js'
export type { AssertionClaims, Redirect } from './protocol/app/requests.js'
export { intentOf, roleOf } from './protocol/app/token-response.js'
export { fhirUrl } from './protocol/app/fhir-url.js'
export type { PlainResponse } from './protocol/http/message.js'
export type { OutgoingRequest } from './protocol/http/outgoing-request.js'
export type { SessionGrantComparison, LaunchedUser, LaunchBinding, SessionFacts } from './protocol/app/stored-app.js'
export { trustList } from './protocol/app/trusted-server.js'
export type { AppAuthentication, Trust, TrustedServer } from './protocol/app/trusted-server.js'
