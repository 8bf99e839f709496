/**
 * A store in `sessionStorage`.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { BrowserWindow, TextStorage } from './window.js'
import type { AppPortsOptions } from '../app-ports.js'
import { appPorts } from '../app-ports.js'
import { systemClock, systemRandom } from '../system.js'
import type { AppPorts } from '../../engine/app/ports.js'
import type { Clock, Store, StoreError } from '../../engine/ports.js'
import { parseJson } from '../../values/json.js'

/** The beginning of the names of all items in the storage. */
export const itemPrefix = 'smart-app-launch:'

interface Entry {
  readonly version: string
  readonly text: string
  readonly expiresAt: number
}

const readEntry = (text: string | null): Entry | null => {
  const json = parseJson(text ?? 'null')
  if (Option.isNone(json) || typeof json.value !== 'object' || json.value === null) return null
  const { version, text: kept, expiresAt } = json.value as Partial<Entry>
  return typeof version === 'string' && typeof kept === 'string' && typeof expiresAt === 'number'
    ? { version, text: kept, expiresAt }
    : null
}

const unavailable = (): StoreError => ({ _tag: 'Unavailable', applied: 'no' })

/**
 * A store in `sessionStorage`. Each swap is one synchronous step, so no update is lost. A full or forbidden storage
 * gives `StoreError`.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import * as Option from 'fp-ts/lib/Option.js'
 * import { storageStore } from 'smart-app-launch/fp-ts/adapters/browser'
 *
 * const texts = new Map<string, string>()
 * const storage = {
 *   getItem: (key: string) => texts.get(key) ?? null,
 *   setItem: (key: string, text: string) => {
 *     texts.set(key, text)
 *   },
 *   removeItem: (key: string) => {
 *     texts.delete(key)
 *   }
 * }
 * const store = storageStore(storage, { now: () => 100 })
 * await store.swap('a', Option.none, '1', 160)() // => Either.right('won')
 * await store.swap('a', Option.none, '2', 160)() // => Either.right('lost')
 * ```
 */
export const storageStore = (storage: TextStorage, clock: Clock): Store => {
  const unexpired = (key: string): Entry | null => {
    const entry = readEntry(storage.getItem(itemPrefix + key))
    if (entry !== null && clock.now() >= entry.expiresAt) {
      storage.removeItem(itemPrefix + key)
      return null
    }
    return entry
  }
  return {
    load: (key) =>
      TaskEither.fromIOEither(() =>
        Either.tryCatch(() => {
          const entry = unexpired(key)
          return entry === null ? Option.none : Option.some({ version: entry.version, text: entry.text })
        }, unavailable)
      ),
    swap: (key, expected, text, expiresAt) =>
      TaskEither.fromIOEither(() =>
        Either.tryCatch(() => {
          if ((unexpired(key)?.version ?? null) !== Option.toNullable(expected)) return 'lost'
          storage.setItem(itemPrefix + key, JSON.stringify({ version: systemRandom.token(), text, expiresAt }))
          return 'won'
        }, unavailable)
      )
  }
}

/** Reads the storage of a tab at each use: a browser that forbids it throws on the property access. */
const storageOf = (window: Pick<BrowserWindow, 'sessionStorage'>): TextStorage => ({
  getItem: (key) => window.sessionStorage.getItem(key),
  setItem: (key, text) => {
    window.sessionStorage.setItem(key, text)
  },
  removeItem: (key) => {
    window.sessionStorage.removeItem(key)
  }
})

/** The store of an app that is a web page. */
export const browserStore = (window: Pick<BrowserWindow, 'sessionStorage'>): Store =>
  storageStore(storageOf(window), systemClock)

/** The ports of an app that is a web page. */
export const browserAppPorts = (
  window: Pick<BrowserWindow, 'sessionStorage'>,
  options: AppPortsOptions = {}
): AppPorts => appPorts({ store: browserStore(window), ...options })
