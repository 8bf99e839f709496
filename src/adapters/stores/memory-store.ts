/**
 * A store in the memory of the process: for tests, demonstrations and small hosts with one process.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { PendingLimits } from './pending-requests.js'
import { pendingRequests } from './pending-requests.js'
import type { Clock, Store } from '../../engine/ports.js'
import { limits } from '../../values/limits/limits.js'

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

/** The number of entries that are checked for expiry at each write. */
const sweepSize = 4

/** The longest text of a shared entry: a record that says little more than that its key was used, such as a `jti`. */
const markLength = 8

/** A flat copy of a text: JavaScript engines keep a concatenated text as its parts, which take more memory. */
const inOnePiece = (key: string): string => [key.slice(0, 1), key.slice(1)].join('')

/** A task of synchronous work: one promise, where composition with `Task` makes several. */
const atOnce =
  <A>(work: () => A): TaskEither.TaskEither<never, A> =>
  () =>
    Promise.resolve(Either.right(work()))

/**
 * A new, empty memory store. Expired records are not returned; each write removes a few of them. Authorization requests
 * before sign-in have a common limit: beyond it, the oldest requests of the app with the most requests are removed.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import * as Option from 'fp-ts/lib/Option.js'
 * import { memoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const store = memoryStore({ now: () => 100 })
 * await store.swap('a', Option.none, '"first"', 160)() // => Either.right('won')
 * await store.swap('a', Option.none, '"second"', 160)() // => Either.right('lost')
 * ```
 */
export const memoryStore = (clock: Clock, options: PendingLimits = {}): MemoryStore => {
  const entries = new Map<string, Entry>()
  const pending = pendingRequests(options)
  const marks = new Map<string, Entry>()
  let lastVersion = 0
  let sweeper = entries.entries()

  const fresh = (text: string, expiresAt: number): Entry => {
    lastVersion += 1
    return { version: lastVersion, text, expiresAt }
  }

  /**
   * The first record under a key. Short records with equal text and expiry share one entry, and so a version. A key
   * becomes free only after that expiry, and no new entry can have that expiry, so no version occurs twice for a key.
   */
  const first = (text: string, expiresAt: number): Entry => {
    if (text.length > markLength) return fresh(text, expiresAt)
    const kind = `${String(expiresAt)} ${text}`
    const known = marks.get(kind)
    if (known !== undefined) return known
    if (marks.size >= limits.storeMarks.standard) marks.clear()
    const mark = fresh(text, expiresAt)
    marks.set(kind, mark)
    return mark
  }

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
      atOnce(() => {
        const entry = alive(key)
        return entry === undefined ? Option.none : Option.some({ version: String(entry.version), text: entry.text })
      }),
    swap: (key, expected, text, expiresAt) =>
      atOnce(() => {
        const entry = alive(key)
        const found = entry === undefined ? null : String(entry.version)
        if (found !== Option.toNullable(expected)) return 'lost'
        if (entry === undefined) entries.set(inOnePiece(key), first(text, expiresAt))
        else entries.set(key, fresh(text, expiresAt))
        for (const forgotten of pending.written(key, text)) entries.delete(forgotten)
        sweep()
        return 'won'
      }),
    size: () => entries.size,
    entries: () =>
      [...entries].flatMap(([key, entry]) => (clock.now() < entry.expiresAt ? [[key, entry.text] as const] : []))
  }
}
