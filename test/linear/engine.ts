import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { times, word } from './inputs.js'
import type { LinearRow } from './row.js'
import { begin, consent, newParties } from '../support/app/parties.js'
import type { PartyOptions } from '../support/app/parties.js'
import { register, registered, registrationWorld, webApp } from '../support/client/registration.js'
import { newFixture, fixtureServer } from '../support/server-fixture.js'
import type { Fixture, FixtureOptions } from '../support/server-fixture.js'
import { withStoredClients } from '../../src/engine/server/registration/stored-clients.js'
import { asRegisteredClient, registrationJson, StoredClientCodec } from '../../src/protocol/client/stored-client.js'
import type { Registered } from '../../src/protocol/client/stored-client.js'

const app = (place: number) => ({ ...webApp, redirect_uris: [`https://a${word(place)}.example/cb`], launch_uris: [] })

type StoreOf = NonNullable<FixtureOptions['store']>

const open = (store: StoreOf = (memory) => memory): Fixture =>
  newFixture({ ...registrationWorld({ limitPerHour: 100_000, limitKept: 100_000 }), store })

/** A world in which so many clients have registered, and the first of their ids. */
const registeredIn = async (size: number, store?: StoreOf): Promise<readonly [fixture: Fixture, clientId: string]> => {
  const fixture = open(store)
  const first = registered(await register(fixture, app(0)))
  for (let place = 1; place < size; place++) await register(fixture, app(place))
  return [fixture, String(first['client_id'])]
}

const stored = (size: number): Registered => ({
  _tag: 'Registered',
  clientId: 'c',
  writeId: 'a',
  recordExpiresAt: 9000,
  issuedAt: 0,
  hasInitialAccessToken: false,
  clientName: '',
  redirectUris: times(size, (place) => `https://app.example/${word(place)}`),
  launchUris: times(size, (place) => `https://app.example/l${word(place)}`),
  scope: times(size, (place) => `patient/T${word(place)}.rs`).join(' '),
  grantTypes: ['authorization_code'],
  tokenEndpointAuthMethod: 'client_secret_basic',
  applicationType: 'web',
  keys: { _tag: 'Inline', keys: times(size, (place) => ({ kty: 'EC', kid: word(place) })) },
  secrets: times(size, (place) => ({ digest: word(place), until: place % 2 === 0 ? null : 10 })),
  managementDigest: 'd'
})

const preflight = (fixture: Fixture, origin: string, requestedScope = 'authorization'): Promise<unknown> => {
  const headers = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': requestedScope }
  const answer = fixture.server.endpoints.protocol({ method: 'OPTIONS', path: '/token', query: '', headers, body: '' })
  return answer._tag === 'None' ? Promise.reject(new Error('not there')) : answer.value()
}

/** The way back of a browser into the app, with so many of something. */
const callback =
  (
    change: (size: number) => { readonly query?: string; readonly launches?: number; readonly parties?: PartyOptions }
  ): LinearRow['of'] =>
  async (size) => {
    const { query: more = '', launches = 1, parties: options = {} } = change(size)
    const parties = newParties(options)
    const { launchId, query } = await begin(parties)
    const back = `${await consent(parties.fixture, query)}${more}`
    const others = times(launches - 1, (place) => `launch ${word(place)}`)
    const redirectUri = 'https://app.example/cb'
    return async () => {
      const ended = await parties.app.callback({
        launchIds: [...others, launchId],
        query: back,
        redirectUri,
        arrivedAt: `${redirectUri}?${back}`
      })()
      if (Either.isLeft(ended)) throw new Error(ended.left._tag)
    }
  }

/** Changes the answer of the token endpoint. */
const tokens = (change: object): PartyOptions => ({
  tamper: (request, response) =>
    request.method === 'POST'
      ? { ...response, body: JSON.stringify({ ...(JSON.parse(response.body) as object), ...change }) }
      : response
})

/** What is done about as many clients in a store. */
export const manyClients = (store?: StoreOf): ReadonlyArray<LinearRow> => [
  {
    name: 'the register: as many registrations',
    size: 500,
    of: (size) => {
      const fixture = open(store)
      return async () => {
        for (let place = 0; place < size; place++) registered(await register(fixture, app(place)))
      }
    }
  },
  {
    name: 'the register: a client among many is found again and again',
    of: async (size) => {
      const [fixture, clientId] = await registeredIn(size, store)
      const { find } = withStoredClients(fixtureServer, fixture.ports)
      return async () => {
        for (let place = 0; place < size; place++) {
          const found = await find(clientId)()
          if (Either.isLeft(found) || Option.isNone(found.right)) throw new Error('not found')
        }
      }
    }
  },
  {
    name: 'preflights of as many registered pages',
    of: async (size) => {
      const [fixture] = await registeredIn(size, store)
      return async () => {
        for (let place = 0; place < size; place++) await preflight(fixture, `https://a${word(place)}.example`)
      }
    }
  }
]

/** What the engine does for one request and for many, over a store. */
export const engineRows: ReadonlyArray<LinearRow> = [
  ...manyClients(),
  {
    name: 'the register: as many addresses',
    size: 10,
    of: (size) => {
      const fixture = open()
      const metadata = {
        ...webApp,
        redirect_uris: times(size, (place) => `https://a${word(place)}.example/${'x'.repeat(500)}`)
      }
      return async () => registered(await register(fixture, metadata))
    }
  },
  {
    name: 'a stored client that is read',
    of: (size) => {
      const text = JSON.stringify(stored(size))
      return () => StoredClientCodec.decode(JSON.parse(text))
    }
  },
  {
    name: 'a stored client as the machines know it, and as it is returned',
    of: (size) => {
      const client = stored(size)
      return () => [asRegisteredClient(client, 5), registrationJson(client)]
    }
  },
  {
    name: 'a preflight from a long origin',
    size: 140,
    of: (size) => {
      const fixture = open()
      return () => preflight(fixture, `https://${'a'.repeat(size)}`)
    }
  },
  {
    name: 'a preflight that asks for many header fields',
    of: (size) => {
      const fixture = open()
      return () => preflight(fixture, 'https://app.example', times(size, word).join(', '))
    }
  },
  {
    name: "the app's callback with many parameters",
    of: callback((size) => ({ query: times(size, (place) => `&p${word(place)}=1`).join('') }))
  },
  {
    name: "the app's callback in a browser with many launches",
    size: 10,
    of: callback((size) => ({ launches: size }))
  },
  {
    name: "the app's callback, and a token answer with a long scope",
    of: callback((size) => ({
      parties: tokens({ scope: `openid ${times(size, (place) => `patient/T${word(place)}.rs`).join(' ')}` })
    }))
  },
  {
    name: "the app's callback, and a token answer with a large context",
    of: callback((size) => ({
      parties: tokens({ fhirContext: times(size, (place) => ({ reference: `Observation/${word(place)}` })) })
    }))
  },
  {
    name: "the app's callback, and a token response with unknown members",
    of: callback((size) => ({
      parties: tokens(Object.fromEntries(times(size, (place) => [`m${word(place)}`, { a: place }])))
    }))
  }
]
