/** The order of a search's matches: `_sort` with several keys. Source: FHIR R4, search.html, 3.1.1.5.1. */
import * as Either from 'fp-ts/lib/Either.js'
import type { SearchFault } from './condition.js'
import type { ParameterReader } from './parameter-values.js'
import type { FhirResource } from './synthetic-data.js'
import { isOrdered, readIndex } from '../../protocol/access/search/ordered.js'
import { fold } from '../../scopes/clause.js'
import type { ParameterType } from '../../scopes/vocabulary.js'
import type { Cut } from '../../values/interval.js'
import { compareCuts } from '../../values/interval.js'
import { limits } from '../../values/limits/limits.js'

/** The place of a resource under one key: a boundary, or a folded text. Undefined: it has no value. */
type Place = Cut | string | undefined

const comparePlaces = (one: Place, other: Place): number => {
  if (typeof one === 'string' && typeof other === 'string') return one < other ? -1 : Number(one > other)
  return typeof one === 'object' && typeof other === 'object' ? compareCuts(one, other) : 0
}

/** The values of a resource as places; a period is placed where it begins. */
const placesOf = (type: ParameterType, values: ReadonlyArray<string>): ReadonlyArray<Exclude<Place, undefined>> =>
  isOrdered(type) ? values.flatMap((value) => readIndex(type, value)?.interval.low ?? []) : values.map(fold)

interface SortKey {
  readonly isDescending: boolean
  /** The first of several values in the direction of the key. */
  readonly placeOf: (resource: FhirResource) => Place
}

const readKey = (parameter: ParameterReader, type: string, text: string): SortKey | null => {
  const isDescending = text.startsWith('-')
  const read = parameter(type, isDescending ? text.slice(1) : text)
  if (read === null) return null
  const direction = isDescending ? -1 : 1
  return {
    isDescending,
    placeOf: (resource) =>
      placesOf(read.type, read.values(resource)).toSorted((one, other) => direction * comparePlaces(one, other))[0]
  }
}

/** The matches as `_sort` orders them; equal ones stay in their order, and those without a value come last. */
export const sorted = (
  parameter: ParameterReader,
  type: string,
  sort: string,
  matches: ReadonlyArray<FhirResource>
): Either.Either<SearchFault, ReadonlyArray<FhirResource>> => {
  const names = sort.split(',')
  const keys = names.map((name) => readKey(parameter, type, name))
  const unread = names.length > limits.simulatorSortKeys.default ? 0 : keys.indexOf(null)
  if (unread !== -1)
    return Either.left({ code: 'not-supported', diagnostics: `_sort=${names[unread] ?? ''} is not supported.` })
  const read = keys.filter((key) => key !== null)
  const placed = matches.map((resource) => ({ resource, places: read.map(({ placeOf }) => placeOf(resource)) }))
  placed.sort((one, other) => {
    for (const [index, { isDescending }] of read.entries()) {
      const [first, second] = [one.places[index], other.places[index]]
      if (first === undefined || second === undefined) {
        if (first !== second) return first === undefined ? 1 : -1
        continue
      }
      const order = comparePlaces(first, second)
      if (order !== 0) return isDescending ? -order : order
    }
    return 0
  })
  return Either.right(placed.map(({ resource }) => resource))
}
