/**
 * For an app that is a web page: launches and sessions are kept in `sessionStorage`.
 *
 * `sessionStorage` belongs to one tab, and no other code of the page runs between a read and a write, so a swap is
 * atomic without a lock. Two tabs have separate launches and sessions. A duplicated tab gets a copy of the storage; the
 * tab that refreshes second may find its refresh token already used. Do not use `localStorage` instead: tabs that run
 * at the same time share it. Frames of one origin in one tab share `sessionStorage`: each frame may have a launch in
 * progress, but `sessionId` is the session of the frame that finished last. A page in several frames must therefore
 * keep the result of its own `finish`.
 *
 * @module fp-ts/adapters/browser
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AppPortsOptions } from './app-ports.js'
import { appPorts } from './app-ports.js'
import { systemClock, systemRandom } from './system.js'
import type { SmartApp } from '../engine/app/context.js'
import type { AppPorts } from '../engine/app/ports.js'
import type { Clock, Store, StoreError } from '../engine/ports.js'
import type { LaunchRequest } from '../protocol/app/launch-state.js'
import type { AppFailure } from '../protocol/app/failure.js'
import type { Redirect } from '../protocol/app/requests.js'
import { parseJson } from '../values/json.js'
import { limits } from '../values/limits/limits.js'

/** The part of `Storage` that is used. */
export interface TextStorage {
  /** The text under a key; null if there is none. */
  readonly getItem: (key: string) => string | null
  /** Stores a text under a key; throws if the storage is full. */
  readonly setItem: (key: string, text: string) => void
  /** Removes a text. */
  readonly removeItem: (key: string) => void
}

/** The part of `location` that is used. */
export interface BrowserLocation {
  /** The whole address. */
  readonly href: string
  /** The query with its question mark, or the empty string. */
  readonly search: string
  readonly pathname: string
  /** Leaves the page. */
  readonly assign: (url: string) => void
}

/** The part of `history` that is used. */
export interface BrowserHistory {
  /** Changes the displayed address without leaving the page. */
  readonly replaceState: (data: unknown, unused: string, url: string) => void
}

/** The part of `document` that is used: enough to post a form. */
export interface BrowserDocument {
  /** Makes an element. */
  readonly createElement: (name: never) => unknown
  readonly body: {
    /** Adds an element to the page. */
    readonly append: (child: never) => void
  }
}

interface FormElement {
  method: string
  action: string
  readonly append: (child: never) => void
  readonly submit: () => void
}

interface InputElement {
  type: string
  name: string
  value: string
}

/** The part of `window` that is used. */
export interface BrowserWindow {
  readonly sessionStorage: TextStorage
  readonly location: BrowserLocation
  readonly history: BrowserHistory
  readonly document: BrowserDocument
}

const prefix = 'smart-app-launch:'

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
    const entry = readEntry(storage.getItem(prefix + key))
    if (entry !== null && clock.now() >= entry.expiresAt) {
      storage.removeItem(prefix + key)
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
          storage.setItem(prefix + key, JSON.stringify({ version: systemRandom.token(), text, expiresAt }))
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

const submit = (window: BrowserWindow, action: string, fields: ReadonlyArray<readonly [string, string]>): void => {
  const form = window.document.createElement('form' as never) as FormElement
  form.method = 'post'
  form.action = action
  for (const [name, value] of fields) {
    const input = window.document.createElement('input' as never) as InputElement
    Object.assign(input, { type: 'hidden', name, value })
    form.append(input as never)
  }
  window.document.body.append(form as never)
  form.submit()
}

/** Navigates the browser to the redirect. */
export const follow = (window: BrowserWindow, redirect: Redirect): void => {
  if (redirect._tag === 'Get') window.location.assign(redirect.url)
  else submit(window, redirect.action, redirect.fields)
}

const launchesItem = `${prefix}launches`
const sessionItem = `${prefix}session`

const storeUnavailable = (): AppFailure => ({ _tag: 'StoreUnavailable' })

const textUnder = (window: BrowserWindow, item: string): Either.Either<AppFailure, string | null> =>
  Either.tryCatch(() => window.sessionStorage.getItem(item), storeUnavailable)

const keep = (window: BrowserWindow, item: string, text: string): Either.Either<AppFailure, void> =>
  Either.tryCatch(() => {
    window.sessionStorage.setItem(item, text)
  }, storeUnavailable)

const idsIn = (text: string | null): ReadonlyArray<string> => {
  const json = parseJson(text ?? '[]')
  return Option.isSome(json) && Array.isArray(json.value) ? json.value.filter((one) => typeof one === 'string') : []
}

const launchIdsOf = (window: BrowserWindow): Either.Either<AppFailure, ReadonlyArray<string>> =>
  Either.map(idsIn)(textUnder(window, launchesItem))

/** An app in a tab. */
export interface BrowserApp {
  /** Begins a launch and leaves the page; returns only on failure. */
  readonly begin: (request: LaunchRequest) => TaskEither.TaskEither<AppFailure, 'leaving'>
  /** On the page of the redirect URI: opens the session and removes `code` and `state` from the address. */
  readonly finish: TaskEither.TaskEither<AppFailure, string>
  /** The session of this tab, also after a reload; null if there is none or the browser forbids the storage. */
  readonly sessionId: () => string | null
}

/** Connects an app to a tab. */
export const browserApp = (app: SmartApp, window: BrowserWindow): BrowserApp => ({
  begin: (request) => async () => {
    const begun = await app.launch(request)()
    if (Either.isLeft(begun)) return begun
    const { launchId, redirect } = begun.right
    // Keep only the latest launches.
    const kept = pipe(
      launchIdsOf(window),
      Either.chain((ids) =>
        keep(window, launchesItem, JSON.stringify([launchId, ...ids].slice(0, limits.tabLaunches.default)))
      )
    )
    if (Either.isLeft(kept)) return kept
    follow(window, redirect)
    return Either.right('leaving')
  },
  finish: async () => {
    const { href: arrivedAt, search } = window.location
    window.history.replaceState(null, '', window.location.pathname)
    const launchIds = launchIdsOf(window)
    if (Either.isLeft(launchIds)) return launchIds
    // Used launches stay in the list: another frame of the tab may be about to write its own list.
    const opened = await app.callback({ launchIds: launchIds.right, query: search, arrivedAt })()
    if (Either.isLeft(opened)) return opened
    const { sessionId } = opened.right
    return Either.map(() => sessionId)(keep(window, sessionItem, sessionId))
  },
  sessionId: () => Either.getOrElse((): string | null => null)(textUnder(window, sessionItem))
})
