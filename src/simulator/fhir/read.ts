/** Reads the simulator's records: one resource, one version. Source: FHIR R4, http.html. */
import type { ParameterReader } from './parameter-values.js'
import type { ResourceVersion, Records } from './records.js'
import { newest, versionsOf } from './records.js'
import { localFhirResponse, resourceNotFound, operationOutcome, versionHeaders } from './responses.js'
import type { FhirResource } from './synthetic-data.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainResponse } from '../../protocol/http/message.js'

/** The access of one user to the records. */
export interface View {
  readonly fhirBaseUrl: string
  readonly release: FhirRelease
  readonly references: ReferenceFacts
  readonly parameter: ParameterReader
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
