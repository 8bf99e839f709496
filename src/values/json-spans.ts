/**
 * Where the parts of a JSON text are, so that a large text can be changed without being printed again: members and
 * items keep every character, the notation of their numbers among them.
 *
 * @module
 */
import { quote } from './json.js'

const backslash = 0x5c
const [colon, comma] = [0x3a, 0x2c]
const [openBrace, closeBrace] = [0x7b, 0x7d]
const [openBracket, closeBracket] = [0x5b, 0x5d]

/** A part of a text: from the character at `start` to the one before `end`. */
export interface Span {
  readonly start: number
  readonly end: number
}

/** A member of the outermost object: its name as it is written, and where it stands, with its name. */
export interface MemberSpan extends Span {
  readonly name: string
}

/** The parts of a JSON text that is an object. */
export interface JsonSpans {
  readonly members: ReadonlyArray<MemberSpan>
  /** The objects and arrays among the items of the list. */
  readonly items: ReadonlyArray<Span>
  /** The members of all objects at all depths. */
  readonly memberCount: number
  /** The levels of arrays and objects. */
  readonly depth: number
  /** Whether a member name has an escape in it. */
  readonly hasEscapedName: boolean
}

/** Whether an odd number of backslashes stands before a position. */
export const isEscapedAt = (json: string, position: number): boolean => {
  let start = position
  while (start > 0 && json.charCodeAt(start - 1) === backslash) start -= 1
  return (position - start) % 2 === 1
}

/**
 * The parts of a text that `JSON.parse` accepts and that is an object; `list` is the name of the member whose items are
 * wanted.
 *
 * @example
 * ```ts
 * import { jsonSpans } from './json-spans.js'
 *
 * const text = '{"type":"x","entry":[{"a":1},{"b":2}]}'
 * const spans = jsonSpans(text, 'entry')
 * spans.items.map(({ start, end }) => text.slice(start, end)) // => ['{"a":1}', '{"b":2}']
 * spans.members.map(({ start, end }) => text.slice(start, end)) // => ['"type":"x"', '"entry":[{"a":1},{"b":2}]']
 * spans.memberCount // => 4
 * ```
 */
export const jsonSpans = (json: string, list: string): JsonSpans => {
  const members: Array<MemberSpan> = []
  const items: Array<Span> = []
  const hasBackslash = json.includes('\\')
  let [memberCount, depth, deepest] = [0, 0, 0]
  let [stringStart, stringEnd] = [0, 0]
  let [name, memberStart, itemStart] = ['', 0, 0]
  let isInList = false
  let hasEscapedName = false
  for (let index = 0; index < json.length; index += 1) {
    const code = json.charCodeAt(index)
    if (code === quote) {
      let end = json.indexOf('"', index + 1)
      if (hasBackslash) while (end !== -1 && isEscapedAt(json, end)) end = json.indexOf('"', end + 1)
      stringStart = index
      stringEnd = end
      index = end === -1 ? json.length : end
    } else if (code === colon) {
      memberCount += 1
      if (hasBackslash && json.slice(stringStart, stringEnd).includes('\\')) hasEscapedName = true
      if (depth === 1) {
        name = json.slice(stringStart + 1, stringEnd)
        memberStart = stringStart
      }
    } else if (code === openBrace || code === openBracket) {
      depth += 1
      if (depth > deepest) deepest = depth
      if (depth === 2) isInList = code === openBracket && name === list
      else if (depth === 3 && isInList) itemStart = index
    } else if (code === closeBrace || code === closeBracket) {
      depth -= 1
      if (depth === 2 && isInList) items.push({ start: itemStart, end: index + 1 })
      else if (depth === 0 && memberCount > 0) members.push({ name, start: memberStart, end: index })
    } else if (code === comma && depth === 1) members.push({ name, start: memberStart, end: index })
  }
  return { members, items, memberCount, depth: deepest, hasEscapedName }
}

/**
 * The members of all objects of a parsed JSON value. It is less than what the text has if an object of the text has two
 * members with the same name. The value must not be nested deep.
 */
export const membersIn = (value: unknown): number => {
  if (typeof value !== 'object' || value === null) return 0
  let count = 0
  if (Array.isArray(value)) {
    for (const item of value as ReadonlyArray<unknown>) count += membersIn(item)
    return count
  }
  for (const name in value) count += 1 + membersIn((value as Readonly<Record<string, unknown>>)[name])
  return count
}
