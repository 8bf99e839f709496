/**
 * A store in the memory of one process: for a single process, and for tests. All data are lost when the process ends.
 *
 * @module adapters/memory
 */
import { memoryStore } from '../adapters/stores/memory-store.js'
import type { PendingLimits } from '../adapters/stores/pending-requests.js'
import { systemClock } from '../adapters/system.js'
import type { EpochSeconds } from '../values/time.js'
import { ownMember } from '../values/own.js'
import { configurationError } from './configuration-error.js'
import { plainStore } from './engine-ports.js'
import { wrongMemoryOptions } from './options-check.js'
import type { PlainStore } from './ports.js'

/** The options of a memory store. */
export interface MemoryStoreOptions extends PendingLimits {
  /** The time in seconds since the epoch. Default: the system clock. */
  readonly clock?: () => EpochSeconds
}

/** A memory store whose content can be inspected. */
export interface PlainMemoryStore extends PlainStore {
  /** The current records by key. */
  readonly entries: () => ReadonlyArray<readonly [key: string, text: string]>
  /** The number of records in memory, including expired ones that were not removed yet. */
  readonly size: () => number
}

/**
 * A new, empty memory store. Authorization requests before sign-in have a common limit: beyond it, the oldest requests
 * of the app with the most requests are removed. EHR launches and the tokens of backend services have limits of their
 * own.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const store = createMemoryStore({ clock: () => 100 })
 * await store.swap('a', null, '"first"', 160) // => 'won'
 * await store.swap('a', null, '"second"', 160) // => 'lost'
 * ```
 */
export const createMemoryStore = (options: MemoryStoreOptions = {}): PlainMemoryStore => {
  const wrong = wrongMemoryOptions(options)
  if (wrong.length > 0) throw configurationError('createMemoryStore', wrong)
  const clock = ownMember(options, 'clock')
  const store = memoryStore(clock === undefined ? systemClock : { now: clock }, options)
  return plainStore(store, { entries: store.entries, size: store.size })
}
