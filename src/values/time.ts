/**
 * Moments and durations.
 *
 * The pure layers never ask what time it is: the present arrives in an event, as a number of seconds.
 *
 * @module
 */

/** A moment: whole seconds since 1970-01-01T00:00:00Z (the NumericDate of RFC 7519, section 2). */
export type EpochSeconds = number

/**
 * Whether a deadline is over. The last second of a lifetime does not count as alive: a code of 60 seconds issued at
 * second 100 is good at 159 and expired at 160.
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
