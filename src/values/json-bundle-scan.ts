/**
 * Reads the outer form of a Bundle from its text in one pass, without parsing it: for a page in which nothing can be
 * hidden, whose entries stay as they are.
 *
 * The scan accepts less than `JSON.parse`: any doubt about the text gives null, and the text is then parsed. No name of
 * a member that is read is repeated, no name has an escape, and no character of ASCII is escaped by its number.
 *
 * @module
 */
import { quote } from './json.js'
import type { MemberSpan } from './json-spans.js'
import { isEscapedAt } from './json-spans.js'

const space = 0x20
const [colon, comma] = [0x3a, 0x2c]
const [openBrace, closeBrace] = [0x7b, 0x7d]
const [openBracket, closeBracket] = [0x5b, 0x5d]

/** The outer form of a Bundle. */
export interface BundleScan {
  readonly members: ReadonlyArray<MemberSpan>
  /** The types of the resources in its entries. */
  readonly types: ReadonlySet<string>
}

/** A number, `true`, `false` or `null`. */
const scalar = /(?:-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|true|false|null)/y

const plainEscapes = '"\\/bfnrt'

/** Whether each escape is one of JSON, and none spells a character of ASCII by its number. */
const hasPlainEscapes = (json: string): boolean => {
  for (let at = json.indexOf('\\'); at !== -1; at = json.indexOf('\\', at + 2)) {
    if (plainEscapes.includes(json.charAt(at + 1)) && at + 1 < json.length) continue
    if (!/^u(?!00[0-7])[0-9a-fA-F]{4}$/.test(json.slice(at + 1, at + 6))) return false
  }
  return true
}

const hasControl = /[\x00-\x1f]/

const controlsIn = (json: string): number => {
  if (!hasControl.test(json)) return 0
  let count = 0
  for (let index = 0; index < json.length; index += 1) if (json.charCodeAt(index) < space) count += 1
  return count
}

/** White space of JSON (RFC 8259, section 2). */
const isBlank = (code: number): boolean => code === space || code === 0x0a || code === 0x0d || code === 0x09

/** What may come next. */
const [aValue, aValueOrEnd, aName, aNameOrEnd, aCommaOrEnd] = [0, 1, 2, 3, 4]

/** The members of an entry that stay as they are, each with a bit of its own. */
const [noPart, fullUrlPart, resourcePart, searchPart, requestPart, responsePart] = [0, 1, 2, 4, 8, 16]

const parts: ReadonlyMap<string, number> = new Map([
  ['fullUrl', fullUrlPart],
  ['resource', resourcePart],
  ['search', searchPart],
  ['request', requestPart],
  ['response', responsePart]
])

/** Where an address of an entry stands. */
export type AddressPlace = 'fullUrl' | 'request.url' | 'response.location'

/** Where a token stands: in the Bundle, in its list of entries, in an entry, in a resource of an entry, elsewhere. */
const [ofBundle, inList, ofEntry, ofResource, deeper] = [1, 2, 3, 4, 5]

/** Whether a string or another scalar may stand at a level above the members of a resource. */
const mayBeText = (level: number, name: string, part: number): boolean =>
  level === ofBundle ? name !== 'entry' : level === ofEntry && part === fullUrlPart

/** The member of a part whose text is read: the type of a resource, the address of a request or a response. */
const readMember = (part: number): string =>
  part === resourcePart ? '"resourceType"' : part === requestPart ? '"url"' : part === responsePart ? '"location"' : ' '

/**
 * The outer form of a JSON text that is an object with a list `entry`, or without one; null if it has another form, or
 * any doubt remains. `deepest` is the deepest nesting that is read. Entries have at most the members `fullUrl`,
 * `resource`, `search`, `request` and `response`; a response has no outcome, and `isPublic` accepts the addresses.
 *
 * @example
 * ```ts
 * import { scanBundle } from './json-bundle-scan.js'
 *
 * const text = '{"resourceType":"Bundle","entry":[{"resource":{"resourceType":"Patient"}}]}'
 * const scan = scanBundle(text, 50, () => true)
 * scan?.members.map(({ name }) => name) // => ['resourceType', 'entry']
 * Array.from(scan?.types ?? []) // => ['Patient']
 * scanBundle('{"entry":[1]}', 50, () => true) // => null
 * ```
 */
export const scanBundle = (
  json: string,
  deepest: number,
  isPublic: (address: string, place: AddressPlace) => boolean
): BundleScan | null => {
  const hasBackslash = json.includes('\\')
  if (hasBackslash && !hasPlainEscapes(json)) return null
  const controls = controlsIn(json)
  const members: Array<MemberSpan> = []
  const [names, types] = [new Set<string>(), new Set<string>()]
  /** For each open array or object, whether it is an object. */
  const open: Array<boolean> = []
  let [depth, skipped, expected] = [0, 0, aValue]
  /** The depth where it matters: outside and in the list, down to the members of a resource. */
  let level = 0
  let [name, memberStart] = ['', 0]
  /** Whether the next value is that of the member which is read. */
  let [isInList, isReadNext] = [false, false]
  /** The part, all parts of the entry so far, and how often the member of the part was read. */
  let [part, partsSoFar, timesRead] = [noPart, 0, 0]
  for (let index = 0; index < json.length;) {
    const code = json.charCodeAt(index)
    if (code === quote) {
      let end = json.indexOf('"', index + 1)
      if (hasBackslash) while (end !== -1 && isEscapedAt(json, end)) end = json.indexOf('"', end + 1)
      if (end === -1 || expected === aCommaOrEnd) return null
      const start = index
      index = end + 1
      if (expected === aName || expected === aNameOrEnd) {
        if (hasBackslash && json.slice(start, end).includes('\\')) return null
        if (level === ofBundle) {
          name = json.slice(start + 1, end)
          if (names.has(name)) return null
          names.add(name)
          memberStart = start
        } else if (level === ofEntry) {
          part = parts.get(json.slice(start + 1, end)) ?? noPart
          if (part === noPart || (partsSoFar & part) !== 0) return null
          partsSoFar |= part
        } else if (level === ofResource) {
          // An outcome may name addresses in its texts.
          if (part === responsePart && json.startsWith('"outcome"', start)) return null
          if (json.startsWith(readMember(part), start)) {
            timesRead += 1
            isReadNext = true
          }
        }
        let next = json.charCodeAt(index)
        for (; isBlank(next); next = json.charCodeAt(index)) {
          if (next < space) skipped += 1
          index += 1
        }
        if (next !== colon) return null
        index += 1
        expected = aValue
      } else {
        if (level < ofResource && !mayBeText(level, name, part)) return null
        if (level === ofEntry && !isPublic(json.slice(start + 1, end), 'fullUrl')) return null
        if (isReadNext) {
          const text = json.slice(start + 1, end)
          if (hasBackslash && text.includes('\\')) return null
          if (part === resourcePart) types.add(text)
          else if (!isPublic(text, part === requestPart ? 'request.url' : 'response.location')) return null
          isReadNext = false
        }
        expected = aCommaOrEnd
      }
    } else if (code === comma) {
      if (expected !== aCommaOrEnd || depth === 0) return null
      if (level === ofBundle) members.push({ name, start: memberStart, end: index })
      expected = open[depth - 1] === true ? aName : aValue
      index += 1
    } else if (code === openBrace || code === openBracket) {
      const isObject = code === openBrace
      if ((expected !== aValue && expected !== aValueOrEnd) || isReadNext || depth === deepest) return null
      if (level < ofResource) {
        const isEntries = level === ofBundle && name === 'entry'
        // All are objects but the list of entries, and any other member of the Bundle.
        if (isEntries ? isObject : level !== ofBundle && !isObject) return null
        if (level === ofEntry && part === fullUrlPart) return null
        if (level === ofBundle) isInList = isEntries
        if (level === inList) partsSoFar = 0
        if (level === ofEntry) timesRead = 0
      }
      open.push(isObject)
      depth += 1
      level = depth === 1 || (isInList && depth <= ofResource) ? depth : deeper
      index += 1
      expected = isObject ? aNameOrEnd : aValueOrEnd
    } else if (code === closeBrace || code === closeBracket) {
      if (expected !== aCommaOrEnd && expected !== (code === closeBrace ? aNameOrEnd : aValueOrEnd)) return null
      if (depth === 0 || open.pop() !== (code === closeBrace)) return null
      depth -= 1
      if (depth === 1) isInList = false
      level = depth === 1 || (isInList && depth <= ofResource) ? depth : depth === 0 ? 0 : deeper
      if (level === ofEntry && (part === resourcePart ? timesRead !== 1 : timesRead > 1)) return null
      if (depth === 0 && names.size > 0) members.push({ name, start: memberStart, end: index })
      expected = aCommaOrEnd
      index += 1
    } else if (code <= space) {
      if (!isBlank(code)) return null
      if (code < space) skipped += 1
      index += 1
    } else {
      if ((expected !== aValue && expected !== aValueOrEnd) || isReadNext) return null
      if (level < ofResource && (level === ofEntry || !mayBeText(level, name, part))) return null
      scalar.lastIndex = index
      if (!scalar.test(json)) return null
      index = scalar.lastIndex
      expected = aCommaOrEnd
    }
  }
  return depth === 0 && expected === aCommaOrEnd && skipped === controls ? { members, types } : null
}
