/**
 * Intervals of an ordered value, and the comparison of a searched with an indexed interval.
 *
 * Source: FHIR R4, search.html, 3.1.1.4.5 (prefixes).
 *
 * @module
 */
import type { Decimal } from './decimal.js'
import { compareDecimals } from './decimal.js'

/** A boundary between values: just before or just after one value. Null is minus or plus infinity. */
export interface Cut {
  readonly at: Decimal
  readonly isAfter: boolean
}

/** The values between two boundaries. */
export interface Interval {
  /** Null when the interval has no lower bound. */
  readonly low: Cut | null
  /** Null when the interval has no upper bound. */
  readonly high: Cut | null
}

/** The boundary just before a value. */
export const before = (at: Decimal): Cut => ({ at, isAfter: false })

/** The boundary just after a value. */
export const after = (at: Decimal): Cut => ({ at, isAfter: true })

/** The interval of one value. */
export const point = (at: Decimal): Interval => ({ low: before(at), high: after(at) })

/** Negative, zero or positive: the first boundary is before, at or after the second. */
export const compareCuts = (one: Cut, other: Cut): number =>
  compareDecimals(one.at, other.at) || Number(one.isAfter) - Number(other.isAfter)

/** Whether a lower boundary is before or at another. */
const isLowUpTo = (one: Cut | null, other: Cut | null): boolean =>
  one === null || (other !== null && compareCuts(one, other) <= 0)

/** Whether an upper boundary is before or at another. */
const isHighUpTo = (one: Cut | null, other: Cut | null): boolean =>
  other === null || (one !== null && compareCuts(one, other) <= 0)

/** Whether an upper boundary is before or at a lower boundary. */
const endsBefore = (high: Cut | null, low: Cut | null): boolean =>
  high !== null && low !== null && compareCuts(high, low) <= 0

/** Whether `wide` contains all of `narrow`. */
export const contains = (wide: Interval, narrow: Interval): boolean =>
  isLowUpTo(wide.low, narrow.low) && isHighUpTo(narrow.high, wide.high)

/** Whether two intervals have a common value. */
export const overlaps = (one: Interval, other: Interval): boolean =>
  !endsBefore(one.high, other.low) && !endsBefore(other.high, one.low)

/** Whether an interval contains no value. */
export const isEmpty = ({ low, high }: Interval): boolean => endsBefore(high, low)

/** A prefix of an ordered search value (FHIR R4, search.html, 3.1.1.4.5). */
export type Prefix = 'eq' | 'ne' | 'gt' | 'lt' | 'ge' | 'le' | 'sa' | 'eb' | 'ap'

/** All prefixes. */
export const prefixes: ReadonlyArray<Prefix> = ['eq', 'ne', 'gt', 'lt', 'ge', 'le', 'sa', 'eb', 'ap']

const isAbove = (requested: Interval, found: Interval): boolean => !isHighUpTo(found.high, requested.high)
const isBelow = (requested: Interval, found: Interval): boolean => !isLowUpTo(requested.low, found.low)

/** For each prefix, whether an indexed interval matches a searched one. */
const rows: Readonly<Record<Prefix, (requested: Interval, found: Interval) => boolean>> = {
  eq: contains,
  ne: (requested, found) => !contains(requested, found),
  gt: isAbove,
  lt: isBelow,
  ge: (requested, found) => isAbove(requested, found) || contains(requested, found),
  le: (requested, found) => isBelow(requested, found) || contains(requested, found),
  sa: (requested, found) => endsBefore(requested.high, found.low),
  eb: (requested, found) => endsBefore(found.high, requested.low),
  ap: overlaps
}

/** Whether an indexed interval matches a searched one. */
export const matchesInterval = (prefix: Prefix, requested: Interval, found: Interval): boolean =>
  rows[prefix](requested, found)
