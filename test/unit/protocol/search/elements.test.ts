/** The index values of dates, numbers and quantities: examples for each form of an element. */
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { dateTexts, numberTexts, quantityTexts } from '../../../../src/protocol/access/search/elements.js'

type Rows = ReadonlyArray<readonly [why: string, element: unknown, texts: ReadonlyArray<string>]>

const inherited: unknown = Object.create({ start: '2020', value: 5 })

describe('the dates of an element', () => {
  const rows: Rows = [
    ['a date', '2020-05', ['2020-05']],
    ['no date', 'soon', []],
    ['an impossible date', '2020-02-30', []],
    ['a number', 2020, []],
    ['nothing', undefined, []],
    ['null', null, []],
    ['a list', ['2020'], []],
    ['no member', {}, []],
    ['members of a prototype', inherited, []],
    ['a period', { start: '2020', end: '2021' }, ['2020/2021']],
    ['a start', { start: '2020' }, ['2020/..']],
    ['an end', { end: '2021' }, ['../2021']],
    ['an open period', { start: '..', end: '..' }, []],
    ['a start that is written as open', { start: '..', end: '2021' }, ['../2021']],
    ['an end that is written as open', { start: '2020', end: '..' }, ['2020/..']],
    ['a malformed start', { start: 'x', end: '2021' }, []],
    ['a malformed end', { start: '2020', end: 'x' }, []],
    ['a start of another kind', { start: 2020, end: '2021' }, []],
    ['an end of another kind', { start: '2020', end: null }, []],
    ['one event', { event: ['2020-05'] }, ['2020-05/2020-05']],
    ['the outermost events', { event: ['2021', '2020-05', '2022-03', '2020'] }, ['2020/2022-03']],
    ['events in order', { event: ['2020', '2021', '2022'] }, ['2020/2022']],
    ['events in reverse order', { event: ['2022', '2021', '2020'] }, ['2020/2022']],
    ['the widest of events that begin together', { event: ['2020-01', '2020'] }, ['2020-01/2020']],
    ['the first of events that begin together', { event: ['2020', '2020-01'] }, ['2020/2020']],
    ['the first of events that end together', { event: ['2020-12', '2020'] }, ['2020/2020-12']],
    ['no event', { event: [] }, []],
    ['an event that is no date', { event: ['x'] }, []],
    ['events beside one that is no date', { event: ['x', '2020', 7] }, ['2020/2020']],
    ['events that are no list', { event: '2020' }, []],
    ['bounds', { repeat: { boundsPeriod: { start: '2020', end: '2021' } } }, ['2020/2021']],
    ['bounds without an end', { repeat: { boundsPeriod: { start: '2020' } } }, ['2020/..']],
    ['bounds without a start', { repeat: { boundsPeriod: { end: '2021' } } }, ['../2021']],
    ['malformed bounds', { repeat: { boundsPeriod: { start: 'x' } } }, []],
    ['bounds that are no object', { repeat: { boundsPeriod: '2020' } }, []],
    ['a repetition without bounds', { repeat: {} }, []],
    ['a repetition that is no object', { repeat: '2020' }, []],
    [
      'events outside of bounds',
      { event: ['2019', '2024'], repeat: { boundsPeriod: { start: '2020', end: '2021' } } },
      ['2019/2024']
    ],
    [
      'events inside of bounds',
      { event: ['2020-05', '2020-07'], repeat: { boundsPeriod: { start: '2020-01', end: '2020-12' } } },
      ['2020-01/2020-12']
    ],
    [
      'events and bounds without an end',
      { event: ['2019', '2024'], repeat: { boundsPeriod: { start: '2020' } } },
      ['2019/..']
    ],
    [
      'events and bounds without a start',
      { event: ['2019', '2024'], repeat: { boundsPeriod: { end: '2020' } } },
      ['../2024']
    ],
    ['events and malformed bounds', { event: ['2019'], repeat: { boundsPeriod: { end: 'x' } } }, ['2019/2019']],
    ['a timing, not the period beside', { event: [], start: '2020' }, []],
    ['a repetition, not the period beside', { repeat: {}, start: '2020' }, []]
  ]

  it.each(rows)('of %s', (_, element, texts) => {
    expect(dateTexts(element)).toEqual(texts)
  })

  it('of a timing are the outermost of its events and bounds', () => {
    const year = fc.integer({ min: 1990, max: 2030 }).map(String)
    fc.assert(
      fc.property(fc.array(year, { minLength: 1 }), year, year, (event, start, end) => {
        const outer = (ends: ReadonlyArray<string>) => ends.toSorted()
        expect(dateTexts({ event })).toEqual([`${outer(event)[0] ?? ''}/${outer(event).at(-1) ?? ''}`])
        expect(dateTexts({ event, repeat: { boundsPeriod: { start, end } } })).toEqual([
          `${outer([...event, start])[0] ?? ''}/${outer([...event, end]).at(-1) ?? ''}`
        ])
      })
    )
  })
})

describe('the numbers of an element', () => {
  const rows: Rows = [
    ['a number', 5.4, ['5.4']],
    ['a negative number', -5, ['-5']],
    ['a number in its original digits', '\u00005.40', ['5.40']],
    ['a text', '5.4', []],
    ['a text after the mark', '\u0000x', []],
    ['digits after another character', 'x5', []],
    ['an infinite number', Infinity, []],
    ['a truth value', true, []],
    ['nothing', undefined, []],
    ['null', null, []],
    ['no member', {}, []],
    ['both ends of a range', { low: { value: 1 }, high: { value: 2 } }, ['1/2']],
    ['a low end', { low: { value: 1 } }, ['1/..']],
    ['a high end', { high: { value: 2 } }, ['../2']],
    ['ends in their original digits', { low: { value: '\u00001.0' }, high: { value: '\u00002.00' } }, ['1.0/2.00']],
    ['a malformed low end', { low: { value: 'x' }, high: { value: 2 } }, []],
    ['a malformed high end', { low: { value: 1 }, high: { value: 'x' } }, []],
    ['a low end without a value', { low: {}, high: { value: 2 } }, []],
    ['a low end that is no object', { low: 1, high: { value: 2 } }, []],
    ['a value alone', { value: 1 }, []],
    ['members of a prototype', inherited, []]
  ]

  it.each(rows)('of %s', (_, element, texts) => {
    expect(numberTexts(element)).toEqual(texts)
  })
})

describe('the quantities of an element', () => {
  const unit = { system: 'http://u', code: 'mg', unit: 'milligram' }
  const rows: Rows = [
    ['a value alone', { value: 5 }, ['5|||']],
    ['a quantity', { value: 5.4, ...unit }, ['5.4|http://u|mg|milligram']],
    ['a quantity in its original digits', { value: '\u00005.40', ...unit }, ['5.40|http://u|mg|milligram']],
    ['a system', { value: 5, system: 'http://u' }, ['5|http://u||']],
    ['a code', { value: 5, code: 'mg' }, ['5||mg|']],
    ['a display', { value: 5, unit: 'mg' }, ['5|||mg']],
    ['a bar and a backslash', { value: 5, code: 'a|b', unit: 'c\\d' }, ['5||a\\|b|c\\\\d']],
    ['members of another kind', { value: 5, system: 1, code: null, unit: {} }, ['5|||']],
    ['money', { value: 5, currency: 'EUR' }, ['5|urn:iso:std:iso:4217|EUR|EUR']],
    ['money before a unit', { value: 5, currency: 'EUR', ...unit }, ['5|urn:iso:std:iso:4217|EUR|EUR']],
    ['a currency of another kind', { value: 5, currency: 1, ...unit }, ['5|http://u|mg|milligram']],
    ['less', { value: 5, comparator: '<' }, ['<5|||']],
    ['at most', { value: 5, comparator: '<=' }, ['<=5|||']],
    ['at least', { value: 5, comparator: '>=' }, ['>=5|||']],
    ['more', { value: 5, comparator: '>', ...unit }, ['>5|http://u|mg|milligram']],
    ['an empty comparator', { value: 5, comparator: '' }, ['5|||']],
    ['another comparator', { value: 5, comparator: 'ad' }, []],
    ['a comparator of another kind', { value: 5, comparator: null }, []],
    ['no value', { ...unit }, []],
    ['a text as value', { value: '5' }, []],
    [
      'both ends of a range',
      { low: { value: 1, ...unit }, high: { value: 2, ...unit } },
      ['1/2|http://u|mg|milligram']
    ],
    ['a low end', { low: { value: 1, ...unit } }, ['1/..|http://u|mg|milligram']],
    ['a high end', { high: { value: 2, ...unit } }, ['../2|http://u|mg|milligram']],
    ['ends without a unit', { low: { value: 1 }, high: { value: 2 } }, ['1/2|||']],
    ['ends with two units', { low: { value: 1, ...unit }, high: { value: 2 } }, []],
    ['a malformed end', { low: { value: 1 }, high: { value: 'x' } }, []],
    ['a range, not the value beside', { low: {}, value: 5 }, []],
    ['a text', '5', []],
    ['a number', 5, []],
    ['nothing', undefined, []],
    ['members of a prototype', inherited, []]
  ]

  it.each(rows)('of %s', (_, element, texts) => {
    expect(quantityTexts(element)).toEqual(texts)
  })
})
