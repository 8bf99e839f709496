/** Who introspects and revokes in the tests: a resource server, another app, a backend service; and what they send. */
import { generateKeyPairSync, sign } from 'node:crypto'
import * as Option from 'fp-ts/lib/Option.js'
import type { Change, Fixture, FixtureOptions } from '../server-fixture.js'
import { bodyOf, clients, exchange, issuer, newFixture, obtainCode, post, sha256 } from '../server-fixture.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import type { RegisteredClient } from '../../../src/protocol/client/client.js'
import type { PlainRequest, PlainResponse } from '../../../src/protocol/http/message.js'
import { assertionType } from '../../../src/protocol/jwt/jwt.js'
import { parse } from '../../../src/scopes/parse.js'

const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' })

const resourceServer: RegisteredClient = {
  clientId: 'rs',
  clientName: 'Resource Server',
  redirectUris: [],
  launchUris: [],
  scope: [],
  grantTypes: [],
  tokenEndpointAuthMethod: 'client_secret_basic',
  secretDigests: [sha256('rs-secret')],
  applicationType: 'web',
  mayIntrospect: true
}

const backend: RegisteredClient = {
  ...resourceServer,
  clientId: 'backend',
  clientName: 'Backend',
  scope: parse('system/Observation.rs'),
  grantTypes: ['client_credentials'],
  tokenEndpointAuthMethod: 'private_key_jwt',
  secretDigests: [],
  mayIntrospect: false,
  keys: { _tag: 'Inline', keys: [{ ...publicKey.export({ format: 'jwk' }), kid: 'ec' }] }
}

/** The clients of the world, and those who call besides. */
export const allClients: ReadonlyArray<RegisteredClient> = [
  ...clients,
  resourceServer,
  {
    ...resourceServer,
    clientId: 'other-app',
    clientName: 'Other App',
    secretDigests: [sha256('other-secret')],
    mayIntrospect: false
  },
  backend,
  { ...backend, clientId: 'gateway', clientName: 'Gateway', mayIntrospect: true }
]

/** A world in which they are registered. */
export const withCallers = (options: FixtureOptions = {}): FixtureOptions => ({
  ...options,
  ports: { clients: memoryClients(allClients), ...options.ports }
})

export const callersWorld = (options: FixtureOptions = {}): Fixture => newFixture(withCallers(options))

const basic = (id: string, secret: string): Readonly<Record<string, string>> => ({
  authorization: `Basic ${Buffer.from(`${id}:${secret}`).toString('base64')}`
})

export const asRs = basic('rs', 'rs-secret')
export const asOther = basic('other-app', 'other-secret')
export const asNobody = basic('rs', 'wrong')
export const asBearer = (token: string): Readonly<Record<string, string>> => ({ authorization: `Bearer ${token}` })

const part = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

let generated = 0

/** A client assertion for an audience, as parameters; `change` replaces claims. */
export const asserted = (
  fixture: Fixture,
  clientId: string,
  audience: string,
  change: Readonly<Record<string, unknown>> = {}
): Change => {
  const claims = {
    iss: clientId,
    sub: clientId,
    aud: audience,
    exp: fixture.clock.now + 300,
    jti: `jti-${String(generated++)}`,
    ...change
  }
  const text = `${part({ alg: 'ES384', kid: 'ec', typ: 'JWT' })}.${part(claims)}`
  const signature = sign('sha384', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString(
    'base64url'
  )
  return { client_assertion: `${text}.${signature}`, client_assertion_type: assertionType }
}

/** Answers at an address of the protocol. */
export const answered = (fixture: Fixture, request: PlainRequest): Promise<PlainResponse> => {
  const answer = fixture.server.endpoints.protocol(request)
  if (Option.isNone(answer)) throw new Error(`nobody answers at ${request.path}`)
  return answer.value()
}

const form = (token: string | null, change: Change): ReadonlyArray<readonly [string, string]> =>
  Object.entries({ token, ...change }).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))

/** Asks about a token, as the resource server if nothing else is said. */
export const introspect = (
  fixture: Fixture,
  token: string | null,
  headers: Readonly<Record<string, string>> = asRs,
  change: Change = {}
): Promise<PlainResponse> => answered(fixture, post('/introspect', form(token, change), headers))

/** Revokes a token, as the public app if nothing else is said. */
export const revoke = (
  fixture: Fixture,
  token: string | null,
  change: Change = {},
  headers: Readonly<Record<string, string>> = {}
): Promise<PlainResponse> =>
  answered(
    fixture,
    post('/revoke', form(token, 'authorization' in headers ? change : { client_id: 'pub-app', ...change }), headers)
  )

/** The tokens of one launch. */
export interface Tokens {
  readonly code: string
  readonly access: string
  readonly refresh: string
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
}

/** Launches the public app, or another, and gives its tokens. */
export const obtainTokens = async (
  fixture: Fixture,
  change: Change = {},
  headers: Readonly<Record<string, string>> = {}
): Promise<Tokens> => {
  const code = await obtainCode(fixture, change)
  const { client_id: clientId = 'pub-app' } = change
  const body = bodyOf(
    await exchange(fixture, code, { client_id: 'authorization' in headers ? null : clientId }, headers)
  )
  return {
    code,
    access: String(body['access_token']),
    refresh: String(body['refresh_token']),
    id: String(body['id_token']),
    body
  }
}

/** The access token of a backend service. */
export const backendToken = async (fixture: Fixture, clientId = 'backend'): Promise<string> => {
  const parameters = form(null, {
    grant_type: 'client_credentials',
    scope: 'system/Observation.rs',
    ...asserted(fixture, clientId, `${issuer}/token`)
  })
  return String(bodyOf(await fixture.server.endpoints.token(post('/token', parameters))())['access_token'])
}

/** The one answer about whatever is not active. */
export const inactive: PlainResponse = {
  status: 200,
  headers: {
    'content-type': 'application/json;charset=UTF-8',
    'cache-control': 'no-store',
    pragma: 'no-cache',
    vary: 'Origin'
  },
  body: '{"active":false}'
}
