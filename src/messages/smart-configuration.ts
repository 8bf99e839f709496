/**
 * The discovery documents. They are made from what the server does, never typed in, so they cannot promise more.
 *
 * Source: conformance, "Using .well-known" and "Capabilities"; RFC 8414; OpenID Connect Discovery 1.0.
 *
 * @module
 */
import type { ClientAuthenticationMethod, GrantType } from './client.js'
import type { SmartPolicy } from './policy.js'
import { below } from '../values/urls.js'

/** What the server is and offers. */
export interface ServerFacts {
  /** The issuer: an https URL without query and fragment (http on loopback only). */
  readonly issuer: string
  /** The FHIR base URL, as apps are given it. */
  readonly fhirBaseUrl: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly userinfoEndpoint: string
  readonly authenticationMethods: ReadonlyArray<ClientAuthenticationMethod>
  readonly grantTypes: ReadonlyArray<GrantType>
  readonly scopesSupported: ReadonlyArray<string>
  readonly policy: SmartPolicy
}

/** The addresses of a server whose endpoints stand directly below its issuer. */
export const endpointsBelow = (
  issuer: string
): Pick<ServerFacts, 'issuer' | 'authorizationEndpoint' | 'tokenEndpoint' | 'jwksUri' | 'userinfoEndpoint'> => ({
  issuer,
  authorizationEndpoint: below(issuer, 'authorize'),
  tokenEndpoint: below(issuer, 'token'),
  jwksUri: below(issuer, 'jwks'),
  userinfoEndpoint: below(issuer, 'userinfo')
})

/**
 * The capabilities of the server, in the names of the page "conformance".
 */
export const capabilities = (facts: ServerFacts): ReadonlyArray<string> => [
  'launch-ehr',
  'launch-standalone',
  'authorize-post',
  ...(facts.authenticationMethods.includes('none') ? ['client-public'] : []),
  ...(facts.authenticationMethods.includes('client_secret_basic') ? ['client-confidential-symmetric'] : []),
  'sso-openid-connect',
  'context-banner',
  'context-style',
  'context-ehr-patient',
  'context-ehr-encounter',
  'context-standalone-patient',
  'context-standalone-encounter',
  ...(facts.grantTypes.includes('refresh_token') ? ['permission-offline'] : []),
  'permission-patient',
  'permission-user',
  'permission-v1',
  'permission-v2'
]

/** Authorization server metadata (RFC 8414, section 2), as far as this server has something to say. */
export interface AuthorizationServerMetadata {
  readonly issuer: string
  readonly jwks_uri: string
  readonly authorization_endpoint: string
  readonly token_endpoint: string
  readonly token_endpoint_auth_methods_supported: ReadonlyArray<string>
  readonly grant_types_supported: ReadonlyArray<string>
  readonly response_types_supported: ReadonlyArray<string>
  readonly response_modes_supported: ReadonlyArray<string>
  readonly scopes_supported: ReadonlyArray<string>
  readonly code_challenge_methods_supported: ReadonlyArray<string>
  readonly authorization_response_iss_parameter_supported: boolean
}

/** The SMART configuration (page "conformance"). */
export interface SmartConfiguration extends AuthorizationServerMetadata {
  readonly capabilities: ReadonlyArray<string>
}

/** The OpenID provider's metadata (OpenID Connect Discovery 1.0, section 3). */
export interface OpenidConfiguration extends AuthorizationServerMetadata {
  readonly userinfo_endpoint: string
  readonly subject_types_supported: ReadonlyArray<string>
  readonly id_token_signing_alg_values_supported: ReadonlyArray<string>
  readonly claims_supported: ReadonlyArray<string>
}

/** The document at `[issuer]/.well-known/oauth-authorization-server` (RFC 8414). */
export const authorizationServerMetadata = (facts: ServerFacts): AuthorizationServerMetadata => ({
  issuer: facts.issuer,
  jwks_uri: facts.jwksUri,
  authorization_endpoint: facts.authorizationEndpoint,
  token_endpoint: facts.tokenEndpoint,
  // The page "conformance" gives the options of both lists: `none` and `refresh_token` are not among them.
  token_endpoint_auth_methods_supported: facts.authenticationMethods.filter((method) => method !== 'none'),
  grant_types_supported: facts.grantTypes.filter((grantType) => facts.policy.advertiseRefreshGrant || grantType !== 'refresh_token'),
  response_types_supported: ['code'],
  response_modes_supported: ['query'],
  scopes_supported: facts.scopesSupported,
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: facts.policy.issParameter
})

/** The document at `[FHIR base]/.well-known/smart-configuration`. */
export const smartConfiguration = (facts: ServerFacts): SmartConfiguration => ({
  ...authorizationServerMetadata(facts),
  capabilities: capabilities(facts)
})

/** The document at `[issuer]/.well-known/openid-configuration`. */
export const openidConfiguration = (facts: ServerFacts): OpenidConfiguration => ({
  ...authorizationServerMetadata(facts),
  userinfo_endpoint: facts.userinfoEndpoint,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: ['RS256'],
  claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'at_hash', 'fhirUser']
})
