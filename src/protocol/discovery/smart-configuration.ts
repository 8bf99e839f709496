/**
 * The discovery documents. They are computed from the features of the server, so they cannot announce anything else.
 *
 * Source: conformance, "Using .well-known" and "Capabilities"; RFC 8414; OpenID Connect Discovery 1.0.
 *
 * @module
 */
import type { ClientAuthenticationMethod } from '../client/client.js'
import type { AssociatedEndpoint, UserAccessBrands, Features } from './features.js'
import {
  grantsOnline,
  grantsResources,
  hasPatients,
  servedGrantTypes,
  announcesBanner,
  announcesStyle
} from './features.js'
import { idTokenAlgorithm } from '../jwt/id-token-claims.js'
import type { EpochSeconds } from '../../values/time.js'
import type { SmartPolicy } from '../policy/policy.js'
import { below } from '../../values/urls.js'

/** The identity and features of a server. */
export interface ServerFacts {
  /** The issuer: an https URL without query and fragment (http on loopback only). */
  readonly issuer: string
  /** The FHIR base URL that apps use. */
  readonly fhirBaseUrl: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly jwksUri: string
  readonly userinfoEndpoint: string
  readonly registrationEndpoint: string
  readonly introspectionEndpoint: string
  readonly revocationEndpoint: string
  readonly isRegistrationOpen: boolean
  /** When the store was last restored from a backup: seconds since the epoch. */
  readonly restoredAt?: EpochSeconds
  readonly scopesSupported: ReadonlyArray<string>
  /** The signature algorithms for client assertions. */
  readonly assertionAlgorithms: ReadonlyArray<string>
  readonly features: Features
  readonly policy: SmartPolicy
}

/** The endpoint URLs of a server whose endpoints are directly below its issuer. */
export const endpointsBelow = (
  issuer: string
): Pick<
  ServerFacts,
  | 'issuer'
  | 'authorizationEndpoint'
  | 'tokenEndpoint'
  | 'jwksUri'
  | 'userinfoEndpoint'
  | 'registrationEndpoint'
  | 'introspectionEndpoint'
  | 'revocationEndpoint'
> => ({
  issuer,
  authorizationEndpoint: below(issuer, 'authorize'),
  tokenEndpoint: below(issuer, 'token'),
  jwksUri: below(issuer, 'jwks'),
  userinfoEndpoint: below(issuer, 'userinfo'),
  registrationEndpoint: below(issuer, 'register'),
  introspectionEndpoint: below(issuer, 'introspect'),
  revocationEndpoint: below(issuer, 'revoke')
})

/** The client authentication methods under the policy. */
export const servedMethods = ({
  features,
  policy
}: Pick<ServerFacts, 'features' | 'policy'>): ReadonlyArray<ClientAuthenticationMethod> =>
  features.authenticationMethods.filter((method) => method !== 'client_secret_post' || policy.allowClientSecretPost)

/** The facts from which capabilities are computed. */
interface Offered extends Pick<ServerFacts, 'features' | 'policy'> {
  readonly methods: ReadonlyArray<ClientAuthenticationMethod>
  readonly ehr: boolean
  readonly standalone: boolean
  readonly launches: boolean
}

/** The capabilities of the guide, with the names of the page "conformance", and the condition of each. */
const capabilityRows: ReadonlyArray<readonly [capability: string, isThere: (offered: Offered) => boolean]> = [
  ['launch-ehr', ({ ehr }) => ehr],
  ['launch-standalone', ({ standalone }) => standalone],
  ['authorize-post', ({ launches }) => launches],
  ['client-public', ({ launches, methods }) => launches && methods.includes('none')],
  ['client-confidential-symmetric', ({ launches, methods }) => launches && methods.includes('client_secret_basic')],
  ['client-confidential-asymmetric', ({ methods }) => methods.includes('private_key_jwt')],
  ['sso-openid-connect', ({ features }) => features.openid],
  ['context-banner', ({ features }) => announcesBanner(features)],
  ['context-style', ({ features }) => announcesStyle(features)],
  ['context-ehr-patient', ({ ehr }) => ehr],
  ['context-ehr-encounter', ({ ehr }) => ehr],
  ['context-standalone-patient', ({ features, standalone }) => standalone && features.contextTypes.includes('patient')],
  [
    'context-standalone-encounter',
    ({ features, standalone }) => standalone && features.contextTypes.includes('encounter')
  ],
  ['permission-offline', ({ features }) => features.offlineAccess],
  ['permission-online', ({ features, policy }) => grantsOnline(policy, features)],
  [
    'permission-patient',
    ({ features }) => features.levels.includes('patient') && features.scopeVersions.length > 0 && hasPatients(features)
  ],
  [
    'permission-user',
    ({ features, launches }) => launches && features.levels.includes('user') && features.scopeVersions.length > 0
  ],
  ['permission-v1', ({ features }) => features.scopeVersions.includes('v1') && grantsResources(features)],
  ['permission-v2', ({ features }) => features.scopeVersions.includes('v2') && grantsResources(features)],
  ['smart-app-state', ({ features }) => features.appStateEndpoint !== null]
]

/** The capability names of the guide. They are announced only by their conditions, never because a host lists them. */
export const guideCapabilities: ReadonlyArray<string> = capabilityRows.map(([name]) => name)

/** The capabilities that the server announces. */
export const capabilities = (facts: ServerFacts): ReadonlyArray<string> => {
  const { features, policy } = facts
  const ehr = features.launchKinds.includes('ehr')
  const standalone = features.launchKinds.includes('standalone')
  const offered: Offered = {
    features,
    policy,
    methods: servedMethods(facts),
    ehr,
    standalone,
    launches: ehr || standalone
  }
  return [
    ...capabilityRows.flatMap(([name, isThere]) => (isThere(offered) ? [name] : [])),
    ...new Set(features.furtherCapabilities)
  ]
}

/** Authorization server metadata (RFC 8414, section 2), with the members that this server uses. */
export interface AuthorizationServerMetadata {
  readonly issuer: string
  readonly jwks_uri: string
  readonly authorization_endpoint?: string
  readonly token_endpoint: string
  readonly registration_endpoint?: string
  readonly token_endpoint_auth_methods_supported?: ReadonlyArray<string>
  readonly token_endpoint_auth_signing_alg_values_supported?: ReadonlyArray<string>
  readonly introspection_endpoint?: string
  readonly introspection_endpoint_auth_methods_supported?: ReadonlyArray<string>
  readonly introspection_endpoint_auth_signing_alg_values_supported?: ReadonlyArray<string>
  readonly revocation_endpoint?: string
  readonly revocation_endpoint_auth_methods_supported?: ReadonlyArray<string>
  readonly revocation_endpoint_auth_signing_alg_values_supported?: ReadonlyArray<string>
  readonly grant_types_supported: ReadonlyArray<string>
  readonly response_types_supported?: ReadonlyArray<string>
  readonly response_modes_supported?: ReadonlyArray<string>
  readonly scopes_supported: ReadonlyArray<string>
  readonly code_challenge_methods_supported?: ReadonlyArray<string>
  /**
   * Announced as false because a missing value means true, or for clarity (OpenID Connect Discovery 1.0, section 3).
   */
  readonly request_uri_parameter_supported: false
  readonly request_parameter_supported: false
  readonly claims_parameter_supported: false
  readonly authorization_response_iss_parameter_supported: boolean
}

/** The SMART configuration (page "conformance"). Without `sso-openid-connect` it has no issuer and no key set. */
export interface SmartConfiguration extends Omit<AuthorizationServerMetadata, 'issuer' | 'jwks_uri'> {
  readonly issuer?: string
  readonly jwks_uri?: string
  readonly management_endpoint?: string
  readonly smart_app_state_endpoint?: string
  readonly associated_endpoints?: ReadonlyArray<AssociatedEndpoint>
  readonly user_access_brand_bundle?: string
  readonly user_access_brand_identifier?: NonNullable<UserAccessBrands['identifier']>
  readonly capabilities: ReadonlyArray<string>
}

/** OpenID provider metadata (OpenID Connect Discovery 1.0, section 3). */
export interface OpenidConfiguration extends AuthorizationServerMetadata {
  readonly userinfo_endpoint: string
  readonly subject_types_supported: ReadonlyArray<string>
  readonly id_token_signing_alg_values_supported: ReadonlyArray<string>
  readonly claims_supported: ReadonlyArray<string>
}

type EndpointMembers = Partial<AuthorizationServerMetadata>

/** The members for an endpoint other than the token endpoint, with its client authentication methods. */
const endpointMembers = (
  name: 'introspection_endpoint' | 'revocation_endpoint',
  address: string,
  methods: ReadonlyArray<string>,
  algorithms: ReadonlyArray<string>
): EndpointMembers => ({
  [name]: address,
  [`${name}_auth_methods_supported`]: methods,
  ...(methods.includes('private_key_jwt') ? { [`${name}_auth_signing_alg_values_supported`]: algorithms } : {})
})

/**
 * How callers of the introspection endpoint authenticate. If bearer tokens are accepted, their type is one of the
 * methods (RFC 8414, section 2).
 */
export const introspectionMethods = (facts: Pick<ServerFacts, 'features' | 'policy'>): ReadonlyArray<string> => {
  const { introspectionAuth } = facts.policy
  return [
    ...(introspectionAuth === 'anonymous' ? ['none'] : []),
    ...(introspectionAuth === 'bearer' ? [] : servedMethods(facts).filter((method) => method !== 'none')),
    ...(introspectionAuth === 'clientCredentials' ? [] : ['Bearer'])
  ]
}

const tokenEndpointMembers = (facts: ServerFacts): EndpointMembers => ({
  ...(facts.features.introspection
    ? endpointMembers(
        'introspection_endpoint',
        facts.introspectionEndpoint,
        introspectionMethods(facts),
        facts.assertionAlgorithms
      )
    : {}),
  ...(facts.features.revocation
    ? endpointMembers('revocation_endpoint', facts.revocationEndpoint, servedMethods(facts), facts.assertionAlgorithms)
    : {})
})

/** The differences between the three documents in their common members. */
interface Served {
  /** Whether the document contains the authorization endpoint. */
  readonly hasEndpoint: boolean
  readonly methods: ReadonlyArray<string>
  readonly grantTypes: ReadonlyArray<string>
}

const grantTypesOf = ({ features, policy }: Pick<ServerFacts, 'features' | 'policy'>): ReadonlyArray<string> =>
  servedGrantTypes(policy, features)

const launchesApps = (facts: Pick<ServerFacts, 'features' | 'policy'>): boolean =>
  grantTypesOf(facts).includes('authorization_code')

/** The client authentication methods at the token endpoint. Without app launches only backend services use it. */
const tokenMethods = (facts: ServerFacts): ReadonlyArray<string> =>
  servedMethods(facts).filter((method) => launchesApps(facts) || method === 'private_key_jwt')

/**
 * The common members. An empty list is omitted if that is allowed (RFC 8414, section 3.2), unless its absence would
 * announce a default that is wrong: `client_secret_basic`, `fragment`, `implicit`, requests by reference.
 */
const sharedMembers = (
  facts: ServerFacts,
  { hasEndpoint, methods, grantTypes }: Served
): Omit<AuthorizationServerMetadata, 'issuer' | 'jwks_uri' | 'code_challenge_methods_supported'> => ({
  ...(hasEndpoint ? { authorization_endpoint: facts.authorizationEndpoint } : {}),
  token_endpoint: facts.tokenEndpoint,
  ...(facts.isRegistrationOpen ? { registration_endpoint: facts.registrationEndpoint } : {}),
  token_endpoint_auth_methods_supported: methods,
  ...(methods.includes('private_key_jwt')
    ? { token_endpoint_auth_signing_alg_values_supported: facts.assertionAlgorithms }
    : {}),
  ...tokenEndpointMembers(facts),
  grant_types_supported: grantTypes,
  ...(launchesApps(facts) ? { response_types_supported: ['code'], response_modes_supported: ['query'] } : {}),
  scopes_supported: facts.scopesSupported,
  authorization_response_iss_parameter_supported: facts.policy.issParameter,
  request_parameter_supported: false,
  request_uri_parameter_supported: false,
  claims_parameter_supported: false
})

const challengeMethods = { code_challenge_methods_supported: ['S256'] } as const

/** The document at `[issuer]/.well-known/oauth-authorization-server` (RFC 8414): all features. */
export const authorizationServerMetadata = (facts: ServerFacts): AuthorizationServerMetadata => ({
  issuer: facts.issuer,
  jwks_uri: facts.jwksUri,
  ...sharedMembers(facts, {
    hasEndpoint: launchesApps(facts),
    methods: tokenMethods(facts),
    grantTypes: grantTypesOf(facts)
  }),
  ...(launchesApps(facts) ? challengeMethods : {})
})

/**
 * URLs outside this server: the state of apps (2.1.0, deprecated in 2.2.0), associated endpoints and brands (2.2.0).
 */
const optionalMembers = ({ features, fhirBaseUrl, policy }: ServerFacts) => {
  const { appStateEndpoint, brands } = features
  const separate = appStateEndpoint === null || appStateEndpoint === fhirBaseUrl ? null : appStateEndpoint
  if (policy.specVersion !== '2.2.0') return separate === null ? {} : { smart_app_state_endpoint: separate }
  const associated = [
    ...features.associatedEndpoints,
    ...(separate === null ? [] : [{ url: separate, capabilities: ['smart-app-state'] }])
  ]
  return {
    ...(associated.length > 0 ? { associated_endpoints: associated } : {}),
    ...(brands === null ? {} : { user_access_brand_bundle: brands.bundle }),
    ...(brands?.identifier == null ? {} : { user_access_brand_identifier: brands.identifier })
  }
}

/**
 * The contents of the guide's own document: `none` and `refresh_token` are not values of its lists. Only a server of
 * public apps alone lists `none`, because a missing list means `client_secret_basic` to clients of RFC 8414. Before
 * 2.2.0 the authorization endpoint is always required; the challenge methods are required in every release.
 */
const servedInGuide = (facts: ServerFacts): Served => {
  const [methods, policy] = [tokenMethods(facts), facts.policy]
  const confidential = methods.filter((method) => method !== 'none')
  return {
    hasEndpoint: launchesApps(facts) || policy.specVersion !== '2.2.0',
    methods: confidential.length > 0 ? confidential : methods,
    grantTypes: grantTypesOf(facts).filter((grantType) => policy.advertiseRefreshGrant || grantType !== 'refresh_token')
  }
}

/** The document at `[FHIR base]/.well-known/smart-configuration`. */
export const smartConfiguration = (facts: ServerFacts): SmartConfiguration => ({
  ...(facts.features.openid ? { issuer: facts.issuer, jwks_uri: facts.jwksUri } : {}),
  ...sharedMembers(facts, servedInGuide(facts)),
  ...challengeMethods,
  ...(facts.features.managementEndpoint === null ? {} : { management_endpoint: facts.features.managementEndpoint }),
  ...optionalMembers(facts),
  capabilities: capabilities(facts)
})

/** The document at `[issuer]/.well-known/openid-configuration`. */
export const openidConfiguration = (facts: ServerFacts): OpenidConfiguration => ({
  ...authorizationServerMetadata(facts),
  userinfo_endpoint: facts.userinfoEndpoint,
  subject_types_supported: ['public'],
  id_token_signing_alg_values_supported: [idTokenAlgorithm],
  claims_supported: ['iss', 'sub', 'aud', 'exp', 'iat', 'auth_time', 'nonce', 'at_hash', 'fhirUser']
})
