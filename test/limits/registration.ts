import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { register, registrationWorld, webApp } from '../support/client/registration.js'
import { bodyOf, newFixture } from '../support/server-fixture.js'
import { readJwks } from '../../src/protocol/jwt/jwk.js'
import { limits } from '../../src/values/limits/limits.js'
import type { LimitName } from '../../src/values/limits/limits.js'
import type { ShownLimit } from './shown.js'

const outcomeOf = async (metadata: unknown): Promise<string> => {
  const answer = await register(newFixture(registrationWorld()), metadata)
  return answer.status === 201 ? 'within' : `${String(answer.status)} ${String(bodyOf(answer)['error'])}`
}

const addressOf = (length: number): string => 'https://new.example/'.padEnd(length, 'x')

const addresses = (count: number): ReadonlyArray<string> =>
  Array.from({ length: count }, (_, index) => addressOf(30 + index))

/** The bits of a number of that many bits, in base64url. */
const numberOf = (bits: number): string => {
  const hex = ((1n << BigInt(bits)) - 1n).toString(16)
  return Buffer.from(hex.length % 2 === 0 ? hex : `0${hex}`, 'hex').toString('base64url')
}

const keyOf = (kid: string, change: object = {}): object => ({
  kty: 'RSA',
  kid,
  n: numberOf(2048),
  e: 'AQAB',
  ...change
})

const ec = (kid: string): object => ({ kty: 'EC', crv: 'P-256', kid, x: 'x'.repeat(43), y: 'y'.repeat(43) })

const withKeys = (...keys: ReadonlyArray<object>): object => ({
  ...webApp,
  token_endpoint_auth_method: 'private_key_jwt',
  jwks: { keys }
})

const metadataRow = (
  limit: LimitName,
  at: string,
  metadata: (size: number) => unknown,
  response = '400 invalid_client_metadata'
): ShownLimit => ({ limit, at, run: (size) => outcomeOf(metadata(size)), peerResponse: response })

/** How many of some registrations are refused when there are `size` in one hour, or at all. */
const registering =
  (limit: 'limitPerHour' | 'limitKept') =>
  async (size: number): Promise<string> => {
    const fixture = newFixture(registrationWorld({ limitPerHour: limits.registrationsKept.default, [limit]: 3 }))
    const answers: Array<number> = []
    for (let count = 0; count < size; count++) answers.push((await register(fixture, webApp)).status)
    return answers.includes(429) ? '429' : 'within'
  }

/** The bounds of registration. */
export const registrationLimits: ReadonlyArray<ShownLimit> = [
  metadataRow(
    'registrationBody',
    'register',
    (size) => {
      const text = JSON.stringify({ ...webApp, other: '' })
      return text.replace('"other":""', `"other":"${'x'.repeat(size - text.length)}"`)
    },
    '413 invalid_request'
  ),
  metadataRow('registeredName', 'register', (size) => ({ ...webApp, client_name: 'x'.repeat(size) })),
  metadataRow(
    'registeredAddresses',
    'redirect_uris',
    (size) => ({ ...webApp, redirect_uris: addresses(size) }),
    '400 invalid_redirect_uri'
  ),
  metadataRow('registeredAddresses', 'launch_uris', (size) => ({ ...webApp, launch_uris: addresses(size) })),
  metadataRow(
    'registeredAddress',
    'redirect_uris',
    (size) => ({ ...webApp, redirect_uris: [addressOf(size)] }),
    '400 invalid_redirect_uri'
  ),
  ...(['launch_uris', 'jwks_uri', 'client_uri', 'logo_uri', 'policy_uri', 'tos_uri'] as const).map((member) =>
    metadataRow('registeredAddress', member, (size) => ({
      ...webApp,
      ...(member === 'jwks_uri' ? { token_endpoint_auth_method: 'private_key_jwt' } : {}),
      [member]: member === 'launch_uris' ? [addressOf(size)] : addressOf(size)
    }))
  ),
  metadataRow('registeredKeys', 'register', (size) =>
    withKeys(...Array.from({ length: size }, (_, index) => ec(String(index))))
  ),
  {
    limit: 'registeredKeys',
    at: 'a published set',
    peerResponse: 'no JWK Set',
    run: (size) =>
      Promise.resolve(
        readJwks({ keys: Array.from({ length: size }, (_, index) => ec(String(index))) }) === null
          ? 'no JWK Set'
          : 'within'
      )
  },
  metadataRow('keyOperations', 'register', (size) =>
    withKeys(keyOf('a', { key_ops: Array.from({ length: size }, () => 'verify') }))
  ),
  metadataRow('keyModulus', 'register', (size) => withKeys(keyOf('a', { n: numberOf(size) }))),
  metadataRow('keyExponent', 'register', (size) => withKeys(keyOf('a', { e: numberOf(size) }))),
  {
    limit: 'registrationsPerHour',
    at: 'a setting of three',
    sizes: [3, 4],
    run: registering('limitPerHour'),
    peerResponse: '429'
  },
  {
    limit: 'registrationsPerHour',
    peerResponse: '429',
    run: async (size) => {
      const fixture = newFixture(registrationWorld())
      for (let count = 1; count < size; count++) await register(fixture, webApp)
      return (await register(fixture, webApp)).status === 201 ? 'within' : '429'
    }
  },
  {
    limit: 'registrationLosses',
    peerResponse: '503 temporarily_unavailable',
    run: async (size) => {
      let losses = size
      const fixture = newFixture({
        ...registrationWorld(),
        store: (memory) => ({
          ...memory,
          swap: (...write) => (losses-- > 0 ? TaskEither.right('lost' as const) : memory.swap(...write))
        })
      })
      const answer = await register(fixture, webApp)
      return answer.status === 201 ? 'within' : `${String(answer.status)} ${String(bodyOf(answer)['error'])}`
    }
  },
  {
    limit: 'registrationsKept',
    at: 'a setting of three',
    sizes: [3, 4],
    run: registering('limitKept'),
    peerResponse: '429'
  }
]
