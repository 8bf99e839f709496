/**
 * A whole authorization server in a small world: memory store, a clock that stands still until it is moved, random
 * numbers that count, and synchronous cryptography, so that between two store operations nothing waits for anything.
 */
import type { JsonWebKey } from 'node:crypto'
import { createHash, createHmac, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { MemoryStore } from '../../src/adapters/stores/memory-store.js'
import { memoryClients, noClientKeys } from '../../src/adapters/memory-clients.js'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import type { Conversation } from '../../src/engine/server/interaction/conversation.js'
import { grantKey } from '../../src/engine/server/grant-store.js'
import type { AuditEvent, Keys, Ports, Store } from '../../src/engine/ports.js'
import type { AuthorizationServer } from '../../src/engine/server/authorization-server.js'
import { serverName } from '../../src/engine/server/server-name.js'
import type { ServerSettings } from '../../src/engine/server/settings.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import { printForm } from '../../src/protocol/http/form.js'
import type { PlainRequest, PlainResponse } from '../../src/protocol/http/message.js'
import type { SignedInUser } from '../../src/protocol/launch/launch-context.js'
import type { SmartPolicy } from '../../src/protocol/policy/policy.js'
import { parse } from '../../src/scopes/parse.js'

export const issuer = 'https://ehr.example'
export const fhirBaseUrl = 'https://ehr.example/fhir'
/** The keys of the store under which the server of a world keeps what it has. */
export const fixtureServer = serverName({ issuer, fhirBaseUrl })
export const grantKeyOf = (grantId: string): string => grantKey(fixtureServer, grantId)

export const redirectUri = 'https://app.example/cb'

export const sha256 = (text: string): string => createHash('sha256').update(text).digest('base64url')

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })

const encoded = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

const signed = (header: unknown, claims: unknown): string => {
  const text = `${encoded(header)}.${encoded(claims)}`
  return `${text}.${sign('sha256', Buffer.from(text), privateKey).toString('base64url')}`
}

/** Keys on Node's synchronous cryptography. */
export const synchronousKeys: Keys = {
  digest: (text) => Task.of(sha256(text)),
  mac: (covered) => {
    const text = covered('k1')
    return TaskEither.right(`${text}.${createHmac('sha256', 'secret').update(text).digest('base64url')}`)
  },
  verifyMac: (keyId, covered, presented) =>
    TaskEither.right(
      keyId === 'k1' && createHmac('sha256', 'secret').update(covered).digest('base64url') === presented
    ),
  signIdToken: (claims) => TaskEither.right(signed({ alg: 'RS256', kid: 'id1', typ: 'JWT' }, claims)),
  signAccessToken: (claims) => TaskEither.right(signed({ alg: 'RS256', kid: 'id1', typ: 'at+jwt' }, claims)),
  verifyAccessToken: (token) => {
    const [header = '', claims = '', signature = ''] = token.split('.')
    const genuine =
      header === encoded({ alg: 'RS256', kid: 'id1', typ: 'at+jwt' }) &&
      verify('sha256', Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))
    return TaskEither.right(
      genuine ? Option.some(JSON.parse(Buffer.from(claims, 'base64url').toString()) as unknown) : Option.none
    )
  },
  verifyAssertion: (key, alg, text) => {
    const [header = '', claims = '', signature = ''] = text.split('.')
    if (key === null) return TaskEither.right(false)
    const hash = `sha${alg.slice(2)}`
    const input = {
      key: createPublicKey({ key: key as JsonWebKey, format: 'jwk' }),
      ...(alg.startsWith('ES') ? { dsaEncoding: 'ieee-p1363' as const } : {})
    }
    return TaskEither.right(
      verify(hash, Buffer.from(`${header}.${claims}`), input, Buffer.from(signature, 'base64url'))
    )
  },
  publicKeys: TaskEither.right([{ ...publicKey.export({ format: 'jwk' }), kid: 'id1', use: 'sig', alg: 'RS256' }])
}

export const everything =
  'launch launch/patient launch/encounter openid fhirUser offline_access online_access patient/*.rs user/*.rs'

export const clients: ReadonlyArray<RegisteredClient> = [
  {
    clientId: 'pub-app',
    clientName: 'Public App',
    redirectUris: [redirectUri],
    launchUris: ['https://app.example/launch'],
    scope: parse(everything),
    grantTypes: ['authorization_code', 'refresh_token'],
    tokenEndpointAuthMethod: 'none',
    secretDigests: [],
    applicationType: 'web'
  },
  {
    clientId: 'sym-app',
    clientName: 'Confidential App',
    redirectUris: [redirectUri],
    launchUris: [],
    scope: parse(everything),
    grantTypes: ['authorization_code', 'refresh_token'],
    tokenEndpointAuthMethod: 'client_secret_basic',
    secretDigests: [sha256('s3cret:%')],
    applicationType: 'web'
  },
  {
    clientId: 'native-app',
    clientName: 'Native App',
    redirectUris: ['http://127.0.0.1/cb'],
    launchUris: [],
    scope: parse(everything),
    grantTypes: ['authorization_code'],
    tokenEndpointAuthMethod: 'none',
    secretDigests: [],
    applicationType: 'native'
  }
]

export const alice: SignedInUser = { sub: 'alice', fhirUser: 'Practitioner/p1', authTime: 1000 }

/** The world and the handles to move it. */
export interface Fixture {
  readonly server: AuthorizationServer
  readonly memory: MemoryStore
  readonly audited: Array<AuditEvent>
  readonly clock: { now: number }
  /** Whether the users' sessions last. */
  readonly online: { now: boolean }
  readonly ports: Ports
}

/** What may be different in a world. */
export interface FixtureOptions {
  readonly policy?: Partial<SmartPolicy>
  readonly settings?: Partial<ServerSettings>
  /** Wraps the store: to count, to delay, to fail. */
  readonly store?: (memory: MemoryStore) => Store
  readonly ports?: Partial<Ports>
}

/** A new world at second 1000. */
export const newFixture = (options: FixtureOptions = {}): Fixture => {
  const clock = { now: 1000 }
  const online = { now: true }
  let generated = 0
  const audited: Array<AuditEvent> = []
  const memory = memoryStore({ now: () => clock.now })
  const ports: Ports = {
    store: options.store?.(memory) ?? memory,
    clients: memoryClients(clients),
    clock: { now: () => clock.now },
    random: { token: () => sha256(`random ${String(generated++)}`) },
    keys: synchronousKeys,
    accessPolicy: { permittedScopes: (_user, _client, requested) => TaskEither.right(requested) },
    clientKeys: noClientKeys,
    users: { isOnline: () => TaskEither.fromIO(() => online.now) },
    audit: {
      record: (event) => () => {
        audited.push(event)
      }
    },
    ...options.ports
  }
  const server = authorizationServer(
    {
      issuer,
      fhirBaseUrl,
      ...options.settings,
      features: { onlineAccess: true, ...options.settings?.features },
      policy: { ...options.policy }
    },
    ports
  )
  if (Either.isLeft(server)) throw new Error(JSON.stringify(server.left))
  return { server: server.right, memory, audited, clock, online, ports }
}

export const verifier = 'verifier-'.padEnd(43, 'x')

/** Parameters that differ; null leaves one out. */
export type Change = Readonly<Record<string, string | null>>

/** As pairs; `null` leaves a parameter out. */
export const present = (parameters: Change): ReadonlyArray<readonly [string, string]> =>
  Object.entries(parameters).flatMap(([name, value]) => (value === null ? [] : [[name, value] as const]))

/** The parameters of a good authorization request; `null` leaves one out. */
export const authorizationParameters = (change: Change = {}): ReadonlyArray<readonly [string, string]> =>
  present({
    client_id: 'pub-app',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'launch/patient openid fhirUser offline_access patient/*.rs',
    state: 'state-1',
    aud: fhirBaseUrl,
    code_challenge: sha256(verifier),
    code_challenge_method: 'S256',
    ...change
  })

export const get = (path: string, query = '', headers: Readonly<Record<string, string>> = {}): PlainRequest => ({
  method: 'GET',
  path,
  query,
  headers,
  body: ''
})

export const post = (
  path: string,
  parameters: ReadonlyArray<readonly [string, string]>,
  headers: Readonly<Record<string, string>> = {}
): PlainRequest => ({
  method: 'POST',
  path,
  query: '',
  headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: printForm(parameters)
})

export const authorize = (fixture: Fixture, change: Change = {}): Promise<Conversation> =>
  fixture.server.endpoints.authorize(get('/authorize', printForm(authorizationParameters(change))))()

/** Where a conversation sends the app: the parameters of the redirect. */
export const redirected = (conversation: Conversation): URLSearchParams | null => {
  if (conversation._tag !== 'SendToApp') return null
  const location = conversation.response.headers['location']
  return new URLSearchParams(typeof location === 'string' ? location.slice(location.indexOf('?') + 1) : '')
}

/** Goes through the whole conversation as alice with patient 123, and gives the code. */
export const obtainCode = async (fixture: Fixture, change: Change = {}): Promise<string> => {
  let conversation = await authorize(fixture, change)
  while (conversation._tag !== 'SendToApp') {
    if (conversation._tag === 'ShowRefusal') throw new Error(conversation.refusal._tag)
    const { interaction, details } = conversation
    conversation = await (
      conversation._tag === 'NeedsUser'
        ? fixture.server.interaction.userSignedIn(interaction, alice)
        : conversation._tag === 'NeedsContext'
          ? fixture.server.interaction.contextChosen(interaction, { patient: '123', encounter: 'e1' })
          : fixture.server.interaction.consentGiven(interaction, details.scopes)
    )()
  }
  const code = redirected(conversation)?.get('code')
  if (code === null || code === undefined) throw new Error(redirected(conversation)?.toString())
  return code
}

export const exchange = (
  fixture: Fixture,
  code: string,
  change: Change = {},
  headers: Readonly<Record<string, string>> = {}
): Promise<PlainResponse> =>
  fixture.server.endpoints.token(
    post(
      '/token',
      present({
        grant_type: 'authorization_code',
        code,
        redirect_uri: redirectUri,
        code_verifier: verifier,
        client_id: 'pub-app',
        ...change
      }),
      headers
    )
  )()

export const refresh = (
  fixture: Fixture,
  refreshToken: string,
  change: Change = {},
  headers: Readonly<Record<string, string>> = {}
): Promise<PlainResponse> =>
  fixture.server.endpoints.token(
    post(
      '/token',
      present({
        grant_type: 'refresh_token',
        refresh_token: refreshToken,
        client_id: 'pub-app',
        ...change
      }),
      headers
    )
  )()

export const bodyOf = (response: PlainResponse): Readonly<Record<string, unknown>> =>
  JSON.parse(response.body) as Readonly<Record<string, unknown>>

/** Whether an access token is alive. */
export const isAlive = async (fixture: Fixture, accessToken: string): Promise<boolean> =>
  (await fixture.server.resource.bearer(get('/fhir/Patient/123', '', { authorization: `Bearer ${accessToken}` }))())
    ._tag === 'Right'
