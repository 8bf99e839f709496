/**
 * The simulator's own FHIR server with its data in the store, so that several processes serve the same data and a
 * restart loses none.
 *
 * The synthetic data are not stored. Each request that writes makes one commit: a record with the versions that it
 * adds. A list names the commits in their order, and one head record names the list. A commit counts when the head has
 * been swapped, so a transaction is stored as a whole, and two processes cannot both write on the same state. Each
 * request reads the head first and sees every write that was acknowledged before.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as Task from 'fp-ts/lib/Task.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import type { View } from './read.js'
import type { NewVersions, Records } from './records.js'
import { everyCurrent, lastResource, proposed, recordsOf, versionFrom, versionsOf, withVersions } from './records.js'
import { capabilityStatement } from './capabilities.js'
import type { LocalFhirSettings } from './server.js'
import { answerFrom } from './server.js'
import type { FhirResource } from './synthetic-data.js'
import type { FhirBackend } from './upstream.js'
import { identifierOf } from '../../engine/server/context.js'
import { forever } from '../../engine/server/store-keys.js'
import type { Clock, PortError, Random, Store } from '../../engine/ports.js'
import { portUnavailable } from '../../engine/ports.js'
import { releaseIn } from '../../protocol/access/release.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { parseJson } from '../../values/json.js'
import { withNumbersAsTexts, withTextsAsNumbers } from '../../values/json-numbers.js'
import { limits } from '../../values/limits/limits.js'

const HeadCodec = t.strict({
  /** Grows by one with each commit. */
  sequence: t.number,
  /** The time of the synthetic data: an instant. */
  at: t.string,
  /** The id of the list of commits; null when there are none. */
  list: t.union([t.string, t.null])
})

const ListCodec = t.strict({ commits: t.readonlyArray(t.string) })

/** A resource may have any members, so only what this code reads is checked. */
const CommitCodec = t.strict({
  versions: t.record(
    t.string,
    t.readonlyArray(
      t.type({
        versionId: t.string,
        at: t.string,
        resource: t.union([t.type({ resourceType: t.string, id: t.string }), t.null])
      })
    )
  )
})

type Head = t.TypeOf<typeof HeadCodec>

/** The data at one point in time. */
interface Snapshot {
  readonly sequence: number
  /** The version of the head record; null when it is not known. */
  readonly version: string | null
  readonly head: Head
  readonly commits: ReadonlyArray<string>
  readonly records: Records
}

/** The parts of a store that the data need. */
export interface StoredDataPorts {
  readonly store: Store
  readonly random: Random
  readonly clock: Clock
}

/** Thrown and caught in this file only: the store does not answer, or holds something else. */
class DataUnavailable extends Error {}

const unavailable = (error: unknown): Either.Either<PortError, never> =>
  Either.left(portUnavailable(error instanceof DataUnavailable ? error.message : 'the data cannot be read'))

/** How many records are read at the same time. */
const readAtOnce = 16

const isReading = ({ method, path }: PlainRequest): boolean =>
  method === 'GET' || method === 'HEAD' || path.endsWith('/_search')

/** A FHIR server with these initial resources, and with what the store of the server of that name holds besides. */
export const storedFhirBackend = (
  resources: ReadonlyArray<FhirResource>,
  settings: LocalFhirSettings,
  serverName: string,
  { store, random, clock }: StoredDataPorts
): FhirBackend => {
  const respond = answerFrom(settings)
  const headKey = `fhir:${serverName}`
  const keyOf = (kind: 'list' | 'commit', id: string): string => `fhir-${kind}:${serverName} ${id}`
  /** What was read of commits, which never change. */
  const known = new Map<string, NewVersions>()
  let latest: Snapshot | null = null

  const read = async <Value>(
    key: string,
    codec: t.Type<Value>
  ): Promise<{ readonly version: string; readonly value: Value } | null> => {
    const loaded = await store.load(key)()
    if (Either.isLeft(loaded)) throw new DataUnavailable('the store did not answer')
    if (Option.isNone(loaded.right)) return null
    const { version, text } = loaded.right.value
    const json = parseJson(text)
    if (Option.isNone(json) || !codec.is(json.value)) throw new DataUnavailable('a record of FHIR data is unreadable')
    return { version, value: json.value }
  }

  const insert = async (key: string, value: unknown): Promise<void> => {
    const swapped = await store.swap(key, Option.none, JSON.stringify(value), forever)()
    if (Either.isLeft(swapped) || swapped.right === 'lost') throw new DataUnavailable('the store did not write')
  }

  /** The head; the first process makes it. */
  const readHead = async (): Promise<{ readonly version: string; readonly value: Head }> => {
    for (let tried = 0; tried < limits.recordChanges.default; tried++) {
      const found = await read(headKey, HeadCodec)
      if (found !== null) return found
      const first: Head = { sequence: 0, at: settings.instant(), list: null }
      const opened = await store.swap(headKey, Option.none, JSON.stringify(first), forever)()
      if (Either.isLeft(opened) && opened.left.applied === 'no') break
    }
    throw new DataUnavailable('the store did not write')
  }

  /** The versions of commits; null when one was removed in the meantime. */
  const readCommits = async (ids: ReadonlyArray<string>): Promise<ReadonlyArray<NewVersions> | null> => {
    const missing = ids.filter((id) => !known.has(id))
    for (let from = 0; from < missing.length; from += readAtOnce) {
      const part = missing.slice(from, from + readAtOnce)
      const found = await Promise.all(part.map((id) => read(keyOf('commit', id), CommitCodec)))
      for (const [index, commit] of found.entries()) {
        if (commit === null) return null
        const versions = Object.entries(commit.value.versions).map(
          ([name, added]) => [name, added.map((one) => versionFrom(one as Parameters<typeof versionFrom>[0]))] as const
        )
        known.set(part[index] ?? '', Object.fromEntries(versions))
      }
    }
    return ids.flatMap((id) => {
      const versions = known.get(id)
      return versions === undefined ? [] : [versions]
    })
  }

  const recordsAt = async (head: Head, commits: ReadonlyArray<string>): Promise<Records | null> => {
    const before = latest?.head.at === head.at ? latest : null
    const isNext = before?.commits.every((id, index) => id === commits[index]) === true
    const more = await readCommits(isNext ? commits.slice(before.commits.length) : commits)
    return more === null ? null : withVersions(isNext ? before.records : recordsOf(resources, head.at), more)
  }

  /** The snapshot of the head that is stored now, or a later one. */
  const current = async (): Promise<Snapshot> => {
    for (let tried = 0; tried < limits.recordChanges.default; tried++) {
      const { version, value: head } = await readHead()
      if (latest !== null && latest.sequence >= head.sequence) {
        if (latest.sequence === head.sequence) latest = { ...latest, version }
        return latest
      }
      const list = head.list === null ? { value: { commits: [] } } : await read(keyOf('list', head.list), ListCodec)
      const { commits = null } = list?.value ?? {}
      const records = commits === null ? null : await recordsAt(head, commits)
      if (commits === null || records === null) continue
      const next: Snapshot = { sequence: head.sequence, version, head, commits, records }
      if (latest !== null && latest.sequence >= next.sequence) return latest
      latest = next
      const named = new Set(commits)
      for (const id of known.keys()) if (!named.has(id)) known.delete(id)
      return next
    }
    throw new DataUnavailable('other processes write all the time')
  }

  /** Removes a record that is named nowhere any more. If that fails, it stays without any use. */
  const remove = async (key: string): Promise<void> => {
    const found = await store.load(key)()
    if (Either.isLeft(found) || Option.isNone(found.right)) return
    await store.swap(key, Option.some(found.right.value.version), '{}', clock.now())()
  }

  /** The commits of which at least one version is still there. */
  const inUse = (commits: ReadonlyArray<string>, records: Records): ReadonlyArray<string> =>
    commits.filter((id) => {
      const versions = known.get(id)
      return (
        versions === undefined ||
        Object.entries(versions).some(([name, added]) => {
          const oldest = Number(versionsOf(records, name)[0]?.versionId)
          return added.some(({ versionId }) => Number(versionId) >= oldest)
        })
      )
    })

  type Written = 'won' | 'lost' | 'unknown'

  /** Stores versions on top of a snapshot. */
  const commit = async (on: Snapshot, id: string, added: NewVersions): Promise<Written> => {
    if (on.version === null) return 'lost'
    known.set(id, added)
    const records = withVersions(on.records, [added])
    const commits = inUse([...on.commits, id], records)
    const list = identifierOf(random.token())
    await Promise.all([insert(keyOf('commit', id), { versions: added }), insert(keyOf('list', list), { commits })])
    const head: Head = { sequence: on.sequence + 1, at: on.head.at, list }
    const swapped = await store.swap(headKey, Option.some(on.version), JSON.stringify(head), forever)()
    if (Either.isLeft(swapped) && swapped.left.applied === 'unknown') return 'unknown'
    if (Either.isLeft(swapped)) throw new DataUnavailable('the store did not write')
    if (swapped.right === 'lost') {
      known.delete(id)
      await Promise.all([remove(keyOf('commit', id)), remove(keyOf('list', list))])
      return 'lost'
    }
    if (latest === null || latest.sequence < head.sequence) {
      latest = { sequence: head.sequence, version: null, head, commits, records }
    }
    const unused = on.commits.filter((one) => !commits.includes(one))
    for (const one of unused) known.delete(one)
    await Promise.all([
      ...unused.map((one) => remove(keyOf('commit', one))),
      ...(on.head.list === null ? [] : [remove(keyOf('list', on.head.list))])
    ])
    return 'won'
  }

  const handled = async (mayTouch: View['mayTouch'], request: PlainRequest): Promise<PlainResponse> => {
    for (let tried = 0; tried < limits.recordChanges.default; tried++) {
      const snapshot = await current()
      const [response, added] = proposed(snapshot.records, () => respond(snapshot.records, mayTouch, request))
      if (Object.keys(added).length === 0) return response
      const id = identifierOf(random.token())
      const written = await commit(snapshot, id, added)
      if (written === 'won') return response
      if (written === 'unknown') {
        if ((await current()).commits.includes(id)) return response
        throw new DataUnavailable('it is unknown whether the store has written')
      }
    }
    throw new DataUnavailable('other processes write all the time')
  }

  /** In this process, one request writes after the other. */
  let lastWrite: Promise<unknown> = Promise.resolve()
  const inTurn = (work: () => Promise<PlainResponse>): Promise<PlainResponse> => {
    const turn = lastWrite.then(work)
    lastWrite = turn.catch(() => null)
    return turn
  }

  const caught =
    <Value>(work: () => Promise<Value>): TaskEither.TaskEither<PortError, Value> =>
    () =>
      work().then(Either.right, unavailable)

  const snapshotRecords = (): Records => latest?.records ?? recordsOf(resources, settings.instant())

  return {
    refresh: caught(current),
    resources: () => everyCurrent(snapshotRecords()),
    find: (reference) => lastResource(snapshotRecords(), reference),
    aliases: [],
    metadata: (facts) =>
      pipe(
        Task.fromIO(snapshotRecords),
        Task.map((records) => capabilityStatement(releaseIn(settings), facts, records))
      ),
    serverFor: (mayTouch) => ({
      answer: (request) =>
        caught(async () => {
          const numbered = { ...request, body: withNumbersAsTexts(request.body) }
          const work = (): Promise<PlainResponse> => handled(mayTouch, numbered)
          const response = await (isReading(request) ? work() : inTurn(work))
          return { ...response, body: withTextsAsNumbers(response.body) }
        })
    })
  }
}
