import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { numberIn, withNumbersAsTexts, withTextsAsNumbers } from '../../../src/values/json-numbers.js'

describe('numbers in JSON', () => {
  const number = fc.oneof(
    fc
      .tuple(
        fc.constantFrom('', '-'),
        fc.constantFrom('0', '1', '10', '9007199254740993'),
        fc.constantFrom('', '.0', '.10', '.5'),
        fc.constantFrom('', 'e3', 'E-400', 'e+400')
      )
      .map((parts) => parts.join('')),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => JSON.stringify(value))
  )
  const value = fc.oneof(
    number,
    fc
      .string()
      .filter((text) => !text.startsWith('\0'))
      .map((text) => JSON.stringify(text)),
    fc.constantFrom('true', 'null', '"1.10"', '"\\"1.10\\""', '{"1.10":1.10}')
  )
  const json = fc
    .tuple(fc.array(value), fc.constantFrom('', ' ', '\n'))
    .map(([values, blank]) => `[${blank}${values.join(`${blank},`)}]`)

  it('survive a reader and a writer of JavaScript', () => {
    fc.assert(
      fc.property(json, (text) => {
        const read = withNumbersAsTexts(text)
        expect(withTextsAsNumbers(read)).toBe(text)
      }),
      { numRuns: 2000 }
    )
    fc.assert(
      fc.property(fc.array(value), (values) => {
        const text = `[${values.join(',')}]`
        expect(withTextsAsNumbers(JSON.stringify(JSON.parse(withNumbersAsTexts(text))))).toBe(text)
      }),
      { numRuns: 2000 }
    )
  })

  it('are those that they were', () => {
    fc.assert(
      fc.property(number, (text) => {
        expect(numberIn((JSON.parse(withNumbersAsTexts(`[${text}]`)) as ReadonlyArray<unknown>)[0])).toBe(Number(text))
      }),
      { numRuns: 1000 }
    )
    expect(['1.10', '\u0000', '\u00001.10x', null, [1]].map(numberIn)).toEqual([null, null, null, null, null])
  })

  it.each(['', '1.10 "', '01', '{"a":1.10', '"\\u00001.10', '5" long, 1.10 wide'])(
    'stay as they are in what is no JSON: %s',
    (text) => {
      expect([withNumbersAsTexts(text), withTextsAsNumbers(text)]).toEqual([text, text])
    }
  )

  it('make no other text of a string that only looks like one', () => {
    for (const text of [
      '"\\u0000"',
      '"\\u00001.10\\u0000"',
      '"a\\"\\u00001.10"',
      '"\\u0000[1]"',
      '"\\u000001"',
      '"\\\\u00001"'
    ])
      expect(withTextsAsNumbers(text)).toBe(text)
  })

  it('are found in a large text', () => {
    const text = `{"data":"${'a\\n'.repeat(2_000_000)}","value":1.10}`
    expect(withTextsAsNumbers(withNumbersAsTexts(text)) === text).toBe(true)
  })
})
