/** Reads the simulator's records: one resource, one version, histories, searches. Source: FHIR R4, http.html. */
import * as Either from 'fp-ts/lib/Either.js'
import type { ResourceVersion, Records } from './records.js'
import { current, everyCurrent, recordKey, newest, versionsOf } from './records.js'
import { localFhirResponse, resourceNotFound, operationOutcome, versionHeaders } from './responses.js'
import type { SearchMatches, SearchFault } from './search.js'
import { parametersOf, search } from './search.js'
import type { FhirResource } from './synthetic-data.js'
import type { IndexReader } from '../../protocol/access/search/search-index.js'
import type { Parameters } from '../../protocol/http/form.js'
import { readForm, valueOf } from '../../protocol/http/form.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { fhirR4 } from '../../scopes/vocabulary.js'
import { below } from '../../values/urls.js'

/** The access of one user to the records. */
export interface View {
  readonly fhirBaseUrl: string
  readonly read: IndexReader
  /** Whether this user may access a resource: the host's own rule, which no scope can widen. */
  readonly mayTouch: (resource: FhirResource) => boolean
}

/** The response with one version of a resource; 410 for a deletion. */
const shown = (
  view: View,
  name: string,
  kept: ResourceVersion | undefined,
  ifNoneMatch: string | undefined
): PlainResponse => {
  if (kept === undefined || (kept.resource !== null && !view.mayTouch(kept.resource))) return resourceNotFound(name)
  if (kept.resource === null) return operationOutcome(410, 'deleted', `${name} was deleted.`)
  const headers = versionHeaders(kept)
  return ifNoneMatch === headers['etag']
    ? { status: 304, headers, body: '' }
    : localFhirResponse(200, kept.resource, headers)
}

/** The current resource. A deletion is visible to users who could see the last version. */
export const read = (view: View, records: Records, name: string, ifNoneMatch?: string): PlainResponse => {
  const last = versionsOf(records, name).findLast(({ resource }) => resource !== null)?.resource
  return last === null || last === undefined || !view.mayTouch(last)
    ? resourceNotFound(name)
    : shown(view, name, newest(records, name), ifNoneMatch)
}

/** One version. */
export const readVersion = (view: View, records: Records, name: string, versionId: string): PlainResponse =>
  shown(
    view,
    name,
    versionsOf(records, name).find((kept) => kept.versionId === versionId),
    undefined
  )

const countIn = (parameters: Parameters): number | null => {
  const count = valueOf(parameters, '_count')
  if (count === null) return Infinity
  return /^[0-9]{1,6}$/.test(count) ? Number(count) : null
}

const badCount = operationOutcome(400, 'invalid', '_count must be a whole number.')

/** The parameters of a search, or the error response. */
const readParameters = (query: string): Either.Either<PlainResponse, Parameters> => {
  const parameters = readForm(query)
  if (Either.isLeft(parameters))
    return Either.left(operationOutcome(400, 'invalid', 'A parameter is not UTF-8 text in form encoding.'))
  // The form reader treats an empty parameter as omitted; in a search that would widen the result.
  const empty = query.split('&').find((pair) => pair !== '' && !/=./s.test(pair))
  return empty === undefined
    ? parameters
    : Either.left(operationOutcome(400, 'invalid', `The search parameter ${empty.replace(/=$/, '')} has no value.`))
}

/** The resources that match a query among those that this user may see; or the error response. */
export const searchAmong = (
  view: View,
  records: Records,
  type: string,
  query: string
): Either.Either<PlainResponse, SearchMatches & { readonly parameters: Parameters }> => {
  const parameters = readParameters(query)
  if (Either.isLeft(parameters)) return parameters
  const seen = everyCurrent(records).filter(view.mayTouch)
  return Either.bimap(
    ({ code, diagnostics }: SearchFault): PlainResponse => operationOutcome(400, code, diagnostics),
    (found: SearchMatches) => ({ ...found, parameters: parameters.right })
  )(search(view.read, seen, type, parameters.right))
}

/** A search by type. */
export const searchType = (view: View, records: Records, type: string, query: string): PlainResponse => {
  const found = searchAmong(view, records, type, query)
  if (Either.isLeft(found)) return found.left
  const { matches, included, parameters } = found.right
  const count = countIn(parameters)
  if (count === null) return badCount
  const entry =
    (mode: 'match' | 'include') =>
    (resource: FhirResource): unknown => ({
      fullUrl: below(view.fhirBaseUrl, recordKey(resource)),
      resource,
      search: { mode }
    })
  const onlyCount = valueOf(parameters, '_summary') === 'count'
  return localFhirResponse(200, {
    resourceType: 'Bundle',
    type: 'searchset',
    total: matches.length,
    link: [{ relation: 'self', url: `${below(view.fhirBaseUrl, type)}${query === '' ? '' : `?${query}`}` }],
    ...(onlyCount ? {} : { entry: [...matches.slice(0, count).map(entry('match')), ...included.map(entry('include'))] })
  })
}

const methodOf = (kept: ResourceVersion): string =>
  kept.resource === null ? 'DELETE' : kept.versionId === '1' ? 'POST' : 'PUT'

/** The versions of one resource, of a type, or of all resources; the newest first. */
export const history = (view: View, records: Records, of: (name: string) => boolean): PlainResponse => {
  const entries = [...records.byName]
    .filter(([name]) => of(name))
    .flatMap(([name, versions]) =>
      versions
        .filter((kept, index) =>
          view.mayTouch(kept.resource ?? versions[index - 1]?.resource ?? { resourceType: '', id: '' })
        )
        .map((kept) => ({ name, kept }))
    )
  const newestFirst = entries.sort(
    (one, other) =>
      other.kept.at.localeCompare(one.kept.at) || Number(other.kept.versionId) - Number(one.kept.versionId)
  )
  return localFhirResponse(200, {
    resourceType: 'Bundle',
    type: 'history',
    total: newestFirst.length,
    entry: newestFirst.map(({ name, kept }) => ({
      fullUrl: below(view.fhirBaseUrl, name),
      ...(kept.resource === null ? {} : { resource: kept.resource }),
      request: { method: methodOf(kept), url: name },
      response: {
        status: kept.resource === null ? '204' : kept.versionId === '1' ? '201' : '200',
        lastModified: kept.at,
        etag: `W/"${kept.versionId}"`
      }
    }))
  })
}

/**
 * The history of one resource; for a resource that this user may not see, the same response as for one that never
 * existed.
 */
export const instanceHistory = (view: View, records: Records, name: string): PlainResponse => {
  const seen = versionsOf(records, name).some(({ resource }) => resource !== null && view.mayTouch(resource))
  return seen ? history(view, records, (one) => one === name) : resourceNotFound(name)
}

/** The `rest.resource` part of the CapabilityStatement, without security. */
export const restResources = (types: ReadonlyArray<string>): ReadonlyArray<unknown> =>
  types.map((type) => ({
    type,
    versioning: 'versioned-update',
    readHistory: true,
    updateCreate: true,
    interaction: ['read', 'vread', 'update', 'delete', 'history-instance', 'history-type', 'create', 'search-type'].map(
      (code) => ({ code })
    ),
    searchParam: parametersOf(type).map((name) => ({ name, type: fhirR4.typeOf(type, name) }))
  }))

/** Whether a resource exists now and the user may access it. */
export const isThere = (view: View, records: Records, name: string): boolean => {
  const resource = current(records, name)
  return resource !== null && view.mayTouch(resource)
}
