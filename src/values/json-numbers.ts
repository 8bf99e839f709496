/**
 * Numbers of JSON as they are written, where JavaScript would write them otherwise: they travel as texts, and become
 * numbers again.
 *
 * Source: FHIR R4, datatypes.html, decimal (the precision must be preserved); RFC 8259, section 6.
 *
 * @module
 */
import { afterString, quote } from './json.js'

/** A number that stands as a text: behind U+0000, which FHIR allows in no string. */
const numberAsText = /^\u0000(-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)$/

const minus = 0x2d
const [zero, nine] = [0x30, 0x39]

/** The place after the number that begins at a place; the same place where none does. */
const afterNumber = (json: string, start: number): number => {
  const first = json.charCodeAt(start)
  if (first !== minus && (first < zero || first > nine)) return start
  const number = /[0-9.eE+-]+/y
  number.lastIndex = start
  return start + (number.exec(json)?.[0].length ?? 0)
}

/** A JSON text with its strings or its numbers changed, each as it is written. */
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
 * Whether a text is JSON and a text in it holds U+0000, which could stand for a number: an escape whose backslash is
 * not itself escaped.
 */
export const holdsNullText = (text: string): boolean => /(?<!\\)(?:\\\\)*\\u0000/.test(text) && isJsonText(text)

/**
 * The JSON text with the numbers as texts that JavaScript would write otherwise than they stand there: `1.10` is not
 * `1.1` to who measured it, and `9007199254740993` would be another number. {@link withTextsAsNumbers} brings them
 * back. What is no JSON stays as it is. Source: FHIR R4, datatypes.html, decimal (the precision must be preserved).
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

/** The JSON text with the numbers that {@link withNumbersAsTexts} made texts. */
export const withTextsAsNumbers = (json: string): string =>
  json.includes('\\u0000') && isJsonText(json)
    ? withTokens(json, 'strings', (one) =>
        one.startsWith('"\\u0000') ? (numberAsText.exec(JSON.parse(one) as string)?.[1] ?? one) : one
      )
    : json

/** The number that a value is, also as a text; null when it is none. */
export const numberIn = (value: unknown): number | null => {
  if (typeof value === 'number') return value
  const [, written] = typeof value === 'string' ? (numberAsText.exec(value) ?? []) : []
  return written === undefined ? null : Number(written)
}
