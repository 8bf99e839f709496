/**
 * The newest grants of all servers of a simulator, for the page that lists them: one record with their store keys,
 * because a store cannot be searched.
 *
 * The list is for display only. It is written after a grant is stored, and no request waits for it except the one that
 * shows it. All grants that begin while it is written are added with the next write, so that it is no bottleneck.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as t from 'io-ts'
import { swapRecord } from '../../engine/compare-and-swap.js'
import type { Store } from '../../engine/ports.js'
import { grantKey } from '../../engine/server/grant-store.js'
import { forever } from '../../engine/server/store-keys.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'

/** The list, and the list of earlier releases, which has the ids of the grants of one server. */
const ListCodec = t.union([
  t.strict({ keys: t.readonlyArray(t.string) }),
  t.strict({ grantIds: t.readonlyArray(t.string) })
])

/** How many keys are kept: grants whose record has expired are among them. */
const listed = 40

/** What the store keys of grants of every server begin with. */
const anyGrant = grantKey('', '').trimEnd()

/** A grant that is stored. */
export interface StoredGrant {
  /** The issuer of its server. */
  readonly issuer: string
  readonly text: string
  /** Its text before the latest write of this process; null if this process has not seen it. */
  readonly before: string | null
}

/** The list of the grants of a simulator. */
export interface GrantList {
  /** A store that adds each new grant to the list. */
  readonly store: Store
  /** The newest grants that have not expired, the newest last. */
  readonly newest: (count: number) => Promise<ReadonlyArray<StoredGrant>>
  /** Waits until every grant that has begun is on the list, or could not be written. */
  readonly written: () => Promise<void>
}

/** The list of the grants in a store, for the simulator whose server at the public base URL has that name. */
export const grantListIn = (serverName: string, store: Store): GrantList => {
  const key = `grant-list:${serverName}`
  const keysIn = (text: string): ReadonlyArray<string> => {
    const list = ListCodec.decode(Option.toNullable(parseJson(text)))
    if (Either.isLeft(list)) return []
    return 'keys' in list.right ? list.right.keys : list.right.grantIds.map((id) => grantKey(serverName, id))
  }
  /** The latest two texts of the grants that this process has written, by their keys, the oldest first. */
  const seen = new Map<string, readonly [before: string | null, now: string]>()
  const remember = (at: string, text: string): void => {
    const [, now = null] = seen.get(at) ?? []
    seen.delete(at)
    seen.set(at, [now, text])
    const [oldest] = seen.keys()
    if (seen.size > listed && oldest !== undefined) seen.delete(oldest)
  }
  let waiting: ReadonlyArray<string> = []
  let writing: Promise<void> | null = null

  const add = (added: ReadonlyArray<string>) =>
    swapRecord(store, {
      load: (at) => async () => {
        const loaded = await store.load(at)()
        return Either.isLeft(loaded) ? Either.left({ _tag: 'StoreUnavailable' as const }) : loaded
      },
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const before = Option.isSome(found) ? keysIn(found.value.text) : []
        const next = [...before.filter((one) => !added.includes(one)), ...added].slice(-listed)
        return Either.right({
          answer: null,
          write: { text: JSON.stringify({ keys: next }), recordExpiresAt: forever }
        })
      }
    })(key)()

  const writeAll = async (): Promise<void> => {
    try {
      while (waiting.length > 0) {
        const some = waiting
        waiting = []
        await add(some)
      }
    } finally {
      writing = null
    }
  }

  const notice = (grant: string): void => {
    waiting = [...waiting, grant].slice(-listed)
    writing ??= writeAll().catch(() => undefined)
  }

  const written = async (): Promise<void> => {
    while (writing !== null) await writing
  }

  return {
    store: {
      load: store.load,
      swap: (at, expected, text, expiresAt) => async () => {
        const swapped = await store.swap(at, expected, text, expiresAt)()
        if (at.startsWith(anyGrant)) {
          const isWritten = Either.isLeft(swapped) ? swapped.left.applied === 'unknown' : swapped.right === 'won'
          if (isWritten) remember(at, text)
          if (isWritten && Option.isNone(expected)) notice(at)
        }
        return swapped
      }
    },
    newest: async (count) => {
      await written()
      const loaded = await store.load(key)()
      if (Either.isLeft(loaded) || Option.isNone(loaded.right)) return []
      const keys = keysIn(loaded.right.value.text)
      const grants = await Promise.all(keys.map((at) => store.load(at)()))
      return keys
        .flatMap((at, place): ReadonlyArray<StoredGrant> => {
          const grant = grants[place]
          const [issuer = ''] = at.slice(anyGrant.length).split(' ')
          return grant !== undefined && Either.isRight(grant) && Option.isSome(grant.right)
            ? [{ issuer, text: grant.right.value.text, before: seen.get(at)?.[0] ?? null }]
            : []
        })
        .slice(-count)
    },
    written
  }
}
