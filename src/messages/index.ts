/**
 * What travels: requests, responses, documents, refusals. One namespace per file.
 *
 * @module
 */
export * as accessTokenClaims from './access-token-claims.js'
export * as authorizationRequest from './authorization-request.js'
export * as client from './client.js'
export * as clientAssertion from './client-assertion.js'
export * as clientMetadata from './client-metadata.js'
export * as cors from './cors.js'
export * as credentials from './credentials.js'
export * as form from './form.js'
export * as http from './http.js'
export * as idToken from './id-token.js'
export * as jwk from './jwk.js'
export * as launchContext from './launch-context.js'
export * as launchContextRules from './launch-context-rules.js'
export * as policy from './policy.js'
export * as policyCheck from './policy-check.js'
export * as refusal from './refusal.js'
export * as refusals from './refusal-table.js'
export * as smartConfiguration from './smart-configuration.js'
export * as storedGrant from './stored-grant.js'
export * as storedLaunch from './stored-launch.js'
export * as tokenRequest from './token-request.js'
export * as tokenText from './token-text.js'
