/** The app's machines for one launch and one backend call: every table is true. */
import { describe, expect, it } from 'vitest'
import { complaintsAbout, explore } from './explorer.js'
import { beginCallback, beginLaunch, appLaunchMachine } from '../../src/protocol/app/launch.js'
import type {
  AppLaunchCommand,
  AppLaunchEvent,
  AppLaunchSettings,
  AppLaunchState
} from '../../src/protocol/app/launch-state.js'
import type {
  BackendCommand,
  BackendEvent,
  BackendServiceSettings,
  BackendState
} from '../../src/protocol/app/backend-service.js'
import { backendServiceMachine, beginBackend } from '../../src/protocol/app/backend-service.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'
import { json } from '../../src/protocol/http/message.js'
import type { PendingLaunch, LaunchBinding, SessionFacts } from '../../src/protocol/app/stored-app.js'
import type { AppAuthentication, TrustedServer } from '../../src/protocol/app/trusted-server.js'
import { trustList } from '../../src/protocol/app/trusted-server.js'
import { originOf } from '../../src/values/urls.js'

const fhirBaseUrl = 'https://ehr.example/fhir'
const issuer = 'https://ehr.example'

const serverOf = (base: string, authentication: AppAuthentication): TrustedServer => ({
  fhirBaseUrl: base,
  clientId: 'app',
  authentication: [authentication],
  redirectUri: 'https://app.example/cb',
  ...(base.endsWith('/redirecting') ? { tolerances: { discoveryRedirects: true } } : {})
})

const settings: AppLaunchSettings = {
  trust: trustList([
    serverOf(fhirBaseUrl, { method: 'none' }),
    serverOf('https://ehr.example/secret', { method: 'client_secret_basic', clientSecret: 's' }),
    serverOf('https://ehr.example/signed', { method: 'private_key_jwt' }),
    serverOf('https://ehr.example/redirecting', { method: 'none' })
  ]),
  scope: 'launch/patient patient/*.rs',
  specVersion: '2.0.0',
  launchLifetimeSeconds: 600,
  sessionLifetimeSeconds: 6000,
  clockSkewSeconds: 0,
  idTokenAlgorithms: ['RS256'],
  longestAddress: 2000,
  acceptTextBooleans: false
}
const withIdentity = { ...settings, scope: 'openid patient/*.rs' }

const fresh = {
  now: 1000,
  launchId: 'launch',
  state: 'state',
  nonce: 'n0nce',
  writeId: 'a',
  handle: 'h',
  algorithms: ['ES384']
}
const callbackRandoms = { now: 1000, writeId: 'b' }

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const idTokenOf = (claims: object): string =>
  `${part({ alg: 'RS256', kid: 'k' })}.` +
  `${part({ iss: issuer, sub: 'u', aud: 'app', exp: 2000, iat: 900, nonce: 'n0nce', ...claims })}.c2ln`

const configuration = {
  token_endpoint: `${issuer}/token`,
  authorization_endpoint: `${issuer}/authorize`,
  code_challenge_methods_supported: ['S256'],
  jwks_uri: `${issuer}/jwks`
}
const tokens = { access_token: 't', token_type: 'Bearer', expires_in: 60, scope: 'patient/*.rs' }
const key = { kty: 'RSA', kid: 'k', n: 'n'.repeat(342), e: 'AQAB' }

const responses: ReadonlyArray<PlainResponse> = [
  json(200, configuration),
  json(200, { ...configuration, issuer }),
  json(200, { ...configuration, token_endpoint_auth_signing_alg_values_supported: ['RS384'] }),
  json(404, {}),
  json(302, {}, { location: '/elsewhere' }),
  json(200, { issuer, token_endpoint: `${issuer}/token`, jwks_uri: `${issuer}/jwks` }),
  json(200, { ...configuration, token_endpoint: 'https://evil.example/token' }),
  json(200, { issuer: 'https://evil.example' }),
  json(200, tokens),
  json(200, { ...tokens, scope: 'openid', id_token: idTokenOf({}) }),
  json(200, { ...tokens, id_token: idTokenOf({ nonce: 'other' }) }),
  json(400, { error: 'invalid_grant' }),
  json(503, {}),
  json(200, { keys: [key] }),
  json(200, { keys: [] })
]

const binding: LaunchBinding = {
  iss: fhirBaseUrl,
  clientId: 'app',
  redirectUri: 'https://app.example/cb',
  tokenEndpoint: `${issuer}/token`,
  issuer,
  jwksUri: `${issuer}/jwks`,
  authorizationOrigin: issuer,
  issParameterSupported: true,
  method: 'none',
  assertionAudience: issuer,
  tolerances: {}
}
const pending: PendingLaunch = {
  _tag: 'Pending',
  writeId: 'a',
  recordExpiresAt: 3000,
  binding,
  stateDigest: 'digest',
  nonce: 'n0nce',
  scope: 'openid patient/*.rs',
  expiresAt: 1600
}
const launched = { kind: 'ehr' as const, handle: 'h', data: null }
const facts: SessionFacts = {
  binding,
  requestedScope: 'patient/*.rs',
  grantedScope: 'patient/*.rs',
  comparison: { verdict: 'equal', missing: '', excess: '' },
  context: {},
  user: null,
  launch: launched
}
const found = (launch: PendingLaunch): AppLaunchEvent => ({ _tag: 'LaunchFound', launch, stateDigest: 'digest' })

const events: ReadonlyArray<AppLaunchEvent> = [
  ...responses.map((response) => ({ _tag: 'Answered' as const, response })),
  { _tag: 'ServerUnavailable', reason: 'x' },
  { _tag: 'VerifierDerived', codeChallenge: 'c', stateDigest: 'digest' },
  { _tag: 'LaunchSaved' },
  found(pending),
  found({ ...pending, nonce: null }),
  found({ ...pending, stateDigest: 'others' }),
  found({ ...pending, binding: { ...binding, clientId: 'other' } }),
  found({ ...pending, binding: { ...binding, iss: 'https://elsewhere.example/fhir' } }),
  found({ ...pending, expiresAt: 1000 }),
  found({ ...pending, binding: { ...binding, tolerances: { tlsInsteadOfSignature: true } } }),
  found({ ...pending, binding: { ...binding, method: 'private_key_jwt', iss: 'https://ehr.example/signed' } }),
  found({ ...pending, binding: { ...binding, method: 'client_secret_basic', iss: 'https://ehr.example/secret' } }),
  {
    _tag: 'LaunchFound',
    launch: { _tag: 'Used', writeId: 'a', recordExpiresAt: 3000, stateDigest: 'digest' },
    stateDigest: 'digest'
  },
  {
    _tag: 'LaunchFound',
    launch: {
      _tag: 'Used',
      writeId: 'a',
      recordExpiresAt: 3000,
      stateDigest: 'digest',
      codeDigest: 'code',
      usedAt: 1000
    },
    stateDigest: 'digest'
  },
  { _tag: 'LaunchNotFound' },
  { _tag: 'LaunchUsed', codeVerifier: 'v', sessionId: 'session' },
  { _tag: 'LaunchAlreadyUsed' },
  { _tag: 'SessionFound', sessionId: 'session', facts },
  { _tag: 'SessionFound', sessionId: 'session', facts: { ...facts, binding: { ...binding, clientId: 'other' } } },
  { _tag: 'SessionNotFound' },
  { _tag: 'AssertionSigned', assertion: 'a' },
  { _tag: 'SignatureChecked', fits: true, accessTokenDigest: 'd' },
  { _tag: 'SignatureChecked', fits: false, accessTokenDigest: 'd' },
  { _tag: 'SessionSaved' },
  { _tag: 'StoreUnavailable' },
  { _tag: 'KeysUnavailable', reason: 'x' }
]

const starts: ReadonlyArray<AppLaunchState> = [
  ...[fhirBaseUrl, 'https://ehr.example/secret', 'https://ehr.example/signed', 'https://evil.example/fhir'].map(
    (iss) => beginLaunch(settings, { _tag: 'Standalone', iss }, fresh).state
  ),
  beginLaunch(withIdentity, { _tag: 'Standalone', iss: 'https://ehr.example/redirecting' }, fresh).state,
  beginLaunch(withIdentity, { _tag: 'EhrLaunch', query: `iss=${encodeURIComponent(fhirBaseUrl)}&launch=x` }, fresh)
    .state,
  ...[
    `code=c&state=s&iss=${issuer}`,
    'code=c&state=s',
    'error=access_denied&state=s&iss=https://ehr.example',
    'code=c'
  ].map((query) => beginCallback({ launchIds: ['one', 'two'], query }, callbackRandoms).state)
]

const urlsOf = (command: AppLaunchCommand | BackendCommand | null): ReadonlyArray<string> =>
  command?._tag === 'Send' ? [command.request.url] : []

describe('the app-launch machine', () => {
  const machine = appLaunchMachine(settings)
  const exploration = explore<AppLaunchState, AppLaunchEvent, AppLaunchCommand>({
    machine,
    starts,
    samples: () => events,
    depth: 8,
    invariants: {
      'nothing is sent to an origin that is not trusted': ({ step: { command } }) =>
        urlsOf(command).find((url) => originOf(url) !== issuer) ?? null,
      'a code is sent only by a launch that was used': ({ event, step: { command } }) =>
        command?._tag === 'Send' &&
        command.request.body.includes('code=') &&
        event._tag !== 'LaunchUsed' &&
        event._tag !== 'AssertionSigned'
          ? event._tag
          : null,
      'silence never opens a session': ({ event, step: { state } }) =>
        /Silent$/.test(event._tag) && (state._tag === 'SavingSession' || state._tag === 'Ready') ? event._tag : null,
      'an app that requested an identity has one, or none was granted': ({ from, step: { state } }) =>
        state._tag === 'SavingSession' &&
        from._tag === 'Exchanging' &&
        from.returning.pending.nonce !== null &&
        state.facts.grantedScope.includes('openid')
          ? 'no user'
          : null,
      'a failure says no secret': ({ step: { state } }) =>
        state._tag === 'Failed' && /"(?:v|t|s)"|n0nce/.test(JSON.stringify(state)) ? JSON.stringify(state) : null
    }
  })

  it('reaches every state and walks every declared arrow and no other', () => {
    expect(complaintsAbout(machine, exploration)).toEqual([])
    expect(exploration.distinctStates).toBeGreaterThan(50)
  })
})

describe('the backend-service machine', () => {
  const plain: BackendServiceSettings = {
    server: serverOf(fhirBaseUrl, { method: 'private_key_jwt' }),
    scope: 'system/*.rs',
    refreshAheadSeconds: 30,
    retries: 2,
    defaultLifetimeSeconds: 60,
    longestWaitSeconds: 60
  }
  const addressed: BackendServiceSettings = {
    ...plain,
    server: { ...plain.server, assertionAudience: 'issuer', tolerances: { discoveryRedirects: true } }
  }
  const call = { now: 1000, writeId: 'a', rejected: null, algorithms: ['ES384'] }
  const token = { writeId: 'a', recordExpiresAt: 2000, accessToken: 't', expiresAt: 1031, scope: 'system/*.rs' }
  const samples: ReadonlyArray<BackendEvent> = [
    ...responses.map((response) => ({ _tag: 'Answered' as const, response })),
    { _tag: 'TokenFound', token },
    { _tag: 'TokenFound', token: { ...token, expiresAt: 1030 } },
    { _tag: 'TokenNotFound' },
    { _tag: 'ServerUnavailable', reason: 'x' },
    { _tag: 'AssertionSigned', assertion: 'a' },
    { _tag: 'KeysUnavailable', reason: 'x' },
    { _tag: 'Paused' },
    { _tag: 'TokenSaved' }
  ]

  const complaintsWith = (service: BackendServiceSettings): ReadonlyArray<string> => {
    const machine = backendServiceMachine(service)
    return complaintsAbout(
      machine,
      explore<BackendState, BackendEvent, BackendCommand>({
        machine,
        depth: 18,
        samples: () => samples,
        starts: [
          beginBackend(service, call).state,
          beginBackend(service, { ...call, rejected: 't' }).state,
          beginBackend({ ...service, scope: '' }, call).state
        ],
        invariants: {
          'every request for a token follows a signature': ({ event, step: { command } }) =>
            command?._tag === 'Send' && command.request.method === 'POST' && event._tag !== 'AssertionSigned'
              ? event._tag
              : null,
          'no more requests than the retries allow': ({ step: { state } }) =>
            'tries' in state && state.tries > 2 ? String(state.tries) : null,
          'a token that is about to end is not used': ({ from, step: { state } }) =>
            from._tag === 'LoadingToken' &&
            state._tag === 'Ready' &&
            (from.call.rejected === state.token.accessToken || state.token.expiresAt <= 1030)
              ? 'used'
              : null,
          'nothing is sent to an origin that is not trusted': ({ step: { command } }) =>
            urlsOf(command).find((url) => originOf(url) !== issuer) ?? null
        }
      })
    )
  }

  it('reaches every state and walks every declared arrow and no other', () => {
    const [first, second] = [complaintsWith(plain), complaintsWith(addressed)]
    const unwalked = (complaint: string): boolean => /^(?:declared, never walked|never reached): /.test(complaint)
    expect([...first, ...second].filter((one) => !unwalked(one))).toEqual([])
    // An arrow that one of the two does not walk is walked by the other.
    expect(first.filter((one) => second.includes(one))).toEqual([])
  })
})
