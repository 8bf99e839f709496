/** What the attacks on the token endpoint share: who asks, and what every refusal must look like. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import { allClients, asserted, inactive, introspect } from './server/callers.js'
import type { Change, Fixture, FixtureOptions } from './server-fixture.js'
import {
  bodyOf,
  everything,
  exchange,
  get,
  grantKeyOf,
  isAlive,
  issuer,
  newFixture,
  obtainCode,
  post,
  present,
  redirectUri,
  refresh
} from './server-fixture.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import type { Clients, Store } from '../../src/engine/ports.js'
import { authorizationServer } from '../../src/engine/server/authorization-server.js'
import type { RegisteredClient } from '../../src/protocol/client/client.js'
import type { PlainResponse } from '../../src/protocol/http/message.js'
import { parse } from '../../src/scopes/parse.js'

/** A second address of the public app. */
export const secondUri = 'https://app.example/cb2'

/**
 * The clients: the public app with two addresses, and another public app that could redeem and refresh if it were its
 * turn.
 */
export const tokenClients: ReadonlyArray<RegisteredClient> = allClients.map((client) => {
  switch (client.clientId) {
    case 'pub-app':
      return { ...client, redirectUris: [redirectUri, secondUri] }
    case 'other-app':
      return {
        ...client,
        redirectUris: [redirectUri],
        scope: parse(everything),
        grantTypes: ['authorization_code', 'refresh_token'],
        tokenEndpointAuthMethod: 'none',
        secretDigests: []
      }
    default:
      return client
  }
})

/** A register from which clients can be struck off. */
export const closableClients = (): { readonly clients: Clients; readonly close: (clientId: string) => void } => {
  const box = { clients: memoryClients(tokenClients) }
  return {
    clients: {
      find: (clientId) => () => box.clients.find(clientId)(),
      isRegisteredOrigin: (origin) => () => box.clients.isRegisteredOrigin(origin)()
    },
    close: (closed) => {
      box.clients = memoryClients(tokenClients.filter(({ clientId }) => clientId !== closed))
    }
  }
}

/** The world of these attacks. */
export const withTokenClients = (options: FixtureOptions = {}): FixtureOptions => ({
  ...options,
  ports: { clients: memoryClients(tokenClients), ...options.ports }
})

export const tokenWorld = (options: FixtureOptions = {}): Fixture => newFixture(withTokenClients(options))

/** RFC 6749, section 5.2: what the members of an error may be written with. */
const errorText = /^[\x20\x21\x23-\x5b\x5d-\x7e]*$/

/** A refusal of the token endpoint: status, error, no cache, printable words, and nothing else. */
export const expectRefused = (response: PlainResponse, status: number, error: string): void => {
  const body = bodyOf(response)
  expect([response.status, body['error']]).toEqual([status, error])
  expect([response.headers['cache-control'], response.headers['pragma']]).toEqual(['no-store', 'no-cache'])
  expect(Object.keys(body).toSorted()).toEqual(['error', 'error_description', 'error_uri'])
  for (const member of Object.values(body)) expect(member).toMatch(errorText)
}

/** The last entry of the log. */
export const lastRefusal = (fixture: Fixture): string | undefined => fixture.audited.at(-1)?.refusal?._tag

/** A member of an answer, as text. */
export const textOf = (response: PlainResponse, name: string): string => {
  const value = bodyOf(response)[name]
  expect(typeof value, `${name} of ${response.body}`).toBe('string')
  return String(value)
}

/**
 * Whatever these tokens were, they are nothing now: not at the FHIR server, not at introspection, not at the token
 * endpoint.
 */
export const expectDead = async (
  fixture: Fixture,
  tokens: { readonly access?: string; readonly refresh?: string }
): Promise<void> => {
  if (tokens.access !== undefined) {
    expect(await isAlive(fixture, tokens.access)).toBe(false)
    expect(await introspect(fixture, tokens.access)).toEqual(inactive)
  }
  if (tokens.refresh !== undefined) expectRefused(await refresh(fixture, tokens.refresh), 400, 'invalid_grant')
}

/** What a bearer may do, or the tag of the refusal. */
export const bearerOf = async (fixture: Fixture, token: string): Promise<unknown> => {
  const facts = await fixture.server.resource.bearer(
    get('/fhir/Patient/123', '', { authorization: `Bearer ${token}` })
  )()
  return Either.isLeft(facts) ? facts.left._tag : facts.right
}

/** The scope that the FHIR server sees behind a token. */
export const scopeBehind = async (fixture: Fixture, token: string): Promise<string> => {
  const facts = await fixture.server.resource.bearer(
    get('/fhir/Patient/123', '', { authorization: `Bearer ${token}` })
  )()
  if (Either.isLeft(facts)) throw new Error(facts.left._tag)
  return facts.right.scopes.map(({ text }) => text).join(' ')
}

/** Another process on the same store. */
export const otherProcess = (fixture: Fixture): Fixture => {
  const built = authorizationServer(
    { issuer, fhirBaseUrl: fixture.server.facts.fhirBaseUrl, policy: fixture.server.policy },
    fixture.ports
  )
  if (Either.isLeft(built)) throw new Error(JSON.stringify(built.left))
  return { ...fixture, server: built.right }
}

/** A store that counts its calls. */
export const counting = (): { readonly store: (memory: Store) => Store; readonly requests: Array<string> } => {
  const requests: Array<string> = []
  return {
    requests,
    store: (memory) => ({
      load: (key) => {
        requests.push(`load ${key}`)
        return memory.load(key)
      },
      swap: (key, ...rest) => {
        requests.push(`swap ${key}`)
        return memory.swap(key, ...rest)
      }
    })
  }
}

/**
 * The store without what is remembered of assertions: whoever authenticates by one leaves its mark, whatever comes of
 * it.
 */
export const withoutMarks = (fixture: Fixture): ReadonlyArray<readonly [string, string]> =>
  fixture.memory
    .entries()
    .filter(([key]) => !key.startsWith('jti:'))
    .toSorted(([a], [b]) => (a < b ? -1 : 1))

/** Does something, and asserts that no record of the store is another than before, marks of assertions aside. */
export const leavesOnlyMarks = async <Outcome>(fixture: Fixture, act: () => Promise<Outcome>): Promise<Outcome> => {
  const before = withoutMarks(fixture)
  const outcome = await act()
  expect(withoutMarks(fixture)).toEqual(before)
  return outcome
}

/** A backend service asks; null leaves a parameter out. */
export const askAsBackend = (fixture: Fixture, change: Change = {}, clientId = 'backend'): Promise<PlainResponse> =>
  fixture.server.endpoints.token(
    post(
      '/token',
      present({
        grant_type: 'client_credentials',
        scope: 'system/Observation.rs',
        ...asserted(fixture, clientId, `${issuer}/token`),
        ...change
      })
    )
  )()

/** The tokens of one launch, and the answer that brought them. */
export interface Launched {
  readonly code: string
  readonly grantId: string
  readonly access: string
  readonly refresh: string
  readonly response: PlainResponse
}

/** Launches the public app. */
export const launched = async (
  fixture: Fixture,
  scope = 'launch/patient openid fhirUser offline_access patient/*.rs',
  change: Change = {}
): Promise<Launched> => {
  const code = await obtainCode(fixture, { scope, ...change })
  const response = await exchange(
    fixture,
    code,
    change['redirect_uri'] === undefined ? {} : { redirect_uri: change['redirect_uri'] }
  )
  expect(response.status).toBe(200)
  return {
    code,
    grantId: code.split('.')[0] ?? '',
    access: textOf(response, 'access_token'),
    refresh: String(bodyOf(response)['refresh_token']),
    response
  }
}

/** The stored record of a grant. */
export const recordOf = (fixture: Fixture, grantId: string): Readonly<Record<string, unknown>> => {
  const text = fixture.memory.entries().find(([key]) => key === grantKeyOf(grantId))?.[1]
  return text === undefined ? {} : (JSON.parse(text) as Readonly<Record<string, unknown>>)
}
