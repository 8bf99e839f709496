/**
 * Dates, numbers and quantities: what a search value asks for, what an index value says, and whether the one matches
 * the other.
 *
 * An index value is a text. A date is a FHIR date, dateTime or instant, or two of them with `/` between (`..` where
 * nothing bounds a period). A number is a decimal, or two with `/` between. A quantity is `number|system|code|unit`,
 * where the number may be two with `/` between, or stand behind the comparator of the quantity
 * (`<5|http://unitsofmeasure.org|mg|mg`).
 *
 * A search value has an implicit range that follows from its precision; an indexed decimal is the number itself. A date
 * or time without a time zone is taken as UTC. `ap` takes a tenth of a number. Of a date it takes a tenth of the time
 * between it and the present, and there is no present here: such a value is not read. Source: FHIR R4, search.html,
 * 3.1.1.4.5 to 3.1.1.4.8 and 3.1.1.4.11.
 *
 * @module
 */
import type { Decimal } from '../../../values/decimal.js'
import { compareDecimals, plusTenths, readDecimal, tenthsOf } from '../../../values/decimal.js'
import type { Interval, Prefix } from '../../../values/interval.js'
import { after, before, isEmpty, matchesInterval, point } from '../../../values/interval.js'
import { splitAtBars } from './texts.js'
import { dateRange } from './dates.js'

/** The types of parameters whose values have an order. */
export type OrderedType = 'date' | 'number' | 'quantity'

/** A unit: a system of null is any system, and the code may then be the unit's display. */
export interface Unit {
  readonly system: string | null
  readonly code: string
}

/** What one search value asks for. */
export interface OrderedValue {
  readonly prefix: Prefix
  readonly interval: Interval
  /** Null where any unit will do. */
  readonly unit: Unit | null
}

/** What one index value says. */
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
  const [, prefix, rest] = /^(eq|ne|gt|lt|ge|le|sa|eb|ap)(.*)$/s.exec(text) ?? []
  return prefix === undefined || rest === undefined ? ['eq', text] : [prefix as Prefix, rest]
}

const least = (one: Decimal, other: Decimal): Decimal => (compareDecimals(one, other) <= 0 ? one : other)
const greatest = (one: Decimal, other: Decimal): Decimal => (compareDecimals(one, other) >= 0 ? one : other)

/**
 * The range that a searched number stands for: half a unit of its last digit to both sides, and for `ap` at least a
 * tenth of it.
 */
const numberRange = (prefix: Prefix, number: Decimal): Interval => {
  if (prefix !== 'eq' && prefix !== 'ne' && prefix !== 'ap') return point(number)
  const [low, high] = [plusTenths(number, -5n), plusTenths(number, 5n)]
  if (prefix !== 'ap') return { low: before(low), high: before(high) }
  const [some, more] = [tenthsOf(number, 9n), tenthsOf(number, 11n)]
  const furthest = greatest(some, more)
  return {
    low: before(least(low, least(some, more))),
    high: compareDecimals(furthest, high) < 0 ? before(high) : after(furthest)
  }
}

/**
 * Reads a search value; null when it is malformed, and for a date with `ap`.
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
  const [amount = '', system, code, ...others] = type === 'number' ? [rest] : splitAtBars(rest)
  const number = readDecimal(amount)
  if (number === null || others.length > 0 || (system !== undefined && (code === undefined || code === ''))) return null
  const unit = system === undefined || code === undefined ? null : { system: system === '' ? null : system, code }
  return { prefix, interval: numberRange(prefix, number), unit }
}

/** Two texts with `/` between, or one for both ends. */
const endsOf = (text: string): readonly [string, string] => {
  const [start = '', end = start, ...others] = text.split('/')
  return others.length > 0 ? ['', ''] : [start, end]
}

const periodOf = (text: string): Interval | null => {
  const [start, end] = endsOf(text)
  const [first, last] = [start === '..' ? null : dateRange(start), end === '..' ? null : dateRange(end)]
  if ((first === null && start !== '..') || (last === null && end !== '..') || (first === null && last === null))
    return null
  return { low: first?.low ?? null, high: last?.high ?? null }
}

const comparators: Readonly<Record<string, (number: Decimal) => Interval>> = {
  '<': (number) => ({ low: null, high: before(number) }),
  '<=': (number) => ({ low: null, high: after(number) }),
  '>=': (number) => ({ low: before(number), high: null }),
  '>': (number) => ({ low: after(number), high: null })
}

const amountOf = (text: string): Interval | null => {
  const [, comparator, compared = ''] = /^(<=?|>=?)(.*)$/s.exec(text) ?? []
  if (comparator !== undefined) {
    const number = readDecimal(compared)
    return number === null ? null : (comparators[comparator]?.(number) ?? null)
  }
  const [start, end] = endsOf(text)
  const [first, last] = [start === '..' ? null : readDecimal(start), end === '..' ? null : readDecimal(end)]
  if ((first === null && start !== '..') || (last === null && end !== '..') || (first === null && last === null))
    return null
  return { low: first === null ? null : before(first), high: last === null ? null : after(last) }
}

/** Reads an index value; null for what says nothing that has an order. */
export const readIndex = (type: OrderedType, text: string): OrderedIndex | null => {
  const [amount = '', system = '', code = '', display = ''] = type === 'quantity' ? splitAtBars(text) : [text]
  const interval = type === 'date' ? periodOf(amount) : amountOf(amount)
  return interval === null || isEmpty(interval) ? null : { interval, system, code, display }
}

const fitsUnit = (unit: Unit | null, { system, code, display }: OrderedIndex): boolean =>
  unit === null ||
  (unit.system === null ? unit.code === code || unit.code === display : unit.system === system && unit.code === code)

/** Whether an index value that was read matches a search value. */
export const matchesRead = (value: OrderedValue, index: OrderedIndex): boolean =>
  fitsUnit(value.unit, index) && matchesInterval(value.prefix, value.interval, index.interval)

/** Whether an index value matches a search value. */
export const matchesOrdered = (type: OrderedType, value: OrderedValue, text: string): boolean => {
  const index = readIndex(type, text)
  return index !== null && matchesRead(value, index)
}
