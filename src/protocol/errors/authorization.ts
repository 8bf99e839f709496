/** The refusals of an authorization request, up to its PKCE challenge. See `refusal.ts`. */
import type { RefusalRow, RefusalRows } from './refusal.js'

/** The row of an unknown client or redirect URI. Both get the same response. */
const notRegisteredHere = (advice: string): RefusalRow => ({
  error: 'invalid_request',
  status: 400,
  shown: ['page'],
  description: 'The app or its redirect address is not registered here.',
  advice,
  anchor: 'app-launch#step-4-authorization-code'
})

/** The refusals of an authorization request, up to its PKCE challenge. */
export const authorizationRefusals = {
  ClientIdMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'The parameter client_id is missing.',
    advice: 'The authorization request names no client.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  ClientUnknown: notRegisteredHere("No such client: it was never registered, or the app uses another server's id."),
  RedirectUriMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'The parameter redirect_uri is missing.',
    advice: 'The app must repeat one of its registered redirect URIs.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  RedirectUriNotRegistered: notRegisteredHere(
    'Redirect URIs are compared as exact strings; register the address exactly as the app sends it.'
  ),
  RedirectUriCarriesResponse: {
    error: 'invalid_request',
    status: 400,
    shown: ['page'],
    description: 'The redirect address of the app holds a parameter of the answer.',
    advice:
      'The registered address has code, state, iss, error or another response parameter in its query; register ' +
      'it without.',
    anchor: 'rfc6749#section-3.1'
  },
  ResponseTypeMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter response_type is missing; it must be code.',
    advice: 'The app left out response_type.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  ResponseTypeNotCode: {
    error: 'unsupported_response_type',
    status: 400,
    shown: ['redirect'],
    description: 'The only response_type is code.',
    advice: 'Implicit and hybrid responses do not exist in SMART.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  ResponseModeNotQuery: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The only response_mode is query.',
    advice: 'The app asks for a fragment or a form post.',
    anchor: 'rfc6749#section-4.1.2'
  },
  RequestObjectNotSupported: {
    error: 'request_not_supported',
    status: 400,
    shown: ['redirect'],
    description: 'Parameters must be sent as such: request and request_uri are not supported.',
    advice: 'The app sends a request object.',
    anchor: 'rfc6749#section-4.1.1'
  },
  RequestUriNotSupported: {
    error: 'request_uri_not_supported',
    status: 400,
    shown: ['redirect'],
    description: 'This server reads no request objects by reference.',
    advice: 'The app sends request_uri; send the parameters themselves.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  RegistrationParameterNotSupported: {
    error: 'registration_not_supported',
    status: 400,
    shown: ['redirect'],
    description: 'This server reads no registration parameter.',
    advice: 'The app sends registration inside the request; register it beforehand.',
    anchor: 'app-launch#step-1-register'
  },
  PromptMalformed: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter prompt must be none alone, or words among login, consent and select_account.',
    advice: 'The app sends a prompt that OpenID Connect does not define.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  MaxAgeMalformed: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter max_age must be a whole number of seconds.',
    advice: 'The app sends a max_age that is no number of seconds.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  StateMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter state is missing.',
    advice: 'SMART requires state; the app is open to request forgery without it.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  StateTooLong: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The state is too long.',
    advice: 'The app keeps data in state instead of a reference to it.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  StateNotPrintable: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The state holds control characters.',
    advice: 'Control characters in state are an attempt to write headers or logs.',
    anchor: 'rfc6749#appendix-A.5'
  },
  NonceTooLong: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The nonce is too long.',
    advice: 'The app keeps data in nonce, which is a random value to compare.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-identity-data'
  },
  ScopeMissing: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'The parameter scope is missing.',
    advice: 'The app asks for nothing.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  ScopeUnreadable: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'The scope holds a character that no scope may hold.',
    advice: 'Only printable ASCII other than the quotation mark and the backslash may stand in a scope.',
    anchor: 'rfc6749#section-3.3'
  },
  ScopeMalformed: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'A scope is malformed.',
    advice: 'The policy malformedScope refuses what it could leave out.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-clinical-data'
  },
  ScopeNotRegistered: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'A scope is not known here or not registered for the app.',
    advice: 'The policy unknownScope refuses what it could leave out.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-clinical-data'
  },
  ScopeOpensNothing: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'A scope asks for what this server does not evaluate or does not tell, and would open nothing.',
    advice:
      'docs/fhir-access.md lists the search parameters that are evaluated; of the identity scopes openid and ' +
      'fhirUser are issued; ' +
      'the policy unknownScope refuses what it could leave out.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-clinical-data'
  },
  ScopeVersionsMixed: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'Scopes of version 1 and version 2 may not be mixed here.',
    advice: 'The policy mixedScopeVersions refuses such requests.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-clinical-data'
  },
  ScopeWildcardWithQuery: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect', 'token'],
    description: 'A wildcard of resource types may have no query here.',
    advice: 'The policy wildcardWithQuery refuses such requests.',
    anchor: 'scopes-and-launch-context#wildcard-scopes'
  },
  BothAccessScopes: {
    error: 'invalid_scope',
    status: 400,
    shown: ['redirect'],
    description: 'Either offline_access or online_access can be granted, not both.',
    advice: 'The policy bothAccessScopes refuses such requests.',
    anchor: 'scopes-and-launch-context#scopes-for-requesting-a-refresh-token'
  },
  AudienceMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter aud is missing.',
    advice: 'Without aud a token could be sent to a counterfeit resource server.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  AudienceNotServed: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The aud is not a FHIR server of this authorization server.',
    advice:
      'The aud must be the FHIR base URL of this server, exactly. An app that was launched by a hostile server sends ' +
      'another one.',
    anchor: 'app-launch#step-4-authorization-code'
  },
  AudienceAndResourceDiffer: {
    error: 'invalid_target',
    status: 400,
    shown: ['redirect'],
    description: 'The parameters aud and resource name different servers.',
    advice: 'The app sends both; either alone is enough.',
    anchor: 'rfc8707#section-2'
  },
  ResourceNotServed: {
    error: 'invalid_target',
    status: 400,
    shown: ['redirect'],
    description: 'The parameter resource names no server that this authorization server protects.',
    advice: 'Compare resource with the FHIR base URL.',
    anchor: 'rfc8707#section-2'
  },
  CodeChallengeMissing: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect', 'page'],
    description: 'The parameter code_challenge is missing.',
    advice: 'SMART requires PKCE of every app.',
    anchor: 'app-launch#considerations-for-pkce-support'
  },
  CodeChallengeMalformed: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The code_challenge must be 43 base64url characters.',
    advice: 'A SHA-256 digest in base64url without padding has 43 characters.',
    anchor: 'rfc7636#section-4.2'
  },
  CodeChallengeMethodNotS256: {
    error: 'invalid_request',
    status: 400,
    shown: ['redirect'],
    description: 'The code_challenge_method must be S256.',
    advice: 'The default of RFC 7636 is plain, which SMART forbids; the method must be spelled out.',
    anchor: 'app-launch#considerations-for-pkce-support'
  }
} satisfies RefusalRows
