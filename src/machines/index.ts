/**
 * What decides: the kernel, the machines, and pictures of them. One namespace per file.
 *
 * @module
 */
export * as accessAlternatives from './access-alternatives.js'
export * as accessDecision from './access-decision.js'
export * as all from './all.js'
export * as appLaunch from './app-launch.js'
export * as appLaunchEvents from './app-launch-events.js'
export * as appSession from './app-session.js'
export * as authorizationRequest from './authorization-request.js'
export * as authorizationRules from './authorization-rules.js'
export * as backendService from './backend-service.js'
export * as clientAuthentication from './client-authentication.js'
export * as clientRegistration from './client-registration.js'
export * as draw from './draw.js'
export * as ehrLaunch from './ehr-launch.js'
export * as fhirInteraction from './fhir-interaction.js'
export * as fhirQuery from './fhir-query.js'
export * as grantEvents from './grant-events.js'
export * as grant from './grant.js'
export * as idTokenRules from './id-token-rules.js'
export * as introspection from './introspection.js'
export * as kernel from './kernel.js'
export * as scopePolicy from './scope-policy.js'
export * as searchIndex from './search-index.js'
export * as searchRewrite from './search-rewrite.js'
export * as tokenRequest from './token-request.js'
