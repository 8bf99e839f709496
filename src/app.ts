/**
 * The app's side: launches, sessions and backend services, for web apps, servers of apps, and scripts.
 *
 * @module app
 */
export { defaultAppSettings, smartApp } from './engine/app.js'
export type { AppSettings, SmartApp } from './engine/app.js'
export { backendService } from './engine/backend-service.js'
export type { BackendService, BackendSettings } from './engine/backend-service.js'
export type { AppKeys, AppPorts, Http } from './engine/app-ports.js'
export type { LaunchBegun, SessionOpened } from './engine/app-launch.js'
export type { CurrentToken, TokenRequestOptions } from './engine/app-session.js'
export type { FhirRequest } from './messages/fhir-request.js'
export type { Clock, Random, PortError, Store, StoredRecord, StoreError, Version } from './engine/ports.js'
export type { AppLaunchSettings, CallbackRequest, LaunchRequest } from './machines/app-launch-events.js'
export type { AppSessionSettings } from './machines/app-session.js'
export type { BackendServiceSettings } from './machines/backend-service.js'
export { appFailureTable } from './messages/app-failure.js'
export type { AppFailure, AppFailureRow, AppFailureTag } from './messages/app-failure.js'
export type { AssertionClaims, Redirect } from './messages/app-requests.js'
export { intentOf, roleOf } from './messages/app-token-response.js'
export { fhirUrl } from './messages/fhir-address.js'
export type { PlainResponse } from './messages/http.js'
export type { OutgoingRequest } from './messages/outgoing.js'
export type { SessionGrantComparison, LaunchedUser, LaunchBinding, SessionFacts } from './messages/stored-app.js'
export { trustList } from './messages/trusted-server.js'
export type { AppAuthentication, Trust, TrustedServer } from './messages/trusted-server.js'
