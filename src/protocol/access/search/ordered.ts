/**
 * Dates, numbers and quantities: reading search values and index values, and matching them.
 *
 * Index values are texts. A date is a FHIR date, dateTime or instant, or two of them separated by `/` (`..` for an open
 * end of a period). A number is a decimal, or two separated by `/`. A quantity is `number|system|code|unit`; the number
 * may be two separated by `/`, or follow the comparator of the quantity (`<5|http://unitsofmeasure.org|mg|mg`).
 *
 * A search value has an implicit range that follows from its precision; an indexed decimal has exactly its own value. A
 * date or time without a time zone is taken as UTC. `ap` on a number adds a tenth of it. `ap` on a date would add a
 * tenth of the time between it and now; the current time is not available here, so such a value is refused. Source:
 * FHIR R4, search.html, 3.1.1.4.5 to 3.1.1.4.8 and 3.1.1.4.11.
 *
 * @module
 */
import type { Decimal } from '../../../values/decimal.js'
import { plusTenths, readDecimal } from '../../../values/decimal.js'
import type { Interval, Prefix } from '../../../values/interval.js'
import { after, before, isEmpty, matchesInterval, point, prefixes } from '../../../values/interval.js'
import { splitAtBars } from './texts.js'
import { dateRange } from './dates.js'

/** The parameter types with ordered values. */
export type OrderedType = 'date' | 'number' | 'quantity'

/** A unit. `system: null` is any system; the code may then also be the display text of the unit. */
export interface Unit {
  readonly system: string | null
  readonly code: string
}

/** A search value. */
export interface OrderedValue {
  readonly prefix: Prefix
  readonly interval: Interval
  /** Null for any unit. */
  readonly unit: Unit | null
}

/** An index value. */
export interface OrderedIndex {
  readonly interval: Interval
  readonly system: string
  readonly code: string
  readonly display: string
}

/** Whether a parameter's values have an order. */
export const isOrdered = (type: string): type is OrderedType =>
  type === 'date' || type === 'number' || type === 'quantity'

const cutPrefix = (text: string): readonly [Prefix, string] => {
  const found = prefixes.find((prefix) => text.startsWith(prefix))
  return found === undefined ? ['eq', text] : [found, text.slice(found.length)]
}

/**
 * The range of a searched number: half a unit of its last digit on both sides; for `ap` at least a tenth of the number.
 */
const numberRange = (prefix: Prefix, number: Decimal): Interval => {
  if (prefix !== 'eq' && prefix !== 'ne' && prefix !== 'ap') return point(number)
  // A tenth of the number, in tenths of a unit of its last digit.
  const tenth = number.digits < 0n ? -number.digits : number.digits
  return prefix === 'ap' && tenth >= 5n
    ? { low: before(plusTenths(number, -tenth)), high: after(plusTenths(number, tenth)) }
    : { low: before(plusTenths(number, -5n)), high: before(plusTenths(number, 5n)) }
}

/**
 * Reads a search value; null when it is malformed, and for `ap` on a date.
 *
 * @example
 * ```ts
 * import { matchesOrdered, readOrdered } from 'smart-app-launch/resource'
 *
 * const from2020 = readOrdered('date', 'ge2020')
 * from2020 && matchesOrdered('date', from2020, '2019-12-31') // => false
 * from2020 && matchesOrdered('date', from2020, '2020-03-01') // => true
 * from2020 && matchesOrdered('date', from2020, '2019-12-31/2021-01-02') // => true
 * readOrdered('date', 'banana') // => null
 * ```
 */
export const readOrdered = (type: OrderedType, text: string): OrderedValue | null => {
  const [prefix, rest] = cutPrefix(text)
  if (type === 'date') {
    const interval = prefix === 'ap' ? null : dateRange(rest)
    return interval === null ? null : { prefix, interval, unit: null }
  }
  const [amount, system, code, ...others] = type === 'number' ? ([rest] as const) : splitAtBars(rest)
  const number = readDecimal(amount)
  if (number === null || others.length > 0) return null
  const value = { prefix, interval: numberRange(prefix, number) }
  if (system === undefined) return { ...value, unit: null }
  return code === undefined || code === '' ? null : { ...value, unit: { system: system === '' ? null : system, code } }
}

/** Two texts separated by `/`, or one text for both ends. */
const endsOf = (text: string): readonly [string, string] => {
  const slash = text.indexOf('/')
  return slash === -1 ? [text, text] : [text.slice(0, slash), text.slice(slash + 1)]
}

/** The values of both ends, null for an open one; null when an end is malformed, or both are open. */
const readEnds = <A>(text: string, read: (end: string) => A | null): readonly [A | null, A | null] | null => {
  const [start, end] = endsOf(text)
  const [first, last] = [read(start), read(end)]
  const isMalformed = (first === null && start !== '..') || (last === null && end !== '..')
  return isMalformed || (first === null && last === null) ? null : [first, last]
}

const periodOf = (text: string): Interval | null => {
  const ends = readEnds(text, dateRange)
  return ends === null ? null : { low: ends[0]?.low ?? null, high: ends[1]?.high ?? null }
}

const comparators: ReadonlyArray<readonly [comparator: string, intervalOf: (number: Decimal) => Interval]> = [
  ['<=', (number) => ({ low: null, high: after(number) })],
  ['>=', (number) => ({ low: before(number), high: null })],
  ['<', (number) => ({ low: null, high: before(number) })],
  ['>', (number) => ({ low: after(number), high: null })]
]

const amountOf = (text: string): Interval | null => {
  const found = comparators.find(([comparator]) => text.startsWith(comparator))
  if (found !== undefined) {
    const [comparator, intervalOf] = found
    const number = readDecimal(text.slice(comparator.length))
    return number === null ? null : intervalOf(number)
  }
  const ends = readEnds(text, readDecimal)
  if (ends === null) return null
  const [first, last] = ends
  return { low: first === null ? null : before(first), high: last === null ? null : after(last) }
}

/** Reads an index value; null when it has no ordered value. */
export const readIndex = (type: OrderedType, text: string): OrderedIndex | null => {
  const [amount, system = '', code = '', display = ''] = type === 'quantity' ? splitAtBars(text) : ([text] as const)
  const interval = type === 'date' ? periodOf(amount) : amountOf(amount)
  return interval === null || isEmpty(interval) ? null : { interval, system, code, display }
}

const fitsUnit = (unit: Unit | null, { system, code, display }: OrderedIndex): boolean =>
  unit === null ||
  (unit.system === null ? unit.code === code || unit.code === display : unit.system === system && unit.code === code)

/** Whether an index value that has been read matches a search value. */
export const matchesRead = (value: OrderedValue, index: OrderedIndex): boolean =>
  fitsUnit(value.unit, index) && matchesInterval(value.prefix, value.interval, index.interval)

/** Whether an index value matches a search value. */
export const matchesOrdered = (type: OrderedType, value: OrderedValue, text: string): boolean => {
  const index = readIndex(type, text)
  return index !== null && matchesRead(value, index)
}
