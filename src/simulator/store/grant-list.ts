/**
 * The newest grants of a server, for the list on the desktop: one record with their ids, because a store cannot be
 * searched.
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

const ListCodec = t.strict({ grantIds: t.readonlyArray(t.string) })

/** How many ids are kept: grants whose record has expired are among them. */
const listed = 40

/** The list of a server's grants. */
export interface GrantList {
  /** A store that adds each new grant to the list. */
  readonly store: Store
  /** The stored texts of the newest grants that have not expired, the newest last. */
  readonly newest: (count: number) => Promise<ReadonlyArray<string>>
  /** Waits until every grant that has begun is on the list, or could not be written. */
  readonly written: () => Promise<void>
}

const idsIn = (text: string): ReadonlyArray<string> => {
  const list = ListCodec.decode(Option.toNullable(parseJson(text)))
  return Either.isRight(list) ? list.right.grantIds : []
}

/** The list of the grants of the server of that name in a store. */
export const grantListIn = (serverName: string, store: Store): GrantList => {
  const key = `grant-list:${serverName}`
  const grantPrefix = grantKey(serverName, '')
  let waiting: ReadonlyArray<string> = []
  let writing: Promise<void> | null = null

  const add = (grantIds: ReadonlyArray<string>) =>
    swapRecord(store, {
      load: (at) => async () => {
        const loaded = await store.load(at)()
        return Either.isLeft(loaded) ? Either.left({ _tag: 'StoreUnavailable' as const }) : loaded
      },
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const before = Option.isSome(found) ? idsIn(found.value.text) : []
        const next = [...before.filter((id) => !grantIds.includes(id)), ...grantIds].slice(-listed)
        return Either.right({
          answer: null,
          write: { text: JSON.stringify({ grantIds: next }), recordExpiresAt: forever }
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

  const notice = (grantId: string): void => {
    waiting = [...waiting, grantId].slice(-listed)
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
        if (Option.isNone(expected) && at.startsWith(grantPrefix)) {
          const isWritten = Either.isLeft(swapped) ? swapped.left.applied === 'unknown' : swapped.right === 'won'
          if (isWritten) notice(at.slice(grantPrefix.length))
        }
        return swapped
      }
    },
    newest: async (count) => {
      await written()
      const loaded = await store.load(key)()
      if (Either.isLeft(loaded) || Option.isNone(loaded.right)) return []
      const grants = await Promise.all(
        idsIn(loaded.right.value.text).map((id) => store.load(grantKey(serverName, id))())
      )
      return grants
        .flatMap((grant) => (Either.isRight(grant) && Option.isSome(grant.right) ? [grant.right.value.text] : []))
        .slice(-count)
    },
    written
  }
}
