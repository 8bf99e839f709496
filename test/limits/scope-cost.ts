import {
  newFixture,
  authorize,
  bodyOf,
  clients,
  exchange,
  obtainCode,
  redirected,
  refresh
} from '../support/server-fixture.js'
import type { Fixture } from '../support/server-fixture.js'
import { register, registrationWorld, webApp } from '../support/client/registration.js'
import type { ShownLimit } from './shown.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import { readConfig } from '../../src/simulator/config/config.js'
import type { Conversation } from '../../src/engine/server/interaction/conversation.js'
import { certify, normalize, parse, subsumption } from '../../src/scopes/index.js'
import { limits } from '../../src/values/limits/limits.js'

const list = (size: number, one: (place: number) => string, separator = ' '): string =>
  Array.from({ length: size }, (_, place) => one(place)).join(separator)

/** A scope of so many pieces: one permission, and one value for each. */
const pieces = (size: number): string => `patient/Observation.r?code=${list(size, String, ',')}`

/** A scope of exactly so many characters, of short scopes that differ. */
const characters = (size: number): string => {
  const text = list(
    Math.ceil(size / 30),
    (place) => `patient/Observation.rs?code=${String(place).padStart(8, '0')}`
  ).slice(0, size - 40)
  return `${text.slice(0, text.lastIndexOf(' '))} patient/Observation.rs?code=x`.padEnd(size, 'x')
}

const reportedOf = (conversation: Conversation): string => redirected(conversation)?.get('error') ?? 'within'

const registeredFor = (scope: string) => ({
  clients: memoryClients(clients.map((client) => ({ ...client, scope: parse(`${scope} offline_access patient/*.rs`) })))
})

const refreshed = async (fixture: Fixture, granted: string, requestedScope: string): Promise<string> => {
  const tokens = bodyOf(await exchange(fixture, await obtainCode(fixture, { scope: granted })))
  const answer = bodyOf(await refresh(fixture, String(tokens['refresh_token']), { scope: requestedScope }))
  return 'error' in answer ? String(answer['error']) : 'within'
}

/** The bounds of scopes. */
export const scopeCostLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'scopePieces',
    at: 'subsumes',
    run: (size) =>
      Promise.resolve(
        subsumption(parse('patient/*.rs'), parse(pieces(size)))._tag === 'Left' ? 'TooComplex' : 'within'
      ),
    peerResponse: 'TooComplex'
  },
  {
    limit: 'scopePieces',
    at: 'the authorization endpoint',
    // 142 values of one clause with so many of another. The registration is counted with the request, and what stands
    // beside the scope.
    sizes: [140, 141],
    run: async (size) =>
      reportedOf(
        await authorize(newFixture(), {
          scope:
            `launch/patient patient/Observation.r?code=${list(142, String, ',')}&category=` + list(size, String, ',')
        })
      ),
    peerResponse: 'invalid_scope'
  },
  {
    limit: 'scopePieces',
    at: 'the authorization endpoint, by the clauses of one scope',
    // Each pair of clauses counts, and what the client is registered for.
    sizes: [190, 4000],
    run: async (size) =>
      reportedOf(
        await authorize(newFixture(), {
          scope: `launch/patient patient/Observation.r?${list(size, (place) => `code=${String(place)}`, '&')}`
        })
      ),
    peerResponse: 'invalid_scope'
  },
  {
    limit: 'scopePieces',
    at: 'the token endpoint, by the clauses of one scope',
    sizes: [190, 4000],
    run: (size) =>
      refreshed(
        newFixture(),
        'launch/patient offline_access patient/Observation.rs',
        `patient/Observation.r?${list(size, (place) => `code=${String(place)}`, '&')}`
      ),
    peerResponse: 'invalid_scope'
  },
  {
    limit: 'scopeComparisons',
    // Each has all names of the others but one: all are looked at, and none covers another.
    sizes: [100, 900],
    run: (size) => {
      const scope = list(
        size,
        (place) =>
          'patient/Observation.r?' +
          list(11, (bit) => (place & (1 << bit) ? `a${String(bit)}=1` : ''), '&').replace(/^&+|&+$|&(?=&)/g, '') +
          `&z=${String(place)}`
      )
      const [granted, requestedScope] = [
        scope.replaceAll('?&', '?'),
        `patient/Observation.r?${list(11, (bit) => `a${String(bit)}=1`, '&')}&z=`
      ]
      const normal = normalize(parse(`${granted} ${list(size, (place) => `${requestedScope}x${String(place)}`)}`), {
        budget: 2 * limits.scopePieces.default
      })
      return Promise.resolve(normal._tag === 'Left' ? 'TooComplex' : 'within')
    },
    peerResponse: 'TooComplex'
  },
  {
    limit: 'scopeComparisons',
    at: 'a certificate, by the clauses of a granted scope',
    // Each of 2,000 atoms names every clause of the granted scope.
    sizes: [500, 501],
    run: (size) => {
      const granted = parse(`patient/Observation.r?${list(size, () => 'code=a', '&')}`)
      const requested = parse(`patient/Observation.r?code=a&category=${list(2000, String, ',')}`)
      const certified = certify(granted, requested)
      return Promise.resolve(certified._tag === 'Left' ? certified.left._tag : 'within')
    },
    peerResponse: 'TooComplex'
  },
  {
    limit: 'registeredScopePieces',
    at: 'the registration endpoint',
    run: async (size) => {
      const answer = await register(newFixture(registrationWorld({ scope: 'patient/*.rs' })), {
        ...webApp,
        scope: pieces(size)
      })
      return answer.status === 201 ? 'within' : String(bodyOf(answer)['error'])
    },
    peerResponse: 'invalid_client_metadata'
  },
  {
    limit: 'registeredScopePieces',
    at: 'the configuration of the simulator',
    run: (size) => {
      const config = readConfig(
        JSON.stringify({
          clients: [
            {
              client_id: 'a',
              redirect_uris: ['https://app.example/cb'],
              token_endpoint_auth_method: 'none',
              scope: pieces(size)
            }
          ]
        })
      )
      return Promise.resolve(config._tag === 'Left' ? config.left.path : 'within')
    },
    peerResponse: 'clients[0].scope'
  },
  {
    limit: 'tokenScope',
    at: 'a token that is narrower than its grant',
    run: (size) =>
      refreshed(
        newFixture({ ports: registeredFor(characters(size)) }),
        `launch/patient offline_access ${characters(size)}`,
        characters(size)
      ),
    peerResponse: 'invalid_scope'
  },
  {
    limit: 'tokenScope',
    at: 'a JWT',
    run: async (size) =>
      reportedOf(
        await authorize(newFixture({ policy: { accessTokenFormat: 'jwt' }, ports: registeredFor(characters(size)) }), {
          scope: characters(size)
        })
      ),
    peerResponse: 'invalid_scope'
  }
]
