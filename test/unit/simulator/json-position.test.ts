import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { jsonEndsAt } from '../../../src/simulator/config/json-position.js'

const isJson = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('where a text stops being JSON', () => {
  it.each<readonly [string, number]>([
    ['', 0],
    ['{', 1],
    ['[1,x]', 3],
    ['{"store": memory}', 10],
    ['{"a":1,}', 7],
    ['[1,]', 3],
    ["{'a':1}", 1],
    ['{"a" 1}', 5],
    ['{"a":1', 6],
    ['{"a":1} x', 8],
    ['[1}', 2],
    ['{]', 1],
    ['01', 1],
    ['1.x', 1],
    ['"a', 0],
    ['"\\x"', 0],
    ['"\n"', 0],
    ['\ufeff{}', 0],
    ['nul', 0],
    [',', 0],
    ['{"a":}', 5],
    ['// x', 0]
  ])('%j: %i', (text, position) => {
    expect(jsonEndsAt(text)).toBe(position)
  })

  const damaged = fc
    .tuple(
      fc.json(),
      fc.nat(),
      fc.nat(3),
      fc.constantFrom('', ',', '}', ']', '{', '[', ':', '"', '\\', '0', '-', '.', 'e', 'x', ' ', '\u0001')
    )
    .map(([text, at, length, piece]) => {
      const index = at % (text.length + 1)
      return text.slice(0, index) + piece + text.slice(index + length)
    })

  it('says of the same texts as JSON.parse that they are JSON', () => {
    fc.assert(
      fc.property(fc.oneof(fc.json(), damaged, fc.string()), (text) => {
        expect(jsonEndsAt(text) === null).toBe(isJson(text))
      }),
      { numRuns: 5000 }
    )
  })

  it('is never beyond the end', () => {
    fc.assert(
      fc.property(damaged, (text) => {
        expect(jsonEndsAt(text) ?? 0).toBeLessThanOrEqual(text.length)
      })
    )
  })
})
