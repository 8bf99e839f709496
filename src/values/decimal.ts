/**
 * Decimals with the precision in which they are written, compared exactly.
 *
 * Source: FHIR R4, datatypes.html, decimal; search.html, 3.1.1.4.6 (number): the implicit range of a number follows
 * from its digits.
 *
 * @module
 */
import { scopeNumbers } from './limits/scope-numbers.js'

/** `digits` × 10^`exponent`. Trailing zeros are kept, because they are part of the precision. */
export interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

const decimalPattern = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/

/** Parses a decimal, with or without an exponent; null when the text is not a decimal or is too long. */
export const readDecimal = (text: string): Decimal | null => {
  if (text.length > scopeNumbers.searchNumber) return null
  const [, sign, whole, fraction = '', exponent = '0'] = decimalPattern.exec(text) ?? []
  if (whole === undefined) return null
  return { digits: BigInt(`${sign ?? ''}${whole}${fraction}`), exponent: Number(exponent) - fraction.length }
}

/** Prints a decimal as a JSON number. */
export const printDecimal = ({ digits, exponent }: Decimal): string =>
  `${String(digits)}${exponent === 0 ? '' : `e${String(exponent)}`}`

/** The digits of a decimal at a lower exponent. */
const digitsAt = ({ digits, exponent }: Decimal, lower: number): bigint =>
  exponent === lower ? digits : digits * 10n ** BigInt(exponent - lower)

/** Negative, zero or positive: the first decimal is less than, equal to or greater than the second. */
export const compareDecimals = (one: Decimal, other: Decimal): number => {
  const lower = Math.min(one.exponent, other.exponent)
  const [mine, theirs] = [digitsAt(one, lower), digitsAt(other, lower)]
  return mine < theirs ? -1 : mine > theirs ? 1 : 0
}

/** The midpoint of two decimals. */
export const middleOf = (one: Decimal, other: Decimal): Decimal => {
  const lower = Math.min(one.exponent, other.exponent)
  return { digits: (digitsAt(one, lower) + digitsAt(other, lower)) * 5n, exponent: lower - 1 }
}

/** A decimal plus a number of tenths of its last digit: `plusTenths(5.4, 5n)` is 5.45. */
export const plusTenths = ({ digits, exponent }: Decimal, tenths: bigint): Decimal => ({
  digits: digits * 10n + tenths,
  exponent: exponent - 1
})
