/**
 * The resources of the simulator, every version of each: data that functions change by making new data, so that a transaction
 * is carried out on a copy and takes effect as a whole or not at all.
 *
 * Source: FHIR R4, http.html, "Managing Resource Contention", "history".
 */
import type { FhirResource } from './synthetic-data.js'

/** One version of a resource; the resource is null where it was deleted. */
export interface Kept {
  readonly versionId: string
  /** An instant, as FHIR writes it. */
  readonly at: string
  readonly resource: FhirResource | null
}

/** Versions by `Type/id`, newest last. */
export type Records = ReadonlyMap<string, ReadonlyArray<Kept>>

/** `Type/id`. */
export const nameOf = ({ resourceType, id }: Pick<FhirResource, 'resourceType' | 'id'>): string => `${resourceType}/${id}`

/** The versions under a name, newest last; none when there never was such a resource. */
export const versionsOf = (records: Records, name: string): ReadonlyArray<Kept> => records.get(name) ?? []

/** The newest version under a name. */
export const newest = (records: Records, name: string): Kept | undefined => versionsOf(records, name).at(-1)

/** The resource under a name as it is now; null when there is none. */
export const current = (records: Records, name: string): FhirResource | null => newest(records, name)?.resource ?? null

/** Every resource as it is now. */
export const everyCurrent = (records: Records): ReadonlyArray<FhirResource> =>
  [...records.values()].flatMap((versions) => versions.at(-1)?.resource ?? [])

const added = (records: Records, name: string, kept: Omit<Kept, 'versionId'>): Records => {
  const versions = versionsOf(records, name)
  const versionId = String(versions.length + 1)
  const resource = kept.resource === null
    ? null
    : { ...kept.resource, meta: { ...(kept.resource['meta'] as object | undefined), versionId, lastUpdated: kept.at } }
  return new Map(records).set(name, [...versions, { ...kept, versionId, resource }])
}

/** With a new version of a resource. */
export const withResource = (records: Records, resource: FhirResource, at: string): Records =>
  added(records, nameOf(resource), { at, resource })

/** With the resource under a name deleted; its versions stay. */
export const withoutResource = (records: Records, name: string, at: string): Records => added(records, name, { at, resource: null })

/** Records that begin with these resources. */
export const recordsOf = (resources: ReadonlyArray<FhirResource>, at: string): Records =>
  new Map(resources.map((resource) => {
    const meta = { versionId: '1', lastUpdated: at }
    return [nameOf(resource), [{ versionId: '1', at, resource: { ...resource, meta } }]]
  }))
