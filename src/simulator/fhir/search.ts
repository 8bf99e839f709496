/**
 * Searches the simulator's resources by the parameters that the toolkit's index reader supports, with `_include` and
 * `_revinclude` along references.
 *
 * An unknown parameter is refused, never ignored: ignoring it would widen the search. Source: FHIR R4, search.html.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { FhirResource } from './synthetic-data.js'
import type { IndexReader } from '../../protocol/access/search/search-index.js'
import type { ReadClause } from '../../protocol/access/search/clauses.js'
import { isMeaningful, meetsClause, readClause } from '../../protocol/access/search/clauses.js'
import { releaseR4 } from '../../protocol/access/release.js'
import { pathsOf, readableNames } from '../../protocol/access/search/paths.js'
import type { Parameters } from '../../protocol/http/form.js'
import { clauseOf, commaList } from '../../scopes/query.js'
import { fhirR4 } from '../../scopes/vocabulary.js'

/** The types in the synthetic data. */
export const heldTypes: ReadonlyArray<string> = ['Patient', 'Practitioner', 'Encounter', 'Observation', 'Condition']

/** The search parameters of a type, including `_id`. */
export const parametersOf = (type: string): ReadonlyArray<string> =>
  readableNames(releaseR4).flatMap(([resourceType, name]) =>
    resourceType === type || resourceType === 'Resource' ? [name] : []
  )

/** Parameters for the format of the response, not for its content. */
const presentation: ReadonlySet<string> = new Set([
  '_format',
  '_pretty',
  '_summary',
  '_count',
  '_total',
  '_elements',
  '_include',
  '_revinclude'
])

/** Why a search is refused. */
export interface SearchFault {
  readonly code: 'not-supported' | 'invalid'
  readonly diagnostics: string
}

const notSupported = (name: string, type: string): SearchFault => ({
  code: 'not-supported',
  diagnostics: `The search parameter ${name} is not supported for ${type}.`
})

/** The condition of one search parameter; or why it is not supported. */
const readCondition = (type: string, name: string, value: string): Either.Either<SearchFault, ReadClause> => {
  if (pathsOf(type, name).length === 0) return Either.left(notSupported(name, type))
  const condition = readClause(fhirR4, type, clauseOf(name, null, commaList(value)))
  if (condition.condition._tag === 'Opaque') return Either.left(notSupported(name, type))
  return isMeaningful(condition)
    ? Either.right(condition)
    : Either.left({ code: 'invalid', diagnostics: `A value of the search parameter ${name} is malformed.` })
}

const fits = (read: IndexReader, resource: FhirResource, condition: ReadClause): boolean =>
  read(resource, condition.key).some((index) => meetsClause(condition, index))

/** The parsed value of `_include=Type:parameter[:Target]`. */
const readInclude = (
  text: string
): { readonly type: string; readonly name: string; readonly target: string | null } | null => {
  const [type = '', name = '', target, ...rest] = text.split(':')
  return rest.length > 0 || pathsOf(type, name).length === 0 ? null : { type, name, target: target ?? null }
}

/** The resources that matches refer to, or that refer to matches, as requested. */
const included = (
  read: IndexReader,
  resources: ReadonlyArray<FhirResource>,
  matches: ReadonlyArray<FhirResource>,
  parameters: Parameters
): Either.Either<SearchFault, ReadonlyArray<FhirResource>> => {
  const nameOf = ({ resourceType, id }: FhirResource): string => `${resourceType}/${id}`
  const named = new Set(matches.map(nameOf))
  const found = new Map<string, FhirResource>()
  for (const direction of ['_include', '_revinclude']) {
    for (const text of new Set(parameters.get(direction))) {
      const path = readInclude(text)
      if (path === null)
        return Either.left({ code: 'not-supported', diagnostics: `${direction}=${text} is not supported.` })
      const forward = new Set(
        matches.filter(({ resourceType }) => resourceType === path.type).flatMap((one) => read(one, path.name))
      )
      for (const resource of resources) {
        const isThere =
          direction === '_include'
            ? forward.has(nameOf(resource)) && (path.target === null || path.target === resource.resourceType)
            : resource.resourceType === path.type && read(resource, path.name).some((reference) => named.has(reference))
        if (isThere && !named.has(nameOf(resource))) found.set(nameOf(resource), resource)
      }
    }
  }
  return Either.right([...found.values()])
}

/** The result of a search. */
export interface SearchMatches {
  readonly matches: ReadonlyArray<FhirResource>
  readonly included: ReadonlyArray<FhirResource>
}

/**
 * The resources of a type that match every parameter, and the included ones. Commas are "or", repetitions are "and".
 */
export const search = (
  read: IndexReader,
  resources: ReadonlyArray<FhirResource>,
  type: string,
  parameters: Parameters
): Either.Either<SearchFault, SearchMatches> => {
  const conditions: Array<ReadClause> = []
  for (const [name, values] of parameters) {
    if (presentation.has(name)) continue
    for (const value of values) {
      const condition = readCondition(type, name, value)
      if (Either.isLeft(condition)) return condition
      conditions.push(condition.right)
    }
  }
  const matches = resources
    .filter(({ resourceType }) => resourceType === type)
    .filter((resource) => conditions.every((condition) => fits(read, resource, condition)))
  return Either.map((along: ReadonlyArray<FhirResource>) => ({ matches, included: along }))(
    included(read, resources, matches, parameters)
  )
}
