/**
 * Constructs an element that satisfies several clauses on dates, numbers or quantities at once, if it finds one.
 *
 * Each search value matches values in some intervals. The intersection over all clauses is computed by one pass over
 * the sorted interval ends.
 *
 * @module
 */
import { dateTexts, numberTexts, quantityTexts } from './elements.js'
import { printMoment } from './dates.js'
import type { OrderedType, OrderedValue, Unit } from './ordered.js'
import { matchesOrdered } from './ordered.js'
import type { ElementKind } from './path-table.js'
import type { Decimal } from '../../../values/decimal.js'
import { middleOf, plusTenths, printDecimal } from '../../../values/decimal.js'
import type { Cut, Interval } from '../../../values/interval.js'
import { before, compareCuts, isEmpty } from '../../../values/interval.js'

/** The values of one clause: one of them must match. */
export type OrderedClause = ReadonlyArray<OrderedValue>

/** The intervals in which a single point matches a search value. */
const placesFor = ({ interval: { low, high }, prefix }: OrderedValue): ReadonlyArray<Interval> => {
  switch (prefix) {
    case 'eq':
    case 'ap':
      return [{ low, high }]
    case 'ne':
      return [
        { low: null, high: low },
        { low: high, high: null }
      ]
    case 'gt':
    case 'sa':
      return [{ low: high, high: null }]
    case 'lt':
    case 'eb':
      return [{ low: null, high: low }]
    case 'ge':
      return [{ low, high: null }]
    case 'le':
      return [{ low: null, high }]
  }
}

const lowOrder = (one: Cut | null, other: Cut | null): number =>
  one === null ? (other === null ? 0 : -1) : other === null ? 1 : compareCuts(one, other)

/** The union of intervals as disjoint intervals, in order. */
const joined = (intervals: ReadonlyArray<Interval>): ReadonlyArray<Interval> => {
  const found: Array<Interval> = []
  for (const next of [...intervals].sort((one, other) => lowOrder(one.low, other.low))) {
    const last = found.at(-1)
    if (last === undefined || (last.high !== null && next.low !== null && compareCuts(last.high, next.low) < 0))
      found.push(next)
    else if (last.high !== null && (next.high === null || compareCuts(last.high, next.high) < 0))
      found[found.length - 1] = { low: last.low, high: next.high }
  }
  return found
}

/** The intersection over all clauses, in order. */
const common = (clauses: ReadonlyArray<ReadonlyArray<Interval>>): ReadonlyArray<Interval> => {
  const ends = clauses
    .flatMap((clause) =>
      joined(clause).flatMap(({ low, high }) => [
        { cut: low, step: 1 },
        ...(high === null ? [] : [{ cut: high, step: -1 }])
      ])
    )
    // At equal boundaries, ends are sorted before starts, so that no interval is empty.
    .sort((one, other) => lowOrder(one.cut, other.cut) || one.step - other.step)
  const found: Array<Interval> = []
  let depth = 0
  for (const [place, { cut, step }] of ends.entries()) {
    depth += step
    if (depth === clauses.length) found.push({ low: cut, high: ends[place + 1]?.cut ?? null })
  }
  return found
}

/** The intervals in which a single point satisfies all clauses, in order. */
const placesForAll = (clauses: ReadonlyArray<OrderedClause>): ReadonlyArray<Interval> =>
  common(clauses.map((values) => values.flatMap(placesFor)))

/** A number in a non-empty interval. */
const numberIn = ({ low, high }: Interval): Decimal => {
  if (low !== null && !low.isAfter) return low.at
  if (high?.isAfter === true) return high.at
  if (low !== null && high !== null) return middleOf(low.at, high.at)
  return low !== null
    ? plusTenths(low.at, 10n)
    : high !== null
      ? plusTenths(high.at, -10n)
      : { digits: 0n, exponent: 0 }
}

/** A number in the first interval that all clauses have in common; none when there is no such interval. */
const numbersFor = (clauses: ReadonlyArray<OrderedClause>): ReadonlyArray<Decimal> =>
  placesForAll(clauses).slice(0, 1).map(numberIn)

const dayLength = 86_400_000_000_000n
const firstMoment: Decimal = { digits: -62_135_596_800_000_000_000n, exponent: 0 }

/** The first moment of an interval, as a dateTime; or its first whole day, as a date. */
const dateIn = ({ low, high }: Interval, isDay: boolean): string | null => {
  const first = low === null || compareCuts(low, before(firstMoment)) < 0 ? firstMoment : low.at
  if (!isDay) return isEmpty({ low: before(first), high }) ? null : printMoment(first)
  const remainder = ((first.digits % dayLength) + dayLength) % dayLength
  const day = { digits: first.digits + (remainder === 0n ? 0n : dayLength - remainder), exponent: 0 }
  const end = before({ digits: day.digits + dayLength, exponent: 0 })
  return high !== null && compareCuts(end, high) > 0 ? null : (printMoment(day)?.slice(0, 10) ?? null)
}

/** Elements with dates. A date of null is no date, so no clause matches it. */
const dateElements = (kind: ElementKind, clauses: ReadonlyArray<OrderedClause>): ReadonlyArray<unknown> => {
  const regions = placesForAll(clauses)
  const dates = regions.slice(0, 8).map((region) => dateIn(region, kind === 'd'))
  if (kind === 'p')
    return [...dates.map((date) => ({ start: date, end: date })), { start: '0001-01-01' }, { end: '9999-12-31' }]
  return kind === 'm' ? dates.map((date) => ({ event: [date] })) : dates
}

/** A number in the form in which the gate gives it to readers (see `json-numbers.ts`). */
const asElement = (number: Decimal): unknown => `\u0000${printDecimal(number)}`

const quantityOf = (kind: ElementKind, number: Decimal, unit: Unit | null): unknown => {
  const value = asElement(number)
  if (kind === 'y') return { value, currency: unit?.code ?? 'XXX' }
  const quantity = {
    value,
    ...(unit === null
      ? {}
      : { code: unit.code, unit: unit.code, ...(unit.system === null ? {} : { system: unit.system }) })
  }
  return kind === 'a' ? { low: quantity, high: quantity } : quantity
}

/** The maximum number of units that are tried when several clauses concern one quantity. */
const triedUnits = 16

const isSameUnit = (one: Unit | null, other: Unit): boolean =>
  one === null || (one.code === other.code && (one.system === null || one.system === other.system))

const quantityElements = (kind: ElementKind, clauses: ReadonlyArray<OrderedClause>): ReadonlyArray<unknown> => {
  const units = new Map(
    clauses
      .flat()
      .flatMap(({ unit }) => (unit === null ? [] : [[JSON.stringify([unit.system, unit.code]), unit] as const]))
  )
  return [...[...units.values()].slice(0, triedUnits), null].flatMap((unit) =>
    numbersFor(
      clauses.map((values) =>
        values.filter((value) => (unit === null ? value.unit === null : isSameUnit(value.unit, unit)))
      )
    ).map((number) => quantityOf(kind, number, unit))
  )
}

const elementsFor = (
  type: OrderedType,
  kind: ElementKind,
  clauses: ReadonlyArray<OrderedClause>
): ReadonlyArray<unknown> => {
  if (type === 'date') return dateElements(kind, clauses)
  if (type === 'quantity') return quantityElements(kind, clauses)
  return numbersFor(clauses).map((number) =>
    kind === 'a' ? { low: { value: asElement(number) }, high: { value: asElement(number) } } : asElement(number)
  )
}

const textsOf: Readonly<Record<OrderedType, (element: unknown) => ReadonlyArray<string>>> = {
  date: dateTexts,
  number: numberTexts,
  quantity: quantityTexts
}

/** An element of a kind that satisfies all clauses; null when none was found. */
export const orderedElement = (type: OrderedType, kind: ElementKind, clauses: ReadonlyArray<OrderedClause>): unknown =>
  elementsFor(type, kind, clauses).find((element) => {
    const texts = textsOf[type](element)
    return clauses.every((values) => values.some((value) => texts.some((text) => matchesOrdered(type, value, text))))
  }) ?? null
