/**
 * Keys of clients: imported once, whatever object a register hands out. Keys of the server: what was signed stays
 * verifiable.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { describe, expect, it, test, vi } from 'vitest'
import type { KeyMaterial } from '../../../src/adapters/jose.js'
import { generateKeyMaterial, joseKeys, verifies } from '../../../src/adapters/jose.js'
import type { Jwk } from '../../../src/protocol/jwt/jwk.js'

test('a key that comes as a new object with every request is imported once', async () => {
  const { privateKey, publicKey } = await generateKeyPair('ES384')
  const jwk = JSON.stringify({ ...(await exportJWK(publicKey)), kid: 'one' })
  const text = await new SignJWT({}).setProtectedHeader({ alg: 'ES384', kid: 'one' }).sign(privateKey)
  const importKey = vi.spyOn(crypto.subtle, 'importKey')
  for (let request = 0; request < 5; request++) expect(await verifies(JSON.parse(jwk) as Jwk, 'ES384', text)).toBe(true)
  expect(importKey).toHaveBeenCalledTimes(1)
  importKey.mockRestore()
})

test('another key under the same kid is another key', async () => {
  const [first, second] = await Promise.all([generateKeyPair('ES384'), generateKeyPair('ES384')])
  const jwkOf = async (key: typeof first): Promise<Jwk> => ({ ...(await exportJWK(key.publicKey)), kid: 'one' })
  const text = await new SignJWT({}).setProtectedHeader({ alg: 'ES384', kid: 'one' }).sign(first.privateKey)
  expect(await verifies(await jwkOf(first), 'ES384', text)).toBe(true)
  expect(await verifies(await jwkOf(second), 'ES384', text)).toBe(false)
})

const unwrap = <A>(result: Either.Either<unknown, A>): A => {
  if (Either.isLeft(result)) throw new Error(JSON.stringify(result.left))
  return result.right
}

const claims = {
  iss: 'https://ehr.example',
  sub: 'alice',
  aud: 'https://ehr.example/fhir',
  client_id: 'app',
  exp: 100,
  iat: 0,
  jti: 'g.0.a',
  scope: ''
}

describe('keys of the server', () => {
  it('verify what they signed before there were keys for access tokens', async () => {
    const material = unwrap(await generateKeyMaterial())
    const { privateKey } = await generateKeyPair('ES256', { extractable: true })
    const accessTokenKeys = [{ ...(await exportJWK(privateKey)), kid: 'for-access', alg: 'ES256' }]
    const before = unwrap(await joseKeys(material)())
    const after = unwrap(await joseKeys({ ...material, accessTokenKeys })())
    const old = unwrap(await before.signAccessToken(claims)())
    expect(unwrap(await after.verifyAccessToken(old)())).toEqual(Option.some(claims))
    expect(unwrap(await after.verifyAccessToken(unwrap(await after.signAccessToken(claims)()))())).toEqual(
      Option.some(claims)
    )
    // An id_token is none, though the same key may have signed it.
    const idToken = unwrap(await after.signIdToken({ ...claims, auth_time: 0, at_hash: '' })())
    expect(unwrap(await after.verifyAccessToken(idToken)())).toEqual(Option.none)
  })

  it.each<readonly [string, (material: KeyMaterial, next: KeyMaterial) => KeyMaterial, string]>([
    [
      'signing keys',
      ({ signingKeys, ...rest }, next) => ({
        ...rest,
        signingKeys: [...next.signingKeys, ...signingKeys].map((key) => ({ ...key, kid: 'key' }))
      }),
      'key'
    ],
    [
      'a signing key and one for access tokens',
      (material, next) => ({
        ...material,
        accessTokenKeys: next.signingKeys.map((key) => ({
          ...key,
          alg: 'RS256',
          kid: material.signingKeys[0]?.kid ?? ''
        }))
      }),
      ''
    ],
    [
      'MAC keys',
      ({ macKeys, ...rest }, next) => ({
        ...rest,
        macKeys: [...next.macKeys, ...macKeys].map(({ secret }) => ({ id: 'key', secret }))
      }),
      'key'
    ]
  ])('are refused where two have one name: %s', async (_name, mix, name) => {
    const [material, next] = [unwrap(await generateKeyMaterial()), unwrap(await generateKeyMaterial())]
    const built = await joseKeys(mix(material, next))()
    expect(Either.isLeft(built) ? built.left.reason : '').toContain(`two keys are called ${name}`)
  })
})
