/**
 * What `JSON.parse` does not tell, and what it tells wrongly.
 *
 * @module
 */
import type { Option } from './option.js'
import { none, some } from './option.js'
import { isPlain } from './own.js'

/** The code of the mark that begins a string. */
export const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const [openBrace, closeBrace] = [0x7b, 0x7d]
const [openBracket, closeBracket] = [0x5b, 0x5d]

/** The white space of JSON (RFC 8259, section 2). */
const blanks: ReadonlySet<number> = /* @__PURE__ */ new Set([0x20, 0x09, 0x0a, 0x0d])

/** A number, or one of the three words. */
const scalar = /[^\s,:[\]{}"]+/y

/** The place after the string that begins at a place. */
export const afterString = (json: string, start: number): number => {
  let index = start + 1
  while (index < json.length && json.charCodeAt(index) !== quote) index += json.charCodeAt(index) === backslash ? 2 : 1
  return index + 1
}

/** What a string spells that stands between two places. */
const stringIn = (json: string, start: number, end: number): string => {
  const token = json.slice(start, end)
  return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
}

/** The place of the next character that is no white space. */
const afterBlanks = (json: string, start: number): number => {
  let index = start
  while (blanks.has(json.charCodeAt(index))) index += 1
  return index
}

/**
 * The index of the first name that stood in its object before, in a text that is JSON; null where all differ. Names are
 * compared as what they spell. They are read from the text: `JSON.parse` takes the last of two members in silence, and
 * that of Node 24 and 26 reads a name that is spelled with escapes as another name once it has seen certain objects.
 */
export const nameRepeatedAt = (json: string): number | null => {
  const open: Array<Set<string>> = []
  for (let index = 0; index < json.length;) {
    const code = json.charCodeAt(index)
    if (code === openBrace) open.push(new Set())
    else if (code === closeBrace) open.pop()
    if (code !== quote) {
      index += 1
      continue
    }
    const end = afterString(json, index)
    if (json.charCodeAt(afterBlanks(json, end)) === colon) {
      const name = stringIn(json, index, end)
      const names = open.at(-1)
      if (names?.has(name) === true) return index
      names?.add(name)
    }
    index = end
  }
  return null
}

/**
 * Whether no object of a JSON text has two members of one name, however the name is escaped. `JSON.parse` takes the
 * last of them in silence, another reader the first, and a signature covers both.
 *
 * Source: RFC 7515, section 4, and RFC 7519, section 4 (names must be unique); RFC 8259, section 4.
 *
 * @example
 * ```ts
 * import { hasUniqueNames } from './json.js'
 *
 * hasUniqueNames('{"a":1,"b":{"a":2}}') // => true
 * hasUniqueNames('{"a":1,"\\u0061":2}') // => false
 * ```
 */
export const hasUniqueNames = (json: string): boolean => nameRepeatedAt(json) === null

/** Whether a member of a JSON text has a name that is spelled with an escape. */
const hasEscapedName = (json: string): boolean => {
  if (!json.includes('\\')) return false
  for (let index = 0; index < json.length;) {
    if (json.charCodeAt(index) !== quote) {
      index += 1
      continue
    }
    const end = afterString(json, index)
    if (json.charCodeAt(afterBlanks(json, end)) === colon && json.slice(index, end).includes('\\')) return true
    index = end
  }
  return false
}

/** An array or an object whose end was not reached yet. */
interface Open {
  readonly isObject: boolean
  readonly names: Array<string>
  readonly held: Array<unknown>
}

const closed = ({ held, isObject, names }: Open): unknown =>
  isObject ? Object.fromEntries(names.map((name, place) => [name, held[place]])) : held

/** What a text says that is known to be JSON, token by token. */
const readTokens = (json: string): unknown => {
  const root: Open = { isObject: false, names: [], held: [] }
  const open = [root]
  let innermost = root
  for (let index = 0; index < json.length;) {
    const code = json.charCodeAt(index)
    if (code === quote) {
      const end = afterString(json, index)
      const isName = innermost.isObject && innermost.names.length === innermost.held.length
      ;(isName ? innermost.names : innermost.held).push(stringIn(json, index, end))
      index = end
    } else if (code === openBrace || code === openBracket) {
      innermost = { isObject: code === openBrace, names: [], held: [] }
      open.push(innermost)
      index += 1
    } else if (code === closeBrace || code === closeBracket) {
      const value = closed(open.pop() ?? root)
      innermost = open.at(-1) ?? root
      innermost.held.push(value)
      index += 1
    } else {
      scalar.lastIndex = index
      const [written] = scalar.exec(json) ?? []
      if (written !== undefined) innermost.held.push(JSON.parse(written))
      index += written?.length ?? 1
    }
  }
  return root.held[0]
}

/** Makes all objects of a value that was just parsed inherit nothing. */
const inheritingNothing = (parsed: unknown): unknown => {
  const waiting = [parsed]
  while (waiting.length > 0) {
    const next = waiting.pop()
    if (typeof next !== 'object' || next === null) continue
    const isList = Array.isArray(next)
    if (!isList) Object.setPrototypeOf(next, null)
    for (const held of (isList ? next : Object.values(next)) as ReadonlyArray<unknown>) {
      if (typeof held === 'object' && held !== null) waiting.push(held)
    }
  }
  return parsed
}

/**
 * What a JSON text says; `none` where it is no JSON. Its objects inherit nothing: a member that is read is one that was
 * written. This is `JSON.parse`, which is not asked for names that are spelled with escapes: that of Node 24 and 26 may
 * read such a name as another one, by what it parsed before. Who decides by names that strangers wrote asks this
 * function.
 *
 * @example
 * ```ts
 * import * as Option from 'fp-ts/lib/Option.js'
 * import { parseJson } from './json.js'
 *
 * parseJson('{"\\u0061":1}') // => Option.some({ a: 1 })
 * parseJson('{a:1}') // => Option.none
 * ```
 */
export const parseJson = (json: string): Option<unknown> => {
  try {
    const parsed: unknown = JSON.parse(json)
    return some(inheritingNothing(hasEscapedName(json) ? readTokens(json) : parsed))
  } catch {
    return none
  }
}

/**
 * A text as it is, and nothing instead of anything else. What came as JSON is never turned into a text by `String`: a
 * member that is called `toString`, or arrays that nest deep, make it throw.
 *
 * @example
 * ```ts
 * import { textOf } from './json.js'
 *
 * textOf('ES384') // => 'ES384'
 * textOf({ toString: null }) // => ''
 * ```
 */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/**
 * Whether a value nests arrays and objects at most so many levels deep. `JSON.parse` reads any depth, and what walks
 * the value afterwards does not.
 *
 * @example
 * ```ts
 * import { isNestedWithin } from './json.js'
 *
 * isNestedWithin(2, { a: [1] }) // => true
 * isNestedWithin(2, { a: [[1]] }) // => false
 * ```
 */
export const isNestedWithin = (levels: number, value: unknown): boolean => {
  const waiting = [{ value, level: 0 }]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next.value !== 'object' || next.value === null) continue
    if (next.level === levels) return false
    const level = next.level + 1
    for (const held of Object.values(next.value) as ReadonlyArray<unknown>) waiting.push({ value: held, level })
  }
  return true
}

/** How large a value is, in values and characters; counted no further than a limit. */
export const sizeWithin = (limit: number, value: unknown): number => {
  let size = 0
  const waiting = [value]
  while (waiting.length > 0 && size <= limit) {
    const next = waiting.pop()
    size += 1
    if (typeof next === 'string') size += next.length
    if (Array.isArray(next)) for (const held of next as ReadonlyArray<unknown>) waiting.push(held)
    else if (typeof next === 'object' && next !== null) {
      for (const [name, held] of Object.entries(next)) {
        size += name.length
        waiting.push(held)
      }
    }
  }
  return size
}

/**
 * Whether JSON holds a value as it is, so that it reads as it was written. A member without a value counts as one that
 * is not there. Ask {@link isNestedWithin} or {@link sizeWithin} first of what may be endless.
 *
 * @example
 * ```ts
 * import { isJsonValue } from './json.js'
 *
 * isJsonValue({ a: [1, null, 'x'] }) // => true
 * isJsonValue({ a: new Date(0) }) // => false
 * isJsonValue({ a: Number.NaN }) // => false
 * ```
 */
export const isJsonValue = (value: unknown): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return false
  // An array without gaps, and with nothing beside its elements.
  if (Array.isArray(value)) return Object.keys(value).length === value.length && Array.from(value).every(isJsonValue)
  return isPlain(value) && Object.values(value).every((held: unknown) => held === undefined || isJsonValue(held))
}
