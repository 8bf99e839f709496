/** The histories of the simulator's records, page by page. Source: FHIR R4, http.html, "history". */
import * as Either from 'fp-ts/lib/Either.js'
import { onPage, pageLinks, readPage, readParameters } from './page.js'
import type { View } from './read.js'
import type { Records, ResourceVersion } from './records.js'
import { versionsOf } from './records.js'
import { localFhirResponse, operationOutcome, resourceNotFound } from './responses.js'
import { dateRange } from '../../protocol/access/search/dates.js'
import type { Parameters } from '../../protocol/http/form.js'
import { valueOf } from '../../protocol/http/form.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { below } from '../../values/urls.js'
import { compareCuts } from '../../values/interval.js'

const methodOf = (kept: ResourceVersion): string =>
  kept.resource === null ? 'DELETE' : kept.versionId === '1' ? 'POST' : 'PUT'

/** Whether an instant is at or after `_since`; null if that is no instant. */
export const sinceOf = (parameters: Parameters): ((at: string) => boolean) | null => {
  const since = valueOf(parameters, '_since')
  if (since === null) return () => true
  const low = dateRange(since)?.low ?? null
  return low === null
    ? null
    : (at) => {
        const other = dateRange(at)?.low ?? null
        return other !== null && compareCuts(other, low) >= 0
      }
}

const supported: ReadonlySet<string> = new Set(['_count', '_cursor', '_since', '_format', '_pretty'])

/** The versions of one resource, of a type, or of all resources; the newest first. */
export const history = (
  view: View,
  records: Records,
  path: string,
  query: string,
  of: (name: string) => boolean
): PlainResponse => {
  const parameters = readParameters(query)
  if (Either.isLeft(parameters)) return parameters.left
  const unknown = [...parameters.right.keys()].find((name) => !supported.has(name))
  if (unknown !== undefined)
    return operationOutcome(400, 'not-supported', `The parameter ${unknown} is not supported for a history.`)
  const [page, since] = [readPage(parameters.right), sinceOf(parameters.right)]
  if (Either.isLeft(page)) return page.left
  if (since === null) return operationOutcome(400, 'invalid', '_since must be an instant.')
  const { at } = page.right
  const entries = [...records.byName]
    .filter(([name]) => of(name))
    .flatMap(([name, versions]) =>
      versions
        .filter(
          (kept, index) =>
            since(kept.at) &&
            (at === null || Date.parse(kept.at) <= at) &&
            view.mayTouch(kept.resource ?? versions[index - 1]?.resource ?? { resourceType: '', id: '' })
        )
        .map((kept) => ({ name, kept }))
    )
  const newestFirst = entries.sort(
    (one, other) =>
      other.kept.at.localeCompare(one.kept.at) || Number(other.kept.versionId) - Number(one.kept.versionId)
  )
  const address = { fhirBaseUrl: view.fhirBaseUrl, path, parameters: parameters.right }
  return localFhirResponse(200, {
    resourceType: 'Bundle',
    type: 'history',
    total: newestFirst.length,
    link: pageLinks(address, records, page.right, newestFirst.length),
    entry: onPage(page.right, newestFirst).map(({ name, kept }) => ({
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
export const instanceHistory = (view: View, records: Records, name: string, query: string): PlainResponse => {
  const seen = versionsOf(records, name).some(({ resource }) => resource !== null && view.mayTouch(resource))
  return seen ? history(view, records, `${name}/_history`, query, (one) => one === name) : resourceNotFound(name)
}
