/**
 * The names of members of discovery documents.
 *
 * Source: conformance, metadata; the registry "OAuth Authorization Server Metadata" of IANA, of which the members of
 * SMART, OpenID Connect Discovery 1.0 and RFC 8414 are named.
 *
 * @module
 */

/** The members of a SMART configuration. */
export const smartMembers: ReadonlyArray<string> = [
  'issuer',
  'jwks_uri',
  'authorization_endpoint',
  'token_endpoint',
  'token_endpoint_auth_methods_supported',
  'token_endpoint_auth_signing_alg_values_supported',
  'grant_types_supported',
  'registration_endpoint',
  'scopes_supported',
  'response_types_supported',
  'management_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'capabilities',
  'code_challenge_methods_supported',
  'authorization_response_iss_parameter_supported',
  'associated_endpoints',
  'smart_app_state_endpoint',
  'user_access_brand_bundle',
  'user_access_brand_identifier'
]

/** All members that are known: those of a SMART configuration, and those that authorization servers publish beside. */
export const registeredMembers: ReadonlySet<string> = new Set([
  ...smartMembers,
  'acr_values_supported',
  'authorization_details_types_supported',
  'backchannel_authentication_endpoint',
  'backchannel_logout_session_supported',
  'backchannel_logout_supported',
  'check_session_iframe',
  'claim_types_supported',
  'claims_locales_supported',
  'claims_parameter_supported',
  'claims_supported',
  'device_authorization_endpoint',
  'display_values_supported',
  'dpop_signing_alg_values_supported',
  'end_session_endpoint',
  'frontchannel_logout_session_supported',
  'frontchannel_logout_supported',
  'id_token_encryption_alg_values_supported',
  'id_token_encryption_enc_values_supported',
  'id_token_signing_alg_values_supported',
  'introspection_endpoint_auth_methods_supported',
  'introspection_endpoint_auth_signing_alg_values_supported',
  'mtls_endpoint_aliases',
  'op_policy_uri',
  'op_tos_uri',
  'prompt_values_supported',
  'pushed_authorization_request_endpoint',
  'request_object_encryption_alg_values_supported',
  'request_object_encryption_enc_values_supported',
  'request_object_signing_alg_values_supported',
  'request_parameter_supported',
  'request_uri_parameter_supported',
  'require_pushed_authorization_requests',
  'require_request_uri_registration',
  'require_signed_request_object',
  'response_modes_supported',
  'revocation_endpoint_auth_methods_supported',
  'revocation_endpoint_auth_signing_alg_values_supported',
  'service_documentation',
  'signed_metadata',
  'subject_types_supported',
  'tls_client_certificate_bound_access_tokens',
  'ui_locales_supported',
  'userinfo_encryption_alg_values_supported',
  'userinfo_encryption_enc_values_supported',
  'userinfo_endpoint',
  'userinfo_signing_alg_values_supported'
])
