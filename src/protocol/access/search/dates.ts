/**
 * FHIR dates as intervals of time: a partial date covers the whole period that it names.
 *
 * Source: FHIR R4, datatypes.html (date, dateTime, instant); search.html, 3.1.1.4.7 (date).
 *
 * @module
 */
import type { Decimal } from '../../../values/decimal.js'
import type { Interval } from '../../../values/interval.js'
import { before } from '../../../values/interval.js'

const datePattern =
  /^([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})(?:T([0-9]{2}):([0-9]{2})(?::([0-9]{2})(?:\.([0-9]{1,30}))?)?(?:Z|([+-])([0-9]{2}):([0-9]{2}))?)?)?)?$/

/** Days from 1970-01-01 to a day of the Gregorian calendar. */
const daysTo = (year: number, month: number, day: number): number => {
  // The year is counted from March, so that a leap day is its last day.
  const shifted = month <= 2 ? year - 1 : year
  const era = Math.floor(shifted / 400)
  const yearOfEra = shifted - era * 400
  const dayOfYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1
  return era * 146097 + yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear - 719468
}

/** The days of a month; the thirteenth month is the first of the next year. */
const daysIn = (year: number, month: number): number => daysTo(year, month + 1, 1) - daysTo(year, month, 1)

const nanosecondsPerSecond = 1_000_000_000n

const moment = (seconds: number, nanoseconds = 0n): Decimal => ({
  digits: BigInt(seconds) * nanosecondsPerSecond + nanoseconds,
  exponent: 0
})

const between = (low: Decimal, high: Decimal): Interval => ({ low: before(low), high: before(high) })

const timeRange = (midnight: number, time: ReadonlyArray<string | undefined>): Interval | null => {
  const [hour, minute, second, fraction, sign, hours = 0, minutes = 0] = time
  if (Number(hour) > 23 || Number(minute) > 59 || Number(second ?? 0) > 60) return null
  if (Number(hours) > 14 || Number(minutes) > 59) return null
  const offset = (sign === '-' ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60)
  const start = midnight + Number(hour) * 3600 + Number(minute) * 60 - offset
  if (second === undefined) return between(moment(start), moment(start + 60))
  const from = start + Number(second)
  if (fraction === undefined) return between(moment(from), moment(from + 1))
  const places = Math.min(fraction.length, 9)
  const nanoseconds = BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return between(moment(from, nanoseconds), moment(from, nanoseconds + 10n ** BigInt(9 - places)))
}

/** The interval of a date, dateTime or instant, in nanoseconds since 1970 UTC; null for any other text. */
export const dateRange = (text: string): Interval | null => {
  const match = datePattern.exec(text)
  if (match === null) return null
  const [, years, months, days, ...time] = match
  const year = Number(years)
  if (year === 0) return null
  const dayRange = (first: number, last: number): Interval => between(moment(first * 86400), moment(last * 86400))
  if (months === undefined) return dayRange(daysTo(year, 1, 1), daysTo(year + 1, 1, 1))
  const month = Number(months)
  if (month < 1 || month > 12) return null
  const day = Number(days ?? 1)
  if (day < 1 || day > daysIn(year, month)) return null
  const first = daysTo(year, month, day)
  if (days === undefined) return dayRange(first, first + daysIn(year, month))
  return time[0] === undefined ? dayRange(first, first + 1) : timeRange(first * 86400, time)
}

const padded = (number: number, length: number): string => String(number).padStart(length, '0')

/** A point in time as a dateTime in UTC with nine fraction digits; null outside the years 1 to 9999. */
export const printMoment = ({ digits }: Decimal): string | null => {
  const nanoseconds = ((digits % nanosecondsPerSecond) + nanosecondsPerSecond) % nanosecondsPerSecond
  const seconds = Number((digits - nanoseconds) / nanosecondsPerSecond)
  const days = Math.floor(seconds / 86400)
  const rest = seconds - days * 86400
  const day = printDay(days)
  if (day === null) return null
  const time = [Math.floor(rest / 3600), Math.floor(rest / 60) % 60, rest % 60].map((part) => padded(part, 2)).join(':')
  return `${day}T${time}.${String(nanoseconds).padStart(9, '0')}Z`
}

/** A day, counted from 1970-01-01, as a date; null outside the years 1 to 9999. */
const printDay = (days: number): string | null => {
  const year = 1970 + Math.floor(days / 365.2425)
  const found = [year + 1, year].find((one) => daysTo(one, 1, 1) <= days) ?? year - 1
  if (found < 1 || found > 9999) return null
  const month = [12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2].find((one) => daysTo(found, one, 1) <= days) ?? 1
  return `${padded(found, 4)}-${padded(month, 2)}-${padded(days - daysTo(found, month, 1) + 1, 2)}`
}
