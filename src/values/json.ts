/**
 * JSON parsing and checks that `JSON.parse` lacks or does wrongly.
 *
 * @module
 */
import type { Option } from './option.js'
import { none, some } from './option.js'
import { isPlain } from './own.js'

/** The character code of `"`. */
export const quote = 0x22
const backslash = 0x5c
const colon = 0x3a
const [openBrace, closeBrace] = [0x7b, 0x7d]
const [openBracket, closeBracket] = [0x5b, 0x5d]

/** The white space characters of JSON (RFC 8259, section 2). */
const blanks: ReadonlySet<number> = /* @__PURE__ */ new Set([0x20, 0x09, 0x0a, 0x0d])

/** A number, `true`, `false` or `null`. */
const scalar = /[^\s,:[\]{}"]+/y

/** The position after the string that begins at `start`. */
export const afterString = (json: string, start: number): number => {
  let index = start + 1
  while (index < json.length && json.charCodeAt(index) !== quote) index += json.charCodeAt(index) === backslash ? 2 : 1
  return index + 1
}

/** The value of the string literal between two positions. */
const stringIn = (json: string, start: number, end: number): string => {
  const token = json.slice(start, end)
  return token.includes('\\') ? String(JSON.parse(token)) : token.slice(1, -1)
}

/** The position of the next character that is not white space. */
const afterBlanks = (json: string, start: number): number => {
  let index = start
  while (blanks.has(json.charCodeAt(index))) index += 1
  return index
}

/**
 * The index of the first repeated member name of an object in a JSON text; null when all names are unique. Names are
 * compared after unescaping. They are read from the text for two reasons: `JSON.parse` keeps the last of two equal
 * members silently, and the one of Node 24 and 26 reads an escaped name as another name once it has seen certain
 * objects.
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
 * Whether no object of a JSON text has two members with the same name, escapes decoded. `JSON.parse` keeps the last of
 * them silently and another parser the first, while a signature covers both.
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

/** Whether a JSON text has a member whose name contains an escape. */
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

/** An array or object whose end has not been reached. */
interface Open {
  readonly isObject: boolean
  readonly names: Array<string>
  readonly held: Array<unknown>
}

const closed = ({ held, isObject, names }: Open): unknown =>
  isObject ? Object.fromEntries(names.map((name, place) => [name, held[place]])) : held

/** Parses a text that is valid JSON, token by token. */
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

/** Sets the prototype of all objects in a parsed value to null. */
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
 * Parses JSON; `none` when the text is not JSON. The objects have no prototype, so they have only the members that the
 * text contains. Texts with escaped member names are parsed without `JSON.parse`: that of Node 24 and 26 may read such
 * a name as another one, depending on what it parsed before. Use this function when decisions depend on member names of
 * untrusted JSON.
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

/** The names that JavaScript defines for `Object.prototype`. */
const standardNames: ReadonlySet<unknown> = /* @__PURE__ */ new Set([
  'constructor',
  '__defineGetter__',
  '__defineSetter__',
  'hasOwnProperty',
  '__lookupGetter__',
  '__lookupSetter__',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'toString',
  'valueOf',
  '__proto__',
  'toLocaleString'
])

/** Whether all objects of the process inherit only what JavaScript defines. */
const isPrototypeStandard = (): boolean => {
  for (const name of Reflect.ownKeys(Object.prototype)) if (!standardNames.has(name)) return false
  return true
}

/**
 * {@link parseJson} for large texts whose member names are checked otherwise, for escapes among them: its objects may
 * inherit what JavaScript defines (`toString`), and nothing else. Members must not be read from them with the names of
 * those.
 */
export const parseLargeJson = (json: string): Option<unknown> => {
  if (!isPrototypeStandard()) return parseJson(json)
  try {
    return some(JSON.parse(json) as unknown)
  } catch {
    return none
  }
}

/**
 * The value if it is a string, otherwise `''`. `String` must not be applied to parsed JSON: it throws for an object
 * with a member `toString` and for deeply nested arrays.
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
 * Whether arrays and objects are nested at most `levels` deep. `JSON.parse` accepts any depth, but recursive functions
 * on the value do not.
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

/** The size of a value, in values and characters. Counting stops at the limit. */
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
 * Whether a value survives printing and parsing as JSON unchanged. A member with the value undefined counts as absent.
 * Check values of unknown depth or size with {@link isNestedWithin} or {@link sizeWithin} first.
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
  // An array without holes and without other members.
  if (Array.isArray(value)) return Object.keys(value).length === value.length && Array.from(value).every(isJsonValue)
  return isPlain(value) && Object.values(value).every((held: unknown) => held === undefined || isJsonValue(held))
}
