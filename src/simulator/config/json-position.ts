/**
 * Finds the position of a JSON syntax error.
 *
 * The message of `JSON.parse` differs between releases of Node, and often contains no position. Source: RFC 8259.
 */

type Expectation = 'value' | 'valueOrEnd' | 'name' | 'nameOrEnd' | 'colon' | 'commaOrEnd'

const blanks = /[ \t\n\r]*/y
const scalar = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y
const quoted = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/** The number of characters from `index` on that the pattern matches; 0 if it does not match there. */
const lengthAt = (pattern: RegExp, text: string, index: number): number => {
  pattern.lastIndex = index
  return pattern.exec(text)?.[0].length ?? 0
}

/**
 * The index of the first character at which the text cannot be continued as JSON, counted in UTF-16 code units from 0;
 * the length of the text if it only ends too early; null if it is JSON. An error inside a string or a word is reported
 * at its beginning.
 */
export const jsonEndsAt = (text: string): number | null => {
  const open: Array<string> = []
  let expectation: Expectation = 'value'
  let index = lengthAt(blanks, text, 0)
  const closes = (character: string): boolean =>
    (character === ']' && open.at(-1) === '[' && (expectation === 'valueOrEnd' || expectation === 'commaOrEnd')) ||
    (character === '}' && open.at(-1) === '{' && (expectation === 'nameOrEnd' || expectation === 'commaOrEnd'))
  while (index < text.length) {
    const character = text.charAt(index)
    let length = 1
    if (closes(character)) {
      open.pop()
      expectation = 'commaOrEnd'
    } else if (expectation === 'name' || expectation === 'nameOrEnd') {
      length = lengthAt(quoted, text, index)
      expectation = 'colon'
    } else if (expectation === 'colon') {
      if (character !== ':') return index
      expectation = 'value'
    } else if (expectation === 'commaOrEnd') {
      if (character !== ',' || open.length === 0) return index
      expectation = open.at(-1) === '{' ? 'name' : 'value'
    } else if (character === '{' || character === '[') {
      open.push(character)
      expectation = character === '{' ? 'nameOrEnd' : 'valueOrEnd'
    } else {
      length = lengthAt(quoted, text, index) || lengthAt(scalar, text, index)
      expectation = 'commaOrEnd'
    }
    if (length === 0) return index
    index += length
    index += lengthAt(blanks, text, index)
  }
  return expectation === 'commaOrEnd' && open.length === 0 ? null : text.length
}
