/**
 * What `JSON.parse` does not tell.
 *
 * @module
 */

/** The code of the mark that begins a string. */
export const quote = 0x22
const backslash = 0x5c
const colon = 0x3a

/** The place after the string that begins at a place. */
export const afterString = (json: string, start: number): number => {
  let index = start + 1
  while (index < json.length && json.charCodeAt(index) !== quote) index += json.charCodeAt(index) === backslash ? 2 : 1
  return index + 1
}

/** How many members a JSON text writes down: a colon outside of strings each. */
const membersWritten = (json: string): number => {
  let count = 0
  for (let index = 0; index < json.length;) {
    const code = json.charCodeAt(index)
    if (code === colon) count += 1
    index = code === quote ? afterString(json, index) : index + 1
  }
  return count
}

/** How many members a value has, with all that it holds. */
const membersHeld = (value: unknown): number => {
  let count = 0
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (typeof next !== 'object' || next === null) continue
    const held: ReadonlyArray<unknown> = Object.values(next)
    if (!Array.isArray(next)) count += held.length
    for (const one of held) waiting.push(one)
  }
  return count
}

/**
 * Whether no object of a JSON text has two members of one name, however the name is escaped. `JSON.parse` takes the last of
 * them in silence, another reader the first, and a signature covers both. `value` is what the text was parsed to: where one
 * was lost, it has fewer members than the text writes down.
 *
 * Source: RFC 7515, section 4, and RFC 7519, section 4 (names must be unique); RFC 8259, section 4.
 *
 * @example
 * ```ts
 * import { values } from 'smart-app-launch'
 *
 * const isUnique = (json: string) => values.json.hasUniqueNames(json, JSON.parse(json))
 * isUnique('{"a":1,"b":{"a":2}}') // => true
 * isUnique('{"a":1,"\\u0061":2}') // => false
 * ```
 */
export const hasUniqueNames = (json: string, value: unknown): boolean => membersWritten(json) === membersHeld(value)

/**
 * A text as it is, and nothing instead of anything else. What came as JSON is never turned into a text by `String`: a member that
 * is called `toString`, or arrays that nest deep, make it throw.
 *
 * @example
 * ```ts
 * import { values } from 'smart-app-launch'
 *
 * values.json.textOf('ES384') // => 'ES384'
 * values.json.textOf({ toString: null }) // => ''
 * ```
 */
export const textOf = (value: unknown): string => (typeof value === 'string' ? value : '')

/**
 * Whether a value nests arrays and objects at most so many levels deep. `JSON.parse` reads any depth, and what walks the value
 * afterwards does not.
 *
 * @example
 * ```ts
 * import { values } from 'smart-app-launch'
 *
 * values.json.isNestedWithin(2, { a: [1] }) // => true
 * values.json.isNestedWithin(2, { a: [[1]] }) // => false
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

/** An object without a class: one whose prototype has no prototype, or none at all. */
const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value) as object | null
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/**
 * Whether JSON holds a value as it is, so that it reads as it was written. A member without a value counts as one that is not
 * there. Ask {@link isNestedWithin} or {@link sizeWithin} first of what may be endless.
 *
 * @example
 * ```ts
 * import { values } from 'smart-app-launch'
 *
 * values.json.isJson({ a: [1, null, 'x'] }) // => true
 * values.json.isJson({ a: new Date(0) }) // => false
 * values.json.isJson({ a: Number.NaN }) // => false
 * ```
 */
export const isJson = (value: unknown): boolean => {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return true
  if (typeof value === 'number') return Number.isFinite(value)
  if (typeof value !== 'object') return false
  // An array without gaps, and with nothing beside its elements.
  if (Array.isArray(value)) return Object.keys(value).length === value.length && Array.from(value).every(isJson)
  return isPlain(value) && Object.values(value).every((held: unknown) => held === undefined || isJson(held))
}
