/**
 * Points in time and deadlines.
 *
 * The pure layers do not read the clock: events contain the current time, as a number of seconds.
 *
 * @module
 */

/** A point in time: whole seconds since 1970-01-01T00:00:00Z (NumericDate, RFC 7519, section 2). */
export type EpochSeconds = number

/**
 * Whether a deadline has passed. The deadline itself counts as passed: a code of 60 seconds issued at second 100 is
 * valid at 159 and expired at 160.
 *
 * @example
 * ```ts
 * import { hasPassed } from './time.js'
 *
 * hasPassed(160, 159) // => false
 * hasPassed(160, 160) // => true
 * ```
 */
export const hasPassed = (deadline: EpochSeconds, now: EpochSeconds): boolean => now >= deadline
