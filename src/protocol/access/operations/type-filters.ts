/**
 * The searches of `_typeFilter`, by which an export selects among the resources of a type.
 *
 * @module
 */
import type { TypeFilter } from './export-rules.js'
import type { OperationParameter } from './input.js'
import { readSearchQuery } from '../search/query.js'
import * as Either from '../../../values/either.js'
import { isResourceTypeName } from '../../../values/fhir.js'

/**
 * The searches in a `_typeFilter`, which is a list with commas: a comma before a type and a question mark begins the
 * next search, any other comma belongs to a value.
 */
export const searchesIn = (value: string): ReadonlyArray<string> => value.split(/,(?=\s*[A-Za-z]+(?:\?|%3F))/i)

/** One search of a `_typeFilter`; null when it cannot be read. */
export const typeFilterIn = (search: string): TypeFilter | null => {
  const mark = search.indexOf('?')
  const type = search.slice(0, Math.max(mark, 0)).trim()
  const query = readSearchQuery(search.slice(mark + 1))
  return Either.isLeft(query) || !isResourceTypeName(type) ? null : { type, query: query.right }
}

/** The searches of all `_typeFilter` parameters; null when one cannot be read. */
export const typeFiltersIn = (parameters: ReadonlyArray<OperationParameter>): ReadonlyArray<TypeFilter> | null => {
  const found: Array<TypeFilter> = []
  for (const { value } of parameters.filter(({ name }) => name === '_typeFilter')) {
    if (value === null) return null
    for (const search of searchesIn(value)) {
      const filter = typeFilterIn(search)
      if (filter === null) return null
      found.push(filter)
    }
  }
  return found
}
