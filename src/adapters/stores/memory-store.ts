/**
 * A store in the memory of the process: for tests, demonstrations and small hosts with one process.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { PendingLimits } from './pending-requests.js'
import { pendingRequests } from './pending-requests.js'
import type { Clock, Store, StoreError } from '../../engine/ports.js'

interface Entry {
  readonly version: number
  readonly text: string
  readonly expiresAt: number
}

/** A memory store whose content can be inspected. */
export interface MemoryStore extends Store {
  /** The current records by key: for tests and for the simulator's list of grants. */
  readonly entries: () => ReadonlyArray<readonly [key: string, text: string]>
  /** The number of records in memory, including expired ones that were not removed yet. */
  readonly size: () => number
}

const unendingRecord: StoreError = {
  _tag: 'Unavailable',
  applied: 'no',
  reason: 'the time at which a record expires must be a finite number'
}

/** The number of entries that are checked for expiry at each write. */
const sweepSize = 4

/**
 * A new, empty memory store. Expired records are not returned; each write removes a few of them. Authorization requests
 * before sign-in have a common limit: beyond it, the oldest requests of the app with the most requests are removed. EHR
 * launches and the tokens of backend services have limits of their own.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import * as Option from 'fp-ts/lib/Option.js'
 * import { memoryStore } from 'smart-app-launch/fp-ts/adapters/memory'
 *
 * const store = memoryStore({ now: () => 100 })
 * await store.swap('a', Option.none, '"first"', 160)() // => Either.right('won')
 * await store.swap('a', Option.none, '"second"', 160)() // => Either.right('lost')
 * ```
 */
export const memoryStore = (clock: Clock, options: PendingLimits = {}): MemoryStore => {
  const entries = new Map<string, Entry>()
  const pending = pendingRequests(options)
  let lastVersion = 0
  let sweeper = entries.entries()

  const alive = (key: string): Entry | undefined => {
    const entry = entries.get(key)
    return entry !== undefined && clock.now() < entry.expiresAt ? entry : undefined
  }

  const sweep = (): void => {
    const now = clock.now()
    for (let looked = 0; looked < sweepSize; looked++) {
      const next = sweeper.next()
      if (next.done === true) {
        sweeper = entries.entries()
        return
      }
      const [key, entry] = next.value
      if (now < entry.expiresAt) continue
      entries.delete(key)
      pending.removed(key)
    }
  }

  return {
    load: (key) =>
      TaskEither.fromIO(() => {
        const entry = alive(key)
        return entry === undefined ? Option.none : Option.some({ version: String(entry.version), text: entry.text })
      }),
    swap: (key, expected, text, expiresAt) =>
      TaskEither.fromIOEither(() => {
        if (!Number.isFinite(expiresAt)) return Either.left(unendingRecord)
        const entry = alive(key)
        const found = entry === undefined ? null : String(entry.version)
        if (found !== Option.toNullable(expected)) return Either.right('lost')
        lastVersion += 1
        entries.set(key, { version: lastVersion, text, expiresAt })
        for (const forgotten of pending.written(key, text)) entries.delete(forgotten)
        sweep()
        return Either.right('won')
      }),
    size: () => entries.size,
    entries: () =>
      [...entries].flatMap(([key, entry]) => (clock.now() < entry.expiresAt ? [[key, entry.text] as const] : []))
  }
}
