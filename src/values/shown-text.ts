/**
 * Text of somebody else's, made fit to be shown to people: on a page, in a sentence, in a log, on a terminal.
 *
 * A registered name, the value of a scope's query or the reason of a refusal may hold anything. What is not seen,
 * changes what is seen around it, or moves what follows is written as `\u{202e}`: control, format and private
 * characters, line and paragraph separators, spaces other than the plain one, variation selectors, fillers, unpaired
 * surrogates, code points that are not assigned, marks without a letter, and too many marks on one. What is long loses
 * its middle, and it is said how much. Different texts that are not shortened are shown differently.
 *
 * Source: Unicode Standard, Default_Ignorable_Code_Point; Unicode Technical Report 36 (security considerations).
 *
 * @module
 */
import { limits } from './limits/limits.js'

/**
 * Characters that are never shown as they are. U+2800, U+1D159 and U+FFFC are symbols without a shape of their own,
 * which no property of Unicode names.
 */
const hidden = /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\ufffc]$/u

const oddSpace = /^(?! )\p{Zs}$/u

const mark = /^\p{M}$/u

/** Double quotation marks of all scripts, and what looks like one; apostrophes stand in names and are left. */
const quotationMark =
  /^(?!['\u2018\u2019\u201a\u201b\u2039\u203a])[\p{Quotation_Mark}\u02ba\u02ee\u02dd\u2033\u2036\u3003]$/u

/** How many marks (accents, vowel signs) one letter may carry: no living language needs more. */
const marksOnOneLetter = limits.shownMarks.standard

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`

/**
 * What would be taken for something that is written here: the beginning of an escape, or of what is said of a shortened
 * text.
 */
const isOurs = (character: string, next: string | undefined): boolean =>
  (character === '\\' && next === 'u') || (character === '…' && next === '(')

interface Showing {
  /** Whether it is a text of somebody else's as it came: then nothing in it passes for ours, and no blank is loose. */
  readonly isRaw: boolean
  /** Whether the text will stand in double quotes, which nothing in it may close. */
  readonly inQuotes: boolean
}

/** The characters of a text, each as it is shown. */
const shownCharacters = (text: string, { isRaw, inQuotes }: Showing): ReadonlyArray<string> => {
  const characters = Array.from(text)
  // At the beginning, and after a blank or an escape, there is no letter that a mark could stand on.
  let marks: number = marksOnOneLetter
  return characters.map((character, index) => {
    const next = characters[index + 1]
    const isMark = mark.test(character)
    const isLooseBlank = character === ' ' && (index === 0 || next === undefined || next === ' ')
    const isEscaped =
      hidden.test(character) ||
      oddSpace.test(character) ||
      (isRaw && (isLooseBlank || isOurs(character, next))) ||
      (isMark && marks >= marksOnOneLetter) ||
      (inQuotes && quotationMark.test(character))
    marks = isMark ? marks + 1 : isEscaped || character === ' ' ? marksOnOneLetter : 0
    return isEscaped ? escaped(character) : character
  })
}

/** As many of the characters as fit into a length. */
const within = (characters: ReadonlyArray<string>, length: number): ReadonlyArray<string> => {
  let size = 0
  const end = characters.findIndex((character) => (size += character.length) > length)
  return end === -1 ? characters : characters.slice(0, end)
}

const characterCount = (text: string): number => {
  let count = 0
  for (const character of text) count += character.length > 0 ? 1 : 0
  return count
}

/**
 * A text of at most `limit` characters and what is said of the rest: its beginning, how much is left out, and its end.
 */
const shortened = (text: string, limit: number, showing: Showing): string => {
  if (text.length <= limit) {
    const whole = shownCharacters(text, showing).join('')
    if (whole.length <= limit) return whole
  }
  const endLength = Math.floor(limit / 3)
  const beginning = within(shownCharacters(text.slice(0, limit), showing), limit - endLength)
  const last = [...shownCharacters(text.slice(-limit), showing)].reverse()
  // A text that is only longer as it is shown than as it is may not be told twice.
  const room = Math.max(0, Array.from(text.slice(0, 2 * limit)).length - beginning.length)
  const end = within(last, endLength).slice(0, room)
  const leftOut = characterCount(text) - beginning.length - end.length
  return `${beginning.join('')}…(${String(leftOut)} more characters)…${[...end].reverse().join('')}`
}

/**
 * A text as it may be shown by itself, set apart from the text around it. On a page it belongs into a `<bdi>` too,
 * because letters that are written from right to left are shown as they are.
 *
 * @example
 * ```ts
 * import { shown } from './shown-text.js'
 *
 * shown('My\u200bChart') // => 'My\\u{200b}Chart'
 * shown('x'.repeat(5000), 30) // => 'xxxxxxxxxxxxxxxxxxxx…(4970 more characters)…xxxxxxxxxx'
 * ```
 */
export const shown = (text: string, limit: number = limits.shownText.standard): string =>
  shortened(text, limit, { isRaw: true, inQuotes: false })

/**
 * A text in double quotes, which nothing in it can close: how a text of somebody else's stands in a sentence.
 *
 * @example
 * ```ts
 * import { quoted } from './shown-text.js'
 *
 * quoted('x".\nApproved by your hospital') // => '"x\\u{22}.\\u{a}Approved by your hospital"'
 * ```
 */
export const quoted = (text: string, limit: number = limits.shownText.standard): string =>
  `"${shortened(text, limit, { isRaw: true, inQuotes: true })}"`

/** What is not of printable ASCII. */
const notPlain = /[^\x20-\x7e]/

const everyNotPlain = /[^\x20-\x7e]/g

const assembled: Showing = { isRaw: false, inQuotes: false }

/**
 * A text of any length in which nothing is hidden. For what was put together from several parts; done twice it changes
 * nothing.
 */
export const visible = (text: string): string =>
  notPlain.test(text) ? shownCharacters(text, assembled).join('') : text

/** The same within a length. Parts that were made fit to be shown already are not escaped again. */
export const visibleWithin = (text: string, limit: number): string => shortened(text, limit, assembled)

/**
 * A value as JSON of printable ASCII alone: the same value, and nothing that a terminal or a log would obey. What is no
 * JSON is `null`.
 */
export const printableJson = (value: unknown): string =>
  ((JSON.stringify(value) as string | undefined) ?? 'null').replace(
    everyNotPlain,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
