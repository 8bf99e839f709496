/**
 * Parses the query of a scope into clauses, and prints clauses.
 *
 *     query    = clause *( "&" clause )
 *     clause   = name [ ":" modifier ] "=" value *( "," value )
 *
 * A query is split at raw `&` and at the first raw `=` before percent-encoding is decoded, so that an encoded `&` or
 * space never makes a second parameter or scope. In a value, percent-encoding is decoded first and FHIR's escapes are
 * interpreted next, as in a search URL: `%5C,` is an escaped comma, part of the value. A `+` is a plus sign, not a
 * space. Source: FHIR R4, search.html ("Escaping Search Parameters"); RFC 6749, section 3.3, forbids the backslash
 * itself.
 *
 * @module
 */
import type { Clause } from './scope.js'

/** Decodes percent-encoding; null when a sequence is broken or is not UTF-8. */
const percentDecoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text)
  } catch {
    return null
  }
}

/**
 * Splits at the commas that no backslash escapes (FHIR R4, search.html#escaping). A backslash at the end is part of the
 * last value.
 */
export const commaList = (text: string): ReadonlyArray<string> => {
  if (!text.includes(',')) return [text]
  const parts: Array<string> = []
  let start = 0
  for (let index = 0; index < text.length; index++) {
    const character = text[index]
    if (character === '\\') index += 1
    else if (character === ',') {
      parts.push(text.slice(start, index))
      start = index + 1
    }
  }
  parts.push(text.slice(start))
  return parts
}

/** Splits at unescaped commas; null when the text ends in a backslash that escapes nothing. */
export const splitAtCommas = (text: string): ReadonlyArray<string> | null => {
  let end = text.length
  while (end > 0 && text[end - 1] === '\\') end -= 1
  return (text.length - end) % 2 === 1 ? null : commaList(text)
}

const namePattern = /^[A-Za-z_][A-Za-z0-9_.-]*$/

/** Characters that RFC 6749, section 3.3, forbids in a scope. */
const notInScopes = /[^\x21\x23-\x5b\x5d-\x7e]/

/**
 * A clause without percent-encoding, modifier and comma: a name, `=`, and characters that a scope may hold. It ends
 * before `&` or a space.
 */
const plainClause = /[A-Za-z_][A-Za-z0-9_.-]*=[\x21\x23\x24\x27-\x2b\x2d-\x5b\x5d-\x7e]+/y

/** Reads a clause that has percent-encoding, a modifier or a comma; null when it is malformed. */
const readIntricateClause = (text: string): Clause | null => {
  const equals = text.indexOf('=')
  if (equals === -1 || notInScopes.test(text)) return null
  const head = percentDecoded(text.slice(0, equals))
  const value = percentDecoded(text.slice(equals + 1))
  if (head === null || value === null) return null
  const colon = head.indexOf(':')
  const name = colon === -1 ? head : head.slice(0, colon)
  const modifier = colon === -1 ? null : head.slice(colon + 1)
  if (modifier === '' || !namePattern.test(name)) return null
  const values = splitAtCommas(value)
  return values === null || values.includes('') ? null : { name, modifier, values, text }
}

/**
 * The result of reading a query: its clauses, or the position in the source where the first malformed clause begins.
 */
export type QueryReading =
  | { readonly _tag: 'Clauses'; readonly clauses: ReadonlyArray<Clause> }
  | { readonly _tag: 'Malformed'; readonly position: number }

/**
 * Reads the query between two positions of a source. Most clauses are a name, `=` and one value without
 * percent-encoding: one regular expression matches them. All others go through {@link readIntricateClause}.
 */
export const readQuery = (source: string, start: number, end: number): QueryReading => {
  const clauses: Array<Clause> = []
  for (let position = start; position <= end;) {
    plainClause.lastIndex = position
    let clauseEnd = plainClause.test(source) ? plainClause.lastIndex : -1
    let clause: Clause | null
    if (clauseEnd === end || (clauseEnd !== -1 && source.charCodeAt(clauseEnd) === 0x26) /* & */) {
      const equals = source.indexOf('=', position)
      clause = {
        name: source.slice(position, equals),
        modifier: null,
        values: [source.slice(equals + 1, clauseEnd)],
        text: source.slice(position, clauseEnd)
      }
    } else {
      const rest = source.slice(position, end)
      const ampersand = rest.indexOf('&')
      clauseEnd = ampersand === -1 ? end : position + ampersand
      clause = readIntricateClause(source.slice(position, clauseEnd))
    }
    if (clause === null) return { _tag: 'Malformed', position }
    clauses.push(clause)
    position = clauseEnd + 1
  }
  return { _tag: 'Clauses', clauses }
}

/** Percent-encodes characters that a scope token cannot hold or that have a meaning in a query. */
const encoded = (text: string): string =>
  text.replace(/[^\x21\x24\x27-\x2a\x2c-\x3c\x3e-\x5b\x5d-\x7e]/gu, (character) => encodeURIComponent(character))

/** Makes a clause from its parts. `values` carry FHIR's escapes. A lone surrogate becomes U+FFFD. */
export const clauseOf = (name: string, modifier: string | null, values: ReadonlyArray<string>): Clause => {
  const wellFormed = values.map((value) => value.toWellFormed())
  const head = `${encoded(name.toWellFormed())}${modifier === null ? '' : `:${encoded(modifier.toWellFormed())}`}`
  return { name, modifier, values: wellFormed, text: `${head}=${wellFormed.map(encoded).join(',')}` }
}
