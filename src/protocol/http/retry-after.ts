/**
 * How long a server asks its clients to wait.
 *
 * Source: RFC 9110, section 10.2.3 (`Retry-After`); RFC 6585, section 4 (429).
 *
 * @module
 */
import type { PlainResponse } from './message.js'
import { headerOf } from './message.js'
import type { EpochSeconds } from '../../values/time.js'

/** Whether a server refuses a request only for now: 429 or 503. */
export const isBusy = ({ status }: Pick<PlainResponse, 'status'>): boolean => status === 429 || status === 503

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** `Sun, 06 Nov 1994 08:49:37 GMT`, the form that senders must use (RFC 9110, section 5.6.7). */
const httpDate = /^[A-Z][a-z]{2}, ([0-9]{2}) ([A-Z][a-z]{2}) ([0-9]{4}) ([0-9]{2}):([0-9]{2}):([0-9]{2}) GMT$/

/** The days from 1970-01-01 to the first day of a month (January is 0) in the Gregorian calendar. */
const daysUntil = (year: number, month: number): number => {
  // Years are counted from March, so that a leap day is the last day of its year.
  const [y, m] = month < 2 ? [year - 1, month + 10] : [year, month - 2]
  const leapDays = Math.floor(y / 4) - Math.floor(y / 100) + Math.floor(y / 400)
  return 365 * y + leapDays + Math.floor((153 * m + 2) / 5) - 719468
}

const secondsOfDate = (text: string): EpochSeconds | null => {
  const [, day = '', month = '', year = '', hour = '', minute = '', second = ''] = httpDate.exec(text) ?? []
  const place = months.indexOf(month)
  if (place < 0) return null
  const days = daysUntil(Number(year), place) + Number(day) - 1
  return ((days * 24 + Number(hour)) * 60 + Number(minute)) * 60 + Number(second)
}

/**
 * The seconds of `Retry-After`, which may be a number or a date; null when a response does not say how long to wait. A
 * date that has passed gives 0.
 *
 * @example
 * ```ts
 * import { retryAfterOf } from './retry-after.js'
 *
 * const answer = (text: string) => ({ status: 429, headers: { 'retry-after': text }, body: '' })
 * retryAfterOf(answer('37'), 0) // => 37
 * retryAfterOf(answer('Thu, 01 Jan 1970 00:01:30 GMT'), 30) // => 60
 * retryAfterOf(answer('soon'), 0) // => null
 * ```
 */
export const retryAfterOf = (response: Pick<PlainResponse, 'headers'>, now: EpochSeconds): number | null => {
  const text = headerOf(response, 'retry-after')
  if (typeof text !== 'string') return null
  if (/^[0-9]{1,9}$/.test(text)) return Number(text)
  const at = secondsOfDate(text)
  return at === null ? null : Math.max(0, Math.ceil(at - now))
}
