/** The rules of clients that authenticate, of registrations, of apps and of the simulator's launches. */
import { clientProofRules } from '../../../../src/protocol/app/callback-rules.js'
import { fhirUrlRules } from '../../../../src/protocol/app/fhir-url.js'
import { expectedIdTokenRules, verifiedIdTokenRules } from '../../../../src/protocol/app/id-token-rules.js'
import { tokenResponseRules } from '../../../../src/protocol/app/token-response.js'
import { authenticatingClientRules, namedClientRules } from '../../../../src/protocol/client/authentication-rules.js'
import { readForm } from '../../../../src/protocol/http/form.js'
import { completePolicy } from '../../../../src/protocol/policy/policy.js'
import { registrationBodyRules, replacementRules } from '../../../../src/protocol/registration/request.js'
import { desktopLaunchRules, launchQueryRules } from '../../../../src/simulator/host/ehr-launch.js'
import { keptIdRules } from '../../../../src/simulator/launch/kept-id.js'
import { managedAppRules } from '../../../../src/simulator/launch/managed-app.js'
import { limits } from '../../../../src/values/limits/limits.js'
import { firstOf } from '../../../support/changed-facts.js'

const secret = { _tag: 'SecretInBody', clientId: 'app', secret: 'secret' }
const assertion = { _tag: 'AssertionCredentials', bodyClientId: 'other' }
firstOf(
  'namedClientRules',
  namedClientRules,
  {
    policy: { ...completePolicy({}), allowClientSecretPost: true },
    credentials: secret,
    ids: ['app'],
    inBody: null,
    agreeing: ['app']
  },
  [
    ['secret-in-body-allowed', { policy: { allowClientSecretPost: false } }],
    ['id-readable', { ids: [], agreeing: ['app'] }],
    ['id-named-once', { inBody: 'app', policy: { confidentialClientIdInBody: 'reject' } }],
    ['ids-agree', { credentials: assertion, inBody: 'other', agreeing: [] }]
  ]
)
const keys = { _tag: 'Inline', keys: [] }
const signing = { client: { tokenEndpointAuthMethod: 'private_key_jwt' }, method: 'private_key_jwt' }
firstOf(
  'authenticatingClientRules',
  authenticatingClientRules,
  {
    methods: ['client_secret_basic', 'private_key_jwt'],
    client: { tokenEndpointAuthMethod: 'client_secret_basic', secretDigests: ['digest'], keys },
    method: 'client_secret_basic',
    digests: ['digest']
  },
  [
    ['client-known', { client: null }],
    ['method-registered', { client: { tokenEndpointAuthMethod: 'none' } }],
    ['keys-registered', { ...signing, client: { ...signing.client, keys: undefined } }],
    ['secret-matches', { digests: ['other'] }]
  ]
)

firstOf(
  'registrationBodyRules',
  registrationBodyRules,
  { method: 'POST', path: '/register', query: '', headers: { 'content-type': 'application/json' }, body: '{}' },
  [
    ['body-within-limit', { body: ' '.repeat(limits.registrationBody.default + 1) }],
    ['body-is-json', { headers: { 'content-type': 'text/plain' } }]
  ]
)
firstOf(
  'replacementRules',
  replacementRules,
  { members: { client_id: 'app', client_secret: 'secret' }, clientId: 'app' },
  [
    ['no-member-of-server', { members: { client_id_issued_at: 1 } }],
    ['client-id-matches', { members: { client_id: 'other' } }],
    ['secret-is-text', { members: { client_secret: 1 } }]
  ]
)

firstOf('expectedIdTokenRules', expectedIdTokenRules, { isExpected: true, idToken: 'token' }, [
  ['id-token-present', { idToken: null }]
])
firstOf(
  'verifiedIdTokenRules',
  verifiedIdTokenRules,
  {
    idToken: { header: { alg: 'RS256' }, claims: {} },
    isSigned: true,
    isFromTokenEndpoint: false,
    accessTokenDigest: 'a'.repeat(43)
  },
  [
    ['signature-valid', { isSigned: false }],
    ['access-token-matches', { idToken: { claims: { at_hash: 'other' } } }]
  ]
)
firstOf('tokenResponseRules', tokenResponseRules, { accessToken: 'token', tokenType: 'Bearer' }, [
  ['access-token-printable', { accessToken: 'a token' }],
  ['token-type-present', { tokenType: 1 }],
  ['token-type-bearer', { tokenType: 'mac' }]
])
const base = 'https://ehr.example/fhir'
firstOf('fhirUrlRules', fhirUrlRules, { base, url: `${base}/Patient/1`, written: 'Patient/1' }, [
  ['below-base', { url: 'https://ehr.example/fhirish/Patient/1' }],
  ['no-dot-segment', { url: `${base}/../admin` }],
  ['well-formed', { url: `${base}/Patient 1` }],
  ['no-token-in-query', { url: `${base}/Patient?access_token=a` }]
])
firstOf(
  'clientProofRules',
  clientProofRules,
  {
    iss: base,
    method: 'client_secret_basic',
    trust: () => ({ authentication: [{ method: 'client_secret_basic', clientSecret: 'secret' }] })
  },
  [
    ['server-trusted', { method: 'none', trust: () => null }],
    ['secret-known', { trust: () => ({ authentication: [] }) }]
  ]
)

firstOf(
  'managedAppRules',
  managedAppRules,
  {
    clientId: 'app',
    isConfigured: false,
    removedName: null,
    listed: { clientId: 'app', token: 'token', from: 'page' }
  },
  [
    ['app-named', { clientId: null }],
    ['app-not-of-configuration', { isConfigured: true }],
    ['app-not-removed', { removedName: 'App' }],
    ['app-registered', { listed: null }],
    ['app-token-kept', { listed: { clientId: 'app', token: null, from: 'endpoint' } }]
  ]
)
firstOf(
  'keptIdRules',
  keptIdRules,
  {
    clientId: 'growth-app',
    config: { clients: [], introspectionClients: [] },
    registered: [],
    hasUnlistedGrants: false
  },
  [
    ['kept-id-form', { clientId: 'growth app' }],
    ['kept-id-not-assignable', { clientId: 'a'.repeat(22) }],
    ['kept-id-not-configured', { config: { clients: [{ client_id: 'growth-app' }] } }],
    ['kept-id-not-registered', { registered: ['growth-app'] }],
    ['kept-id-without-grants', { hasUnlistedGrants: true }]
  ]
)
firstOf('launchQueryRules', launchQueryRules, { parameters: readForm('client_id=app') }, [
  ['query-readable', { parameters: readForm('client_id=%') }],
  ['no-repeated-parameter', { parameters: readForm('user=a&user=b') }]
])
firstOf(
  'desktopLaunchRules',
  desktopLaunchRules,
  {
    clientId: 'app',
    client: { clientId: 'app', launchUris: ['https://app.example/launch'] },
    launchUri: 'https://app.example/launch',
    user: { username: 'alice' },
    patient: '123',
    encounter: 'e1',
    intent: null,
    setting: { patient: '123' },
    simulator: {
      patientsOf: () => [{ id: '123', patient: '123' }],
      encountersOf: () => [
        { id: 'e1', patient: '123' },
        { id: 'e2', patient: '456' }
      ]
    }
  },
  [
    ['client-known', { client: null }],
    ['launch-uri-registered', { launchUri: 'https://app.example/other' }],
    ['setting-agrees', { setting: { patient: '456' } }],
    ['user-known', { user: undefined }],
    ['patient-visible', { patient: '789', encounter: null, setting: { patient: '789' } }],
    ['encounter-of-patient', { encounter: 'e2' }]
  ]
)
