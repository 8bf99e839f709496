/**
 * The rules of endpoints, conversations, refreshes and discovery documents at an app, a case for each row: facts that
 * break this rule before any other of its table.
 */
import * as Either from 'fp-ts/lib/Either.js'
import {
  foundLaunchRules,
  ownLaunchRules,
  redirectParameterRules,
  spentLaunchRules
} from '../../../../src/protocol/app/callback-rules.js'
import {
  assertionKeyRules,
  launchParameterRules,
  launchServerRules
} from '../../../../src/protocol/app/launch-rules.js'
import { issuerMetadataRules, trustedConfigurationRules } from '../../../../src/protocol/app/trust/server-documents.js'
import { targetParameterRules } from '../../../../src/protocol/authorization/rules.js'
import { credentialRules } from '../../../../src/protocol/client/credentials.js'
import {
  availableContextRules,
  chosenContextRules,
  consentRules,
  remainingScopeRules,
  signInRules
} from '../../../../src/protocol/grant/conversation-rules.js'
import {
  narrowedScopeRules,
  refreshRequestScopeRules,
  refreshScopeRules
} from '../../../../src/protocol/grant/refresh.js'
import type { Parameters } from '../../../../src/protocol/http/form.js'
import { readForm } from '../../../../src/protocol/http/form.js'
import { completePolicy } from '../../../../src/protocol/policy/policy.js'
import { builtInSide } from '../../../../src/protocol/scope-policy/resource-side-check.js'
import {
  accessTokenRules,
  introspectionCallerRules,
  refreshTokenRules
} from '../../../../src/protocol/token/introspection.js'
import {
  codeExchangeRules,
  grantTypeParameterRules,
  postedFormRules,
  postRules,
  refreshParameterRules
} from '../../../../src/protocol/token/request.js'
import { parse } from '../../../../src/scopes/parse.js'
import { firstOf } from '../../../support/changed-facts.js'

const parametersOf = (text: string): Parameters => Either.getOrElse((): Parameters => new Map())(readForm(text))

const policy = completePolicy({})
const fhirBaseUrl = 'https://ehr.example/fhir'

firstOf(
  'accessTokenRules',
  accessTokenRules,
  { token: { epoch: 1, expiresAt: 2000 }, grant: { epoch: 1, audience: fhirBaseUrl }, fhirBaseUrl, now: 1000 },
  [
    ['grant-active', { grant: null }],
    ['epoch-current', { token: { epoch: 0 } }],
    ['not-expired', { now: 3000 }],
    ['server-matches', { fhirBaseUrl: 'https://other.example/fhir' }]
  ]
)
firstOf(
  'refreshTokenRules',
  refreshTokenRules,
  {
    policy,
    token: { facts: { generation: 3 }, isOnline: true },
    grant: { audience: fhirBaseUrl, generation: 3, refresh: 'offline', endsAt: 5000, rotatedAt: 1000 },
    fhirBaseUrl,
    now: 1000
  },
  [
    ['grant-active', { grant: null }],
    ['server-matches', { fhirBaseUrl: 'https://other.example/fhir' }],
    ['grant-has-refresh', { grant: { refresh: 'none' } }],
    ['generation-current', { token: { facts: { generation: 2 } } }],
    ['not-expired', { now: 6000 }],
    ['session-lasts', { grant: { refresh: 'online' }, token: { isOnline: false } }]
  ]
)
firstOf(
  'introspectionCallerRules',
  introspectionCallerRules,
  {
    policy: { introspectRefreshTokens: true, introspectForeignTokens: 'withPermission' },
    caller: { clientId: 'app', mayIntrospect: false },
    token: { _tag: 'AccessToken' },
    grant: { clientId: 'app' }
  },
  [
    ['refresh-tokens-introspectable', { token: { _tag: 'RefreshToken' }, policy: { introspectRefreshTokens: false } }],
    ['refresh-token-of-caller', { token: { _tag: 'RefreshToken' }, caller: { clientId: 'other' } }],
    ['access-token-visible', { caller: { clientId: 'other' } }]
  ]
)

const isForm = { 'content-type': 'application/x-www-form-urlencoded' }
firstOf('postRules', postRules, { method: 'POST', headers: isForm, body: '', query: '', path: '/token' }, [
  ['method-is-post', { method: 'GET' }],
  ['body-is-form', { headers: { 'content-type': 'application/json' } }]
])
firstOf(
  'postedFormRules',
  postedFormRules,
  { names: ['code'], query: readForm('tenant=a'), body: readForm('code=a') },
  [
    ['query-readable', { query: readForm('a=%') }],
    ['no-parameter-in-query', { query: readForm('code=a') }],
    ['body-readable', { body: readForm('a=%') }],
    ['no-repeated-parameter', { body: readForm('code=a&code=b') }]
  ]
)
firstOf(
  'codeExchangeRules',
  codeExchangeRules,
  { code: 'code', redirectUri: 'https://app.example/callback', codeVerifier: 'v'.repeat(43) },
  [
    ['code-present', { code: null }],
    ['redirect-uri-present', { redirectUri: null }],
    ['verifier-well-formed', { codeVerifier: 'short' }]
  ]
)
firstOf('refreshParameterRules', refreshParameterRules, { refreshToken: 'token' }, [
  ['refresh-token-present', { refreshToken: null }]
])
firstOf('grantTypeParameterRules', grantTypeParameterRules, { grantType: 'refresh_token' }, [
  ['grant-type-present', { grantType: null }],
  ['grant-type-known', { grantType: 'password' }]
])
firstOf(
  'credentialRules',
  credentialRules,
  { header: undefined, clientId: 'app', secretInBody: false, assertionInBody: false, assertionKind: null },
  [
    ['one-method', { header: 'Basic YXBwOnNlY3JldA==', secretInBody: true }],
    ['header-is-basic', { header: 'Bearer token' }],
    ['assertion-type-known', { assertionInBody: true, assertionKind: 'urn:other' }],
    ['client-named', { clientId: null }]
  ]
)

firstOf(
  'signInRules',
  signInRules,
  {
    grant: { signedInSince: 500, launchedBy: 'alice' },
    event: { user: { sub: 'alice', authTime: 500 }, permission: { _tag: 'Permitted' } }
  },
  [
    ['signed-in-recently', { event: { user: { authTime: 499 } } }],
    ['user-of-launch', { event: { user: { sub: 'bob' } } }],
    ['access-permitted', { event: { permission: { _tag: 'Ended' } } }]
  ]
)
firstOf('consentRules', consentRules, { event: { launchRefusal: null, permission: { _tag: 'Permitted' } } }, [
  ['launch-valid', { event: { launchRefusal: { _tag: 'LaunchExpired' } } }],
  ['access-permitted', { event: { permission: { _tag: 'Ended' } } }]
])
firstOf(
  'availableContextRules',
  availableContextRules,
  {
    policy: { noPatientAvailable: 'deny' },
    scopes: parse('openid launch/patient'),
    available: parse('openid launch/patient')
  },
  [['patient-available', { available: parse('openid') }]]
)
firstOf('remainingScopeRules', remainingScopeRules, { policy, scopes: parse('openid') }, [
  ['grantable-not-empty', { scopes: [], policy: { emptyGrant: 'invalid_scope' } }],
  ['granted-not-empty', { scopes: [], policy: { emptyGrant: 'access_denied' } }]
])
firstOf('chosenContextRules', chosenContextRules, { needs: [] }, [['context-complete', { needs: ['patient'] }]])

const list = (name: string): string => `${name}=${Array.from({ length: 300 }, (_, index) => String(index)).join(',')}`
const lists = `patient/Observation.rs?${['code', 'category', 'status', '_id', 'date'].map(list).join('&')}`
firstOf(
  'refreshRequestScopeRules',
  refreshRequestScopeRules,
  {
    policy,
    scopes: parse('patient/*.rs'),
    effectiveOf: <T>(scopes: T): T => scopes,
    openingOf: <T>(scopes: T): T => scopes,
    options: {}
  },
  [
    ['scope-complexity', { scopes: parse(lists) }],
    ['scopes-well-formed', { scopes: parse('patient/*.xyz'), policy: { malformedScope: 'reject' } }],
    ['scopes-open-something', { openingOf: () => [], policy: { unknownScope: 'reject' } }],
    ['scopes-registered', { effectiveOf: () => [], policy: { unknownScope: 'reject' } }],
    [
      'one-scope-version',
      { scopes: parse('patient/Patient.read patient/*.rs'), policy: { mixedScopeVersions: 'reject' } }
    ],
    ['wildcard-without-query', { scopes: parse('patient/*.rs?_tag=x'), policy: { wildcardWithQuery: 'reject' } }]
  ]
)
firstOf(
  'narrowedScopeRules',
  narrowedScopeRules,
  {
    policy: { refreshScopeMatch: 'semantic', refreshScope: 'subset' },
    side: builtInSide,
    context: { patient: '123' },
    granted: parse('patient/*.rs openid'),
    scopes: parse('patient/*.rs'),
    covered: Either.right(true),
    covers: Either.right(true)
  },
  [
    ['comparison-complexity', { covers: Either.left({ _tag: 'TooComplex', limit: 1, count: 2 }) }],
    ['scope-not-empty', { scopes: [] }],
    ['scope-within-grant', { covered: Either.right(false) }],
    ['scope-within-context', { context: { patient: undefined } }],
    ['scope-in-words-of-grant', { policy: { refreshScopeMatch: 'exact' }, scopes: parse('patient/Patient.rs') }],
    ['scope-narrower-than-grant', { policy: { refreshScope: 'properSubset' } }]
  ]
)
firstOf(
  'refreshScopeRules',
  refreshScopeRules,
  {
    access: 'offline_access',
    left: parse('offline_access patient/*.rs'),
    client: { scope: parse('offline_access patient/*.rs') }
  },
  [
    ['refresh-scope-registered', { left: parse('patient/*.rs'), client: { scope: parse('patient/*.rs') } }],
    ['refresh-scope-permitted', { left: parse('patient/*.rs') }]
  ]
)

const failed = Either.left({ _tag: 'EndpointElsewhere', member: 'member', url: 'https://evil.example/' })
firstOf(
  'trustedConfigurationRules',
  trustedConfigurationRules,
  {
    server: { fhirBaseUrl, issuer: 'https://ehr.example' },
    document: { issuer: 'https://ehr.example', code_challenge_methods_supported: ['S256'] },
    purpose: 'launch',
    tolerances: {},
    usesIssuer: true,
    usesKeys: true,
    token: Either.right('https://ehr.example/token'),
    authorization: Either.right('https://ehr.example/authorize'),
    issuer: Either.right('https://ehr.example'),
    jwks: Either.right(null)
  },
  [
    ['token-endpoint-trusted', { token: failed }],
    ['token-endpoint-present', { token: Either.right(null) }],
    ['authorization-endpoint-trusted', { authorization: failed }],
    ['authorization-endpoint-present', { authorization: Either.right(null) }],
    ['issuer-present', { server: { issuer: undefined }, document: { issuer: undefined } }],
    ['issuer-secure', { server: { issuer: undefined }, document: { issuer: '/auth' } }],
    ['issuer-matches', { document: { issuer: 'https://other.example' } }],
    ['issuer-trusted', { server: { issuer: undefined }, issuer: failed }],
    ['key-set-trusted', { jwks: failed }],
    ['key-set-present', { tolerances: { keysOfSmartConfiguration: true } }],
    ['pkce-offered', { document: { code_challenge_methods_supported: ['plain'] } }]
  ]
)
firstOf(
  'issuerMetadataRules',
  issuerMetadataRules,
  {
    document: { issuer: 'https://ehr.example', token_endpoint: 'https://ehr.example/token' },
    expected: 'https://ehr.example',
    tolerances: {},
    jwks: Either.right('https://ehr.example/keys'),
    jwksUri: null,
    usesKeys: true,
    tokenEndpoint: 'https://ehr.example/token'
  },
  [
    ['issuer-matches', { document: { issuer: 'https://ehr.example/' } }],
    ['key-set-trusted', { jwks: failed }],
    ['key-set-present', { jwks: Either.right(null) }],
    ['token-endpoint-confirmed', { document: { token_endpoint: 'https://ehr.example/other' } }]
  ]
)
firstOf('launchParameterRules', launchParameterRules, { parameters: readForm('iss=a&launch=b') }, [
  ['query-readable', { parameters: readForm('iss=%') }],
  ['no-repeated-parameter', { parameters: readForm('iss=a&launch=b&launch=c') }],
  ['iss-present', { parameters: readForm('launch=b') }],
  ['launch-present', { parameters: readForm('iss=a') }]
])
firstOf('launchServerRules', launchServerRules, { iss: fhirBaseUrl, trust: () => ({ fhirBaseUrl }) }, [
  ['iss-well-formed', { iss: `${fhirBaseUrl}?a=b` }],
  ['iss-trusted', { trust: () => null }],
  ['discovery-url-secure', { trust: () => ({ fhirBaseUrl: 'http://ehr.example/fhir' }) }]
])
firstOf(
  'targetParameterRules',
  targetParameterRules,
  { parameters: parametersOf('client_id=app&redirect_uri=a'), beside: parametersOf(''), clientId: 'app' },
  [
    ['no-repeated-target-parameter', { parameters: parametersOf('redirect_uri=a&redirect_uri=b') }],
    ['no-target-parameter-in-address', { beside: parametersOf('client_id=app') }],
    ['client-id-present', { clientId: null }]
  ]
)
firstOf('redirectParameterRules', redirectParameterRules, { parameters: readForm('state=a&code=b') }, [
  ['query-readable', { parameters: readForm('a=%') }],
  ['no-repeated-parameter', { parameters: readForm('state=a&state=b') }],
  ['state-present', { parameters: readForm('code=b') }]
])
firstOf('foundLaunchRules', foundLaunchRules, { launch: { _tag: 'Used', codeDigest: 'digest' }, code: 'code' }, [
  ['used-with-code', { code: null }]
])
firstOf(
  'ownLaunchRules',
  ownLaunchRules,
  {
    binding: { iss: fhirBaseUrl, clientId: 'app' },
    trust: () => ({ clientId: 'app' }),
    otherwise: { _tag: 'SessionUnknown' }
  },
  [
    ['server-trusted', { trust: () => null }],
    ['client-matches', { trust: () => ({ clientId: 'other' }) }]
  ]
)
firstOf('assertionKeyRules', assertionKeyRules, { method: 'private_key_jwt', own: ['ES384'], offered: ['ES384'] }, [
  ['algorithm-offered', { offered: ['RS384'] }]
])
firstOf(
  'spentLaunchRules',
  spentLaunchRules,
  {
    failure: null,
    iss: fhirBaseUrl,
    method: 'client_secret_basic',
    trust: () => ({ authentication: [{ method: 'client_secret_basic', clientSecret: 'secret' }] })
  },
  [
    ['callback-valid', { failure: { _tag: 'CodeMissing' } }],
    ['server-trusted', { method: 'none', trust: () => null }],
    ['secret-known', { trust: () => ({ authentication: [{ method: 'none' }] }) }]
  ]
)
