/**
 * The index values of elements with dates, numbers and quantities, in the form that `ordered.ts` reads.
 *
 * A period extends to the end of its `end`. Of a Timing only the outer limits count. The unit of Money is its currency.
 * SampledData have no index value here. Source: FHIR R4, search.html, 3.1.1.4.7 (date), 3.1.1.4.6 (number) and
 * 3.1.1.4.11 (quantity).
 *
 * @module
 */
import { dateRange } from './dates.js'
import { escaped } from './texts.js'
import { compareCuts } from '../../../values/interval.js'
import { readDecimal } from '../../../values/decimal.js'
import { isObject } from '../../../values/object.js'

/** The own members of an element by name. */
const membersOf =
  (element: unknown): ((name: string) => unknown) =>
  (name) =>
    isObject(element) && Object.hasOwn(element, name) ? element[name] : undefined

const isDate = (value: unknown): value is string => typeof value === 'string' && dateRange(value) !== null

/** The start and the end of a period; `..` where it is open. */
type Ends = readonly [start: string, end: string]

const endsOfPeriod = (element: unknown): ReadonlyArray<Ends> => {
  const member = membersOf(element)
  const [start = '..', end = '..'] = [member('start'), member('end')]
  const isPeriod = (start === '..' || isDate(start)) && (end === '..' || isDate(end))
  return isPeriod && (start !== '..' || end !== '..') ? [[start, end]] : []
}

/** The text with the earliest start, or with the latest end. An open end is further than any date. */
const outermost = (dates: ReadonlyArray<string>, end: 'low' | 'high', isFurther: (order: number) => boolean): string =>
  dates.reduce((found, date) => {
    const [one, other] = [dateRange(date)?.[end] ?? null, dateRange(found)?.[end] ?? null]
    return one === null || (other !== null && isFurther(compareCuts(one, other))) ? date : found
  })

const endsOfTiming = (element: unknown): ReadonlyArray<Ends> => {
  const events = membersOf(element)('event')
  const dates = Array.isArray(events) ? events.filter(isDate) : []
  const bounds = endsOfPeriod(membersOf(membersOf(element)('repeat'))('boundsPeriod'))
  const all = [...dates.map((date): Ends => [date, date]), ...bounds]
  if (all.length === 0) return []
  const [starts, ends] = [all.map(([start]) => start), all.map(([, end]) => end)]
  return [[outermost(starts, 'low', (order) => order < 0), outermost(ends, 'high', (order) => order > 0)]]
}

/** The dates of an element: one, or both ends of a period. */
export const dateTexts = (element: unknown): ReadonlyArray<string> => {
  if (!isObject(element)) return isDate(element) ? [element] : []
  const isTiming = Object.hasOwn(element, 'event') || Object.hasOwn(element, 'repeat')
  return (isTiming ? endsOfTiming(element) : endsOfPeriod(element)).map((ends) => ends.join('/'))
}

/** A JSON number in its original digits (see `json-numbers.ts`). */
const numberText = (value: unknown): string | null => {
  const text =
    typeof value === 'number'
      ? String(value)
      : typeof value === 'string' && value.startsWith('\u0000')
        ? value.slice(1)
        : null
  return text === null || readDecimal(text) === null ? null : text
}

/** Both ends of a Range; null when it has none or one is malformed. */
const amountOfRange = (low: unknown, high: unknown): string | null => {
  const ends = [low, high].map((end) => (end === undefined ? '..' : numberText(membersOf(end)('value'))))
  return ends.includes(null) || ends.every((end) => end === '..') ? null : ends.join('/')
}

/** The number of an element, or both ends of a Range. */
export const numberTexts = (element: unknown): ReadonlyArray<string> => {
  const member = membersOf(element)
  const text = isObject(element) ? amountOfRange(member('low'), member('high')) : numberText(element)
  return text === null ? [] : [text]
}

const unitOf = (element: unknown): string => {
  const member = membersOf(element)
  const currency = member('currency')
  const parts =
    typeof currency === 'string' ? ['urn:iso:std:iso:4217', currency, currency] : ['system', 'code', 'unit'].map(member)
  return parts.map((part) => `|${typeof part === 'string' ? escaped(part) : ''}`).join('')
}

/** The quantity of an element: a Quantity, Money, or a Range whose ends have the same unit. */
export const quantityTexts = (element: unknown): ReadonlyArray<string> => {
  const member = membersOf(element)
  const ends = [member('low'), member('high')]
  const [unit, ...others] = new Set(ends.filter((end) => end !== undefined).map(unitOf))
  if (unit !== undefined) {
    const range = amountOfRange(ends[0], ends[1])
    return range === null || others.length > 0 ? [] : [`${range}${unit}`]
  }
  const [number, comparator = ''] = [numberText(member('value')), member('comparator')]
  return number === null || !['', '<', '<=', '>=', '>'].includes(String(comparator))
    ? []
    : [`${String(comparator)}${number}${unitOf(element)}`]
}
