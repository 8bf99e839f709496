/**
 * Searches the simulator's resources: conditions, order, pages and included resources.
 *
 * An unknown parameter is refused, never ignored, also where the client asks for lenient handling: ignoring it would
 * widen the search. Source: FHIR R4, search.html.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { ResourceTest } from './condition.js'
import { readCondition } from './condition.js'
import { includedWith, namesInclude } from './includes.js'
import type { Page } from './page.js'
import { onPage, pageLinks, readPage, readParameters } from './page.js'
import type { View } from './read.js'
import type { Records } from './records.js'
import { current, everyAt, namedAt, recordKey } from './records.js'
import { localFhirResponse, operationOutcome } from './responses.js'
import { sorted } from './sort.js'
import type { FhirResource } from './synthetic-data.js'
import type { Parameters } from '../../protocol/http/form.js'
import { valueOf } from '../../protocol/http/form.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { unescape } from '../../scopes/clause.js'
import { commaList } from '../../scopes/query.js'
import { below } from '../../values/urls.js'

/** Parameters for the order and the form of the response, which restrict nothing. */
const presentation: ReadonlySet<string> = new Set([
  '_format',
  '_pretty',
  '_summary',
  '_count',
  '_total',
  '_elements',
  '_sort',
  '_cursor'
])

/** The matches of a search, in its order. */
export interface SearchMatches {
  readonly parameters: Parameters
  readonly page: Page
  readonly matches: ReadonlyArray<FhirResource>
}

/** The resources that match a query among those that this user may see; or the error response. */
export const searchAmong = (
  view: View,
  records: Records,
  type: string,
  query: string,
  isSearched: ResourceTest = () => true
): Either.Either<PlainResponse, SearchMatches> => {
  const parameters = readParameters(query)
  if (Either.isLeft(parameters)) return parameters
  const page = readPage(parameters.right)
  if (Either.isLeft(page)) return page
  const conditions: Array<ResourceTest> = [isSearched]
  for (const [name, values] of parameters.right) {
    if (presentation.has(name) || namesInclude(name)) continue
    for (const value of values) {
      const condition = readCondition(view, type, name, value)
      if (Either.isLeft(condition))
        return Either.left(operationOutcome(400, condition.left.code, condition.left.diagnostics))
      conditions.push(condition.right)
    }
  }
  const ids = parameters.right.get('_id')?.[0]
  const candidates =
    ids === undefined
      ? everyAt(records, page.right.at)
      : namedAt(
          records,
          new Set(commaList(ids).map((id) => `${type}/${unescape(id).replace(/^\|/, '')}`)),
          page.right.at
        )
  const found = candidates.filter(
    (resource) =>
      resource.resourceType === type && conditions.every((meets) => meets(resource)) && view.mayTouch(resource)
  )
  const sort = valueOf(parameters.right, '_sort')
  const matches = sort === null ? Either.right(found) : sorted(view.parameter, type, sort, found)
  return Either.isLeft(matches)
    ? Either.left(operationOutcome(400, matches.left.code, matches.left.diagnostics))
    : Either.right({ parameters: parameters.right, page: page.right, matches: matches.right })
}

/** Whether a resource of an earlier time is still there for this user. */
export const isStillThere =
  (view: View, records: Records): ResourceTest =>
  (resource) => {
    const now = current(records, recordKey(resource))
    return now !== null && (now === resource || view.mayTouch(now))
  }

/** A search of a type at a path; `isSearched` restricts it to a compartment. */
export const searchType = (
  view: View,
  records: Records,
  type: string,
  query: string,
  path: string = type,
  isSearched?: ResourceTest
): PlainResponse => {
  const found = searchAmong(view, records, type, query, isSearched)
  if (Either.isLeft(found)) return found.left
  const { matches, page, parameters } = found.right
  const shown = onPage(page, matches).filter(isStillThere(view, records))
  const surroundings = {
    resources: [...parameters.keys()].some(namesInclude) ? everyAt(records, null) : [],
    mayTouch: view.mayTouch,
    parameter: view.parameter,
    release: view.release
  }
  const included = includedWith(surroundings, shown, parameters)
  if (Either.isLeft(included)) return operationOutcome(400, included.left.code, included.left.diagnostics)
  const isCount = page.count === 0 || valueOf(parameters, '_summary') === 'count'
  const entry =
    (mode: 'match' | 'include') =>
    (resource: FhirResource): unknown => ({
      fullUrl: below(view.fhirBaseUrl, recordKey(resource)),
      resource,
      search: { mode }
    })
  const address = { fhirBaseUrl: view.fhirBaseUrl, path, parameters }
  return localFhirResponse(200, {
    resourceType: 'Bundle',
    type: 'searchset',
    ...(valueOf(parameters, '_total') === 'none' && !isCount ? {} : { total: matches.length }),
    link: pageLinks(address, records, isCount ? { ...page, count: 0 } : page, matches.length),
    ...(isCount ? {} : { entry: [...shown.map(entry('match')), ...included.right.map(entry('include'))] })
  })
}
