/**
 * The rules of what hosts and clients say, a case for each row: what breaks this rule. Where the first broken rule
 * alone is reported, no rule before it breaks.
 */
import type { ServerSettings } from '../../../../src/engine/server/settings.js'
import type { OfferFacts } from '../../../../src/engine/server/settings-check.js'
import { offerRules, settingsRules } from '../../../../src/engine/server/settings-check.js'
import { metadataRules } from '../../../../src/protocol/client/metadata.js'
import type { Features } from '../../../../src/protocol/discovery/features.js'
import { defaultFeatures } from '../../../../src/protocol/discovery/features.js'
import { configurationRules } from '../../../../src/protocol/discovery/smart-configuration-rules.js'
import { launchContextRules } from '../../../../src/protocol/launch/launch-context-rules.js'
import { userRules } from '../../../../src/protocol/launch/user-rules.js'
import { completePolicy } from '../../../../src/protocol/policy/policy.js'
import { policyRules } from '../../../../src/protocol/policy/policy-check.js'
import { knownResourceSide } from '../../../../src/protocol/scope-policy/resource-side-check.js'
import { limits } from '../../../../src/values/limits/limits.js'
import type { RuleCase } from '../../../support/rule-cases.js'
import { rulesOf } from '../../../support/rule-cases.js'

const policy = completePolicy({})

rulesOf('policyRules', 'all', policyRules, (change) => ({ policy: completePolicy(change), hasDefaultScope: false }), [
  ['default-scope-for-malformed-scopes', { malformedScope: 'serverDefault' }],
  ['idle-time-within-lifetime', { refreshTokenIdleSeconds: policy.refreshTokenLifetimeSeconds + 1 }],
  ['code-lifetime-within-grant', { codeLifetimeSeconds: policy.refreshTokenLifetimeSeconds }],
  ['access-scope-in-standalone', { bothAccessScopes: 'online', onlineAccessInStandalone: 'offlineInstead' }],
  ['grace-within-idle-time', { reuseGraceSeconds: policy.refreshTokenIdleSeconds }],
  ['scope-versions-stay-apart', { mixedScopeVersions: 'reject', v1WithQuery: 'asV2' }],
  ['bearer-introspection-in-2-2-0', { introspectionAuth: 'clientCredentials', specVersion: '2.2.0' }],
  [
    'foreign-tokens-need-authentication',
    { introspectionAuth: 'anonymous', introspectForeignTokens: 'resourceServersOnly' }
  ],
  ['localhost-needs-any-port', { loopbackLocalhost: true, loopbackPort: 'exact' }]
])

const soundUser: object = { user: { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 90 }, now: 100 }

type UserFacts = Parameters<(typeof userRules)[number]['check']>[0]

rulesOf('userRules', 'first', userRules, (change) => ({ ...soundUser, ...change }) as UserFacts, [
  ['user-is-object', { user: 'alice' }],
  ['subject-length', { user: { sub: '', fhirUser: null, authTime: 90 } }],
  ['fhir-user-is-text', { user: { sub: 'alice', fhirUser: 7, authTime: 90 } }],
  ['authentication-time', { user: { sub: 'alice', fhirUser: null, authTime: 1764107335000 } }],
  ['session-id-is-text', { user: { sub: 'alice', fhirUser: null, authTime: 90, sessionId: '' } }]
])

const soundContext: object = { release: '2.2.0', context: {} }

type ContextFacts = Parameters<(typeof launchContextRules)[number]['check']>[0]

rulesOf(
  'launchContextRules',
  'first',
  launchContextRules,
  (change) => ({ ...soundContext, ...change }) as ContextFacts,
  [
    ['known-members', { context: { practitioner: 'p1' } }],
    ['patient-id', { context: { patient: 'Patient/p1' } }],
    ['encounter-id', { context: { encounter: 'Encounter/e1' } }],
    ['banner-is-boolean', { context: { need_patient_banner: 'true' } }],
    ['intent-is-text', { context: { intent: '' } }],
    ['style-url', { context: { smart_style_url: 'style.json' } }],
    ['tenant-is-text', { context: { tenant: '' } }],
    ['context-is-list', { context: { fhirContext: {} } }],
    ['entries-are-objects', { context: { fhirContext: ['Location/7'] } }],
    ['entry-names-something', { context: { fhirContext: [{ role: 'launch' }] } }],
    [
      'references-alone-in-2-0-0',
      { release: '2.0.0', context: { fhirContext: [{ reference: 'Location/7', role: 'launch' }] } }
    ],
    [
      'reference-in-each-entry-before-2-2-0',
      { release: '2.1.0', context: { fhirContext: [{ canonical: 'https://ehr.example/form' }] } }
    ],
    ['relative-references', { context: { fhirContext: [{ reference: 'https://ehr.example/Location/7' }] } }],
    ['canonical-is-uri', { context: { fhirContext: [{ canonical: 'form' }] } }],
    ['identifier-is-object', { context: { fhirContext: [{ identifier: '7' }] } }],
    ['type-is-resource-type', { context: { fhirContext: [{ canonical: 'https://ehr.example/form', type: 'form' }] } }],
    ['role-is-launch-or-uri', { context: { fhirContext: [{ reference: 'Location/7', role: 'ward' }] } }],
    ['patient-and-encounter-have-members', { context: { fhirContext: [{ reference: 'Patient/p1' }] } }],
    ['extension-names', { context: { extensions: { ward: 7 } } }],
    ['size-and-depth', { context: { extensions: { __ward: 'a'.repeat(limits.contextSize.default + 1) } } }]
  ]
)

const soundMetadata: object = {
  redirect_uris: ['https://app.example/callback'],
  token_endpoint_auth_method: 'none',
  scope: 'patient/*.rs'
}

const long = `https://app.example/${'a'.repeat(limits.registeredAddress.default)}`
const unnamed = 'http://app.example/page'
const withKeys = { token_endpoint_auth_method: 'private_key_jwt' }

rulesOf(
  'metadataRules',
  'first',
  metadataRules,
  (change) => ({ settings: { allowLoopback: false }, metadata: { ...soundMetadata, ...change } }),
  [
    ['no-software-statement', { software_statement: 'e30.e30.' }],
    ['client-name', { client_name: ' ' }],
    ['authentication-method-served', { token_endpoint_auth_method: 'tls_client_auth' }],
    ['grant-types-served', { grant_types: ['implicit'] }],
    ['refresh-with-codes', { grant_types: ['refresh_token'] }],
    ['response-types-fit-grants', { response_types: ['token'] }],
    ['backend-services-use-assertions', { grant_types: ['authorization_code', 'client_credentials'] }],
    ['application-type', { application_type: 'desktop' }],
    ['redirect-uri-count', { redirect_uris: [] }],
    ['redirect-uri-form', { redirect_uris: ['http://app.example/callback'] }],
    ['redirect-uris-length', { redirect_uris: [long] }],
    ['launch-uris-length', { launch_uris: [long] }],
    ['jwks-uri-length', { jwks_uri: long }],
    ['client-uri-length', { client_uri: long }],
    ['logo-uri-length', { logo_uri: long }],
    ['policy-uri-length', { policy_uri: long }],
    ['tos-uri-length', { tos_uri: long }],
    ['redirect-uri-without-response', { redirect_uris: ['https://app.example/callback?code=1'] }],
    ['launch-uri-without-launch', { launch_uris: ['https://app.example/launch?iss=1'] }],
    ['launch-uri-form', { launch_uris: ['http://app.example/launch'] }],
    ['scopes-well-formed', { scope: 'patient/observation.xyz' }],
    [
      'scope-size',
      {
        scope: Array.from(
          { length: limits.registeredScopePieces.default + 1 },
          (_, index) => `patient/Observation.r?code=${String(index)}`
        ).join(' ')
      }
    ],
    ['one-key-source-for-assertions', { jwks_uri: 'https://app.example/jwks' }],
    ['public-keys', { ...withKeys, jwks: { keys: [] } }],
    ['key-set-url', { ...withKeys, jwks_uri: 'http://app.example/jwks' }],
    ['client-uri-form', { client_uri: unnamed }],
    ['logo-uri-form', { logo_uri: unnamed }],
    ['policy-uri-form', { policy_uri: unnamed }],
    ['tos-uri-form', { tos_uri: unnamed }]
  ]
)

const settings: ServerSettings = { issuer: 'https://ehr.example', fhirBaseUrl: 'https://ehr.example/fhir' }

rulesOf('settingsRules', 'all', settingsRules, (change) => ({ ...settings, ...change }), [
  ['addresses-publishable', { issuer: 'http://ehr.example' }],
  ['assertion-algorithms-known', { assertionAlgorithms: ['HS256'] }],
  ['restoration-is-time', { restoredAt: 1_795_870_274_000 }],
  ['resource-side', { features: { resourceSide: { sharedTypes: ['practitioner'] } } }],
  ['capabilities-are-uris', { features: { furtherCapabilities: ['launch-ehr'] } }],
  ['context-types-lower-case', { features: { contextTypes: ['Patient'] } }],
  ['published-addresses', { features: { managementEndpoint: 'http://ehr.example/manage' } }],
  [
    'brand-identifier-has-value',
    {
      policy: { specVersion: '2.2.0' },
      features: { brands: { bundle: 'https://ehr.example/brands', identifier: { system: 'urn:x', value: '' } } }
    }
  ],
  ['initial-access-tokens-fit-mode', { registration: { mode: 'token' } }],
  ['registration-scope', { registration: { mode: 'open', scope: 'system/*.rs' } }],
  [
    'registration-scope-size',
    {
      registration: {
        mode: 'open',
        scope: Array.from(
          { length: limits.registeredScopePieces.default + 1 },
          (_, index) => `patient/Observation.r?code=${String(index)}`
        ).join(' ')
      }
    }
  ],
  ['registration-limits', { registration: { mode: 'open', limitPerHour: 0 } }]
])

interface OfferChange {
  readonly features?: Partial<Features>
  readonly settings?: Partial<ServerSettings>
  readonly policy?: object
  readonly scopesSupported?: ReadonlyArray<string>
}

const offerWith = (given: object): OfferFacts => {
  const change: OfferChange = given
  const features: Features = { ...defaultFeatures, ...change.features }
  return {
    settings: { ...settings, ...change.settings },
    policy: completePolicy(change.policy ?? {}),
    offered: { ...features, side: knownResourceSide(features.resourceSide, settings.fhirBaseUrl) },
    scopesSupported: change.scopesSupported ?? ['openid']
  }
}

const onlyVersion1 = { scopeVersions: ['v1'] }

rulesOf('offerRules', 'all', offerRules, offerWith, [
  ['examples-can-be-granted', { scopesSupported: ['launch/nowhere patient'] }],
  ['some-grant-type-served', { features: { launchKinds: [], scopeVersions: [] } }],
  [
    'some-authentication-method-served',
    { features: { authenticationMethods: ['client_secret_post'] }, policy: { allowClientSecretPost: false } }
  ],
  [
    'introspection-can-be-used',
    { features: { authenticationMethods: ['none'] }, policy: { introspectionAuth: 'clientCredentials' } }
  ],
  ['default-scope-can-be-granted', { settings: { defaultScope: 'system/*.rs' } }],
  [
    'search-parameters-need-version-2',
    {
      features: {
        ...onlyVersion1,
        resourceSide: { searchParameters: [{ resourceType: 'Patient', name: 'name', type: 'string' }] }
      }
    }
  ],
  ['version-2-for-mixed-versions', { features: onlyVersion1, policy: { mixedScopeVersions: 'normaliseToV2' } }],
  ['version-2-for-queries', { features: onlyVersion1, policy: { v1WithQuery: 'asV2' } }],
  ['version-1-for-optional-pkce', { features: { scopeVersions: ['v2'] }, policy: { pkce: 'optionalForV1Clients' } }],
  [
    'offline-access-instead-of-online',
    { features: { offlineAccess: false }, policy: { onlineAccessInStandalone: 'offlineInstead' } }
  ],
  [
    'registration-scope-opens-something',
    { settings: { registration: { mode: 'open', scope: 'patient/Observation.rs?nothing-known=1' } } }
  ]
])

const base = 'https://ehr.example'
const document = {
  issuer: base,
  jwks_uri: `${base}/jwks`,
  authorization_endpoint: `${base}/authorize`,
  token_endpoint: `${base}/token`,
  registration_endpoint: `${base}/register`,
  management_endpoint: `${base}/manage`,
  introspection_endpoint: `${base}/introspect`,
  revocation_endpoint: `${base}/revoke`,
  scopes_supported: ['openid', 'patient/*.rs'],
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'client_credentials'],
  token_endpoint_auth_methods_supported: ['private_key_jwt'],
  token_endpoint_auth_signing_alg_values_supported: ['RS384'],
  code_challenge_methods_supported: ['S256'],
  capabilities: [
    'launch-ehr',
    'launch-standalone',
    'authorize-post',
    'client-public',
    'client-confidential-symmetric',
    'client-confidential-asymmetric',
    'sso-openid-connect',
    'context-ehr-patient',
    'context-standalone-patient',
    'permission-patient',
    'permission-user',
    'permission-offline'
  ]
}

const without = (...names: ReadonlyArray<string>): object => ({
  document: Object.fromEntries(Object.entries(document).filter(([name]) => !names.includes(name)))
})
const withMembers = (members: object, specVersion = '2.1.0', purpose = 'launch'): object => ({
  document: { ...document, ...members },
  settings: { specVersion, purpose }
})

const soundDocument: object = { document, settings: { specVersion: '2.1.0', purpose: 'launch' } }

type DocumentFacts = Parameters<(typeof configurationRules)[number]['check']>[0]

const nameOf = (member: string): string => member.replaceAll('_', '-')

const lists = Object.entries(document).flatMap(([name, value]) => (Array.isArray(value) ? [name] : []))
const endpoints = [
  'jwks_uri',
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'management_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'smart_app_state_endpoint',
  'user_access_brand_bundle'
]

const configurationCases: ReadonlyArray<RuleCase> = [
  ...[
    'token_endpoint',
    'authorization_endpoint',
    'capabilities',
    'grant_types_supported',
    'code_challenge_methods_supported',
    'issuer',
    'jwks_uri',
    'scopes_supported'
  ].map((member): RuleCase => [`${nameOf(member)}-required`, without(member)]),
  ...['response_types_supported', 'management_endpoint', 'introspection_endpoint', 'revocation_endpoint'].map(
    (member): RuleCase => [`${nameOf(member)}-recommended`, without(member)]
  ),
  ...lists.map((member): RuleCase => [`${nameOf(member)}-is-list`, withMembers({ [member]: 'code' })]),
  ...lists.map((member): RuleCase => [`${nameOf(member)}-not-empty`, withMembers({ [member]: [] })]),
  ...['issuer', ...endpoints].map((member): RuleCase => [`${nameOf(member)}-is-address`, withMembers({ [member]: 7 })]),
  ...endpoints.map((member): RuleCase => [
    `${nameOf(member)}-is-absolute`,
    withMembers({ [member]: '/there' }, '2.0.0')
  ]),
  ...endpoints.map((member): RuleCase => [
    `${nameOf(member)}-is-secure`,
    withMembers({ [member]: 'http://ehr.example/there' })
  ]),
  ['iss-parameter-is-boolean', withMembers({ authorization_response_iss_parameter_supported: 'true' })],
  ['launches-use-codes', withMembers({ grant_types_supported: ['client_credentials'] })],
  [
    'backend-services-use-client-credentials',
    withMembers({ grant_types_supported: ['authorization_code'] }, '2.1.0', 'backend')
  ],
  ['s256-served', withMembers({ code_challenge_methods_supported: ['S384'] })],
  ['plain-not-served', withMembers({ code_challenge_methods_supported: ['S256', 'plain'] })],
  ['issuer-with-openid-connect', withMembers({ capabilities: ['launch-ehr'] })],
  ['issuer-form', withMembers({ issuer: `${base}?x=1` })],
  ['asymmetric-capability-listed', withMembers({ capabilities: ['launch-ehr'] })],
  ['private-key-jwt-listed', withMembers({ token_endpoint_auth_methods_supported: ['client_secret_basic'] })],
  ['algorithm-served', withMembers({ token_endpoint_auth_signing_alg_values_supported: ['RS256'] })],
  ['no-unsigned-assertions', withMembers({ token_endpoint_auth_signing_alg_values_supported: ['RS384', 'none'] })],
  ['algorithms-listed', without('token_endpoint_auth_signing_alg_values_supported')],
  ['scopes-supported-recommended', { document: { token_endpoint: `${base}/token` } }],
  ['app-state-has-address', withMembers({ capabilities: [...document.capabilities, 'smart-app-state'] })],
  ['app-state-deprecated', withMembers({ smart_app_state_endpoint: `${base}/state` }, '2.2.0')],
  ['associated-endpoints-form', withMembers({ associated_endpoints: [{ url: `${base}/state` }] })],
  ['user-access-brand-bundle-recommended', withMembers({}, '2.2.0')],
  ['brand-identifier-has-value', withMembers({ user_access_brand_identifier: { system: 'urn:x' } })],
  ['brand-identifier-has-system', withMembers({ user_access_brand_identifier: { value: 'x' } })],
  ['capability-names', withMembers({ capabilities: [...document.capabilities, 'time-travel'] }, '2.2.0')],
  ['style-capabilities-named-right', withMembers({ capabilities: ['context-passthrough-style'] })],
  ['some-capability-set', withMembers({ capabilities: ['launch-ehr'] })]
]

rulesOf(
  'configurationRules',
  'all',
  configurationRules,
  (change) => ({ ...soundDocument, ...change }) as DocumentFacts,
  configurationCases
)
