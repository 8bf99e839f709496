/**
 * Makes untrusted text safe to show to people: on a page, in a sentence, in a log, on a terminal.
 *
 * A registered name, a value of a scope's query or the reason of a refusal may contain anything. Characters that are
 * invisible, or that change or move the text around them, are written as `\u{202e}`: control, format and private-use
 * characters, line and paragraph separators, spaces other than the plain one, variation selectors, fillers, unpaired
 * surrogates, unassigned code points, combining marks without a base letter, and too many marks on one letter. Long
 * texts are shortened in the middle, with the number of omitted characters. Different texts that are not shortened are
 * shown differently.
 *
 * Source: Unicode Standard, Default_Ignorable_Code_Point; Unicode Technical Report 36 (security considerations).
 *
 * @module
 */
import { scopeNumbers } from './limits/scope-numbers.js'

/**
 * Characters that are always escaped. U+2800, U+1D159 and U+FFFC are symbols without a visible shape and are in none of
 * these Unicode classes.
 */
const hidden = /^[\p{C}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\u{1d159}\ufffc]$/u

const oddSpace = /^(?! )\p{Zs}$/u

const mark = /^\p{M}$/u

/**
 * Double quotation marks of all scripts, and similar characters. Apostrophes are not included, because names contain
 * them.
 */
const quotationMark =
  /^(?!['\u2018\u2019\u201a\u201b\u2039\u203a])[\p{Quotation_Mark}\u02ba\u02ee\u02dd\u2033\u2036\u3003]$/u

/** The number of combining marks (accents, vowel signs) that one letter may have: no living language needs more. */
const marksOnOneLetter = scopeNumbers.shownMarks

const escaped = (character: string): string => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`

/**
 * Whether a character could be mistaken for output of this module: the start of an escape, or of the note in a
 * shortened text.
 */
const isOurs = (character: string, next: string | undefined): boolean =>
  (character === '\\' && next === 'u') || (character === '…' && next === '(')

interface Showing {
  /**
   * Whether it is an original untrusted text: then everything that looks like output of this module is escaped, and so
   * are leading, trailing and repeated spaces.
   */
  readonly isRaw: boolean
  /** Whether the text will stand in double quotes: then quotation marks are escaped. */
  readonly inQuotes: boolean
}

/** The characters of a text, each in its shown form. */
const shownCharacters = (text: string, { isRaw, inQuotes }: Showing): ReadonlyArray<string> => {
  const characters = Array.from(text)
  // At the beginning of the text, and after a space or an escape, a mark has no base letter.
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

/** The longest prefix of the characters that fits into a length. */
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

/** A text of at most `limit` characters plus the note about omitted ones: its beginning, the note, and its end. */
const shortened = (text: string, limit: number, showing: Showing): string => {
  if (text.length <= limit) {
    const whole = shownCharacters(text, showing).join('')
    if (whole.length <= limit) return whole
  }
  const endLength = Math.floor(limit / 3)
  const beginning = within(shownCharacters(text.slice(0, limit), showing), limit - endLength)
  const last = [...shownCharacters(text.slice(-limit), showing)].reverse()
  // A text that is too long only because of escapes must not be shown twice.
  const room = Math.max(0, Array.from(text.slice(0, 2 * limit)).length - beginning.length)
  const end = within(last, endLength).slice(0, room)
  const leftOut = characterCount(text) - beginning.length - end.length
  return `${beginning.join('')}…(${String(leftOut)} more characters)…${[...end].reverse().join('')}`
}

/**
 * A text, safe to show separately from other text. On a page it also belongs into a `<bdi>` element, because letters of
 * right-to-left scripts are shown as they are.
 *
 * @example
 * ```ts
 * import { shown } from './shown-text.js'
 *
 * shown('My\u200bChart') // => 'My\\u{200b}Chart'
 * shown('x'.repeat(5000), 30) // => 'xxxxxxxxxxxxxxxxxxxx…(4970 more characters)…xxxxxxxxxx'
 * ```
 */
export const shown = (text: string, limit: number = scopeNumbers.shownText): string =>
  shortened(text, limit, { isRaw: true, inQuotes: false })

/**
 * A text in double quotes that nothing in it can close: for untrusted text in a sentence.
 *
 * @example
 * ```ts
 * import { quoted } from './shown-text.js'
 *
 * quoted('x".\nApproved by your hospital') // => '"x\\u{22}.\\u{a}Approved by your hospital"'
 * ```
 */
export const quoted = (text: string, limit: number = scopeNumbers.shownText): string =>
  `"${shortened(text, limit, { isRaw: true, inQuotes: true })}"`

/** Characters outside printable ASCII. */
const notPlain = /[^\x20-\x7e]/

const everyNotPlain = /[^\x20-\x7e]/g

const assembled: Showing = { isRaw: false, inQuotes: false }

/** A text of any length with invisible characters escaped. For texts that are composed of several parts. Idempotent. */
export const visible = (text: string): string =>
  notPlain.test(text) ? shownCharacters(text, assembled).join('') : text

/** The same as {@link visible}, shortened to a length. Parts that are already safe are not escaped again. */
export const visibleWithin = (text: string, limit: number): string => shortened(text, limit, assembled)

/**
 * A value as JSON in printable ASCII: the same value, without characters that a terminal or log would interpret. A
 * value that is not JSON gives `null`. With an indentation in blanks, it has several lines.
 */
export const printableJson = (value: unknown, indentation = 0): string =>
  ((JSON.stringify(value, null, indentation) as string | undefined) ?? 'null')
    .split('\n')
    .map((line) => line.replace(everyNotPlain, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`))
    .join('\n')
