/** The keys for Node must be those of jose, made in another way: what one seals, the other verifies. */
import { generateKeyPairSync, KeyObject, sign } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { base64url, CompactSign, exportJWK, generateKeyPair } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import type { KeyMaterial } from '../../../src/adapters/jose.js'
import { generateKeyMaterial, joseKeys } from '../../../src/adapters/jose.js'
import { nodeKeys } from '../../../src/adapters/node-crypto.js'
import type { Keys } from '../../../src/engine/ports.js'
import type { Jwk } from '../../../src/protocol/jwt/jwk.js'

const unwrap = <A>(result: Either.Either<unknown, A>): A => {
  if (Either.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

let material: KeyMaterial
let jose: Keys
let node: Keys

beforeAll(async () => {
  material = unwrap(await generateKeyMaterial())
  jose = unwrap(await joseKeys(material)())
  node = unwrap(await nodeKeys(material)())
})

const texts = fc.string({ unit: 'binary' })

/** The arguments of `verifyMac` for a MACed text. */
const presented = (macedText: string): readonly [covered: string, code: string] => {
  const dot = macedText.lastIndexOf('.')
  return [macedText.slice(0, dot), macedText.slice(dot + 1)]
}

describe('keys for Node', () => {
  it('digest as jose does, lone surrogates included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.oneof(texts, fc.constant('a\ud800b')), async (text) => {
        expect(await node.digest(text)()).toBe(await jose.digest(text)())
      })
    )
  })

  it('seal what jose verifies, and verify what jose seals', async () => {
    const id = material.macKeys[0]?.id ?? ''
    await fc.assert(
      fc.asyncProperty(texts, async (text) => {
        for (const [sealer, verifier] of [
          [node, jose],
          [jose, node]
        ] as const) {
          const [covered, code] = presented(unwrap(await sealer.mac((keyId) => `${text}.${keyId}`)()))
          expect(unwrap(await verifier.verifyMac(id, covered, code)())).toBe(true)
          expect(unwrap(await verifier.verifyMac(id, `${covered}x`, code)())).toBe(false)
          expect(unwrap(await verifier.verifyMac('unknown', covered, code)())).toBe(false)
        }
      })
    )
  })

  it('refuse a MAC key that jose refuses', async () => {
    const short = { ...material, macKeys: [{ id: 'short', secret: 'AAAA' }] }
    expect(Either.isLeft(await nodeKeys(short)())).toBe(true)
    expect(Either.isLeft(await nodeKeys({ ...material, macKeys: [] })())).toBe(true)
  })
})

describe('assertions of clients', () => {
  const algorithms = ['RS256', 'RS384', 'RS512', 'PS384', 'ES384']
  const clients = new Map<string, { readonly jwk: Jwk; readonly jws: string }>()

  beforeAll(async () => {
    for (const alg of algorithms) {
      const { privateKey, publicKey } = await generateKeyPair(alg)
      const jws = await new CompactSign(new TextEncoder().encode('{"iss":"app"}'))
        .setProtectedHeader({ alg, kid: 'k' })
        .sign(privateKey)
      clients.set(alg, { jwk: { ...(await exportJWK(publicKey)) }, jws })
    }
  })

  const presented = (alg: string) => clients.get(alg) ?? { jwk: {}, jws: '' }

  const both = async (key: Jwk | null, alg: string, text: string): Promise<boolean> => {
    const [slow, fast] = [
      unwrap(await jose.verifyAssertion(key, alg, text)()),
      unwrap(await node.verifyAssertion(key, alg, text)())
    ]
    expect(fast, `${alg} ${text}`).toBe(slow)
    return fast
  }

  it.each(algorithms)('are verified as jose does: %s', async (alg) => {
    const { jwk, jws } = presented(alg)
    expect(await both(jwk, alg, jws)).toBe(true)
    expect(await both(null, alg, jws)).toBe(false)
    for (const [other, { jwk: key, jws: text }] of clients) {
      expect(await both(key, alg, jws), `key of ${other}`).toBe(other === alg)
      expect(await both(jwk, other, jws), `under ${other}`).toBe(other === alg)
      expect(await both(jwk, alg, text), `text of ${other}`).toBe(other === alg)
    }
  })

  it(
    'are verified by the header under the signature alone: its algorithm, and nothing that ' + 'must be understood',
    async () => {
      const { privateKey, publicKey } = await generateKeyPair('RS384')
      const jwk = { ...(await exportJWK(publicKey)) }
      const signed = (header: object): string => {
        const covered = `${base64url.encode(JSON.stringify(header))}.${base64url.encode('{}')}`
        return `${covered}.${sign('sha384', Buffer.from(covered), KeyObject.from(privateKey)).toString('base64url')}`
      }
      expect(await both(jwk, 'RS384', signed({ alg: 'RS384' }))).toBe(true)
      for (const header of [{ alg: 'RS256' }, { alg: 'none' }, {}, { alg: 'RS384', crit: ['exp'], exp: 1 }]) {
        expect(await both(jwk, 'RS384', signed(header)), JSON.stringify(header)).toBe(false)
      }
      // jose knows what b64 means; no client assertion has it.
      expect(await node.verifyAssertion(jwk, 'RS384', signed({ alg: 'RS384', crit: ['b64'], b64: false }))()).toEqual(
        Either.right(false)
      )
    }
  )

  it('fail with an RSA key that is too short', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 1024 })
    const covered = `${base64url.encode('{"alg":"RS384"}')}.${base64url.encode('{}')}`
    const text = `${covered}.${sign('sha384', Buffer.from(covered), privateKey).toString('base64url')}`
    expect(await both({ ...publicKey.export({ format: 'jwk' }) }, 'RS384', text)).toBe(false)
  })

  it('fail when a character is changed, added or left out', async () => {
    const { jwk, jws } = presented('RS384')
    expect(await node.verifyAssertion(jwk, 'RS384', jws)()).toEqual(Either.right(true))
    const change = fc.record({
      at: fc.oneof(fc.nat(jws.length), fc.constant(jws.length)),
      removed: fc.nat(2),
      added: fc.string({
        unit: fc.constantFrom('A', 'a', '0', '_', '-', '.', '+', '/', '=', ' ', '\u00e9'),
        maxLength: 2
      })
    })
    await fc.assert(
      fc.asyncProperty(change, async ({ at, removed, added }) => {
        const text = jws.slice(0, at) + added + jws.slice(at + removed)
        expect(await node.verifyAssertion(jwk, 'RS384', text)()).toEqual(Either.right(text === jws))
      }),
      { numRuns: 500 }
    )
  })
})
