import { isUtf8 } from 'node:buffer'
import * as Option from 'fp-ts/lib/Option.js'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decode, decodeBase64, encode, encodeBasic } from '../../../src/values/base64url.js'

const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

/** Texts that are base64, or nearly so: letters, padding, and what has no place there. */
const nearly = (others: string) =>
  fc.string({
    unit: fc.constantFrom(
      ...Array.from({ length: others.length + letters.length }, (_, index) => (others + letters).charAt(index))
    ),
    maxLength: 24
  })

const bytes = fc.uint8Array({ maxLength: 24 }).map((array) => Buffer.from(array))

/** Printed bytes, with another letter in the place of one. */
const changed = (encoding: 'base64' | 'base64url') =>
  fc.tuple(bytes, fc.nat(), fc.nat(letters.length - 1)).map(([one, at, letter]) => {
    const text = one.toString(encoding)
    const place = text === '' ? 0 : at % text.length
    return text.slice(0, place) + letters.charAt(letter) + text.slice(place + 1)
  })

/** What the platform reads, if it would print the text in the same way and the bytes are UTF-8. */
const byPlatform = (text: string, encoding: 'base64' | 'base64url'): Option.Option<string> => {
  const read = Buffer.from(text, encoding)
  return read.toString(encoding) === text && isUtf8(read) ? Option.some(read.toString('utf8')) : Option.none
}

describe('base64', () => {
  it('of HTTP Basic is read in its one spelling alone', () => {
    const some = fc.oneof(
      nearly('+/=-_ \n'),
      changed('base64'),
      bytes.map((one) => one.toString('base64')),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text).toString('base64'))
    )
    fc.assert(
      fc.property(some, (text) => {
        expect(decodeBase64(text)).toEqual(byPlatform(text, 'base64'))
      }),
      { numRuns: 3000 }
    )
  })

  it('for URLs is read in its one spelling alone', () => {
    const some = fc.oneof(
      nearly('-_+/= \n'),
      changed('base64url'),
      bytes.map((one) => one.toString('base64url')),
      fc.string({ unit: 'binary' }).map((text) => Buffer.from(text).toString('base64url'))
    )
    fc.assert(
      fc.property(some, (text) => {
        expect(decode(text)).toEqual(byPlatform(text, 'base64url'))
      }),
      { numRuns: 3000 }
    )
  })

  it('gives back every text', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }).filter((text) => text.isWellFormed()),
        (text) => {
          expect(decode(encode(text))).toEqual(Option.some(text))
          expect(decodeBase64(encodeBasic(text))).toEqual(Option.some(text))
        }
      )
    )
  })
})
