/**
 * The app, as plain functions: launches, sessions and backend services, for web apps, servers of apps, and scripts.
 * `smart-app-launch/fp-ts` has the same in the types of fp-ts.
 *
 * @module app
 */
export { createBackendService, createSmartApp } from './plain/app.js'
export type {
  BackendServiceOptions,
  PlainAppKeys,
  PlainAppPorts,
  PlainBackendService,
  PlainSmartApp,
  SmartAppOptions
} from './plain/app.js'
export { fhirUrl, trustEntryFor } from './plain/checks.js'
export type { PlainStore } from './plain/ports.js'
export type { Awaitable, Result } from './plain/result.js'
export { isConfigurationError } from './plain/configuration-error.js'
export type { SmartConfigurationError } from './plain/configuration-error.js'
export { createMemoryStore } from './plain/memory.js'
export type { MemoryStoreOptions, PlainMemoryStore } from './plain/memory.js'
export type { AppSigningKey, AppSigningKeys } from './adapters/jose-app.js'
export type { FetchHttpOptions } from './adapters/fetch/fetch-http.js'
export type { SettingsError } from './protocol/policy/policy-check.js'
export { defaultAppSettings } from './engine/app/smart-app.js'
export type { AppSettings } from './engine/app/smart-app.js'
export type { BackendSettings } from './engine/app/backend-service.js'
export type { LaunchBegun, RevokedToken, SessionOpened, SessionTime, SignedOut } from './engine/app/context.js'
export type { CurrentToken, TokenRequestOptions } from './engine/app/context.js'
export type { FhirRequest, FhirResponse, StreamedResponse } from './protocol/app/fhir-request.js'
export type { PortError, StoredRecord, Version } from './engine/ports.js'
export type { AppLaunchSettings, CallbackRequest, LaunchRequest } from './protocol/app/launch-state.js'
export type { AppSessionSettings } from './protocol/app/session.js'
export type { BackendServiceSettings } from './protocol/app/backend-service.js'
export { appFailureTable, failureAdvice } from './protocol/app/failure.js'
export { appCookies } from './protocol/app/app-cookies.js'
export type { AppCookieOptions, AppCookies } from './protocol/app/app-cookies.js'
export type { AppFailure, AppFailureRow, AppFailureTag } from './protocol/app/failure.js'
export type { AssertionClaims, Redirect } from './protocol/app/requests.js'
export { intentOf, roleOf } from './protocol/app/token-response.js'
export type { PlainResponse } from './protocol/http/message.js'
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
export type { JsonObject } from './values/object.js'
export type { IdentityClaims } from './protocol/app/identity-claims.js'
export type { EntryReason, ServerDocuments, TrustEntry, WantedEntry } from './protocol/app/trust/trust-entry.js'
export type { DocumentNeeds } from './protocol/app/trust/server-documents.js'
export { trustList } from './protocol/app/trusted-server.js'
export type { AppAuthentication, Trust, TrustedServer } from './protocol/app/trusted-server.js'
