/** Elements that satisfy clauses on dates, numbers and quantities: examples, and a slow search for one. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { matchesDate, matchesNumber } from '../../../support/fhir/ordered-slow.js'
import { orderedElement } from '../../../../src/protocol/access/search/ordered-witness.js'
import type { OrderedType } from '../../../../src/protocol/access/search/ordered.js'
import { readOrdered } from '../../../../src/protocol/access/search/ordered.js'
import type { ElementKind } from '../../../../src/protocol/access/search/path-table.js'

const elementOf = (type: OrderedType, kind: ElementKind, clauses: ReadonlyArray<string>): unknown =>
  orderedElement(
    type,
    kind,
    clauses.map((clause) =>
      clause.split(',').map((text) => {
        const value = readOrdered(type, text)
        if (value === null) throw new Error(text)
        return value
      })
    )
  )

/** An element with its numbers as numbers. */
const shown = (element: unknown): unknown =>
  JSON.parse(JSON.stringify(element), (_, member: unknown) =>
    typeof member === 'string' && member.startsWith('\u0000') ? Number(member.slice(1)) : member
  )

describe('a number that satisfies all clauses', () => {
  it.each<readonly [string, ReadonlyArray<string>, number | null]>([
    ['the lowest', ['5'], 4.5],
    ['the lowest of nought', ['0'], -0.5],
    ['below', ['ne5'], 4.4],
    ['above a number', ['gt5'], 6],
    ['after a number', ['sa5'], 6],
    ['above a decimal', ['gt5.25'], 5.26],
    ['below a number', ['lt5'], 4],
    ['before a number', ['eb5'], 4],
    ['from a number on', ['ge5'], 5],
    ['up to a number', ['le5'], 5],
    ['about a number', ['ap100'], 90],
    ['between two', ['gt5', 'lt6'], 5.5],
    ['between two decimals', ['gt5.25', 'lt5.5'], 5.375],
    ['both ends', ['ge5', 'le5'], 5],
    ['nothing between', ['gt5', 'lt5'], null],
    ['nothing at one end', ['gt5', 'le5'], null],
    ['nothing at the other end', ['ge5', 'lt5'], null],
    ['nothing in two ranges', ['5', '7'], null],
    ['nothing in ranges that touch', ['5', '6'], null],
    ['the lower end of two', ['ge5', 'ge7'], 7],
    ['the upper end of two', ['le5', 'le7'], 5],
    ['the upper end of two, the other way round', ['le7', 'le5'], 5],
    ['one of a list', ['1,3', 'ge2'], 2.5],
    ['one of a list in another order', ['3,1', 'ge2'], 2.5],
    ['the last of a list', ['1,3,5', 'gt4'], 4.5],
    ['one of two lists', ['1,3,5', '2,4,5'], 4.5],
    ['one of three lists', ['1,3,5', '2,3,5', '1,2,5'], 4.5],
    ['nothing in two lists', ['1,3,5', '2,4,6'], null],
    ['everything, joined from two', ['lt5,ge5'], 0],
    ['everything, joined from two that overlap', ['le6,ge5'], 0],
    ['everything, joined in another order', ['ge5,lt5'], 0],
    ['everything but one', ['lt5,gt5', 'ge5'], 6],
    ['not the one', ['lt5,gt5', 'ge5', 'le5'], null],
    ['a range within another', ['3,3.0', 'gt3.2'], 3.35],
    ['a range around another', ['3.0,3', 'gt3.2'], 3.35],
    ['ranges that begin together', ['2.5,3', 'gt3.2', 'lt3.4'], 3.3],
    ['an open range around others', ['ge1,3', 'gt7'], 8],
    ['an open range below others', ['le5,3', 'lt1'], 0],
    ['two open ranges below', ['le3,le7', 'gt5'], 7],
    ['two open ranges below, the other way round', ['le7,le3', 'gt5'], 7],
    ['two open ranges above', ['ge3,ge7', 'lt5'], 3],
    ['two open ranges above, the other way round', ['ge7,ge3', 'lt5'], 3],
    ['three ranges in a row', ['1,2,3', 'gt1.6', 'lt2.4'], 2],
    ['the same clause twice', ['5', '5'], 4.5],
    ['no clause', [], null]
  ])('is %s: %j', (_, clauses, number) => {
    expect(shown(elementOf('number', 'n', clauses))).toBe(number)
    expect(shown(elementOf('number', 'a', clauses))).toEqual(
      number === null ? null : { low: { value: number }, high: { value: number } }
    )
  })

  it('is none where its text would be longer than a number may be', () => {
    const long = `0.${'1'.repeat(62)}`
    expect(elementOf('number', 'n', [`le${long.slice(0, 50)}`])).not.toBeNull()
    expect(elementOf('number', 'n', [long])).toBeNull()
    expect(elementOf('number', 'n', [`${long},5`])).toBeNull()
  })

  const number = fc
    .tuple(fc.integer({ min: -12, max: 12 }), fc.constantFrom(0, 1))
    .map(([tenths, places]) => (tenths / 10).toFixed(places).replace(/^-(0(?:\.0*)?)$/, '$1'))
  const value = fc
    .tuple(fc.constantFrom('', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'), number)
    .map((parts) => parts.join(''))
  const clauses = fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 })
  /** Each number between and beyond the limits of the values, in steps that are smaller than their distances. */
  const candidates = Array.from({ length: 801 }, (_, index) => (index - 400) / 200)

  it('is found exactly where a slow search finds one, and the slow reader accepts it', () => {
    fc.assert(
      fc.property(clauses, (all) => {
        const isMatch = (found: number): boolean =>
          all.every((values) => values.some((text) => matchesNumber(text, found)))
        const element = shown(
          elementOf(
            'number',
            'n',
            all.map((values) => values.join(','))
          )
        )
        expect([all, element !== null]).toEqual([all, candidates.some(isMatch)])
        if (element !== null) expect([all, element, isMatch(element as number)]).toEqual([all, element, true])
      })
    )
  })
})

describe('a date that satisfies all clauses', () => {
  const midnight = 'T00:00:00.000000000Z'

  it.each<readonly [string, ReadonlyArray<string>, string | null]>([
    ['the first of a month', ['2020-05'], '2020-05-01'],
    ['the first of the calendar', ['ne2020'], '0001-01-01'],
    ['the first after a year', ['gt2020'], '2021-01-01'],
    ['the first of a year', ['ge2020'], '2020-01-01'],
    ['the first of the calendar, before', ['lt2020'], '0001-01-01'],
    ['the first of the calendar, until', ['le2020'], '0001-01-01'],
    ['the first of the calendar, from earlier on', ['ge0001-01-01T00:00+14:00'], '0001-01-01'],
    ['the first of the calendar and a day', ['gt0001-01-01'], '0001-01-02'],
    ['a day of a month', ['2020-05', 'gt2020-05-20'], '2020-05-21'],
    ['the last day of a month', ['2020-05', 'gt2020-05-30'], '2020-05-31'],
    ['one of a list', ['2019,2020', 'ge2019-07', 'gt2019'], '2020-01-01'],
    ['the day before the epoch', ['1969-12-31'], '1969-12-31'],
    ['the last day of the calendar', ['9999-12-31'], '9999-12-31'],
    ['nothing in two months', ['2020-05', '2020-06'], null],
    ['nothing between', ['gt2020', 'lt2021'], null],
    ['nothing before the calendar', ['lt0001'], null],
    ['nothing before the calendar, in a zone', ['0001-01-01T00:00+14:00'], null],
    ['nothing after the calendar', ['gt9999'], null]
  ])('is %s: %j', (_, clauses, day) => {
    const moment = day === null ? null : `${day}${midnight}`
    expect(elementOf('date', 'd', clauses)).toBe(day)
    expect(elementOf('date', 't', clauses)).toBe(moment)
    expect(elementOf('date', 'm', clauses)).toEqual(moment === null ? null : { event: [moment] })
  })

  it.each<readonly [string, ReadonlyArray<string>, string | null, string]>([
    ['the next whole day', ['ge2020-05-01T10:00'], '2020-05-02', '2020-05-01T10:00:00.000000000Z'],
    ['the next before the epoch', ['ge1960-02-29T10:00'], '1960-03-01', '1960-02-29T10:00:00.000000000Z'],
    ['the next in a zone', ['ge2020-05-01T00:00-01:00'], '2020-05-02', '2020-05-01T01:00:00.000000000Z'],
    ['the whole day', ['ge2020-05-01T10:00', 'lt2020-05-03'], '2020-05-02', '2020-05-01T10:00:00.000000000Z'],
    ['no whole day', ['ge2020-05-01T10:00', 'lt2020-05-02T10:00'], null, '2020-05-01T10:00:00.000000000Z'],
    ['no whole day after one', ['ge2020-05-01', 'lt2020-05-01T23:59'], null, '2020-05-01T00:00:00.000000000Z'],
    ['a part of a second', ['2020-05-01T10:00:30.25Z'], null, '2020-05-01T10:00:30.250000000Z'],
    ['no whole day at the end', ['gt9999-12-31T10:00'], null, '9999-12-31T10:01:00.000000000Z']
  ])('is %s, and the moment: %j', (_, clauses, day, moment) => {
    expect(elementOf('date', 'd', clauses)).toBe(day)
    expect(elementOf('date', 't', clauses)).toBe(moment)
  })

  it.each<readonly [string, ReadonlyArray<string>, unknown]>([
    ['one moment', ['2020-05'], { start: `2020-05-01${midnight}`, end: `2020-05-01${midnight}` }],
    ['open at its end, around two', ['gt2020', 'lt2020'], { start: '0001-01-01' }],
    ['open at its end, beyond the calendar', ['gt9999'], { start: '0001-01-01' }],
    ['open at its start', ['lt0001'], { end: '9999-12-31' }],
    ['open at its start, around two', ['lt0001', 'gt2020'], { end: '9999-12-31' }],
    ['none', ['sa2020', 'eb2020'], null],
    ['none beyond both ends', ['lt0001', 'gt9999'], null]
  ])('is a period: %s', (_, clauses, period) => {
    expect(elementOf('date', 'p', clauses)).toEqual(period)
  })

  it('is looked for in eight ranges', () => {
    const minutes = Array.from({ length: 8 }, (_, index) => `2020-05-0${String(index + 1)}T10:00`)
    expect(elementOf('date', 'd', [[...minutes.slice(1), '2020-06-07'].join(',')])).toBe('2020-06-07')
    expect(elementOf('date', 'd', [[...minutes, '2020-06-07'].join(',')])).toBeNull()
  })

  const dates = [
    '2019',
    '2020',
    '2020-01',
    '2020-01-01',
    '2020-01-02',
    '2020-01-02T10:00',
    '2020-01-02T10:00:30',
    '2021'
  ]
  const value = fc
    .tuple(fc.constantFrom('', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb'), fc.constantFrom(...dates))
    .map((parts) => parts.join(''))
  const clauses = fc.array(fc.array(value, { minLength: 1, maxLength: 2 }), { minLength: 1, maxLength: 3 })
  const moments = [
    '2018-12-31T23:59:59.999Z',
    ...['2019-01-01', '2019-12-31', '2020-01-01', '2020-01-02'].map((day) => `${day}T00:00:00.000Z`),
    ...['09:59:59', '10:00:00', '10:00:29', '10:00:30', '10:00:31', '10:01:00'].map(
      (time) => `2020-01-02T${time}.000Z`
    ),
    ...['2020-01-03', '2020-02-01', '2020-12-31', '2021-01-01', '2022-01-01'].map((day) => `${day}T00:00:00.000Z`)
  ]

  it('is found exactly where a slow search finds one, and the slow reader accepts it', () => {
    fc.assert(
      fc.property(clauses, (all) => {
        const isMatch = (index: string): boolean =>
          all.every((values) => values.some((text) => matchesDate(text, index)))
        const joined = all.map((values) => values.join(','))
        const moment = elementOf('date', 't', joined)
        expect([all, moment !== null]).toEqual([all, moments.some(isMatch)])
        if (typeof moment === 'string') expect([all, isMatch(moment.replace('000000Z', 'Z'))]).toEqual([all, true])
        const day = elementOf('date', 'd', joined)
        if (day !== null) expect([all, day, isMatch(day as string)]).toEqual([all, day, true])
        const { start = '..', end = '..' } = (elementOf('date', 'p', joined) ?? {}) as { start?: string; end?: string }
        const period = `${start}/${end}`.replaceAll('000000Z', 'Z')
        if (period !== '../..') expect([all, period, isMatch(period)]).toEqual([all, period, true])
        else expect([all, moment, isMatch('0001-01-01/..')]).toEqual([all, null, false])
      })
    )
  })
})

describe('a quantity that satisfies all clauses', () => {
  const iso = 'urn:iso:std:iso:4217'

  it.each<readonly [string, ReadonlyArray<string>, unknown]>([
    ['without a unit', ['5'], { value: 4.5 }],
    ['with a system and a code', ['5|s|mg'], { value: 4.5, code: 'mg', unit: 'mg', system: 's' }],
    ['with a code', ['5||mg'], { value: 4.5, code: 'mg', unit: 'mg' }],
    ['with the unit of one clause', ['5|s|mg', 'ge5'], { value: 5, code: 'mg', unit: 'mg', system: 's' }],
    ['with the unit of the other clause', ['ge5', '5|s|mg'], { value: 5, code: 'mg', unit: 'mg', system: 's' }],
    ['with the system of one clause', ['5|s|mg', 'ge5||mg'], { value: 5, code: 'mg', unit: 'mg', system: 's' }],
    ['with the system of the other clause', ['ge5||mg', '5|s|mg'], { value: 5, code: 'mg', unit: 'mg', system: 's' }],
    ['with the unit of both', ['5|s|mg', 'gt5|s|mg'], { value: 5.25, code: 'mg', unit: 'mg', system: 's' }],
    ['with the unit that two lists have', ['5||g,5||mg', '5||mg,5||kg'], { value: 4.5, code: 'mg', unit: 'mg' }],
    ['with the range of its unit', ['1||g,5||mg', 'ge3'], { value: 4.5, code: 'mg', unit: 'mg' }],
    ['with the first unit', ['5||g,5||mg'], { value: 4.5, code: 'g', unit: 'g' }],
    ['without the unit of a list', ['5,1||g', '7,5'], { value: 4.5, code: 'g', unit: 'g' }],
    ['with the first unit that fits', ['5,1||g', 'gt5,gt7||mg'], { value: 5.25, code: 'g', unit: 'g' }],
    ['with the range of the first unit', ['5||mg,1||g'], { value: 4.5, code: 'mg', unit: 'mg' }],
    ['with the range of the first system', ['5|s|mg,1|t|mg'], { value: 4.5, code: 'mg', unit: 'mg', system: 's' }],
    ['with two systems', ['5|s|mg', '5|t|mg'], null],
    ['with two codes of a system', ['5|s|mg', '5|s|g'], null],
    ['with two codes', ['5||mg', '5||g'], null],
    ['with two ranges', ['5||mg', '7'], null],
    ['with no common range', ['gt5', 'lt5'], null]
  ])('is one %s: %j', (_, clauses, quantity) => {
    expect(shown(elementOf('quantity', 'q', clauses))).toEqual(quantity)
    expect(shown(elementOf('quantity', 'a', clauses))).toEqual(
      quantity === null ? null : { low: quantity, high: quantity }
    )
  })

  it.each<readonly [string, ReadonlyArray<string>, unknown]>([
    ['no currency', ['5'], { value: 4.5, currency: 'XXX' }],
    ['the code', ['5||EUR'], { value: 4.5, currency: 'EUR' }],
    ['the code of its system', [`5|${iso}|EUR`], { value: 4.5, currency: 'EUR' }],
    ['the code of one of a list', [`5|s|EUR,5|${iso}|USD`], { value: 4.5, currency: 'USD' }],
    ['no currency beside another system', ['5,1|s|EUR'], { value: 4.5, currency: 'XXX' }],
    ['another system', ['5|s|EUR'], null],
    ['two currencies', ['5||EUR', '5||USD'], null]
  ])('is money with %s: %j', (_, clauses, money) => {
    expect(shown(elementOf('quantity', 'y', clauses))).toEqual(money)
  })

  it('is looked for with sixteen units', () => {
    const units = Array.from({ length: 16 }, (_, index) => `5||u${String(index)}`)
    expect(shown(elementOf('quantity', 'q', [units.join(','), '5||u15']))).toMatchObject({ code: 'u15' })
    expect(elementOf('quantity', 'q', [[...units, '5||last'].join(','), '5||last'])).toBeNull()
  })

  it('is none where its text would be longer than a number may be', () => {
    expect(elementOf('quantity', 'q', [`0.${'1'.repeat(62)}||mg`])).toBeNull()
  })
})
