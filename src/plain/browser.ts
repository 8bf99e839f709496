/**
 * For an app that is a web page, as plain functions: launches and sessions are kept in `sessionStorage`.
 *
 * `sessionStorage` belongs to one tab. Two tabs have separate launches and sessions. Do not use `localStorage` instead:
 * tabs that run at the same time share it.
 *
 * @module adapters/browser
 */
import type { BrowserAppOptions, BrowserWindow, StartOptions, TextStorage } from '../adapters/browser.js'
import { browserApp, browserStore, storageStore } from '../adapters/browser.js'
import { systemClock } from '../adapters/system.js'
import type { AppFailure } from '../protocol/app/failure.js'
import type { LaunchRequest } from '../protocol/app/launch-state.js'
import { ownMember } from '../values/own.js'
import type { EpochSeconds } from '../values/time.js'
import type { PlainSmartApp, SmartAppOptions } from './app.js'
import { engineApp, plainApp } from './app.js'
import { plainStore } from './engine-ports.js'
import type { PlainStore } from './ports.js'
import type { Result } from './result.js'
import { runResult } from './result.js'

export type {
  BrowserAppOptions,
  BrowserDocument,
  BrowserHistory,
  BrowserLocation,
  BrowserWindow,
  StartOptions,
  TextStorage
} from '../adapters/browser.js'
export { follow } from '../adapters/browser.js'

/** An app in a tab. */
export interface PlainBrowserApp extends Pick<
  PlainSmartApp,
  'accessToken' | 'fhir' | 'remaining' | 'session' | 'signOut' | 'stream'
> {
  /**
   * Everything that a page does when it is loaded: finishes a launch, or begins the one that the EHR asks for, or goes
   * on with the session of the page, or begins a standalone launch at `iss`. Gives the session, or null if the page is
   * being left. It may be called twice, as by effects of React.
   */
  readonly start: (options?: StartOptions) => Promise<Result<string | null, AppFailure>>
  /**
   * Begins a launch and leaves the page; its promise is fulfilled only on failure. Fails at once where the launch could
   * not be finished: on another origin than the redirect URI, without storage, or in a page that is no secure context.
   */
  readonly begin: (request: LaunchRequest) => Promise<Result<'leaving', AppFailure>>
  /**
   * On the page of the redirect URI: opens the session and removes the response (`code`, `state`, …) from the address.
   * If the same page is loaded again, it gives the same session.
   */
  readonly finish: () => Promise<Result<string, AppFailure>>
  /** The session of this page, also after a reload; null if there is none or the browser forbids the storage. */
  readonly sessionId: () => string | null
}

/**
 * A store in `sessionStorage`.
 *
 * @example
 * ```ts
 * import { createStorageStore } from 'smart-app-launch/adapters/browser'
 *
 * const kept = new Map<string, string>()
 * const store = createStorageStore({
 *   getItem: (key) => kept.get(key) ?? null,
 *   setItem: (key, text) => kept.set(key, text),
 *   removeItem: (key) => kept.delete(key)
 * })
 * await store.load('launch-1') // => null
 * ```
 */
export const createStorageStore = (
  storage: TextStorage,
  options: { readonly clock?: () => EpochSeconds } = {}
): PlainStore => {
  const now = ownMember(options, 'clock')
  return plainStore(storageStore(storage, now === undefined ? systemClock : { now }), {})
}

/**
 * An app in the tab of a window. Throws a `SmartConfigurationError` when options are wrong.
 *
 * @example
 * ```ts no-run
 * import type { BrowserWindow } from 'smart-app-launch/adapters/browser'
 * import { createBrowserApp } from 'smart-app-launch/adapters/browser'
 *
 * // The window of the page.
 * declare const window: BrowserWindow
 *
 * const app = createBrowserApp(
 *   {
 *     trust: [
 *       {
 *         fhirBaseUrl: 'https://ehr.example/fhir',
 *         clientId: 'my-app',
 *         authentication: [{ method: 'none' }],
 *         redirectUri: 'https://app.example/cb'
 *       }
 *     ],
 *     scope: 'launch/patient openid fhirUser patient/*.rs'
 *   },
 *   window
 * )
 * const begun = await app.begin({ _tag: 'Standalone', iss: 'https://ehr.example/fhir' })
 * if (!begun.ok) console.error(begun.failure)
 * ```
 */
export const createBrowserApp = (
  options: SmartAppOptions & BrowserAppOptions,
  window: BrowserWindow
): PlainBrowserApp => {
  const { name, ...settings } = options
  const app = engineApp('createBrowserApp', { store: plainStore(browserStore(window), {}), ...settings })
  const tab = browserApp(app, window, name === undefined ? {} : { name })
  const { accessToken, fhir, remaining, session, stream } = plainApp(app)
  return {
    accessToken,
    fhir,
    session,
    remaining,
    stream,
    signOut: (sessionId) => runResult(tab.signOut(sessionId)),
    start: (given) => runResult(tab.start(given)),
    begin: (request) => runResult(tab.begin(request)),
    finish: () => runResult(tab.finish),
    sessionId: tab.sessionId
  }
}
