/**
 * Intervals of an ordered value, and how a searched and an indexed interval stand to each other.
 *
 * Source: FHIR R4, search.html, 3.1.1.4.5 (prefixes).
 *
 * @module
 */
import type { Decimal } from './decimal.js'
import { compareDecimals } from './decimal.js'

/** A place between values: just before or just after one; null is before or after all of them. */
export interface Cut {
  readonly at: Decimal
  readonly isAfter: boolean
}

/** What lies between two cuts. */
export interface Interval {
  /** Null where nothing bounds it below. */
  readonly low: Cut | null
  /** Null where nothing bounds it above. */
  readonly high: Cut | null
}

/** Just before a value. */
export const before = (at: Decimal): Cut => ({ at, isAfter: false })

/** Just after a value. */
export const after = (at: Decimal): Cut => ({ at, isAfter: true })

/** One value alone. */
export const point = (at: Decimal): Interval => ({ low: before(at), high: after(at) })

/** Below zero, zero or above zero, as the first cut lies before, on or after the second. */
export const compareCuts = (one: Cut, other: Cut): number =>
  compareDecimals(one.at, other.at) || Number(one.isAfter) - Number(other.isAfter)

/** Whether one low cut lies before another or on it. */
const isLowUpTo = (one: Cut | null, other: Cut | null): boolean =>
  one === null || (other !== null && compareCuts(one, other) <= 0)

/** Whether one high cut lies before another or on it. */
const isHighUpTo = (one: Cut | null, other: Cut | null): boolean =>
  other === null || (one !== null && compareCuts(one, other) <= 0)

/** Whether a high cut lies before a low cut or on it. */
const endsBefore = (high: Cut | null, low: Cut | null): boolean =>
  high !== null && low !== null && compareCuts(high, low) <= 0

/** Whether an interval holds another as a whole. */
export const contains = (wide: Interval, narrow: Interval): boolean =>
  isLowUpTo(wide.low, narrow.low) && isHighUpTo(narrow.high, wide.high)

/** Whether two intervals have something in common. */
export const overlaps = (one: Interval, other: Interval): boolean =>
  !endsBefore(one.high, other.low) && !endsBefore(other.high, one.low)

/** Whether there is anything between two cuts. */
export const isEmpty = ({ low, high }: Interval): boolean => endsBefore(high, low)

/** The prefixes of ordered search values. */
export const prefixes = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap'] as const

/** A prefix. */
export type Prefix = (typeof prefixes)[number]

const isAbove = (asked: Interval, found: Interval): boolean => !isHighUpTo(found.high, asked.high)
const isBelow = (asked: Interval, found: Interval): boolean => !isLowUpTo(asked.low, found.low)

/** Whether an indexed interval matches a searched one, by prefix: a row for each. */
const rows: Readonly<Record<Prefix, (asked: Interval, found: Interval) => boolean>> = {
  eq: contains,
  ne: (asked, found) => !contains(asked, found),
  gt: isAbove,
  lt: isBelow,
  ge: (asked, found) => isAbove(asked, found) || contains(asked, found),
  le: (asked, found) => isBelow(asked, found) || contains(asked, found),
  sa: (asked, found) => endsBefore(asked.high, found.low),
  eb: (asked, found) => endsBefore(found.high, asked.low),
  ap: overlaps
}

/** Whether an indexed interval matches a searched one. */
export const matchesInterval = (prefix: Prefix, asked: Interval, found: Interval): boolean => rows[prefix](asked, found)
