/** Keys and assertions that others published, through our own machine and adapters. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { beforeAll, describe, expect, it } from 'vitest'
import { app, ask, backend, jwkOf, lastRefusal, p256, signParts } from '../../support/client/assertions.js'
import type { Fixture } from '../../support/server-fixture.js'
import { newFixture } from '../../support/server-fixture.js'
import { generateKeyMaterial, joseKeys } from '../../../src/adapters/jose.js'
import { memoryClients } from '../../../src/adapters/memory-clients.js'
import { nodeKeys } from '../../../src/adapters/node-crypto.js'
import type { Keys } from '../../../src/engine/ports.js'
import type { Jwk } from '../../../src/protocol/jwt/jwk.js'

interface Vectors {
  readonly guide: ReadonlyArray<{
    readonly name: string
    readonly issuer: string
    readonly clientId: string
    readonly exp: number
    readonly keys: ReadonlyArray<Jwk>
    readonly assertion: string
  }>
  readonly rfc7515: ReadonlyArray<{
    readonly name: string
    readonly alg: string
    readonly key: Jwk
    readonly jws: string
  }>
  readonly rfc7523: { readonly header: object; readonly claims: Readonly<Record<string, unknown>> }
}

const vectors = JSON.parse(
  readFileSync(join(import.meta.dirname, '../../data/assertion-vectors.json'), 'utf8')
) as Vectors

const adapters = new Map<string, Keys>()

beforeAll(async () => {
  const material = await generateKeyMaterial()
  if (Either.isLeft(material)) throw new Error(material.left.reason)
  for (const [name, made] of [
    ['jose', await joseKeys(material.right)()],
    ['node', await nodeKeys(material.right)()]
  ] as const) {
    if (Either.isLeft(made)) throw new Error(made.left.reason)
    adapters.set(name, made.right)
  }
})

const keysOf = (name: string): Keys => {
  const keys = adapters.get(name)
  if (keys === undefined) throw new Error(name)
  return keys
}

/** Another letter in the middle of the signature. */
const spoilt = (text: string): string => {
  const at = text.length - 40
  return `${text.slice(0, at)}${text[at] === 'A' ? 'B' : 'A'}${text.slice(at + 1)}`
}

/** The signature of a curve in the form that other protocols use (ASN.1): a sequence of two numbers. */
const asDer = (text: string): string => {
  const [header = '', claims = '', signature = ''] = text.split('.')
  const bytes = Buffer.from(signature, 'base64url')
  const numbers = [bytes.subarray(0, bytes.length / 2), bytes.subarray(bytes.length / 2)].map((half) =>
    Buffer.concat([Buffer.from([2, half.length + 1, 0]), half])
  )
  const body = Buffer.concat(numbers)
  return [header, claims, Buffer.concat([Buffer.from([48, body.length]), body]).toString('base64url')].join('.')
}

describe.each(['jose', 'node'])('the adapter %s', (adapter) => {
  describe.each(vectors.guide)(
    'and the assertion of the specification: $name',
    ({ issuer, clientId, exp, keys, assertion }) => {
      const fixture = (registered: ReadonlyArray<Jwk> = keys): Fixture =>
        newFixture({
          settings: { issuer, fhirBaseUrl: `${issuer}/fhir` },
          policy: { assertionClockSkewSeconds: 0, assertionAudience: 'tokenEndpoint' },
          ports: {
            keys: keysOf(adapter),
            clients: memoryClients([backend({ _tag: 'Inline', keys: registered }, clientId)])
          }
        })
      const at = async (now: number, text = assertion, registered = keys): Promise<unknown> => {
        const where = fixture(registered)
        where.clock.now = now
        const { status } = await ask(where, text)
        return [status, lastRefusal(where)]
      }

      it('is good until it expires, for at most five minutes', async () => {
        expect(await at(exp - 1)).toEqual([200, undefined])
        expect(await at(exp - 300)).toEqual([200, undefined])
        expect(await at(exp - 301)).toEqual([401, 'AssertionTooLong'])
        expect(await at(exp)).toEqual([401, 'AssertionExpired'])
      })

      it('is refused with another signature, another kid and another key', async () => {
        expect(await at(exp - 1, spoilt(assertion))).toEqual([401, 'AssertionSignatureWrong'])
        expect(
          await at(
            exp - 1,
            assertion,
            keys.map((key) => ({ ...key, kid: 'other' }))
          )
        ).toEqual([401, 'AssertionKeyUnknown'])
        expect(
          await at(
            exp - 1,
            assertion,
            keys.map((key) => ({ ...key, alg: 'RS512' }))
          )
        ).toEqual([401, 'AssertionKeyUnknown'])
        const kid = String(keys[0]?.['kid'])
        const others = vectors.guide
          .flatMap((one) => one.keys)
          .filter((key) => key['kid'] !== kid && key['kty'] === keys[0]?.['kty'] && key['d'] === undefined)
        for (const key of others)
          expect(await at(exp - 1, assertion, [{ ...key, kid }])).toEqual([401, 'AssertionSignatureWrong'])
      })

      const isCurve = keys[0]?.['kty'] === 'EC'
      if (isCurve)
        it('has a signature of 96 bytes, and no other form of it is good', async () => {
          expect(Buffer.from(assertion.split('.')[2] ?? '', 'base64url')).toHaveLength(96)
          expect(await at(exp - 1, asDer(assertion))).toEqual([401, 'AssertionSignatureWrong'])
          expect(await at(exp - 1, assertion.slice(0, -4))).toEqual([401, 'AssertionSignatureWrong'])
        })
    }
  )

  it.each(vectors.rfc7515)('verifies RFC 7515, $name, and nothing that looks like it', async ({ alg, key, jws }) => {
    const fits = async (one: Jwk | null, algorithm: string, text: string): Promise<unknown> =>
      keysOf(adapter).verifyAssertion(one, algorithm, text)()
    expect(await fits(key, alg, jws)).toEqual(Either.right(true))
    expect(await fits(key, alg, spoilt(jws))).toEqual(Either.right(false))
    expect(await fits(null, alg, jws)).toEqual(Either.right(false))
    for (const other of vectors.rfc7515.filter((one) => one.alg !== alg)) {
      expect(await fits(other.key, alg, jws)).toEqual(Either.right(false))
      expect(await fits(key, other.alg, jws)).toEqual(Either.right(false))
    }
  })

  it(
    'reads the example of RFC 7523: what it lacks for this guide is named, and a claim that nobody knows is no ' +
      'reason to refuse',
    async () => {
      const key = jwkOf(p256.publicKey, '16')
      const { header, claims } = vectors.rfc7523
      const issuer = String(claims['aud'])
      const fixture = newFixture({
        settings: { issuer, fhirBaseUrl: `${issuer}/fhir`, assertionAlgorithms: ['ES384', 'ES256'] },
        policy: { assertionTyp: 'optional' },
        ports: {
          keys: keysOf(adapter),
          clients: memoryClients([backend({ _tag: 'Inline', keys: [key] }, String(claims['iss'])), app()])
        }
      })
      fixture.clock.now = Number(claims['exp']) - 300
      const sent = async (change: object): Promise<unknown> => {
        const { status } = await ask(
          fixture,
          signParts(JSON.stringify(header), JSON.stringify({ ...claims, ...change }), 'ES256', p256.privateKey)
        )
        return [status, lastRefusal(fixture)]
      }
      expect(await sent({})).toEqual([401, 'AssertionIssuerWrong'])
      expect(await sent({ sub: claims['iss'] })).toEqual([401, 'AssertionIdMissing'])
      expect(await sent({ sub: claims['iss'], jti: 'x' })).toEqual([200, undefined])
    }
  )
})
