import { generateKeyPairSync } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { jwkOf, keys, rsa } from '../../simulation/assertions.js'
import { chooseKey, isPublicKey } from '../../../src/messages/jwk.js'

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

  it('does no harm to a good one of the same kid', () => {
    expect(chooseKey([{ ...key, e: 'AQ' }, jwkOf(rsa.publicKey, 'rsa')], 'rsa', 'RS384')._tag).toBe('Chosen')
  })
})

describe('a key with a private member', () => {
  it.each(['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'])('%s is no public key and verifies nothing', (member) => {
    for (const [one, alg] of [[keys[0], 'RS384'], [keys[1], 'ES384']] as const) {
      const leaked = { ...one, [member]: member === 'oth' ? [] : 'AQ' }
      expect([isPublicKey(one), isPublicKey(leaked), chooseKey([leaked], String(one?.['kid']), alg)._tag]).toEqual([true, false, 'NoKey'])
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
