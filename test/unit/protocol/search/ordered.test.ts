/** Search values and index values of dates, numbers and quantities: how they are read, and which match. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesDate, matchesNumber } from '../../../support/fhir/ordered-slow.js'
import type { OrderedType } from '../../../../src/protocol/access/search/ordered.js'
import {
  isOrdered,
  matchesOrdered,
  matchesRead,
  readIndex,
  readOrdered
} from '../../../../src/protocol/access/search/ordered.js'
import { dateRange } from '../../../../src/protocol/access/search/dates.js'
import { compareDecimals, printDecimal, readDecimal } from '../../../../src/values/decimal.js'
import type { Cut } from '../../../../src/values/interval.js'
import { prefixes } from '../../../../src/values/interval.js'

/** A boundary as a text: `(` or `[` before a low number, `)` or `]` after a high one. */
const shown = (cut: Cut | null, marks: string): string => {
  if (cut === null) return '..'
  return `${marks[cut.isAfter ? 1 : 0] ?? ''}${String(Number(printDecimal(cut.at)))}`
}

describe('a type with an order', () => {
  it.each(['date', 'number', 'quantity'])('is %s', (type) => {
    expect(isOrdered(type)).toBe(true)
  })

  it.each(['token', 'reference', 'string', 'uri', 'other', ''])('is not %j', (type) => {
    expect(isOrdered(type)).toBe(false)
  })
})

describe('a search value', () => {
  it.each([
    ['half a unit on both sides', 'number', '5.4', 'eq [5.35 [5.45'],
    ['half a unit of a whole number', 'number', '5', 'eq [4.5 [5.5'],
    ['eq', 'number', 'eq5', 'eq [4.5 [5.5'],
    ['ne', 'number', 'ne5', 'ne [4.5 [5.5'],
    ['the value alone for gt', 'number', 'gt5', 'gt [5 (5'],
    ['the value alone for lt', 'number', 'lt5', 'lt [5 (5'],
    ['the value alone for ge', 'number', 'ge5', 'ge [5 (5'],
    ['the value alone for le', 'number', 'le5', 'le [5 (5'],
    ['the value alone for sa', 'number', 'sa5', 'sa [5 (5'],
    ['the value alone for eb', 'number', 'eb5', 'eb [5 (5'],
    ['a tenth for ap', 'number', 'ap100', 'ap [90 (110'],
    ['a tenth for ap of a negative number', 'number', 'ap-100', 'ap [-110 (-90'],
    ['half a unit for ap where it is more', 'number', 'ap3', 'ap [2.5 [3.5'],
    ['half a unit for ap of a negative number', 'number', 'ap-3', 'ap [-3.5 [-2.5'],
    ['a tenth that is half a unit', 'number', 'ap5', 'ap [4.5 (5.5'],
    ['nought', 'number', 'ap0', 'ap [-0.5 [0.5'],
    ['an exponent', 'number', '5e2', 'eq [450 [550'],
    ['a quantity of any unit', 'quantity', '5', 'eq [4.5 [5.5'],
    ['a quantity with a system', 'quantity', '5|http://u|mg', 'eq [4.5 [5.5 http://u mg'],
    ['a quantity with a code alone', 'quantity', '5||mg', 'eq [4.5 [5.5 null mg'],
    ['a quantity with a prefix', 'quantity', 'gt5||mg', 'gt [5 (5 null mg'],
    ['a unit with a bar', 'quantity', '5||a\\|b', 'eq [4.5 [5.5 null a|b']
  ] as const)('has %s: %s %s', (_, type, text, expected) => {
    const value = readOrdered(type, text)
    const unit = value?.unit ?? null
    const parts = [value?.prefix, shown(value?.interval.low ?? null, '[('), shown(value?.interval.high ?? null, '[(')]
    expect([...parts, ...(unit === null ? [] : [String(unit.system), unit.code])].join(' ')).toBe(expected)
  })

  it.each(prefixes.filter((prefix) => prefix !== 'ap'))('has the prefix %s and the interval of a date', (prefix) => {
    expect(readOrdered('date', `${prefix}2020-05`)).toEqual({ prefix, interval: dateRange('2020-05'), unit: null })
    expect(readOrdered('date', '2020-05')).toEqual({ prefix: 'eq', interval: dateRange('2020-05'), unit: null })
  })

  it.each([
    ['no date', 'date', 'x'],
    ['no date behind a prefix', 'date', 'gex'],
    ['a prefix alone', 'date', 'ge'],
    ['another prefix', 'date', 'xx2020'],
    ['a prefix in capitals', 'date', 'GE2020'],
    ['two prefixes', 'date', 'gege2020'],
    ['a character before the prefix', 'date', ' ge2020'],
    ['a line break', 'date', 'ge2020\n'],
    ['ap on a date', 'date', 'ap2020'],
    ['no number', 'number', 'x'],
    ['nothing', 'number', ''],
    ['a unit behind a number', 'number', '5||mg'],
    ['a system without a code', 'quantity', '5|http://u'],
    ['an empty code', 'quantity', '5|http://u|'],
    ['an empty code without a system', 'quantity', '5||'],
    ['a fourth part', 'quantity', '5|http://u|mg|x'],
    ['an empty fourth part', 'quantity', '5|http://u|mg|'],
    ['a unit without a number', 'quantity', '|http://u|mg'],
    ['nothing', 'quantity', '']
  ] as const)('is malformed with %s: %s %j', (_, type, text) => {
    expect(readOrdered(type, text)).toBeNull()
  })
})

describe('an index value', () => {
  it.each([
    ['a number', 'number', '5.4', '[5.4 (5.4'],
    ['both ends', 'number', '5/6', '[5 (6'],
    ['a low end', 'number', '5/..', '[5 ..'],
    ['a high end', 'number', '../6', '.. (6'],
    ['less', 'number', '<5', '.. [5'],
    ['at most', 'number', '<=5', '.. (5'],
    ['at least', 'number', '>=5', '[5 ..'],
    ['more', 'number', '>5', '(5 ..'],
    ['a quantity alone', 'quantity', '5', '[5 (5'],
    ['a quantity', 'quantity', '5|s|c|d', '[5 (5|s|c|d'],
    ['a quantity with both ends', 'quantity', '5/6|s|c|d', '[5 (6|s|c|d'],
    ['a quantity with a comparator', 'quantity', '<5|s|c|d', '.. [5|s|c|d'],
    ['parts with a bar', 'quantity', '5|s\\|t|c|d', '[5 (5|s|t|c|d'],
    ['more parts than are read', 'quantity', '5|s|c|d|e', '[5 (5|s|c|d']
  ] as const)('has %s: %s %s', (_, type, text, expected) => {
    const index = readIndex(type, text)
    const { code, display, system } = index ?? { code: '-', display: '-', system: '-' }
    const limits = [shown(index?.interval.low ?? null, '[('), shown(index?.interval.high ?? null, '[(')].join(' ')
    expect([limits, ...[system, code, display].filter((part) => part !== '')].join('|')).toBe(expected)
  })

  it.each([
    ['a date', '2020-05', '2020-05', '2020-05'],
    ['a period', '2020-05/2021', '2020-05', '2021'],
    ['an open end', '2020/..', '2020', null],
    ['an open start', '../2021', null, '2021']
  ])('has the limits of %s', (_, text, start, end) => {
    expect(readIndex('date', text)).toEqual({
      interval: {
        low: start === null ? null : dateRange(start)?.low,
        high: end === null ? null : dateRange(end)?.high
      },
      system: '',
      code: '',
      display: ''
    })
  })

  it.each([
    ['nothing', 'date', ''],
    ['no date', 'date', 'x'],
    ['no start', 'date', 'x/2020'],
    ['no end', 'date', '2020/x'],
    ['no limit', 'date', '../..'],
    ['an open date', 'date', '..'],
    ['three dates', 'date', '2020/2021/2022'],
    ['an end before the start', 'date', '2021/2020'],
    ['an empty end', 'date', '2020/'],
    ['nothing', 'number', ''],
    ['no number', 'number', 'x'],
    ['no low number', 'number', 'x/5'],
    ['no high number', 'number', '5/x'],
    ['no limit', 'number', '../..'],
    ['an open number', 'number', '..'],
    ['three numbers', 'number', '1/2/3'],
    ['an end before the start', 'number', '6/5'],
    ['a comparator alone', 'number', '<'],
    ['no number behind a comparator', 'number', '>=x'],
    ['a comparator and both ends', 'number', '<5/6'],
    ['another comparator', 'number', '=5'],
    ['two comparators', 'number', '<>5'],
    ['a comparator that is turned', 'number', '=<5'],
    ['a character before a comparator', 'number', 'x<5'],
    ['a line break behind a comparator', 'number', '<5\n'],
    ['units of a number', 'number', '5|s|c|d'],
    ['no number', 'quantity', '|s|c|d'],
    ['nothing', 'quantity', '']
  ] as const)('has none with %s: %s %j', (_, type, text) => {
    expect(readIndex(type, text)).toBeNull()
    const all = readOrdered(type, type === 'date' ? 'ne2000' : 'ne0')
    expect(all !== null && matchesOrdered(type, all, text)).toBe(false)
  })
})

describe('a unit', () => {
  it.each([
    ['any unit', '5', true],
    ['the system and the code', '5|s|c', true],
    ['the code', '5||c', true],
    ['the display', '5||d', true],
    ['another code', '5||e', false],
    ['another system', '5|t|c', false],
    ['another code of the system', '5|s|e', false],
    ['the display as a code of the system', '5|s|d', false]
  ])('that is requested as %s', (_, text, isMatch) => {
    const [value, index] = [readOrdered('quantity', text), readIndex('quantity', '5|s|c|d')]
    expect(value !== null && index !== null && matchesRead(value, index)).toBe(isMatch)
    expect(value !== null && matchesOrdered('quantity', value, '5|s|c|d')).toBe(isMatch)
    expect(value !== null && matchesOrdered('quantity', value, '7|s|c|d')).toBe(false)
  })
})

describe('a value that matches', () => {
  const dates = ['2019', '2020', '2020-02', '2020-02-28', '2020-02-29T10:00', '2020-02-29T23:59:30-05:30', '2021']
  const matches = (type: OrderedType, text: string, index: string): boolean | null => {
    const value = readOrdered(type, text)
    return value === null ? null : matchesOrdered(type, value, index)
  }

  it.each(prefixes.filter((prefix) => prefix !== 'ap'))('a date with %s is one of the slow reader', (prefix) => {
    for (const date of dates)
      for (const other of dates)
        for (const index of [other, `${other}/..`, `../${other}`, `2019/${other}`, `${other}/2021`])
          expect([date, index, matches('date', `${prefix}${date}`, index)]).toEqual([
            date,
            index,
            matchesDate(`${prefix}${date}`, index)
          ])
  })

  it.each(['', ...prefixes])('a number with %j is one of the slow reader', (prefix) => {
    const numbers = ['-20', '-0.1', '0', '0.5', '1', '1.0', '9.45', '9.5', '10', '10.00', '10.5', '11', '20']
    for (const number of numbers)
      for (const index of [...numbers, '10.01', '9.99', '9.49', '10.49', '10.51', '11.01', '-18', '-22', '-22.01'])
        expect([number, index, matches('number', `${prefix}${number}`, index)]).toEqual([
          number,
          index,
          matchesNumber(`${prefix}${number}`, Number(index))
        ])
  })

  it('lies within what `ap` adds: at least half a unit, and a tenth', () => {
    fc.assert(
      fc.property(fc.integer({ min: -3000, max: 3000 }), fc.constantFrom(0, 1, 2), (number, places) => {
        const text = `${String(number)}e-${String(places)}`
        const [value, decimal] = [readOrdered('number', `ap${text}`), readDecimal(text)]
        const [low, high] = [value?.interval.low, value?.interval.high]
        if (decimal === null || low === null || low === undefined || high === null || high === undefined)
          throw new Error(text)
        const [unit, exact] = [1 / 10 ** places, number / 10 ** places]
        const distance = Math.max(Math.abs(exact) / 10, unit / 2)
        const [from, until] = [low, high].map(({ at }) => Number(at.digits) * 10 ** at.exponent)
        expect([from, until].map((end) => (end ?? 0).toFixed(6))).toEqual(
          [exact - distance, exact + distance].map((end) => end.toFixed(6))
        )
        expect(compareDecimals(low.at, decimal)).toBe(-1)
      })
    )
  })
})
