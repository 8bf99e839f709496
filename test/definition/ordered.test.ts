/** Dates, numbers and quantities in searches: the reader against a slow one that shares nothing with it. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesDate, matchesNumber } from '../support/fhir/ordered-slow.js'
import { matchesOrdered, readOrdered } from '../../src/protocol/access/search/ordered.js'
import type { OrderedType, OrderedValue } from '../../src/protocol/access/search/ordered.js'

const two = (from: number, to: number): fc.Arbitrary<string> =>
  fc.integer({ min: from, max: to }).map((number) => String(number).padStart(2, '0'))
const day = fc
  .tuple(fc.constantFrom(2019, 2020, 2020, 2020), fc.constantFrom('01', '01', '02'), two(1, 3))
  .map(([year, month, date]) => `${String(year)}-${month}-${date}`)
const clock = fc
  .tuple(fc.constantFrom('00', '10', '23'), fc.constantFrom('00', '59'), fc.constantFrom('', ':00', ':59', ':30.250'))
  .map((parts) => `T${parts[0]}:${parts[1]}${parts[2]}`)
const zone = fc.constantFrom('', 'Z', '+14:00', '-05:30')
const date = fc.oneof(
  day.map((one) => one.slice(0, 4)),
  day.map((one) => one.slice(0, 7)),
  day,
  fc.tuple(day, clock, zone).map((parts) => parts.join(''))
)
const prefix = fc.constantFrom('', 'eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap')
const requested = fc
  .tuple(
    prefix.filter((one) => one !== 'ap'),
    date
  )
  .map((parts) => parts.join(''))
const start = (text: string): number => Date.parse(/T.*[Z+-]/.test(text) || !text.includes('T') ? text : `${text}Z`)
const found = fc.oneof(
  date,
  date.map((one) => `../${one}`),
  date.map((one) => `${one}/..`),
  fc.tuple(date, date).map(([one, other]) => (start(one) <= start(other) ? `${one}/${other}` : `${other}/${one}`))
)

type Matching = (type: OrderedType, value: OrderedValue, text: string) => boolean

/** How many of so many cases a reader decides otherwise than the slow one. */
const differences = (matching: Matching, numRuns: number): number => {
  let count = 0
  const decide = (type: OrderedType, text: string, indexed: string): boolean | null => {
    const value = readOrdered(type, text)
    return value === null ? null : matching(type, value, indexed)
  }
  fc.assert(
    fc.property(requested, found, (text, indexed) => {
      if (decide('date', text, indexed) !== matchesDate(text, indexed)) count += 1
    }),
    { numRuns, seed: 1 }
  )
  const number = fc.integer({ min: -1200, max: 1200 })
  const places = fc.constantFrom(0, 1, 2)
  fc.assert(
    fc.property(prefix, number, places, fc.integer({ min: -1200, max: 1200 }), (before, hundredths, digits, other) => {
      const text = `${before}${(hundredths / 100).toFixed(digits).replace(/^-(0(?:\.0*)?)$/, '$1')}`
      const value = other / 100
      if (decide('number', text, String(value)) !== matchesNumber(text, value)) count += 1
      if (decide('quantity', `${text}|http://u|mg`, `${String(value)}|http://u|mg|mg`) !== matchesNumber(text, value))
        count += 1
      if (decide('quantity', `${text}|http://u|mg`, `${String(value)}|http://u|g|mg`) !== false) count += 1
    }),
    { numRuns, seed: 2 }
  )
  return count
}

const faults: ReadonlyArray<readonly [string, Matching]> = [
  ['the prefix is not looked at', (type, value, text) => matchesOrdered(type, { ...value, prefix: 'eq' }, text)],
  [
    'gt is sa',
    (type, value, text) => matchesOrdered(type, value.prefix === 'gt' ? { ...value, prefix: 'sa' } : value, text)
  ],
  [
    'ge is gt',
    (type, value, text) => matchesOrdered(type, value.prefix === 'ge' ? { ...value, prefix: 'gt' } : value, text)
  ],
  [
    'eq is an overlap',
    (type, value, text) => matchesOrdered(type, value.prefix === 'eq' ? { ...value, prefix: 'ap' } : value, text)
  ],
  ['units are not looked at', (type, value, text) => matchesOrdered(type, { ...value, unit: null }, text)],
  [
    'a period is its start',
    (type, value, text) => matchesOrdered(type, value, text.startsWith('..') ? text : text.replace(/\/.*/, ''))
  ],
  [
    'time zones are not looked at',
    (type, value, text) => matchesOrdered(type, value, text.replace(/[+-][0-9]{2}:[0-9]{2}/g, 'Z'))
  ]
]

describe('dates, numbers and quantities', () => {
  it('match as FHIR says', () => {
    expect(differences(matchesOrdered, 4000)).toBe(0)
  })

  it(
    'are evaluated in the way that FHIR defines, or not at all: what `ap` adds to a date ' + 'follows from the present',
    () => {
      expect(['ap2020', 'ap2020-05-01T10:00Z'].map((text) => readOrdered('date', text))).toEqual([null, null])
      expect([readOrdered('number', 'ap5'), readOrdered('quantity', 'ap5||mg')]).not.toContain(null)
    }
  )

  it.each(faults)('are not read so when %s', (_name, matching) => {
    expect(differences(matching, 2000)).toBeGreaterThan(0)
  })
})
