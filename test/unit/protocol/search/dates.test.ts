/** Dates as intervals of time, and moments as texts: examples, and the calendar of JavaScript as a second reader. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateRange, printMoment } from '../../../../src/protocol/access/search/dates.js'

/** Nanoseconds since 1970 of a moment, as the calendar of JavaScript has it. */
const nanoseconds = (moment: string, more = 0n): bigint => BigInt(Date.parse(moment)) * 1_000_000n + more

const interval = (low: bigint, high: bigint) => ({
  low: { at: { digits: low, exponent: 0 }, isAfter: false },
  high: { at: { digits: high, exponent: 0 }, isAfter: false }
})

describe('the interval of a date', () => {
  it.each([
    ['a year', '2021', '2021-01-01T00:00Z', '2022-01-01T00:00Z'],
    ['the first year', '0001', '0001-01-01T00:00Z', '0002-01-01T00:00Z'],
    ['the last year', '9999', '9999-01-01T00:00Z', '+010000-01-01T00:00Z'],
    ['a month', '2021-04', '2021-04-01T00:00Z', '2021-05-01T00:00Z'],
    ['the first month', '2021-01', '2021-01-01T00:00Z', '2021-02-01T00:00Z'],
    ['the last month', '2021-12', '2021-12-01T00:00Z', '2022-01-01T00:00Z'],
    ['February', '2021-02', '2021-02-01T00:00Z', '2021-03-01T00:00Z'],
    ['February of a leap year', '2020-02', '2020-02-01T00:00Z', '2020-03-01T00:00Z'],
    ['a day', '2021-04-30', '2021-04-30T00:00Z', '2021-05-01T00:00Z'],
    ['the first day of a month', '2021-04-01', '2021-04-01T00:00Z', '2021-04-02T00:00Z'],
    ['the last day of a year', '2021-12-31', '2021-12-31T00:00Z', '2022-01-01T00:00Z'],
    ['a leap day', '2020-02-29', '2020-02-29T00:00Z', '2020-03-01T00:00Z'],
    ['a leap day of a fourth century', '2000-02-29', '2000-02-29T00:00Z', '2000-03-01T00:00Z'],
    ['a minute, without a zone', '2021-04-30T10:20', '2021-04-30T10:20Z', '2021-04-30T10:21Z'],
    ['a minute', '2021-04-30T10:20Z', '2021-04-30T10:20Z', '2021-04-30T10:21Z'],
    ['the last minute', '2021-04-30T23:59Z', '2021-04-30T23:59Z', '2021-05-01T00:00Z'],
    ['a second', '2021-04-30T10:20:30Z', '2021-04-30T10:20:30Z', '2021-04-30T10:20:31Z'],
    ['a second, without a zone', '2021-04-30T10:20:30', '2021-04-30T10:20:30Z', '2021-04-30T10:20:31Z'],
    ['a leap second', '2021-04-30T10:20:60Z', '2021-04-30T10:21:00Z', '2021-04-30T10:21:01Z'],
    ['a tenth', '2021-04-30T10:20:30.5Z', '2021-04-30T10:20:30.5Z', '2021-04-30T10:20:30.6Z'],
    ['a millisecond', '2021-04-30T10:20:30.250Z', '2021-04-30T10:20:30.250Z', '2021-04-30T10:20:30.251Z'],
    ['a zone behind', '2021-04-30T10:20-05:30', '2021-04-30T15:50Z', '2021-04-30T15:51Z'],
    ['a zone ahead', '2021-04-30T10:20:30+01:00', '2021-04-30T09:20:30Z', '2021-04-30T09:20:31Z'],
    ['the furthest zone', '2021-04-30T10:20+14:59', '2021-04-29T19:21Z', '2021-04-29T19:22Z']
  ])('of %s is %s: from %s until %s', (_, text, from, until) => {
    expect(dateRange(text)).toEqual(interval(nanoseconds(from), nanoseconds(until)))
  })

  it.each([
    ['a nanosecond', '123456789', 123_456_789n, 1n],
    ['no more than nine digits', '1234567891', 123_456_789n, 1n],
    ['thirty digits', '123456789012345678901234567890', 123_456_789n, 1n],
    ['eight digits', '12345678', 123_456_780n, 10n]
  ])('of a fraction counts %s', (_, fraction, more, length) => {
    const second = nanoseconds('2021-04-30T10:20:30Z')
    expect(dateRange(`2021-04-30T10:20:30.${fraction}Z`)).toEqual(interval(second + more, second + more + length))
  })

  it.each([
    '',
    'x',
    '0000',
    '0000-01-01',
    '21',
    '20211',
    '2021-',
    '2021-00',
    '2021-13',
    '2021-4',
    '2021-04-00',
    '2021-04-31',
    '2021-02-29',
    '1900-02-29',
    '2021-12-32',
    '2021-04-30T',
    '2021-04-30T10',
    '2021-04-30T24:00',
    '2021-04-30T10:60',
    '2021-04-30T10:20:61',
    '2021-04-30T10:20:30.',
    '2021-04-30T10:20:30.1234567890123456789012345678901',
    '2021-04-30T10:20+15:00',
    '2021-04-30T10:20+01:60',
    '2021-04-30T10:20+0100',
    '2021-04-30T10:20z',
    '2021-04-30 10:20',
    ' 2021',
    '2021 ',
    '2021-04-30Z',
    '2021\n'
  ])('of %j is none', (text) => {
    expect(dateRange(text)).toBeNull()
  })

  it('is that of the calendar of JavaScript for every day', () => {
    const year = fc.oneof(fc.integer({ min: 1, max: 9998 }), fc.constantFrom(1600, 1900, 1969, 1970, 2000, 2024))
    fc.assert(
      fc.property(year, fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), (...parts) => {
        const text = parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0')).join('-')
        const start = Date.parse(`${text}T00:00Z`)
        const isDay = !Number.isNaN(start) && new Date(start).toISOString().startsWith(text)
        const day = nanoseconds('1970-01-02T00:00Z')
        const from = isDay ? BigInt(start) * 1_000_000n : 0n
        expect(dateRange(text)).toEqual(isDay ? interval(from, from + day) : null)
      })
    )
  })
})

describe('a moment as a text', () => {
  it.each([
    [0n, '1970-01-01T00:00:00.000000000Z'],
    [1n, '1970-01-01T00:00:00.000000001Z'],
    [-1n, '1969-12-31T23:59:59.999999999Z'],
    [-1_000_000_000n, '1969-12-31T23:59:59.000000000Z'],
    [nanoseconds('2020-02-29T10:20:30Z', 45n), '2020-02-29T10:20:30.000000045Z'],
    [nanoseconds('2020-12-31T23:00:00Z'), '2020-12-31T23:00:00.000000000Z'],
    [nanoseconds('2021-01-01T00:01:02Z'), '2021-01-01T00:01:02.000000000Z'],
    [nanoseconds('0001-01-01T00:00:00Z'), '0001-01-01T00:00:00.000000000Z'],
    [nanoseconds('0001-01-01T00:00:00Z') - 1n, null],
    [nanoseconds('9999-12-31T23:59:59Z', 999_999_999n), '9999-12-31T23:59:59.999999999Z'],
    [nanoseconds('+010000-01-01T00:00:00Z'), null],
    [nanoseconds('-000400-01-01T00:00:00Z'), null]
  ])('of %d nanoseconds is %s', (digits, text) => {
    expect(printMoment({ digits, exponent: 0 })).toBe(text)
  })

  it('is that of the calendar of JavaScript, and reads back as that moment', () => {
    const from = Date.parse('0001-01-01T00:00:00Z')
    fc.assert(
      fc.property(fc.integer({ min: from, max: Date.parse('9999-12-31T23:59:59Z') }), (milliseconds) => {
        const digits = BigInt(milliseconds) * 1_000_000n
        const text = new Date(milliseconds).toISOString().replace('Z', '000000Z')
        expect(printMoment({ digits, exponent: 0 })).toBe(text)
        expect(dateRange(text)).toEqual(interval(digits, digits + 1n))
      })
    )
  })

  it('is right on the first and the last day of every year', () => {
    for (let year = 1; year <= 9999; year += 37)
      for (const day of ['01-01', '02-28', '03-01', '12-31']) {
        const date = `${String(year).padStart(4, '0')}-${day}`
        const digits = nanoseconds(`${date}T00:00Z`)
        expect(printMoment({ digits, exponent: 0 })).toBe(`${date}T00:00:00.000000000Z`)
      }
  })
})
