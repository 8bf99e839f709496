/** Registration: what a client is at the server, however it came to be known. */
import * as Either from 'fp-ts/lib/Either.js'
import { expect } from 'vitest'
import type { Area } from './matrix.js'
import { outside, row } from './matrix.js'
import { manage, register, registered, registrationWorld, webApp } from '../support/client/registration.js'
import {
  authorize,
  bodyOf,
  clients,
  exchange,
  newFixture,
  obtainCode,
  redirected,
  sha256
} from '../support/server-fixture.js'
import { memoryClients } from '../../src/adapters/memory-clients.js'
import type { CheckedMetadata } from '../../src/protocol/client/metadata.js'
import { checkMetadata } from '../../src/protocol/client/metadata.js'

const strict = { allowLoopback: false }

const accepted = (metadata: unknown): CheckedMetadata => {
  const checked = checkMetadata(metadata, strict)
  if (Either.isLeft(checked)) throw new Error(JSON.stringify(checked.left))
  return checked.right
}

const errorOf = async (metadata: unknown): Promise<unknown> =>
  bodyOf(await register(newFixture(registrationWorld()), metadata))['error']

const asymmetric = { ...webApp, token_endpoint_auth_method: 'private_key_jwt' }
const keys = [{ kty: 'RSA', kid: 'a', n: 'x'.repeat(342), e: 'AQAB' }]

export const registration: Area = {
  area: 'registration',
  shown: [
    row('REG-002', 'launch addresses are registered, absolute and without wildcard or fragment', () => {
      expect(accepted(webApp).launchUris).toEqual(webApp.launch_uris)
      expect(accepted({ ...webApp, launch_uris: [] }).launchUris).toEqual([])
      for (const url of ['/launch', 'https://*.app.example/launch', 'https://app.example/launch#x', 'launch']) {
        expect(checkMetadata({ ...webApp, launch_uris: [url] }, strict)._tag).toBe('Left')
      }
    }),
    row(
      'REG-006 REG-201',
      'a native client may use any port of its loopback address, and nothing else may vary; a switch turns it off',
      async () => {
        const outcome = async (redirectUri: string, loopbackPort: 'anyPort' | 'exact'): Promise<string> =>
          (
            await authorize(newFixture({ policy: { loopbackPort } }), {
              client_id: 'native-app',
              redirect_uri: redirectUri
            })
          )._tag
        expect(await outcome('http://127.0.0.1:5123/cb', 'anyPort')).toBe('NeedsUser')
        expect(await outcome('http://127.0.0.1:5123/cb', 'exact')).toBe('ShowRefusal')
        for (const other of ['http://127.0.0.1:5123/cb2', 'http://127.0.0.2:5123/cb', 'https://127.0.0.1:5123/cb'])
          expect(await outcome(other, 'anyPort')).toBe('ShowRefusal')
      }
    ),
    row('REG-007 REG-016 REG-017', 'an asymmetric client registers a JWK Set or its URL, exactly one of them', () => {
      expect(accepted({ ...asymmetric, jwks: { keys } }).keys).toEqual({ _tag: 'Inline', keys })
      expect(accepted({ ...asymmetric, jwks_uri: 'https://keys.example/jwks' }).keys).toEqual({
        _tag: 'AtUrl',
        url: 'https://keys.example/jwks'
      })
      expect(checkMetadata(asymmetric, strict)._tag).toBe('Left')
    }),
    row('REG-008', 'a symmetric client gets a secret, which is stored as a digest; others get none', async () => {
      const fixture = newFixture(registrationWorld())
      const secret = String(
        registered(await register(fixture, { ...webApp, token_endpoint_auth_method: 'client_secret_basic' }))[
          'client_secret'
        ]
      )
      expect(secret).toMatch(/^[\w-]{43}$/)
      expect(JSON.stringify(fixture.memory.entries())).toContain(sha256(secret))
      expect(registered(await register(fixture, webApp))).not.toHaveProperty('client_secret')
    }),
    row('REG-009 REG-027', 'every registration gives a client_id of its own', async () => {
      const fixture = newFixture(registrationWorld())
      const ids = new Set<unknown>()
      for (let count = 0; count < 50; count++) ids.add(registered(await register(fixture, webApp))['client_id'])
      expect(ids.size).toBe(50)
    }),
    row('REG-010 REG-013', "a client of the host's own register launches like one that registered itself", async () => {
      const fixture = newFixture(registrationWorld())
      expect((await exchange(fixture, await obtainCode(fixture))).status).toBe(200)
      const app = {
        client_id: String(registered(await register(fixture, webApp))['client_id']),
        redirect_uri: 'https://new.example/cb'
      }
      expect((await exchange(fixture, await obtainCode(fixture, app), app)).status).toBe(200)
    }),
    row(
      'REG-102',
      'the members of RFC 7591 are read, unknown ones are ignored, and a wrong type is refused',
      async () => {
        const all = {
          ...webApp,
          response_types: ['code'],
          client_uri: 'https://new.example/',
          logo_uri: 'https://new.example/logo',
          contacts: ['a@new.example'],
          tos_uri: 'https://new.example/tos',
          policy_uri: 'https://new.example/policy',
          software_id: 's',
          software_version: '1',
          unknown: { a: 1 }
        }
        expect(accepted(all)).toEqual(accepted(webApp))
        for (const member of Object.keys(all).filter((name) => name !== 'unknown')) {
          expect(await errorOf({ ...all, [member]: 7 })).toBe(
            member === 'redirect_uris' ? 'invalid_redirect_uri' : 'invalid_client_metadata'
          )
        }
      }
    ),
    row('REG-105', 'what is left out is client_secret_basic, authorization_code and code', async () => {
      const reported = registered(
        await register(newFixture(registrationWorld()), { redirect_uris: webApp.redirect_uris })
      )
      expect(reported).toMatchObject({
        token_endpoint_auth_method: 'client_secret_basic',
        grant_types: ['authorization_code'],
        response_types: ['code']
      })
    }),
    row('REG-106', 'grant types and response types fit, and client_credentials needs private_key_jwt', async () => {
      expect(await errorOf({ ...webApp, response_types: [] })).toBe('invalid_client_metadata')
      expect(await errorOf({ ...webApp, response_types: ['token'] })).toBe('invalid_client_metadata')
      expect(await errorOf({ ...webApp, grant_types: ['client_credentials'] })).toBe('invalid_client_metadata')
      expect(
        await errorOf({
          ...asymmetric,
          redirect_uris: [],
          grant_types: ['client_credentials'],
          response_types: ['code'],
          jwks: { keys }
        })
      ).toBe('invalid_client_metadata')
      expect(
        accepted({ ...asymmetric, redirect_uris: [], grant_types: ['client_credentials'], jwks: { keys } }).grantTypes
      ).toEqual(['client_credentials'])
    }),
    row('REG-108', 'an initial access token is demanded by setting; software statements are refused', async () => {
      const fixture = newFixture(registrationWorld({ mode: 'token', initialAccessTokenDigests: [sha256('initial')] }))
      expect((await register(fixture, webApp)).status).toBe(401)
      expect((await register(fixture, webApp, { authorization: 'Bearer initial' })).status).toBe(201)
      expect(await errorOf({ ...webApp, software_statement: 'x.y.z' })).toBe('invalid_software_statement')
    }),
    row(
      'REG-109',
      'the answer is 201 with the id, everything that was registered, and when a secret ends; no cache keeps it',
      async () => {
        const answer = await register(newFixture(registrationWorld()), {
          ...webApp,
          token_endpoint_auth_method: 'client_secret_basic'
        })
        expect([answer.status, answer.headers['cache-control'], answer.headers['content-type']]).toEqual([
          201,
          'no-store',
          'application/json;charset=UTF-8'
        ])
        expect(bodyOf(answer)).toMatchObject({
          ...webApp,
          token_endpoint_auth_method: 'client_secret_basic',
          client_id: expect.any(String) as string,
          client_secret_expires_at: 0
        })
      }
    ),
    row(
      'REG-110',
      'what the server makes less of, it says: the scope that is shown is the one that is stored',
      async () => {
        const fixture = newFixture(registrationWorld({ scope: 'openid patient/Observation.rs' }))
        const reported = registered(
          await register(fixture, { ...webApp, scope: 'openid launch patient/*.rs system/*.rs' })
        )
        expect(reported['scope']).toBe('openid patient/Observation.rs')
        expect(
          bodyOf(
            await manage(fixture, 'GET', String(reported['client_id']), String(reported['registration_access_token']))
          )['scope']
        ).toBe(reported['scope'])
      }
    ),
    row('REG-111', 'a refusal is 400 with an error of RFC 7591', async () => {
      for (const [change, error] of [
        [{ redirect_uris: ['x'] }, 'invalid_redirect_uri'],
        [{ grant_types: ['password'] }, 'invalid_client_metadata'],
        [{ software_statement: 'x' }, 'invalid_software_statement']
      ] as const) {
        const answer = await register(newFixture(registrationWorld()), { ...webApp, ...change })
        expect([answer.status, bodyOf(answer)['error']]).toEqual([400, error])
      }
    }),
    row('REG-112', 'addresses of unknown clients are checked, and none is fetched when it registers', async () => {
      for (const member of ['logo_uri', 'client_uri', 'policy_uri', 'tos_uri'])
        expect(await errorOf({ ...webApp, [member]: 'http://169.254.169.254/' })).toBe('invalid_client_metadata')
      const fetched: Array<string> = []
      const clientKeys = {
        keysAt: (url: string) => {
          fetched.push(url)
          throw new Error('fetched')
        }
      }
      const fixture = newFixture({ ...registrationWorld(), ports: { clientKeys } })
      registered(await register(fixture, { ...asymmetric, jwks_uri: 'https://keys.example/jwks' }))
      expect(fetched).toEqual([])
    }),
    row('REG-115', 'a native client is public, and its whole redirect address is registered', async () => {
      const native = clients.filter(({ clientId }) => clientId === 'native-app')
      expect(native.map(({ tokenEndpointAuthMethod }) => tokenEndpointAuthMethod)).toEqual(['none'])
      const exact = newFixture({
        ports: {
          clients: memoryClients(native.map((client) => ({ ...client, redirectUris: ['org.app.example:/cb'] })))
        }
      })
      expect((await authorize(exact, { client_id: 'native-app', redirect_uri: 'org.app.example:/cb' }))._tag).toBe(
        'NeedsUser'
      )
      expect((await authorize(exact, { client_id: 'native-app', redirect_uri: 'org.app.example:/cb2' }))._tag).toBe(
        'ShowRefusal'
      )
      expect(
        redirected(
          await authorize(exact, {
            client_id: 'native-app',
            redirect_uri: 'org.app.example:/cb',
            response_type: 'token'
          })
        )?.get('error')
      ).toBe('unsupported_response_type')
    })
  ],
  outside: [
    outside('REG-022', "the host's: how its register of clients is guarded against change"),
    outside('REG-023', "the host's operator: reminding clients that registered keys directly")
  ]
}
