/**
 * Where a text stops being JSON.
 *
 * `JSON.parse` knows, but what its message tells differs between releases of Node, and often it is no position.
 * Source: RFC 8259.
 */

type Expectation = 'value' | 'valueOrEnd' | 'name' | 'nameOrEnd' | 'colon' | 'commaOrEnd'

const blanks = /[ \t\n\r]*/y
const scalar = /-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null/y
const quoted = /"(?:[ !#-[\]-\uffff]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y

/** How many characters from `index` on the pattern takes; 0 when it does not fit there. */
const lengthAt = (pattern: RegExp, text: string, index: number): number => {
  pattern.lastIndex = index
  return pattern.exec(text)?.[0].length ?? 0
}

/**
 * The index of the first character at which no JSON can go on, counted in UTF-16 code units from 0; the length of the
 * text when it only ends too early; null when it is JSON. A string or a word that is wrong counts from its beginning.
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
