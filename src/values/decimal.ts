/**
 * Decimals as they are written, compared exactly.
 *
 * Source: FHIR R4, datatypes.html, decimal; search.html, 3.1.1.4.6 (number): the implicit range of a number follows
 * from its digits.
 *
 * @module
 */
import { limits } from './limits/limits.js'

/** `digits` × 10^`exponent`. Trailing zeros are kept: they are digits of the number's precision. */
export interface Decimal {
  readonly digits: bigint
  readonly exponent: number
}

const decimalPattern = /^(-?)(0|[1-9][0-9]*)(?:\.([0-9]+))?(?:[eE]([+-]?[0-9]{1,3}))?$/

/** Reads a decimal, with or without an exponent; null for what is none, or is longer than the bound. */
export const readDecimal = (text: string): Decimal | null => {
  if (text.length > limits.searchNumber.standard) return null
  const [, sign, whole, fraction = '', exponent = '0'] = decimalPattern.exec(text) ?? []
  if (whole === undefined) return null
  return { digits: BigInt(`${sign ?? ''}${whole}${fraction}`), exponent: Number(exponent) - fraction.length }
}

/** A decimal as it is written in JSON. */
export const printDecimal = ({ digits, exponent }: Decimal): string =>
  `${String(digits)}${exponent === 0 ? '' : `e${String(exponent)}`}`

/** The digits of a decimal at a lower exponent. */
const digitsAt = ({ digits, exponent }: Decimal, lower: number): bigint =>
  exponent === lower ? digits : digits * 10n ** BigInt(exponent - lower)

/** Below zero, zero or above zero, as the first is less than, equal to or greater than the second. */
export const compareDecimals = (one: Decimal, other: Decimal): number => {
  const lower = Math.min(one.exponent, other.exponent)
  const [mine, theirs] = [digitsAt(one, lower), digitsAt(other, lower)]
  return mine < theirs ? -1 : mine > theirs ? 1 : 0
}

/** The middle between two decimals. */
export const middleOf = (one: Decimal, other: Decimal): Decimal => {
  const lower = Math.min(one.exponent, other.exponent)
  return { digits: (digitsAt(one, lower) + digitsAt(other, lower)) * 5n, exponent: lower - 1 }
}

/** A decimal and the sum of it and some of its last digits, in tenths: `plusTenths(5.4, 5n)` is 5.45. */
export const plusTenths = ({ digits, exponent }: Decimal, tenths: bigint): Decimal => ({
  digits: digits * 10n + tenths,
  exponent: exponent - 1
})

/** So many tenths of a decimal. */
export const tenthsOf = ({ digits, exponent }: Decimal, tenths: bigint): Decimal => ({
  digits: digits * tenths,
  exponent: exponent - 1
})
