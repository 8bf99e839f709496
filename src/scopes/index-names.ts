/**
 * The names in the search index of an access, and the keys under which conditions look.
 *
 * The values under a name are read as the resource's type reads the parameter, or as `*` reads it where the vocabulary
 * does not have the type. Where a scope reads the parameter differently, the values that it looks for stand under its
 * own type and the name: `*` and the name separated by a slash.
 *
 * @module
 */
import { typedKey } from './clause.js'
import type { SearchIndex } from './permits.js'
import type { Vocabulary } from './vocabulary.js'
import { comparedTypeOf } from './vocabulary.js'

/** The type whose parameters give the values of a plain name their type. */
const readAs = ({ knows }: Vocabulary, resourceType: string): string =>
  knows?.(resourceType) === false ? '*' : resourceType

/**
 * The name of the values for a scope of a type, in the index of a resource; not for an opaque clause with a modifier.
 */
export const indexName = (vocabulary: Vocabulary, scopeType: string, resourceType: string, name: string): string =>
  comparedTypeOf(vocabulary, scopeType, name) === comparedTypeOf(vocabulary, readAs(vocabulary, resourceType), name)
    ? name
    : `${scopeType}/${name}`

/** The key of the values under a name of an index; null when no scope looks under the name. */
const keyOf = (vocabulary: Vocabulary, resourceType: string, indexed: string): string | null => {
  const slash = indexed.indexOf('/')
  const colon = indexed.indexOf(':')
  if (colon !== -1 && (slash === -1 || colon < slash)) return indexed
  if (slash === -1) return typedKey(indexed, comparedTypeOf(vocabulary, readAs(vocabulary, resourceType), indexed))
  const [scopeType, name] = [indexed.slice(0, slash), indexed.slice(slash + 1)]
  const isUsed =
    (scopeType === '*' || scopeType === resourceType) &&
    indexName(vocabulary, scopeType, resourceType, name) === indexed
  return isUsed ? typedKey(name, comparedTypeOf(vocabulary, scopeType, name)) : null
}

/** The index of a resource by the keys of conditions. */
export const keyedIndex = (vocabulary: Vocabulary, resourceType: string, resource: SearchIndex): SearchIndex =>
  Object.fromEntries(
    Object.entries(resource).flatMap(([indexed, values]) => {
      const key = keyOf(vocabulary, resourceType, indexed)
      return key === null ? [] : [[key, values] as const]
    })
  )
