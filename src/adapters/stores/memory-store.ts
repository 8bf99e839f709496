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

/** A memory store and a look inside. */
export interface MemoryStore extends Store {
  /** What is stored now, by key: for tests and for the simulator's live view. */
  readonly entries: () => ReadonlyArray<readonly [key: string, text: string]>
  /** How many records take up memory, expired ones that were not removed yet among them. */
  readonly size: () => number
}

/** How many entries are looked at for their expiry with each write. */
const sweepSize = 4

/** The longest text of a mark: a record that says little more than that its key was used, as of a `jti`. */
const markLength = 8

/** The same text, copied: an engine keeps a text that was put together as its parts, which take up more room. */
const inOnePiece = (key: string): string => [key.slice(0, 1), key.slice(1)].join('')

/** A task of work that is done on the spot: one promise, where the ways through `Task` make several. */
const atOnce =
  <A>(work: () => A): TaskEither.TaskEither<never, A> =>
  () =>
    Promise.resolve(Either.right(work()))

/**
 * A new, empty memory store. Expired records are not seen, and are removed a few at a time with each write.
 * Authorization requests of which nobody has signed in yet are bounded together: the oldest of the app that has most of
 * them are forgotten first. So are EHR launches, and the tokens of backend services.
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
   * The first record under a key. Marks that say the same until the same second share one entry, and so a version: a
   * key that is free again can no longer be marked until a second that has passed, so no version of it comes twice.
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
      pending.gone(key)
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
