/**
 * The resources of the simulator, with every version, within limits. The records are mutable, and requests are handled
 * one after the other; a failed transaction is rolled back.
 *
 * Source: FHIR R4, http.html, "Managing Resource Contention", "history".
 */
import type { FhirResource } from './synthetic-data.js'
import { limits } from '../../values/limits/limits.js'

/** One version of a resource; the resource is null for a deletion. */
export interface ResourceVersion {
  readonly versionId: string
  /** An instant, as FHIR writes it. */
  readonly at: string
  readonly resource: FhirResource | null
  /** The size of the version; see {@link weightOf}. */
  readonly weight: number
}

type Versions = ReadonlyArray<ResourceVersion>

/** The resources and their total size. */
export interface Records {
  /** Versions by `Type/id`, newest last. */
  readonly byName: ReadonlyMap<string, Versions>
}

type Undo = Array<readonly [name: string, before: Versions | undefined]>

interface Changeable extends Records {
  readonly byName: Map<string, Versions>
  weight: number
  /** The values to restore if the transaction fails, newest last; null outside a transaction. */
  undo: Undo | null
}

/** Why a resource is not stored: it is too large, or the limit of all resources is reached. */
export type StorageFull = 'too-large' | 'full'

/** `Type/id`. */
export const recordKey = ({ resourceType, id }: Pick<FhirResource, 'resourceType' | 'id'>): string =>
  `${resourceType}/${id}`

/** The versions under a name, newest last; none if the resource never existed. */
export const versionsOf = (records: Records, name: string): Versions => records.byName.get(name) ?? []

/** The newest version under a name. */
export const newest = (records: Records, name: string): ResourceVersion | undefined => versionsOf(records, name).at(-1)

/** The current resource under a name; null if there is none. */
export const current = (records: Records, name: string): FhirResource | null => newest(records, name)?.resource ?? null

/** The resource under a name, or the last one before its deletion; null if there was none. */
export const lastResource = (records: Records, name: string): FhirResource | null =>
  versionsOf(records, name).findLast(({ resource }) => resource !== null)?.resource ?? null

/** All current resources. */
export const everyCurrent = (records: Records): ReadonlyArray<FhirResource> => everyAt(records, null)

/**
 * The version of a resource at a time in milliseconds; null for now. Where the versions of that time were removed, it
 * is the oldest that is left. Undefined if the resource did not exist yet.
 */
const versionAt = (versions: Versions, at: number | null): ResourceVersion | undefined => {
  if (at === null) return versions.at(-1)
  const found = versions.findLast((version) => Date.parse(version.at) <= at)
  const [oldest] = versions
  return found ?? (oldest?.versionId === '1' ? undefined : oldest)
}

/** The resources of these names at a time; see {@link versionAt}. They come in the order of the names. */
export const namedAt = (records: Records, names: ReadonlySet<string>, at: number | null): ReadonlyArray<FhirResource> =>
  [...names].flatMap((name) => versionAt(versionsOf(records, name), at)?.resource ?? [])

/** All resources at a time; see {@link versionAt}. New resources come last, and changed ones keep their place. */
export const everyAt = (records: Records, at: number | null): ReadonlyArray<FhirResource> =>
  [...records.byName.values()].flatMap((versions) => versionAt(versions, at)?.resource ?? [])

/** The time of the last change in milliseconds. */
export const lastChange = (records: Records): number => {
  let last = 0
  for (const versions of records.byName.values()) last = Math.max(last, Date.parse(versions.at(-1)?.at ?? '') || 0)
  return last
}

/** The approximate size of a value in bytes: the characters of texts and names, and 32 for each value. */
const weightOf = (value: unknown): number => {
  let weight = 0
  const waiting = [value]
  while (waiting.length > 0) {
    const next = waiting.pop()
    weight += 32 + (typeof next === 'string' ? next.length : 0)
    if (typeof next !== 'object' || next === null) continue
    for (const [name, held] of Object.entries(next)) {
      weight += Array.isArray(next) ? 0 : name.length
      waiting.push(held)
    }
  }
  return weight
}

const weighed = (versions: Versions): number => versions.reduce((sum, { weight }) => sum + weight, 0)

const put = (records: Changeable, name: string, versions: Versions | undefined): void => {
  const before = records.byName.get(name)
  records.weight += weighed(versions ?? []) - weighed(before ?? [])
  if (versions === undefined) records.byName.delete(name)
  else records.byName.set(name, versions)
  records.undo?.push([name, before])
}

/**
 * The newest versions, within the limit. The first is never a deletion, because the version before a deletion decides
 * who may see it.
 */
const trimmed = (versions: Versions): Versions => {
  const kept = versions.slice(-limits.simulatorVersions.default)
  return kept.length > 1 && kept[0]?.resource === null ? kept.slice(1) : kept
}

const added = (records: Records, name: string, at: string, resource: FhirResource | null): void => {
  const versions = versionsOf(records, name)
  const versionId = String(Number(versions.at(-1)?.versionId ?? 0) + 1)
  const meta = { ...(resource?.['meta'] as object | undefined), versionId, lastUpdated: at }
  const kept = resource === null ? null : { ...resource, meta }
  put(records as Changeable, name, trimmed([...versions, { at, versionId, resource: kept, weight: weightOf(kept) }]))
}

/** Adds a new version of a resource, if the limits permit it. */
export const addResource = (records: Records, resource: FhirResource, at: string): StorageFull | null => {
  const weight = weightOf(resource)
  if (weight > limits.simulatorResource.default) return 'too-large'
  const isFull = !records.byName.has(recordKey(resource)) && records.byName.size >= limits.simulatorResources.default
  if (isFull || (records as Changeable).weight + weight > limits.simulatorStored.default) return 'full'
  added(records, recordKey(resource), at, resource)
  return null
}

/** Deletes the resource under a name; its versions stay. */
export const deleteResource = (records: Records, name: string, at: string): void => {
  added(records, name, at, null)
}

/** Runs work, and returns what restores the records before it. */
const watched = <A>(records: Changeable, work: () => A): readonly [outcome: A, undo: Undo] => {
  const outer = records.undo
  const undo: Undo = []
  records.undo = undo
  const outcome = work()
  records.undo = outer
  outer?.push(...undo)
  return [outcome, undo]
}

const restore = (records: Changeable, undo: Undo): void => {
  for (const [name, before] of undo.toReversed()) put(records, name, before)
}

/** Runs work as a transaction: its changes are rolled back if the outcome is not `isDone`. */
export const asWhole = <A>(records: Records, work: () => A, isDone: (outcome: A) => boolean): A => {
  const [outcome, undo] = watched(records as Changeable, work)
  if (!isDone(outcome)) restore(records as Changeable, undo)
  return outcome
}

/** New versions by `Type/id`, the newest last. */
export type NewVersions = Readonly<Record<string, Versions>>

/** Runs work without changing the records: returns the versions that it would add. */
export const proposed = <A>(records: Records, work: () => A): readonly [outcome: A, added: NewVersions] => {
  const [outcome, undo] = watched(records as Changeable, work)
  const after = new Map(undo.map(([name]) => [name, versionsOf(records, name)] as const))
  restore(records as Changeable, undo)
  const added = [...after].flatMap(([name, versions]) => {
    const before = new Set(versionsOf(records, name))
    const fresh = versions.filter((version) => !before.has(version))
    return fresh.length === 0 ? [] : [[name, fresh] as const]
  })
  return [outcome, Object.fromEntries(added)]
}

/**
 * The records with more versions of some resources, in this order. The given records stay as they are. Where the number
 * of a version does not follow the last one, the versions between were removed, and so are those before.
 */
export const withVersions = (records: Records, more: ReadonlyArray<NewVersions>): Records => {
  const { byName, weight } = records as Changeable
  const next: Changeable = { byName: new Map(byName), weight, undo: null }
  for (const [name, versions] of more.flatMap((added) => Object.entries(added))) {
    const before = versionsOf(next, name)
    const follows = Number(versions[0]?.versionId) === Number(before.at(-1)?.versionId ?? 0) + 1
    put(next, name, trimmed([...(follows ? before : []), ...versions]))
  }
  return next
}

/** A version as it is stored; its size is computed anew. */
export const versionFrom = ({ versionId, at, resource }: Omit<ResourceVersion, 'weight'>): ResourceVersion => ({
  versionId,
  at,
  resource,
  weight: weightOf(resource)
})

/** Records with these initial resources. */
export const recordsOf = (resources: ReadonlyArray<FhirResource>, at: string): Records => {
  const records: Changeable = { byName: new Map(), weight: 0, undo: null }
  for (const resource of resources) {
    const meta = { ...(resource['meta'] as object | undefined), versionId: '1', lastUpdated: at }
    const kept = { ...resource, meta }
    put(records, recordKey(resource), [{ versionId: '1', at, resource: kept, weight: weightOf(kept) }])
  }
  return records
}
