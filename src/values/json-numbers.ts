/**
 * Keeps JSON numbers as they are written. JavaScript would print some of them differently; these are replaced by
 * strings before parsing, and by numbers again after printing.
 *
 * Source: FHIR R4, datatypes.html, decimal (the precision must be preserved); RFC 8259, section 6.
 *
 * @module
 */
import { afterString, quote } from './json.js'

/** A number that was replaced by a string: it begins with U+0000, which FHIR allows in no string. */
const numberAsText = /^\u0000(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/

const minus = 0x2d
const [zero, nine] = [0x30, 0x39]

/** The position after the number that begins at `start`; `start` itself when there is no number. */
const afterNumber = (json: string, start: number): number => {
  const first = json.charCodeAt(start)
  if (first !== minus && (first < zero || first > nine)) return start
  const number = /[0-9.eE+-]+/y
  number.lastIndex = start
  return start + (number.exec(json)?.[0].length ?? 0)
}

/** A JSON text in which each string or each number is replaced by the result of `change`. */
const withTokens = (json: string, kind: 'strings' | 'numbers', change: (token: string) => string): string => {
  const parts: Array<string> = []
  let copied = 0
  for (let index = 0; index < json.length;) {
    const isString = json.charCodeAt(index) === quote
    const end = isString ? afterString(json, index) : afterNumber(json, index)
    if (end > index && isString === (kind === 'strings')) {
      const token = json.slice(index, end)
      const changed = change(token)
      if (changed !== token) {
        parts.push(json.slice(copied, index), changed)
        copied = end
      }
    }
    index = Math.max(end, index + 1)
  }
  return [...parts, json.slice(copied)].join('')
}

const isJsonText = (text: string): boolean => {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

/**
 * Whether a JSON text contains the escape of U+0000 (with a backslash that is not itself escaped). A string with it
 * could be mistaken for a replaced number.
 */
export const holdsNullText = (text: string): boolean => /(?<!\\)(?:\\\\)*\\u0000/.test(text) && isJsonText(text)

/**
 * Replaces each number of a JSON text by a string if JavaScript would print it differently: `1.10` would lose its
 * precision, and `9007199254740993` would become another number. {@link withTextsAsNumbers} reverses the replacement. A
 * text that is not JSON is returned unchanged. Source: FHIR R4, datatypes.html, decimal (the precision must be
 * preserved).
 *
 * @example
 * ```ts
 * import { withNumbersAsTexts, withTextsAsNumbers } from './json-numbers.js'
 *
 * const changed = JSON.stringify({ ...JSON.parse(withNumbersAsTexts('{"value":1.10}')), unit: 'mg' })
 * withTextsAsNumbers(changed) // => '{"value":1.10,"unit":"mg"}'
 * ```
 */
export const withNumbersAsTexts = (json: string): string =>
  isJsonText(json)
    ? withTokens(json, 'numbers', (one) => (String(Number(one)) === one ? one : `"\\u0000${one}"`))
    : json

/** Replaces the strings of {@link withNumbersAsTexts} by numbers again. */
export const withTextsAsNumbers = (json: string): string =>
  json.includes('\\u0000') && isJsonText(json)
    ? withTokens(json, 'strings', (one) =>
        one.startsWith('"\\u0000') ? (numberAsText.exec(JSON.parse(one) as string)?.[1] ?? one) : one
      )
    : json

/** The number in a value, which may be a replaced number; null when it is not a number. */
export const numberIn = (value: unknown): number | null => {
  if (typeof value === 'number') return value
  const [, written] = typeof value === 'string' ? (numberAsText.exec(value) ?? []) : []
  return written === undefined ? null : Number(written)
}
