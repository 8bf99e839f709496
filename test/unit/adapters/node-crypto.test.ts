/** The keys for Node must be those of jose, made in another way: what one seals, the other verifies. */
import * as Either from 'fp-ts/lib/Either.js'
import fc from 'fast-check'
import { beforeAll, describe, expect, it } from 'vitest'
import type { KeyMaterial } from '../../../src/adapters/jose.js'
import { generateKeyMaterial, joseKeys } from '../../../src/adapters/jose.js'
import { nodeKeys } from '../../../src/adapters/node-crypto.js'
import type { Keys } from '../../../src/engine/ports.js'

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

/** What `fits` is asked about a sealed text. */
const presented = (sealed: string): readonly [covered: string, code: string] => {
  const dot = sealed.lastIndexOf('.')
  return [sealed.slice(0, dot), sealed.slice(dot + 1)]
}

describe('keys for Node', () => {
  it('digest as jose does, lone surrogates included', async () => {
    await fc.assert(fc.asyncProperty(fc.oneof(texts, fc.constant('a\ud800b')), async (text) => {
      expect(await node.digest(text)()).toBe(await jose.digest(text)())
    }))
  })

  it('seal what jose verifies, and verify what jose seals', async () => {
    const id = material.sealingKeys[0]?.id ?? ''
    await fc.assert(fc.asyncProperty(texts, async (text) => {
      for (const [sealer, verifier] of [[node, jose], [jose, node]] as const) {
        const [covered, code] = presented(unwrap(await sealer.seal((keyId) => `${text}.${keyId}`)()))
        expect(unwrap(await verifier.fits(id, covered, code)())).toBe(true)
        expect(unwrap(await verifier.fits(id, `${covered}x`, code)())).toBe(false)
        expect(unwrap(await verifier.fits('unknown', covered, code)())).toBe(false)
      }
    }))
  })

  it('refuse a sealing key that jose refuses', async () => {
    const short = { ...material, sealingKeys: [{ id: 'short', secret: 'AAAA' }] }
    expect(Either.isLeft(await nodeKeys(short)())).toBe(true)
    expect(Either.isLeft(await nodeKeys({ ...material, sealingKeys: [] })())).toBe(true)
  })
})
