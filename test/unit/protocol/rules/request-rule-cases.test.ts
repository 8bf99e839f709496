/**
 * The rules of requests, codes, tokens and launches, a case for each row: facts that break this rule before any other
 * of its table.
 */
import { callbackRules } from '../../../../src/protocol/app/callback.js'
import { idTokenHeadRules } from '../../../../src/protocol/app/id-token-rules.js'
import type { RequestFacts, ScopedRequestFacts } from '../../../../src/protocol/authorization/rules.js'
import {
  pageRules,
  redirectRules,
  scopedRequestFacts,
  scopedRequestRules
} from '../../../../src/protocol/authorization/rules.js'
import { claimRules, headerRules } from '../../../../src/protocol/client/assertion-rules.js'
import { defaultFeatures } from '../../../../src/protocol/discovery/features.js'
import {
  codeBindingRules,
  codeCompletenessRules,
  codeOwnershipRules,
  codeRegistrationRules
} from '../../../../src/protocol/grant/code.js'
import { decisionRules } from '../../../../src/protocol/grant/conversation.js'
import { refreshRules } from '../../../../src/protocol/grant/refresh.js'
import { accessPolicyRules } from '../../../../src/protocol/grant/outcome.js'
import { conversationRegistrationRules, presentUserRules } from '../../../../src/protocol/grant/registration-rules.js'
import { revocationRules } from '../../../../src/protocol/grant/revocation.js'
import { rememberedConsentRules } from '../../../../src/protocol/connected-apps/remembered-consent.js'
import { builtInSide } from '../../../../src/protocol/scope-policy/resource-side-check.js'
import { sessionRules } from '../../../../src/host/session-rules.js'
import { launchPresentationRules } from '../../../../src/protocol/launch/ehr-launch.js'
import { completePolicy } from '../../../../src/protocol/policy/policy.js'
import {
  metadataReplacementRules,
  registrationOwnerRules,
  secretRotationRules
} from '../../../../src/protocol/registration/registration.js'
import { knownResourceSide } from '../../../../src/protocol/scope-policy/resource-side-check.js'
import { parsedScope } from '../../../../src/protocol/scope-policy/parsed-scope.js'
import { scopeReadingRules, scopeRules } from '../../../../src/protocol/scope-policy/scope-rules.js'
import { backendRules, grantTypeRules } from '../../../../src/protocol/token/token-request.js'
import { parse, parseStrict } from '../../../../src/scopes/parse.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { changed, firstOf } from '../../../support/changed-facts.js'
import { rulesOf } from '../../../support/rule-cases.js'

const policy = completePolicy({})
const server = 'https://ehr.example/fhir'
const tokenEndpoint = 'https://ehr.example/token'
const app = {
  clientId: 'app',
  redirectUris: ['https://app.example/callback'],
  grantTypes: ['authorization_code'],
  tokenEndpointAuthMethod: 'none',
  applicationType: 'web',
  scope: parse('openid launch launch/patient patient/*.rs offline_access online_access')
}

const requestedScopes = {
  policy,
  scopes: parse('patient/*.rs'),
  effectiveOf: <T>(scopes: T): T => scopes,
  openingOf: <T>(scopes: T): T => scopes
}
firstOf('scopeReadingRules', scopeReadingRules, { text: 'patient/*.rs', reading: parseStrict('patient/*.rs') }, [
  ['scope-present', { text: null }],
  ['scope-readable', { reading: parseStrict('patient/"*.rs') }]
])
firstOf('scopeRules', scopeRules, requestedScopes, [
  ['scopes-well-formed', { scopes: parse('patient/*.xyz'), policy: { malformedScope: 'reject' } }],
  ['scopes-open-something', { openingOf: () => [], policy: { unknownScope: 'reject' } }],
  ['scopes-registered', { effectiveOf: () => [], policy: { unknownScope: 'reject' } }],
  [
    'one-scope-version',
    { scopes: parse('patient/Patient.read patient/*.rs'), policy: { mixedScopeVersions: 'reject' } }
  ],
  ['wildcard-without-query', { scopes: parse('patient/*.rs?_tag=x'), policy: { wildcardWithQuery: 'reject' } }]
])

const authorization = {
  client: app,
  request: {
    client_id: 'app',
    redirect_uri: 'https://app.example/callback',
    response_type: 'code',
    response_mode: null,
    scope: 'launch/patient patient/*.rs',
    state: 'state',
    aud: server,
    launch: null,
    code_challenge: 'a'.repeat(43),
    code_challenge_method: 'S256',
    nonce: null,
    prompt: null,
    max_age: null,
    request: null,
    request_uri: null,
    registration: null,
    resource: null
  },
  repeatedParameter: null,
  misplacedParameter: null,
  policy,
  offer: { ...defaultFeatures, side: knownResourceSide(), defaultScope: [] },
  fhirBaseUrl: server
}
firstOf('pageRules', pageRules, authorization, [
  ['redirect-uri-present', { request: { redirect_uri: null } }],
  ['redirect-uri-registered', { request: { redirect_uri: 'https://app.example/other' } }],
  [
    'redirect-uri-without-response',
    {
      client: { redirectUris: ['https://app.example/callback?code=1'] },
      request: { redirect_uri: 'https://app.example/callback?code=1' }
    }
  ]
])
/** Scopes that say together what none of them says alone. */
const manyScopes = (count: number): string =>
  Array.from({ length: count }, (_, index) => `patient/Observation.rs?code=${String(index).padStart(5, '0')}`).join(' ')
const list = (name: string): string => `${name}=${Array.from({ length: 300 }, (_, index) => String(index)).join(',')}`
const lists = `patient/Observation.rs?${['code', 'category', 'status', '_id', 'date'].map(list).join('&')}`
firstOf('redirectRules', redirectRules, authorization, [
  ['no-repeated-parameter', { repeatedParameter: 'state' }],
  ['no-parameter-in-address', { misplacedParameter: 'state' }],
  ['no-request-object', { request: { request: 'e30.e30.' } }],
  ['no-request-uri', { request: { request_uri: 'https://app.example/request' } }],
  ['no-registration-parameter', { request: { registration: '{}' } }],
  ['response-type-present', { request: { response_type: null } }],
  ['response-type-is-code', { request: { response_type: 'token' } }],
  ['response-mode-is-query', { request: { response_mode: 'fragment' } }],
  ['grant-type-registered', { client: { grantTypes: [] } }],
  ['authentication-method-served', { offer: { authenticationMethods: ['client_secret_basic'] } }],
  ['launch-kind-served', { offer: { launchKinds: ['ehr'] } }],
  ['state-present', { request: { state: null } }],
  ['state-length', { request: { state: 's'.repeat(limits.authorizationState.default + 1) } }],
  ['state-printable', { request: { state: 'st\nate' } }],
  ['nonce-length', { request: { nonce: 'n'.repeat(limits.authorizationNonce.default + 1) } }],
  ['prompt-well-formed', { request: { prompt: 'none login' } }],
  ['max-age-well-formed', { request: { max_age: '-1' } }]
])
/** A request whose scopes are parsed. */
const scopedAuthorization = (change: object): ScopedRequestFacts => {
  const facts = changed(authorization, change) as RequestFacts
  return scopedRequestFacts(facts, parse(facts.request.scope ?? ''))
}
rulesOf('scopedRequestRules', 'first', scopedRequestRules, scopedAuthorization, [
  ['scope-complexity', { client: { scope: parse(lists) }, request: { scope: lists } }],
  ['scope-length', { request: { scope: manyScopes(500) } }],
  ['scope-length-for-token', { request: { scope: manyScopes(180) }, policy: { accessTokenFormat: 'jwt' } }],
  ['scopes-well-formed', { request: { scope: 'patient/*.xyz' }, policy: { malformedScope: 'reject' } }],
  [
    'scopes-open-something',
    { request: { scope: 'patient/Observation.rs?nothing-known=1' }, policy: { unknownScope: 'reject' } }
  ],
  ['scopes-registered', { request: { scope: 'user/*.rs' }, policy: { unknownScope: 'reject' } }],
  [
    'one-scope-version',
    { request: { scope: 'patient/*.rs patient/*.read' }, policy: { mixedScopeVersions: 'reject' } }
  ],
  ['wildcard-without-query', { request: { scope: 'patient/*.rs?_tag=x' }, policy: { wildcardWithQuery: 'reject' } }],
  ['one-access-scope', { request: { scope: 'offline_access online_access' }, policy: { bothAccessScopes: 'reject' } }],
  [
    'patient-scope-has-context',
    { request: { scope: 'patient/*.rs' }, policy: { patientScopeWithoutContext: 'refuse' } }
  ],
  ['one-resource', { repeatedParameter: 'resource' }],
  ['aud-and-resource-agree', { request: { resource: 'https://other.example/fhir' } }],
  ['audience-present', { request: { aud: null } }],
  ['resource-served', { request: { aud: null, resource: 'https://other.example' }, policy: { acceptResource: true } }],
  ['audience-served', { request: { aud: 'https://other.example/fhir' } }],
  ['code-challenge-present', { request: { code_challenge: null } }],
  ['code-challenge-method-is-s256', { request: { code_challenge_method: 'plain' } }],
  ['code-challenge-well-formed', { request: { code_challenge: 'a' } }],
  ['launch-scope-has-parameter', { request: { scope: 'launch patient/*.rs' } }],
  ['launch-parameter-has-scope', { request: { launch: 'handle' }, policy: { launchParamWithoutScope: 'reject' } }]
])

const assertion = {
  settings: { policy, issuer: 'https://ehr.example', tokenEndpoint, algorithms: ['RS384'], methods: [] },
  assertion: {
    header: { alg: 'RS384', typ: 'JWT', kid: 'key' },
    claims: { iss: 'app', sub: 'app', aud: tokenEndpoint, exp: 1200, jti: 'id' }
  },
  client: { clientId: 'app', keys: { _tag: 'AtUrl', url: 'https://app.example/jwks' } },
  now: 1000
}
const header = (change: object): object => ({ assertion: { header: change } })
const claims = (change: object): object => ({ assertion: { claims: change } })
firstOf('headerRules', headerRules, assertion, [
  ['algorithm-allowed', header({ alg: 'none' })],
  ['type-is-jwt', header({ typ: 'at+jwt' })],
  ['no-critical-extension', header({ crit: ['exp'] })],
  ['key-id-present', header({ kid: '' })],
  ['jku-registered', header({ jku: 'https://evil.example/jwks' })]
])
firstOf('claimRules', claimRules, assertion, [
  ['issuer-and-subject-are-client', claims({ sub: 'other' })],
  ['audience-is-this-server', claims({ aud: 'https://other.example/token' })],
  ['not-expired', claims({ exp: 100 })],
  ['lifetime-limited', claims({ exp: 100_000 })],
  ['already-valid', claims({ nbf: 100_000 })],
  ['made-since-restoration', { settings: { restoredAt: 1000 } }],
  ['id-present', claims({ jti: '' })]
])

const idToken = {
  idToken: {
    header: { alg: 'RS256' },
    claims: { iss: 'https://ehr.example', aud: 'app', sub: 'alice', exp: 1200, iat: 1000, nonce: 'nonce' }
  },
  issuer: 'https://ehr.example',
  clientId: 'app',
  nonce: 'nonce',
  jwksUri: 'https://ehr.example/jwks',
  tolerances: {},
  now: 1000,
  skewSeconds: 60,
  algorithms: ['RS256']
}
const idClaims = (change: object): object => ({ idToken: { claims: change } })
firstOf('idTokenHeadRules', idTokenHeadRules, idToken, [
  ['algorithm-accepted', { idToken: { header: { alg: 'none' } } }],
  ['no-critical-extension', { idToken: { header: { crit: ['exp'] } } }],
  ['issuer-matches', idClaims({ iss: 'https://ehr.example/' })],
  ['audience-contains-client', idClaims({ aud: 'other' })],
  ['audience-is-client-alone', idClaims({ aud: ['app', 'other'] })],
  ['authorized-party-is-client', idClaims({ azp: 'other' })],
  ['subject-present', idClaims({ sub: '' })],
  ['not-expired', idClaims({ exp: 100 })],
  ['not-issued-in-future', idClaims({ iat: 100_000 })],
  ['nonce-matches', idClaims({ nonce: 'other' })],
  ['key-set-known', { jwksUri: null }]
])

firstOf(
  'callbackRules',
  callbackRules,
  {
    callback: {
      state: 'state',
      code: 'code',
      iss: null,
      error: null,
      description: null,
      redirectUri: null,
      arrivedAt: null
    },
    pending: {
      expiresAt: 2000,
      binding: {
        redirectUri: 'https://app.example/callback',
        issParameterSupported: false,
        issuer: 'https://ehr.example',
        authorizationOrigin: 'https://ehr.example',
        tolerances: {}
      }
    },
    now: 1000
  },
  [
    ['launch-in-time', { now: 3000 }],
    ['redirect-uri-matches', { callback: { redirectUri: 'https://app.example/other' } }],
    ['address-matches', { callback: { arrivedAt: 'https://app.example/other?code=code' } }],
    ['issuer-present', { pending: { binding: { issParameterSupported: true } } }],
    ['issuer-matches', { callback: { iss: 'https://evil.example' } }],
    ['no-error', { callback: { error: 'access_denied' } }],
    ['code-present', { callback: { code: null } }]
  ]
)

const code = {
  policy,
  side: knownResourceSide(),
  parsed: parsedScope('patient/*.rs'),
  grant: {
    audience: server,
    clientId: 'app',
    clientType: 'public',
    codeChallenge: 'challenge',
    codeDigest: 'digest',
    redirectUri: 'https://app.example/callback',
    scope: 'patient/*.rs'
  },
  event: {
    client: app,
    codeDigest: 'digest',
    challengeOfVerifier: 'challenge',
    redirectUri: 'https://app.example/callback',
    server,
    target: null
  }
}
firstOf('codeOwnershipRules', codeOwnershipRules, code, [
  ['code-matches', { event: { codeDigest: 'other' } }],
  ['server-matches', { event: { server: 'https://other.example/fhir' } }],
  ['client-matches', { event: { client: { clientId: 'other' } } }]
])
firstOf('codeCompletenessRules', codeCompletenessRules, code, [
  ['verifier-present', { event: { challengeOfVerifier: null } }],
  ['target-is-audience', { event: { target: 'https://other.example/fhir' } }]
])
firstOf('codeBindingRules', codeBindingRules, code, [
  ['redirect-uri-matches', { event: { redirectUri: 'https://app.example/other' } }],
  ['verifier-matches-challenge', { event: { challengeOfVerifier: 'other' } }]
])
firstOf('codeRegistrationRules', codeRegistrationRules, code, [
  ['redirect-uri-still-registered', { event: { client: { redirectUris: [] } } }],
  ['code-still-protected', { grant: { codeChallenge: null } }],
  ['client-type-unchanged', { grant: { clientType: 'confidential' } }],
  ['scope-still-registered', { parsed: parsedScope('patient/*.cruds') }]
])

firstOf(
  'decisionRules',
  decisionRules,
  {
    grant: {
      _tag: 'AwaitingConsent',
      audience: server,
      browserDigest: 'browser',
      interactionEndsAt: 2000
    },
    event: {
      server,
      browserDigest: 'browser',
      expectedFormToken: 'form',
      formToken: 'form',
      now: 1000
    }
  },
  [
    ['server-matches', { event: { server: 'https://other.example/fhir' } }],
    ['browser-matches', { event: { browserDigest: 'other' } }],
    ['form-token-matches', { event: { formToken: 'other' } }],
    ['in-time', { event: { now: 3000 } }]
  ]
)
firstOf(
  'presentUserRules',
  presentUserRules,
  {
    grant: { _tag: 'AwaitingConsent', signedInSince: 0, user: { sub: 'alice' } },
    present: { sub: 'alice', authTime: 500 }
  },
  [
    ['user-matches', { present: { sub: 'bob' } }],
    ['signed-in-recently', { grant: { signedInSince: 600 } }]
  ]
)
firstOf(
  'conversationRegistrationRules',
  conversationRegistrationRules,
  { policy, methods: ['none'], grant: code.grant, client: app },
  [
    ['redirect-uri-registered', { client: { redirectUris: [] } }],
    ['grant-type-registered', { client: { grantTypes: [] } }],
    ['code-protected', { grant: { codeChallenge: null } }],
    ['authentication-method-served', { methods: [] }],
    ['client-type-unchanged', { grant: { clientType: 'confidential' } }]
  ]
)
firstOf(
  'launchPresentationRules',
  launchPresentationRules,
  {
    launch: { clientId: 'app', audience: server, expiresAt: 2000 },
    event: { clientId: 'app', audience: server, now: 1000 }
  },
  [
    ['client-matches', { event: { clientId: 'other' } }],
    ['audience-matches', { event: { audience: 'https://other.example/fhir' } }],
    ['not-expired', { event: { now: 3000 } }]
  ]
)

firstOf(
  'rememberedConsentRules',
  rememberedConsentRules,
  {
    policy,
    side: builtInSide,
    now: 1000,
    forAnyPatient: false,
    remembered: { clientId: 'app', grantId: 'g', scope: 'patient/*.rs', patient: 'ada', until: 2000 },
    request: {
      clientId: 'app',
      prompts: [],
      scopes: parse('patient/Observation.rs'),
      patient: 'ada',
      redirectUri: 'https://app.example/cb'
    },
    client: { tokenEndpointAuthMethod: 'none' }
  },
  [
    ['page-not-requested', { request: { prompts: ['consent'] } }],
    ['same-client', { request: { clientId: 'other' } }],
    ['not-expired', { now: 2000 }],
    ['same-patient', { request: { patient: 'bob' } }],
    ['client-proven', { request: { redirectUri: 'http://127.0.0.1/cb' } }],
    ['not-wider', { request: { scopes: parse('patient/Observation.cruds') } }]
  ]
)
firstOf(
  'sessionRules',
  sessionRules,
  {
    details: { launchedBy: 'alice', prompts: [], signedInSince: 1000 },
    user: { sub: 'alice', fhirUser: null, authTime: 1000 },
    isReturned: false
  },
  [
    ['signed-in', { user: null, details: { launchedBy: null, signedInSince: 0 } }],
    ['launching-user', { details: { launchedBy: 'bob' } }],
    ['recent', { details: { signedInSince: 1001 } }],
    ['sign-in-shown', { details: { prompts: ['login'] } }]
  ]
)
firstOf(
  'refreshRules',
  refreshRules,
  {
    policy,
    grant: {
      audience: server,
      clientId: 'app',
      clientType: 'confidential',
      endsAt: 5000,
      generation: 3,
      refresh: 'offline',
      rotatedAt: 1000,
      scope: 'offline_access',
      user: { sub: 'alice' },
      wasRepeated: false
    },
    event: {
      client: { ...app, tokenEndpointAuthMethod: 'client_secret_basic' },
      generation: 3,
      now: 1000,
      online: 'unknown',
      server,
      target: null
    }
  },
  [
    ['server-matches', { event: { server: 'https://other.example/fhir' } }],
    ['client-matches', { event: { client: { clientId: 'other' } } }],
    ['client-still-confidential', { event: { client: { tokenEndpointAuthMethod: 'none' } } }],
    ['grant-has-refresh', { grant: { refresh: 'none' } }],
    ['target-is-audience', { event: { target: 'https://other.example/fhir' } }],
    ['not-expired', { event: { now: 6000 } }],
    ['generation-known', { event: { generation: 4 } }],
    ['not-reused', { event: { generation: 1 } }],
    ['session-known', { grant: { refresh: 'online' } }],
    ['session-lasts', { grant: { refresh: 'online' }, event: { online: 'no' } }]
  ]
)
firstOf(
  'accessPolicyRules',
  accessPolicyRules,
  {
    policy,
    grant: { user: { sub: 'alice' } },
    parsed: parsedScope('offline_access'),
    permission: { _tag: 'Permitted', scope: parsedScope('offline_access') }
  },
  [
    ['policy-known', { permission: null, policy: { accessPolicyChecks: 'always' } }],
    ['policy-keeps-grant', { permission: { _tag: 'Ended' } }]
  ]
)
firstOf(
  'revocationRules',
  revocationRules,
  { grant: { clientId: 'app', audience: server }, event: { clientId: 'app', server } },
  [
    ['client-matches', { event: { clientId: 'other' } }],
    ['server-matches', { event: { server: 'https://other.example/fhir' } }]
  ]
)

const registration = {
  client: {
    hasInitialAccessToken: false,
    managementDigest: 'token',
    secrets: [],
    tokenEndpointAuthMethod: 'client_secret_basic'
  },
  event: {
    managementDigest: 'token',
    metadata: { grantTypes: ['authorization_code'] },
    now: 1000,
    overlapSeconds: 60,
    presentedSecretDigest: null
  }
}
firstOf('registrationOwnerRules', registrationOwnerRules, registration, [
  ['token-matches', { event: { managementDigest: 'other' } }]
])
firstOf('metadataReplacementRules', metadataReplacementRules, registration, [
  ['token-matches', { event: { managementDigest: 'other' } }],
  ['secret-matches', { event: { presentedSecretDigest: 'other' } }],
  ['client-credentials-with-initial-token', { event: { metadata: { grantTypes: ['client_credentials'] } } }]
])
firstOf('secretRotationRules', secretRotationRules, registration, [
  ['client-has-secret', { client: { tokenEndpointAuthMethod: 'none' } }],
  ['overlap-is-whole-number', { event: { overlapSeconds: Number.POSITIVE_INFINITY } }]
])

firstOf(
  'backendRules',
  backendRules,
  {
    settings: { policy, fhirBaseUrl: server },
    client: { tokenEndpointAuthMethod: 'private_key_jwt' },
    request: { target: null }
  },
  [
    ['client-uses-assertion', { client: { tokenEndpointAuthMethod: 'client_secret_basic' } }],
    ['target-is-served', { request: { target: 'https://other.example/fhir' } }]
  ]
)
firstOf(
  'grantTypeRules',
  grantTypeRules,
  {
    settings: { grantTypes: ['refresh_token', 'client_credentials'] },
    client: { grantTypes: ['refresh_token', 'authorization_code'] },
    grantType: 'refresh_token'
  },
  [
    ['grant-type-served', { grantType: 'authorization_code' }],
    ['grant-type-registered', { grantType: 'client_credentials' }]
  ]
)
