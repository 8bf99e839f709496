import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { jwkOf, keys, rsa } from '../../support/client/assertions.js'
import { chooseKey, isPublicKey } from '../../../src/protocol/jwt/jwk.js'

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
