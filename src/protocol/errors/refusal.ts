/**
 * All refusals that the toolkit sends, and the type of the table with their wire form.
 *
 * A refusal without a row does not compile. The client receives the row's `error`, `description` and `anchor`; the log
 * contains the refusal itself and the row's `advice`. Refusals that must be indistinguishable for clients are built by
 * one constructor, which takes only the advice.
 *
 * @module
 */

/** A refusal. The tag is a sentence; the other members are for the log, and `likely` for the client too. */
export type Refusal =
  // The request as HTTP
  | { readonly _tag: 'MethodNotAllowed'; readonly allowed: string }
  | { readonly _tag: 'BodyNotForm' }
  | { readonly _tag: 'BodyNotJson' }
  | { readonly _tag: 'BodyTooLarge'; readonly limitBytes: number }
  | { readonly _tag: 'BodyEncoded'; readonly coding: string }
  | { readonly _tag: 'BodyIncomplete' }
  | { readonly _tag: 'BodyReadBefore' }
  | { readonly _tag: 'BodyNotText' }
  | { readonly _tag: 'Overloaded' }
  | { readonly _tag: 'ParametersUnreadable'; readonly pair: number }
  | { readonly _tag: 'ParameterRepeated'; readonly name: string }
  | { readonly _tag: 'ParameterInAddress'; readonly name: string }
  | { readonly _tag: 'NoSuchAddress'; readonly path: string }
  // Authorization request, before the redirect URI is validated
  | { readonly _tag: 'ClientIdMissing' }
  | { readonly _tag: 'ClientUnknown'; readonly clientId: string }
  | { readonly _tag: 'RedirectUriMissing' }
  | { readonly _tag: 'RedirectUriNotRegistered'; readonly redirectUri: string }
  | { readonly _tag: 'RedirectUriCarriesResponse'; readonly redirectUri: string }
  // Authorization request, after
  | { readonly _tag: 'ResponseTypeMissing' }
  | { readonly _tag: 'ResponseTypeNotCode'; readonly responseType: string }
  | { readonly _tag: 'ResponseModeNotQuery'; readonly responseMode: string }
  | { readonly _tag: 'RequestObjectNotSupported' }
  | { readonly _tag: 'RequestUriNotSupported' }
  | { readonly _tag: 'RegistrationParameterNotSupported' }
  | { readonly _tag: 'PromptMalformed'; readonly prompt: string }
  | { readonly _tag: 'MaxAgeMalformed' }
  | { readonly _tag: 'StateMissing' }
  | { readonly _tag: 'StateTooLong'; readonly limit: number }
  | { readonly _tag: 'StateNotPrintable' }
  | { readonly _tag: 'NonceTooLong'; readonly limit: number }
  | { readonly _tag: 'ScopeTooLong'; readonly limit: number }
  | { readonly _tag: 'ScopeMissing' }
  | { readonly _tag: 'ScopeUnreadable'; readonly position: number; readonly expected: string }
  | { readonly _tag: 'ScopeMalformed'; readonly scope: string; readonly likely?: string }
  | { readonly _tag: 'ScopeTooComplex' }
  | { readonly _tag: 'ScopeTooLongForToken' }
  | { readonly _tag: 'ScopeNotRegistered'; readonly scope: string; readonly likely?: string }
  | { readonly _tag: 'ScopeOpensNothing'; readonly scope: string; readonly likely?: string }
  | { readonly _tag: 'ScopeVersionsMixed' }
  | { readonly _tag: 'ScopeWildcardWithQuery'; readonly scope: string }
  | { readonly _tag: 'BothAccessScopes' }
  | { readonly _tag: 'PatientScopeWithoutContext' }
  | { readonly _tag: 'AudienceMissing' }
  | { readonly _tag: 'AudienceNotServed'; readonly audience: string }
  | { readonly _tag: 'AudienceAndResourceDiffer' }
  | { readonly _tag: 'ResourceNotServed'; readonly resource: string }
  | { readonly _tag: 'CodeChallengeMissing' }
  | { readonly _tag: 'CodeChallengeMalformed' }
  | { readonly _tag: 'CodeChallengeMethodNotS256'; readonly method: string | null }
  | { readonly _tag: 'LaunchKindNotServed'; readonly kind: 'ehr' | 'standalone' }
  | { readonly _tag: 'AuthenticationMethodNotServed'; readonly registered: string }
  | { readonly _tag: 'ClientTypeChanged'; readonly was: 'public' | 'confidential' }
  | { readonly _tag: 'GrantTypeNotRegistered'; readonly grantType: string }
  | { readonly _tag: 'LaunchParameterMissing' }
  | { readonly _tag: 'LaunchScopeMissing' }
  | { readonly _tag: 'LaunchUnknown' }
  | { readonly _tag: 'LaunchOfAnotherClient' }
  | { readonly _tag: 'LaunchForAnotherServer' }
  | { readonly _tag: 'LaunchOfAnotherUser' }
  | { readonly _tag: 'LaunchExpired' }
  | { readonly _tag: 'LaunchAlreadyUsed' }
  | { readonly _tag: 'NothingToGrant'; readonly scope?: string; readonly likely?: string }
  | { readonly _tag: 'NothingGranted' }
  | { readonly _tag: 'AccessEndedByPolicy' }
  | { readonly _tag: 'UserDenied' }
  | { readonly _tag: 'LoginRequired' }
  | { readonly _tag: 'InteractionRequired' }
  | { readonly _tag: 'ConsentRequired' }
  // The user's conversation
  | { readonly _tag: 'InteractionUnknown' }
  | { readonly _tag: 'InteractionOfAnotherBrowser' }
  | { readonly _tag: 'InteractionOutOfOrder' }
  | { readonly _tag: 'InteractionOver' }
  | { readonly _tag: 'InteractionOfAnotherUser' }
  | { readonly _tag: 'InteractionExpired' }
  | { readonly _tag: 'ContextIncomplete' }
  | {
      readonly _tag: 'LaunchContextInvalid'
      readonly member: string
      readonly expected: string
      /** The place in the member, such as `fhirContext[1].role`. Absent: the member itself. */
      readonly place?: string
      /** What is there, shortened; absent if it does not help. */
      readonly found?: string
    }
  | { readonly _tag: 'SignInTooOld' }
  | { readonly _tag: 'SignedInUserInvalid'; readonly member: string; readonly expected: string }
  // Client authentication
  | { readonly _tag: 'CredentialsMissing' }
  | { readonly _tag: 'CredentialsUnreadable' }
  | { readonly _tag: 'CredentialsTwice' }
  | { readonly _tag: 'CredentialsInAddress' }
  | { readonly _tag: 'AuthenticatingClientUnknown' }
  | { readonly _tag: 'AuthenticationMethodDiffers'; readonly registered: string }
  | { readonly _tag: 'ClientSecretDiffers' }
  | { readonly _tag: 'AssertionTypeUnknown' }
  | { readonly _tag: 'AssertionUnreadable' }
  | { readonly _tag: 'AssertionAlgorithmNotAllowed'; readonly alg: string }
  | { readonly _tag: 'AssertionTypeHeaderWrong' }
  | { readonly _tag: 'AssertionKeyIdMissing' }
  | { readonly _tag: 'AssertionExtensionCritical' }
  | { readonly _tag: 'AssertionJkuNotRegistered' }
  | { readonly _tag: 'AssertionKeyUnknown' }
  | { readonly _tag: 'AssertionKeyAmbiguous' }
  | { readonly _tag: 'AssertionKeysUnavailable'; readonly reason: string }
  | { readonly _tag: 'AssertionSignatureWrong' }
  | { readonly _tag: 'AssertionIssuerWrong' }
  | { readonly _tag: 'AssertionAudienceWrong' }
  | { readonly _tag: 'AssertionExpired' }
  | { readonly _tag: 'AssertionTooLong' }
  | { readonly _tag: 'AssertionNotYetValid' }
  | { readonly _tag: 'AssertionFromBeforeRestoration' }
  | { readonly _tag: 'AssertionIdMissing' }
  | { readonly _tag: 'AssertionReplayed' }
  | { readonly _tag: 'SecretInBodyNotAllowed' }
  | { readonly _tag: 'RedirectUriUnacceptable'; readonly expected: string }
  | { readonly _tag: 'ClientMetadataUnacceptable'; readonly member: string; readonly expected: string }
  | { readonly _tag: 'SoftwareStatementUnacceptable' }
  | { readonly _tag: 'RegistrationTokenDiffers' }
  | { readonly _tag: 'ClientHasNoSecret' }
  | { readonly _tag: 'RegistrationsTooMany'; readonly limit: number; readonly retryAfterSeconds: number }
  | { readonly _tag: 'OverlapUnacceptable' }
  // Token request
  | { readonly _tag: 'GrantTypeMissing' }
  | { readonly _tag: 'GrantTypeNotSupported'; readonly grantType: string }
  | { readonly _tag: 'BackendNeedsAssertion' }
  | { readonly _tag: 'CodeMissing' }
  | { readonly _tag: 'CodeVerifierMissing' }
  | { readonly _tag: 'CodeVerifierMalformed' }
  | { readonly _tag: 'RedirectUriNotRepeated' }
  | { readonly _tag: 'CodeUnknown' }
  | { readonly _tag: 'CodeOfAnotherClient' }
  | { readonly _tag: 'RedirectUriDiffers' }
  | { readonly _tag: 'CodeVerifierDiffers' }
  | { readonly _tag: 'CodeExpired' }
  | { readonly _tag: 'CodeReplayed' }
  | { readonly _tag: 'RefreshTokenMissing' }
  | { readonly _tag: 'RefreshTokenUnknown' }
  | { readonly _tag: 'RefreshTokenOfAnotherClient' }
  | { readonly _tag: 'RefreshTokenExpired' }
  | { readonly _tag: 'RefreshTokenReused' }
  | { readonly _tag: 'RefreshTokenAhead' }
  | { readonly _tag: 'UserNotOnline' }
  | { readonly _tag: 'TargetDiffers'; readonly target: string }
  | { readonly _tag: 'ScopeBeyondGrant' }
  | { readonly _tag: 'ScopeNoLongerRegistered'; readonly scope: string }
  | { readonly _tag: 'ScopeNoLongerPermitted'; readonly scope: string }
  | { readonly _tag: 'RedirectUriNoLongerRegistered'; readonly redirectUri: string }
  | { readonly _tag: 'CodeScopeNoLongerRegistered'; readonly scope: string }
  | { readonly _tag: 'CodeUnprotected' }
  | { readonly _tag: 'GrantEndedByPolicy' }
  | { readonly _tag: 'GrantEnded' }
  // Introspection and revocation
  | { readonly _tag: 'TokenMissing' }
  | { readonly _tag: 'TokenUnknown' }
  | { readonly _tag: 'TokenOfAnotherClient' }
  | { readonly _tag: 'TokenTypeNotRevocable'; readonly kind: string }
  | { readonly _tag: 'CallerNotAuthenticated' }
  | { readonly _tag: 'CallerMayNotIntrospect' }
  // Use of an access token
  | { readonly _tag: 'AccessTokenMissing' }
  | { readonly _tag: 'AccessTokenInAddress' }
  | { readonly _tag: 'AccessTokenUnknown' }
  | { readonly _tag: 'AccessTokenExpired' }
  | { readonly _tag: 'AccessTokenRevoked' }
  | { readonly _tag: 'AccessTokenForAnotherServer' }
  | { readonly _tag: 'AccessNotGranted' }
  // A port is unavailable: the request was not at fault, and nothing is lost
  | { readonly _tag: 'StoreUnavailable' }
  | { readonly _tag: 'StoreContended' }
  | { readonly _tag: 'StoreUnreadable' }
  | { readonly _tag: 'StoredByLaterRelease' }
  | { readonly _tag: 'ClientsUnavailable' }
  | { readonly _tag: 'KeysUnavailable' }
  | { readonly _tag: 'PolicyUnavailable' }
  | { readonly _tag: 'UsersUnavailable' }
  | { readonly _tag: 'HostUnavailable'; readonly reason: string }
  | { readonly _tag: 'UnexpectedEvent'; readonly machine: string; readonly state: string; readonly event: string }

/** The tag of a refusal. */
export type RefusalTag = Refusal['_tag']

/**
 * The OAuth error codes in use (RFC 6749, sections 4.1.2.1 and 5.2; RFC 6750, section 3.1; RFC 7009, section 4.1.1; RFC
 * 8707, section 2; RFC 7591, section 3.2.2; OpenID Connect Core 1.0, section 3.1.2.6).
 */
export type OAuthError =
  | 'invalid_request'
  | 'unauthorized_client'
  | 'access_denied'
  | 'unsupported_response_type'
  | 'invalid_scope'
  | 'server_error'
  | 'temporarily_unavailable'
  | 'invalid_client'
  | 'invalid_grant'
  | 'unsupported_grant_type'
  | 'unsupported_token_type'
  | 'invalid_token'
  | 'insufficient_scope'
  | 'invalid_target'
  | 'invalid_redirect_uri'
  | 'invalid_client_metadata'
  | 'invalid_software_statement'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'registration_not_supported'
  | 'login_required'
  | 'interaction_required'
  | 'consent_required'

/** Where a refusal may be shown: only on the authorization server's own page, or also in other places. */
export type ErrorAudience = 'page' | 'redirect' | 'token' | 'resource'

/** The wire form of a refusal, and the advice for the log. */
export interface RefusalRow {
  readonly error: OAuthError
  /** The HTTP status, unless the response is a redirect. */
  readonly status: number
  readonly shown: ReadonlyArray<ErrorAudience>
  /** The scheme of the challenge, where the refusal is about the bearer token itself (RFC 6750, section 3). */
  readonly challenge?: 'Bearer'
  /**
   * `error_description`: plain words for the developer of the client, without anything that the client may not know.
   */
  readonly description: string
  /** What the operator who reads the log should know or do. */
  readonly advice: string
  /** The source of the rule: a page and anchor of the guide, or an RFC section. */
  readonly anchor: string
}

/** The rows of some refusals. `refusal-table.ts` joins them and does not compile when one is missing. */
export type RefusalRows = Readonly<Partial<Record<RefusalTag, RefusalRow>>>

/** The URL of a section of the SMART guide (`page#anchor`) or of an RFC (`rfc6749#section-6`). */
export const sourceUrl = (anchor: string): string => {
  const rfc = /^rfc([0-9]+)#(.+)$/.exec(anchor)
  return rfc === null
    ? `https://hl7.org/fhir/smart-app-launch/STU2/${anchor.replace('#', '.html#')}`
    : `https://www.rfc-editor.org/rfc/rfc${rfc[1] ?? ''}#${rfc[2] ?? ''}`
}

/** The URL of a rule's source, for `error_uri`. */
export const errorUri = (row: RefusalRow): string => sourceUrl(row.anchor)
