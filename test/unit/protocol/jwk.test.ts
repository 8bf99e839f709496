import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { jwkOf, keys, rsa } from '../../support/client/assertions.js'
import { keyFault } from '../../../src/protocol/jwt/key-rules.js'
import { chooseKey, declaresUse, isPublicKey } from '../../../src/protocol/jwt/jwk.js'

const [key] = keys

describe('an RSA key', () => {
  it.each([2048, 2056, 3072])('of %i bits is a key', (modulusLength) => {
    const one = jwkOf(generateKeyPairSync('rsa', { modulusLength }).publicKey, 'rsa')
    expect([isPublicKey(one), chooseKey([one], 'rsa', 'RS384')._tag]).toEqual([true, 'Chosen'])
  })

  it.each([1024, 2040, 2047])('of %i bits is none', (modulusLength) => {
    const one = jwkOf(generateKeyPairSync('rsa', { modulusLength }).publicKey, 'rsa')
    expect([isPublicKey(one), chooseKey([one], 'rsa', 'RS384')._tag]).toEqual([false, 'NoKey'])
  })

  it.each(['Aw', 'AQAB', 'AAEAAQ', 'AAAAAQAB'])('with the exponent %s is a key', (e) => {
    expect([isPublicKey({ ...key, e }), chooseKey([{ ...key, e }], 'rsa', 'RS384')._tag]).toEqual([true, 'Chosen'])
  })

  // With the exponent 1 a signature is the padded digest itself: whoever reads the key set could sign.
  it.each(['AQ', 'AAE', 'AAAB', 'AA', 'Ag', 'AQAA', 'AAAA'])('with the exponent %s verifies nothing', (e) => {
    expect([isPublicKey({ ...key, e }), chooseKey([{ ...key, e }], 'rsa', 'RS384')._tag]).toEqual([false, 'NoKey'])
  })

  // What is registered is computed with, whoever registered it: these take from ten to a hundred times as long as usual
  // keys.
  it.each<readonly [string, number, number]>([
    ['a modulus of 8200 bits', 1025, 3],
    ['an exponent of 72 bits', 256, 9],
    ['an exponent as long as its modulus', 384, 384]
  ])('with %s verifies nothing', (_name, modulusBytes, exponentBytes) => {
    const [n, e] = [modulusBytes, exponentBytes].map((bytes) => Buffer.alloc(bytes, 0xff).toString('base64url'))
    const [longestN, longestE] = [1024, 8].map((bytes) => Buffer.alloc(bytes, 0xff).toString('base64url'))
    expect([isPublicKey({ ...key, n, e }), chooseKey([{ ...key, n, e }], 'rsa', 'RS384')._tag]).toEqual([
      false,
      'NoKey'
    ])
    expect(isPublicKey({ ...key, n: longestN, e: longestE })).toBe(true)
  })

  it('does no harm to a good one of the same kid', () => {
    expect(chooseKey([{ ...key, e: 'AQ' }, jwkOf(rsa.publicKey, 'rsa')], 'rsa', 'RS384')._tag).toBe('Chosen')
  })
})

describe('a key with a private member', () => {
  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('%s is no public key and verifies nothing', (member) => {
    for (const [one, alg] of [
      [keys[0], 'RS384'],
      [keys[1], 'ES384']
    ] as const) {
      const leaked = { ...one, [member]: member === 'oth' ? [] : 'AQ' }
      expect([isPublicKey(one), isPublicKey(leaked), chooseKey([leaked], String(one?.['kid']), alg)._tag]).toEqual([
        true,
        false,
        'NoKey'
      ])
    }
  })
})

describe('a key of a curve', () => {
  it.each(['P-256', 'P-384', 'P-521'])('%s has coordinates of its own length', (namedCurve) => {
    const one = jwkOf(generateKeyPairSync('ec', { namedCurve }).publicKey, 'ec')
    expect(isPublicKey(one)).toBe(true)
    for (const member of ['x', 'y']) {
      expect(isPublicKey({ ...one, [member]: String(one[member]).slice(1) })).toBe(false)
      expect(isPublicKey({ ...one, [member]: `A${String(one[member])}` })).toBe(false)
    }
  })
})

describe('the fault of a key', () => {
  const [rsaKey, ecKey] = [
    { ...key, kid: 'a' },
    { ...keys[1], kid: 'b' }
  ]

  it('is none in keys that can be registered', () => {
    for (const one of keys) expect([keyFault([one]), isPublicKey(one) && declaresUse(one)]).toEqual([null, true])
    expect(keyFault([rsaKey, ecKey])).toBeNull()
  })

  it.each<[object, string]>([
    [{ ...ecKey, kty: 'oct', k: 'AQ' }, 'kty must be RSA or EC'],
    ...['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'].map((member): [object, string] => [
      { ...rsaKey, [member]: 'AQ' },
      `${member} must be left out: it belongs to a private key`
    ]),
    [{ ...rsaKey, n: 'AQAB' }, 'n must be base64url of 2048 to 8192 bits'],
    [{ ...rsaKey, n: undefined }, 'n must be base64url of 2048 to 8192 bits'],
    [{ ...rsaKey, e: 'AQ' }, 'e must be base64url of an odd number greater than 1, such as AQAB'],
    [{ ...ecKey, crv: 'P-192' }, 'crv must be P-256, P-384, P-521'],
    [{ ...ecKey, x: `${String(keys[1]?.['x'])}A` }, 'x must be base64url of 64 characters, as the curve needs'],
    [{ ...ecKey, y: '='.repeat(64) }, 'y must be base64url of 64 characters, as the curve needs'],
    [{ ...ecKey, kid: '' }, 'kid must be a text that is not empty'],
    [{ ...ecKey, kid: 'a' }, 'kid must be another one than that of each key before it'],
    [{ ...ecKey, use: 1 }, 'use must be a text, if the key has it'],
    [{ ...ecKey, alg: null }, 'alg must be a text, if the key has it'],
    [{ ...ecKey, key_ops: 'verify' }, 'key_ops must be a short list of texts, if the key has it']
  ])('names the key and the member: %#', (one, words) => {
    expect(keyFault([rsaKey, one])).toBe(`keys[1].${words}`)
  })

  it('names what is no object', () => {
    expect(keyFault([null])).toBe('keys[0] must be an object')
  })
})
