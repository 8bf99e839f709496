/** Keys of clients: imported once, whatever object a register hands out. */
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { expect, test, vi } from 'vitest'
import { verifies } from '../../../src/adapters/jose.js'
import type { Jwk } from '../../../src/messages/jwk.js'

test('a key that comes as a new object with every request is imported once', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES384')
  const jwk = JSON.stringify({ ...await exportJWK(publicKey), kid: 'one' })
  const text = await new SignJWT({}).setProtectedHeader({ alg: 'ES384', kid: 'one' }).sign(privateKey)
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  for (let request = 0; request < 5; request++) expect(await verifies(JSON.parse(jwk) as Jwk, 'ES384', text)).toBe(true)
  expect(importKey).toHaveBeenCalledTimes(1)
  importKey.mockRestore()
})

test('another key under the same kid is another key', async () => {
  const [first, second] = await Promise.all([generateKeyPair('ES384'), generateKeyPair('ES384')])
  const jwkOf = async (key: typeof first): Promise<Jwk> => ({ ...await exportJWK(key.publicKey), kid: 'one' })
  const text = await new SignJWT({}).setProtectedHeader({ alg: 'ES384', kid: 'one' }).sign(first.privateKey)
  expect(await verifies(await jwkOf(first), 'ES384', text)).toBe(true)
  expect(await verifies(await jwkOf(second), 'ES384', text)).toBe(false)
})
