/**
 * A fixed corpus of decisions, the good and the bad, each of which is made anew: what somebody planted on
 * `Object.prototype` must change none of them but into a refusal. Everything here is synchronous underneath, so that
 * nothing of the test's own tools runs in between; and what the host gives is whole, so that the corpus itself reads
 * nothing that was planted.
 */
import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { memoryClients, noClientKeys } from '../../../src/adapters/memory-clients.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'
import type { Conversation } from '../../../src/engine/server/interaction/conversation.js'
import { fhirGate } from '../../../src/engine/resource/fhir-gate.js'
import type { Keys, Ports } from '../../../src/engine/ports.js'
import type { AuthorizationServer } from '../../../src/engine/server/authorization-server.js'
import { authorizationServer } from '../../../src/engine/server/authorization-server.js'
import { smartApp } from '../../../src/engine/app/smart-app.js'
import type { AppPorts } from '../../../src/engine/app/ports.js'
import { trustList } from '../../../src/protocol/app/trusted-server.js'
import { assertionType } from '../../../src/protocol/jwt/jwt.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import { readStyle } from '../../../src/protocol/app/style.js'
import { checkSmartConfiguration } from '../../../src/protocol/discovery/smart-configuration-check.js'
import { printForm } from '../../../src/protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { defaultPolicy } from '../../../src/protocol/policy/policy.js'
import { explain } from '../../../src/scopes/explain/explain.js'
import { intersect, union } from '../../../src/scopes/set-operations.js'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'
import { permits } from '../../../src/scopes/permits.js'
import { subsumption } from '../../../src/scopes/subsumes.js'
import { parseJson } from '../../../src/values/json.js'

/** What came of a decision: the value that was decided, or `thrown`. */
export type Outcomes = Map<string, unknown>

const issuer = 'https://ehr.example'
const fhirBaseUrl = 'https://ehr.example/fhir'
const redirectUri = 'https://app.example/cb'
const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'k' }
const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const jws = (header: unknown, claims: unknown): string => {
  const text = `${encoded(header)}.${encoded(claims)}`
  return `${text}.${sign('sha384', Buffer.from(text), privateKey).toString('base64url')}`
}
const claims = { iss: 'backend', sub: 'backend', aud: `${issuer}/token`, exp: 1200 }
const header = { alg: 'RS384', kid: 'k', typ: 'JWT' }

/** Assertions, made before anything is planted; each of the bad ones lacks one thing. */
const assertions = {
  good: jws(header, { ...claims, jti: 'a' }),
  'without exp': jws(header, { ...claims, exp: undefined, jti: 'b' }),
  'without aud': jws(header, { ...claims, aud: undefined, jti: 'c' }),
  'without sub': jws(header, { ...claims, sub: undefined, jti: 'd' }),
  'without jti': jws(header, claims),
  'without kid': jws({ ...header, kid: undefined }, { ...claims, jti: 'e' }),
  'without typ': jws({ ...header, typ: undefined }, { ...claims, jti: 'f' })
}

const keys: Keys = {
  digest: (text) => () => Promise.resolve(sha256(text)),
  mac: (covered) => {
    const text = covered('k1')
    return TaskEither.right(`${text}.${createHmac('sha256', 'secret').update(text).digest('base64url')}`)
  },
  verifyMac: (keyId, covered, presented) =>
    TaskEither.right(
      keyId === 'k1' && createHmac('sha256', 'secret').update(covered).digest('base64url') === presented
    ),
  signIdToken: (reported) => TaskEither.right(`id-token ${JSON.stringify(reported)}`),
  signAccessToken: (reported) => TaskEither.right(`access-token ${JSON.stringify(reported)}`),
  verifyAccessToken: () => TaskEither.right(Option.none),
  verifyAssertion: (key, _alg, text) => {
    const [first = '', second = '', signature = ''] = text.split('.')
    return TaskEither.right(
      key !== null &&
        verify('sha384', Buffer.from(`${first}.${second}`), registeredKey, Buffer.from(signature, 'base64url'))
    )
  },
  publicKeys: TaskEither.right([jwk])
}
const registeredKey = createPublicKey(publicKey.export({ type: 'spki', format: 'pem' }))

const app: RegisteredClient = {
  clientId: 'app',
  clientName: 'App',
  redirectUris: [redirectUri],
  launchUris: [],
  scope: parse('launch/patient openid fhirUser offline_access patient/*.rs'),
  grantTypes: ['authorization_code', 'refresh_token'],
  tokenEndpointAuthMethod: 'none',
  secretDigests: [],
  applicationType: 'web'
}
const clients: ReadonlyArray<RegisteredClient> = [
  app,
  { ...app, clientId: 'secret-app', tokenEndpointAuthMethod: 'client_secret_basic', secretDigests: [sha256('s3cret')] },
  {
    ...app,
    clientId: 'rs',
    scope: [],
    grantTypes: [],
    tokenEndpointAuthMethod: 'client_secret_basic',
    secretDigests: [sha256('rs')],
    mayIntrospect: true
  },
  {
    ...app,
    clientId: 'backend',
    scope: parse('system/Observation.rs'),
    grantTypes: ['client_credentials'],
    tokenEndpointAuthMethod: 'private_key_jwt',
    keys: { _tag: 'Inline', keys: [jwk] }
  }
]

const portsOf = (): Ports => {
  let generated = 0
  return {
    store: memoryStore({ now: () => 1000 }),
    clients: memoryClients(clients),
    clock: { now: () => 1000 },
    random: { token: () => sha256(`random ${String(generated++)}`) },
    keys,
    clientKeys: noClientKeys,
    accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
    users: { isOnline: () => TaskEither.right(false) },
    audit: { record: () => () => undefined }
  }
}

const get = (path: string, query = '', headers: Readonly<Record<string, string>> = {}): PlainRequest => ({
  method: 'GET',
  path,
  query,
  headers,
  body: ''
})
const post = (
  path: string,
  body: ReadonlyArray<readonly [string, string]>,
  headers: Readonly<Record<string, string>> = {}
): PlainRequest => ({
  method: 'POST',
  path,
  query: '',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: printForm(body)
})
const basic = (id: string, secret: string) => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
})

const authorizationFields = (
  more: ReadonlyArray<readonly [string, string]> = []
): ReadonlyArray<readonly [string, string]> => [
  ['client_id', 'app'],
  ['redirect_uri', redirectUri],
  ['response_type', 'code'],
  ['scope', 'launch/patient openid fhirUser offline_access patient/*.rs'],
  ['state', 'state'],
  ['aud', fhirBaseUrl],
  ...more
]
const verifier = 'verifier-'.padEnd(43, 'x')
const challenge: ReadonlyArray<readonly [string, string]> = [
  ['code_challenge', sha256(verifier)],
  ['code_challenge_method', 'S256']
]
const user = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1000 }

/** A resource server behind the gate: fixed texts, by method and path. */
const observation = (id: string, patient: string): string =>
  `{"resourceType":"Observation","id":"${id}` +
  `","meta":{"versionId":"1"},"status":"final","subject":{"reference":"Patient/${patient}"}}`
const noSubject = '{"resourceType":"Observation","id":"n","meta":{"versionId":"1"},"status":"final"}'
const stored = new Map([
  ['GET /Observation/a', observation('a', 'a')],
  ['GET /Observation/b', observation('b', 'b')],
  ['GET /Observation/n', noSubject],
  ['GET /Patient/a', '{"resourceType":"Patient","id":"a"}'],
  ['GET /Patient/b', '{"resourceType":"Patient","id":"b"}'],
  [
    'GET /Observation',
    '{"resourceType":"Bundle","type":"searchset","entry":[' +
      [observation('a', 'a'), observation('b', 'b'), noSubject].map((one) => `{"resource":${one}}`).join(',') +
      ']}'
  ]
])
const found = (body: string): PlainResponse => ({ status: 200, headers: { etag: 'W/"1"' }, body })
const upstream = {
  answer: (request: PlainRequest) => {
    const text = stored.get(`${request.method} ${request.path}`)
    return TaskEither.right(
      text !== undefined
        ? found(text)
        : request.method === 'GET'
          ? { status: 404, headers: {}, body: '' }
          : found(request.body)
    )
  }
}

const gateRequests: ReadonlyArray<readonly [string, string, PlainRequest]> = (
  [
    ['read own', 'patient/*.rs', 'GET', '/Observation/a', ''],
    ['read other', 'patient/*.rs', 'GET', '/Observation/b', ''],
    ['read of nobody', 'patient/*.rs', 'GET', '/Observation/n', ''],
    ['read other patient', 'patient/*.rs', 'GET', '/Patient/b', ''],
    ['search', 'patient/*.rs', 'GET', '/Observation', ''],
    ['search by query', 'patient/Observation.rs?status=final', 'GET', '/Observation', ''],
    ['create own', 'patient/*.cruds', 'POST', '/Observation', observation('x', 'a')],
    ['create other', 'patient/*.cruds', 'POST', '/Observation', observation('x', 'b')],
    ['create of nobody', 'patient/*.cruds', 'POST', '/Observation', noSubject],
    ['update own', 'patient/*.cruds', 'PUT', '/Observation/a', observation('a', 'a')],
    ['update to nobody', 'patient/*.cruds', 'PUT', '/Observation/a', noSubject.replace('"n"', '"a"')],
    ['delete read-only', 'patient/*.rs', 'DELETE', '/Observation/a', ''],
    ['delete other', 'patient/*.cruds', 'DELETE', '/Observation/b', ''],
    ['patch away', 'patient/*.cruds', 'PATCH', '/Observation/a', '[{"op":"remove","path":"/subject"}]'],
    ['patch', 'patient/*.cruds', 'PATCH', '/Observation/a', '[{"op":"replace","path":"/status","value":"amended"}]'],
    ['user without rule', 'user/*.cruds', 'GET', '/Observation/a', ''],
    ['operation', 'system/*.cruds', 'POST', '/Observation/$everything', ''],
    ['subscription', 'patient/*.cruds', 'POST', '/Subscription', '{"resourceType":"Subscription"}'],
    [
      'batch',
      'patient/*.rs',
      'POST',
      '/',
      '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET",' +
        '"url":"Observation/a"}},{"request":{"method":"GET","url":"Observation/b"}},' +
        '{"request":{"method":"DELETE","url":"Observation/a"}}]}'
    ],
    ['batch of nothing', 'patient/*.rs', 'POST', '/', '{"resourceType":"Bundle","type":"batch","entry":[{}]}']
  ] as const
).map(([name, scope, method, path, body]) => [
  name,
  scope,
  {
    method,
    path,
    query: '',
    body,
    headers:
      body === ''
        ? {}
        : { 'content-type': method === 'PATCH' ? 'application/json-patch+json' : 'application/fhir+json' }
  }
])

const discovery = JSON.stringify({
  authorization_endpoint: `${issuer}/authorize`,
  token_endpoint: `${issuer}/token`,
  capabilities: ['launch-standalone'],
  code_challenge_methods_supported: ['S256'],
  grant_types_supported: ['authorization_code']
})

/** An app before a server that answers in full, except that it names no patient. */
const appPortsOf = (sent: Array<string>): AppPorts => {
  let generated = 0
  const { store, clock } = portsOf()
  return {
    store,
    clock,
    random: { token: () => sha256(`app ${String(generated++)}`) },
    pause: () => () => Promise.resolve(),
    keys: {
      digest: keys.digest,
      signAssertion: () => TaskEither.left({ _tag: 'Unavailable', reason: 'no key' }),
      verifySignature: () => TaskEither.right(false)
    },
    http: ({ method, url, body, headers }) => {
      sent.push(
        `${method} ${url} ${body} ${Object.entries(headers)
          .map((one) => one.join(': '))
          .join('; ')}`
      )
      return TaskEither.right({
        status: 200,
        headers: {},
        body: url.endsWith('/token')
          ? '{"access_token":"token","token_type":"bearer"}'
          : url.includes('.well-known')
            ? discovery
            : '{}'
      })
    }
  }
}

/**
 * Everything is decided once; what is thrown is recorded as such. `refused` decisions have no use for what follows from
 * them.
 */
export const decideAll = async (): Promise<Outcomes> => {
  const outcomes: Outcomes = new Map()
  const decide = async <A>(name: string, make: () => A | Promise<A>): Promise<A | null> => {
    try {
      const outcome = await make()
      outcomes.set(name, outcome)
      return outcome
    } catch {
      outcomes.set(name, 'thrown')
      return null
    }
  }
  const built = await decide('settings', () => {
    const server = authorizationServer({ issuer, fhirBaseUrl }, portsOf())
    return Either.isLeft(server) ? server : server.right
  })
  if (built !== null && Object.hasOwn(built, 'facts')) {
    const server = built as AuthorizationServer
    outcomes.set('settings', { facts: server.facts, policy: server.policy })
    const protocol = (name: string, request: PlainRequest) =>
      decide(name, () => {
        const answer = server.endpoints.protocol(request)
        return Option.isSome(answer) ? answer.value() : { status: 404 }
      })
    await protocol('smart configuration', get('/fhir/.well-known/smart-configuration'))
    await protocol('openid configuration', get('/.well-known/openid-configuration'))
    await protocol('registration closed', {
      ...post('/register', []),
      headers: { 'content-type': 'application/json' },
      body: `{"redirect_uris":["${redirectUri}"]}`
    })
    await decide('authorize without challenge', () =>
      server.endpoints.authorize(get('/authorize', printForm(authorizationFields())))()
    )
    await decide('authorize beyond registration', () =>
      server.endpoints.authorize(
        get(
          '/authorize',
          printForm([...authorizationFields(challenge).filter(([name]) => name !== 'scope'), ['scope', 'user/*.cruds']])
        )
      )()
    )
    await decide('authorize by form without its type', () =>
      server.endpoints.authorize({ ...post('/authorize', authorizationFields(challenge)), headers: {} })()
    )
    let conversation: Conversation | null = await decide('authorize', () =>
      server.endpoints.authorize(get('/authorize', printForm(authorizationFields(challenge))))()
    )
    const step = async (
      name: string,
      tag: Conversation['_tag'],
      next: (at: Extract<Conversation, { readonly interaction: unknown }>) => Promise<Conversation>
    ): Promise<void> => {
      const at = conversation
      conversation =
        at?._tag === tag && Object.hasOwn(at, 'interaction')
          ? await decide(name, () => next(at as Extract<Conversation, { readonly interaction: unknown }>))
          : null
    }
    await step('user', 'NeedsUser', ({ interaction }) => server.interaction.userSignedIn(interaction, user)())
    await step('context', 'NeedsContext', async ({ interaction }) => {
      await decide('context incomplete', () => server.interaction.contextChosen(interaction, {})())
      return await server.interaction.contextChosen(interaction, { patient: 'a' })()
    })
    await step('consent', 'NeedsConsent', async ({ interaction, details: { scopes } }) => {
      await decide('nobody at the page', () => server.interaction.resume({ ...interaction, present: null })())
      return await server.interaction.consentGiven(interaction, scopes)()
    })
    const location = conversation?._tag === 'SendToApp' ? conversation.response.headers['location'] : ''
    const [, code = ''] = /[?&]code=([^&]*)/.exec(String(location)) ?? []
    const exchange = (more: ReadonlyArray<readonly [string, string]>): PlainRequest =>
      post('/token', [['grant_type', 'authorization_code'], ['code', code], ['redirect_uri', redirectUri], ...more])
    if (code !== '') {
      await decide('code of another client', () =>
        server.endpoints.token(
          exchange([
            ['client_id', 'secret-app'],
            ['code_verifier', verifier]
          ])
        )()
      )
      const tokens = await decide('code', () =>
        server.endpoints.token(
          exchange([
            ['client_id', 'app'],
            ['code_verifier', verifier]
          ])
        )()
      )
      const body = Option.toNullable(parseJson(tokens?.body ?? '')) as Readonly<Record<string, string>> | null
      const access = body !== null && Object.hasOwn(body, 'access_token') ? (body['access_token'] ?? '') : ''
      const refresh = body !== null && Object.hasOwn(body, 'refresh_token') ? (body['refresh_token'] ?? '') : ''
      const asRs = basic('rs', 'rs')
      await decide('bearer', () =>
        server.resource.bearer(get('/fhir/Patient/a', '', { authorization: `Bearer ${access}` }))()
      )
      await decide('no bearer', () => server.resource.bearer(get('/fhir/Patient/a'))())
      await protocol('introspection', post('/introspect', [['token', access]], asRs))
      await protocol('introspection by nobody', post('/introspect', [['token', access]]))
      await protocol(
        'introspection by another',
        post('/introspect', [['token', access]], basic('secret-app', 's3cret'))
      )
      await protocol('userinfo', get('/userinfo', '', { authorization: `Bearer ${access}` }))
      await decide('refresh', () =>
        server.endpoints.token(
          post('/token', [
            ['grant_type', 'refresh_token'],
            ['refresh_token', refresh],
            ['client_id', 'app'],
            ['scope', 'patient/Observation.rs']
          ])
        )()
      )
      await protocol(
        'revocation',
        post('/revoke', [
          ['token', access],
          ['client_id', 'app']
        ])
      )
    }
    for (const [name, assertion] of Object.entries(assertions)) {
      await decide(`backend ${name}`, () =>
        server.endpoints.token(
          post('/token', [
            ['grant_type', 'client_credentials'],
            ['scope', 'system/*.rs'],
            ['client_assertion_type', assertionType],
            ['client_assertion', assertion]
          ])
        )()
      )
    }
    await decide('secret missing', () =>
      server.endpoints.token(
        post('/token', [
          ['grant_type', 'client_credentials'],
          ['client_id', 'secret-app']
        ])
      )()
    )
  }
  await decide('registration', async () => {
    const server = authorizationServer({ issuer, fhirBaseUrl, registration: { mode: 'open' } }, portsOf())
    if (Either.isLeft(server)) return server
    const answer = server.right.endpoints.protocol({
      ...post('/register', []),
      headers: { 'content-type': 'application/json' },
      body: `{"redirect_uris":["${redirectUri}"],"token_endpoint_auth_method":"none"}`
    })
    return Option.isSome(answer) ? await answer.value() : null
  })
  for (const [name, scope, request] of gateRequests) {
    await decide(`gate: ${name}`, () =>
      fhirGate(
        { server: upstream, policy: defaultPolicy, base: fhirBaseUrl },
        { clientId: 'app', scopes: parse(scope), context: { patient: 'a' }, user: null }
      )(request)()
    )
  }
  await decide('gate: no patient', () =>
    fhirGate(
      { server: upstream, policy: defaultPolicy, base: fhirBaseUrl },
      { clientId: 'app', scopes: parse('patient/*.rs'), context: {}, user: null }
    )(get('/Observation/b'))()
  )
  const [narrow, wide] = [
    parse('patient/Observation.rs?category=a'),
    parse('patient/*.rs user/Observation.r openid fhirUser')
  ]
  const access = { level: 'patient', type: 'Observation', permission: 'r', resource: {} } as const
  await decide('algebra', () => [
    permits(narrow, access),
    permits(wide, { ...access, level: 'system' }),
    permits(wide, { ...access, permission: 'd' }),
    subsumption(wide, narrow),
    subsumption(narrow, wide),
    Either.map(format)(intersect(narrow, wide)),
    Either.map(format)(union(narrow, wide))
  ])
  await decide('explanation', () => explain(wide))
  await decide('check of a document', () =>
    checkSmartConfiguration({ token_endpoint: '/token' }, { specVersion: '2.0.0', purpose: 'launch' })
  )
  await decide('style', () => readStyle({ mood: 'calm' }))
  await decide('app', async () => {
    const sent: Array<string> = []
    const trust = trustList([
      { fhirBaseUrl, clientId: 'app', authentication: [{ method: 'none' as const }], redirectUri }
    ])
    const client = smartApp({ trust, scope: 'launch/patient patient/*.rs' }, appPortsOf(sent))
    if (Either.isLeft(client)) return client
    const begun = await client.right.launch({ _tag: 'Standalone', iss: fhirBaseUrl })()
    if (Either.isLeft(begun)) return begun
    const state = /[?&]state=([^&]*)/.exec(JSON.stringify(begun.right))?.at(1) ?? ''
    const opened = await client.right.callback({ launchIds: [begun.right.launchId], query: `state=${state}&code=c` })()
    if (Either.isLeft(opened)) return opened
    const facts = await client.right.session(opened.right.sessionId)()
    const answer = await client.right.fhir(opened.right.sessionId, { url: 'Patient/a' })()
    return { begun, opened, facts, answer, sent }
  })
  return outcomes
}
