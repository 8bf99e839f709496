/**
 * For an app that is a web page: launches and sessions are kept in `sessionStorage`.
 *
 * `sessionStorage` belongs to one tab, and a page does nothing else between reading and writing it, so an exchange
 * there is atomic without a lock. Two tabs are two browsers to this store: each has launches and sessions of its own. A
 * tab that was duplicated takes a copy along; whichever copy refreshes second may find that its refresh token was used.
 * `localStorage` is shared by tabs that run at the same time, and must not be used in its place. Frames of one origin
 * in one tab share it too: each may have a launch under way, but `sessionId` is that of whichever finished last, so a
 * page in several frames keeps what `finish` gave it.
 *
 * @module
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
  /** The text under a key; null when there is none. */
  readonly getItem: (key: string) => string | null
  /** Puts a text under a key; throws when there is no room. */
  readonly setItem: (key: string, text: string) => void
  /** Takes a text away. */
  readonly removeItem: (key: string) => void
}

/** The part of `location` that is used. */
export interface BrowserLocation {
  /** The whole address. */
  readonly href: string
  /** The query with its question mark, or nothing. */
  readonly search: string
  readonly pathname: string
  /** Leaves the page. */
  readonly assign: (url: string) => void
}

/** The part of `history` that is used. */
export interface BrowserHistory {
  /** Changes the address that is shown, without leaving the page. */
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
 * A store in `sessionStorage`. Each exchange happens in one go, so none is lost; a full or forbidden storage is
 * `StoreError`.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import * as Option from 'fp-ts/lib/Option.js'
 * import { storageStore } from 'smart-app-launch/adapters/browser'
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
  const alive = (key: string): Entry | null => {
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
          const entry = alive(key)
          return entry === null ? Option.none : Option.some({ version: entry.version, text: entry.text })
        }, unavailable)
      ),
    swap: (key, expected, text, expiresAt) =>
      TaskEither.fromIOEither(() =>
        Either.tryCatch(() => {
          if ((alive(key)?.version ?? null) !== Option.toNullable(expected)) return 'lost'
          storage.setItem(prefix + key, JSON.stringify({ version: systemRandom.token(), text, expiresAt }))
          return 'won'
        }, unavailable)
      )
  }
}

/**
 * The storage of a tab, asked for each time it is used: a browser that forbids it throws as soon as it is asked for.
 */
const storageOf = (window: Pick<BrowserWindow, 'sessionStorage'>): TextStorage => ({
  getItem: (key) => window.sessionStorage.getItem(key),
  setItem: (key, text) => {
    window.sessionStorage.setItem(key, text)
  },
  removeItem: (key) => {
    window.sessionStorage.removeItem(key)
  }
})

/** The ports of an app that is a web page. */
export const browserAppPorts = (
  window: Pick<BrowserWindow, 'sessionStorage'>,
  options: AppPortsOptions = {}
): AppPorts => appPorts({ store: storageStore(storageOf(window), systemClock), ...options })

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

/** Sends the browser on. */
export const follow = (window: BrowserWindow, redirect: Redirect): void => {
  if (redirect._tag === 'Get') window.location.assign(redirect.url)
  else submit(window, redirect.action, redirect.fields)
}

const launchesItem = `${prefix}launches`
const sessionItem = `${prefix}session`

const storeSilent = (): AppFailure => ({ _tag: 'StoreUnavailable' })

const textUnder = (window: BrowserWindow, item: string): Either.Either<AppFailure, string | null> =>
  Either.tryCatch(() => window.sessionStorage.getItem(item), storeSilent)

const keep = (window: BrowserWindow, item: string, text: string): Either.Either<AppFailure, void> =>
  Either.tryCatch(() => {
    window.sessionStorage.setItem(item, text)
  }, storeSilent)

const idsIn = (text: string | null): ReadonlyArray<string> => {
  const json = parseJson(text ?? '[]')
  return Option.isSome(json) && Array.isArray(json.value) ? json.value.filter((one) => typeof one === 'string') : []
}

const launchIdsOf = (window: BrowserWindow): Either.Either<AppFailure, ReadonlyArray<string>> =>
  Either.map(idsIn)(textUnder(window, launchesItem))

/** An app in a tab. */
export interface BrowserApp {
  /** Begins a launch and leaves the page; comes back only when it cannot. */
  readonly begin: (request: LaunchRequest) => TaskEither.TaskEither<AppFailure, 'leaving'>
  /** On the page of the redirect URI: opens the session, and takes code and state out of the address. */
  readonly finish: TaskEither.TaskEither<AppFailure, string>
  /**
   * The session of this tab, after a page was loaded again; null when there is none, or the browser forbids to look.
   */
  readonly sessionId: () => string | null
}

/** Ties an app to a tab. */
export const browserApp = (app: SmartApp, window: BrowserWindow): BrowserApp => ({
  begin: (request) => async () => {
    const begun = await app.launch(request)()
    if (Either.isLeft(begun)) return begun
    const { launchId, redirect } = begun.right
    // The latest ones first; more than a few nobody finishes.
    const kept = pipe(
      launchIdsOf(window),
      Either.chain((ids) =>
        keep(window, launchesItem, JSON.stringify([launchId, ...ids].slice(0, limits.tabLaunches.standard)))
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
    // Spent launches stay in the list: another frame of the tab may be about to write its own.
    const opened = await app.callback({ launchIds: launchIds.right, query: search, arrivedAt })()
    if (Either.isLeft(opened)) return opened
    const { sessionId } = opened.right
    return Either.map(() => sessionId)(keep(window, sessionItem, sessionId))
  },
  sessionId: () => Either.getOrElse((): string | null => null)(textUnder(window, sessionItem))
})
