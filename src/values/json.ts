/**
 * What `JSON.parse` does not tell.
 *
 * @module
 */

/** A string, with the colon that makes it a name; or the beginning or end of an object or a list. */
const piece = /"(?:[^"\\]|\\.)*"([ \t\r\n]*:)?|[{}[\]]/g

const nameOf = (text: string): string => {
  const quoted = text.slice(0, text.lastIndexOf('"') + 1)
  return quoted.includes('\\') ? String(JSON.parse(quoted)) : quoted.slice(1, -1)
}

/**
 * Whether no object of a JSON text has two members of one name, however the name is escaped. `JSON.parse` takes the last of
 * them in silence, another reader the first, and a signature covers both. The text must be JSON: parse it first.
 *
 * Source: RFC 7515, section 4, and RFC 7519, section 4 (names must be unique); RFC 8259, section 4.
 *
 * @example
 * ```ts
 * import { values } from 'smart-app-launch'
 *
 * values.json.hasUniqueNames('{"a":1,"b":{"a":2}}') // => true
 * values.json.hasUniqueNames('{"a":1,"\\u0061":2}') // => false
 * ```
 */
export const hasUniqueNames = (json: string): boolean => {
  const around: Array<Set<string>> = []
  for (const [text, colon] of json.matchAll(piece)) {
    if (text === '{' || text === '[') around.push(new Set())
    else if (text === '}' || text === ']') around.pop()
    else if (colon !== undefined) {
      const names = around.at(-1)
      const name = nameOf(text)
      if (names?.has(name) === true) return false
      names?.add(name)
    }
  }
  return true
}
