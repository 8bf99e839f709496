/**
 * For an app that is a web page: launches and sessions are kept in `sessionStorage`.
 *
 * `sessionStorage` belongs to one tab, and no other code of the page runs between a read and a write, so a swap is
 * atomic without a lock. Two tabs have separate launches and sessions. A duplicated tab, and a window that the page
 * opens without `noopener`, get a copy of the storage; the one that refreshes second may find its refresh token already
 * used. Do not use `localStorage` instead: tabs that run at the same time share it. Frames of one origin in one tab,
 * and several apps of one page, share `sessionStorage` too; each finds the session of its own launch.
 *
 * @module fp-ts/adapters/browser
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { arrivalOf, hasArrived, hasParameter, withoutResponse } from './browser/redirect-page.js'
import type { TabSession } from './browser/tab-sessions.js'
import {
  canStore,
  forgetTabSession,
  keepList,
  keepTabSession,
  listUnder,
  markPage,
  sessionOfPage
} from './browser/tab-sessions.js'
import type { BrowserWindow, FormElement, InputElement } from './browser/window.js'
import { systemClock } from './system.js'
import type { SessionOpened, SignedOut, SmartApp } from '../engine/app/context.js'
import type { LaunchRequest } from '../protocol/app/launch-state.js'
import type { AppFailure } from '../protocol/app/failure.js'
import type { Redirect } from '../protocol/app/requests.js'
import { limits } from '../values/limits/limits.js'
import { normalizedOriginOf } from '../values/urls.js'
import { ownMember } from '../values/own.js'

export { browserAppPorts, browserStore, storageStore } from './browser/storage-store.js'
export type { BrowserDocument, BrowserHistory, BrowserLocation, BrowserWindow, TextStorage } from './browser/window.js'

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

/** How a page opens its app. */
export interface StartOptions {
  /** The server of a standalone launch, if the page is not opened by an EHR. */
  readonly iss?: string
  /** The app's own data for a launch that begins. */
  readonly data?: unknown
}

/** An app in a page. Calls that are made while another one runs, as by effects that run twice, do nothing twice. */
export interface BrowserApp {
  /**
   * Everything that a page does when it is loaded: finishes a launch, or begins the one that the EHR asks for, or goes
   * on with the session of the page, or begins a standalone launch. Gives the session, or null if the page is being
   * left.
   */
  readonly start: (options?: StartOptions) => TaskEither.TaskEither<AppFailure, string | null>
  /**
   * Begins a launch and leaves the page; returns only on failure. Fails at once where the launch could not be finished:
   * on another origin than the redirect URI, without storage, or in a page that is no secure context.
   */
  readonly begin: (request: LaunchRequest) => TaskEither.TaskEither<AppFailure, 'leaving'>
  /**
   * On the page of the redirect URI: opens the session and removes the response (`code`, `state`, …) from the address.
   * If the same page is loaded again, it gives the same session.
   */
  readonly finish: TaskEither.TaskEither<AppFailure, string>
  /** The session of this page, also after a reload; null if there is none or the browser forbids the storage. */
  readonly sessionId: () => string | null
  /** Ends a session, and removes it from the storage of the tab. */
  readonly signOut: (sessionId: string) => TaskEither.TaskEither<AppFailure, SignedOut>
}

/** The options of {@link browserApp}. */
export interface BrowserAppOptions {
  /** Tells apps of one page apart that have the same client id at the same server. */
  readonly name?: string
}

/** A launch that leaves the page. */
interface Leaving {
  readonly ended: Promise<Either.Either<AppFailure, 'leaving'>>
  /** When the browser was sent away; null while the launch is prepared. */
  leftAt: number | null
}

const leavings = new WeakMap<BrowserWindow, Map<string, Leaving>>()

const leavingsOf = (window: BrowserWindow): Map<string, Leaving> => {
  const known = leavings.get(window)
  if (known !== undefined) return known
  const fresh = new Map<string, Leaving>()
  leavings.set(window, fresh)
  // The page is shown again, from the memory of the browser: its buttons work again.
  window.addEventListener?.('pageshow', () => {
    fresh.clear()
  })
  return fresh
}

const isUnderWay = ({ leftAt }: Leaving): boolean =>
  leftAt === null || systemClock.now() - leftAt < limits.leavingPage.default

/** The failure of a launch that could not be finished in this page; null when it could. */
const unfinishable = (window: BrowserWindow, redirectUri: string): AppFailure | null => {
  const page = normalizedOriginOf(window.location.href)
  if (window.isSecureContext === false) return { _tag: 'PageInsecure', page }
  if (page !== normalizedOriginOf(redirectUri)) return { _tag: 'PageElsewhere', page, redirectUri }
  const stored = canStore(window)
  return Either.isLeft(stored) ? stored.left : null
}

/** Failures of a response that is not that of a launch of this app. */
const isForeign = ({ _tag }: AppFailure): boolean =>
  _tag === 'StateUsed' || _tag === 'StateDiffers' || _tag === 'IssNotTrusted'

/** Connects an app to a page. */
export const browserApp = (app: SmartApp, window: BrowserWindow, options: BrowserAppOptions = {}): BrowserApp => {
  const name = ownMember(options, 'name') ?? ''
  const launchesItem = name === '' ? 'launches' : `launches:${name}`
  let opened: string | null = null
  let finishing: Promise<Either.Either<AppFailure, string>> | null = null

  const isOwn = (session: TabSession): boolean => {
    const server = app.serverOf({ _tag: 'Standalone', iss: session.iss })
    return session.app === name && Either.isRight(server) && server.right.clientId === session.clientId
  }
  const sessionId = (): string | null => opened ?? sessionOfPage(window, isOwn)?.sessionId ?? null

  const launchIds = (): Either.Either<AppFailure, ReadonlyArray<string>> =>
    Either.map((list: ReadonlyArray<unknown>) => list.filter((one) => typeof one === 'string'))(
      listUnder(window, launchesItem)
    )

  const leave = async (request: LaunchRequest): Promise<Either.Either<AppFailure, 'leaving'>> => {
    const begun = await app.launch(request)()
    if (Either.isLeft(begun)) return begun
    const { launchId, redirect } = begun.right
    const ids = launchIds()
    if (Either.isLeft(ids)) return ids
    // Keep only the latest launches.
    const kept = keepList(window, launchesItem, [launchId, ...ids.right].slice(0, limits.tabLaunches.default))
    if (Either.isLeft(kept)) return kept
    follow(window, redirect)
    return Either.right('leaving')
  }

  const begin =
    (request: LaunchRequest): TaskEither.TaskEither<AppFailure, 'leaving'> =>
    async () => {
      const server = app.serverOf(request)
      if (Either.isLeft(server)) return server
      const { clientId, redirectUri } = server.right
      const failure = unfinishable(window, redirectUri)
      if (failure !== null) return Either.left(failure)
      const running = leavingsOf(window)
      const target = request._tag === 'EhrLaunch' ? request.query : request.iss
      const key = JSON.stringify([request._tag, target, clientId, redirectUri, name])
      const known = running.get(key)
      if (known !== undefined && isUnderWay(known)) return known.ended
      const leaving: Leaving = { ended: leave(request), leftAt: null }
      running.set(key, leaving)
      const ended = await leaving.ended
      if (Either.isLeft(ended)) running.delete(key)
      else leaving.leftAt = systemClock.now()
      return ended
    }

  const keepOpened = ({ facts, handle, sessionId: id }: SessionOpened): Either.Either<AppFailure, string> => {
    const { clientId, iss } = facts.binding
    opened = id
    markPage(window, withoutResponse(window.location), handle)
    return Either.map(() => id)(keepTabSession(window, { handle, sessionId: id, iss, clientId, app: name }))
  }

  const finishOnce = async (): Promise<Either.Either<AppFailure, string>> => {
    const { href: arrivedAt, search: query } = arrivalOf(window)
    const ids = launchIds()
    // Used launches stay in the list: another frame of the tab may be about to write its own list.
    const answer = Either.isLeft(ids) ? ids : await app.callback({ launchIds: ids.right, query, arrivedAt })()
    if (Either.isRight(answer)) return keepOpened(answer.right)
    markPage(window, withoutResponse(window.location), null)
    return answer
  }

  const finish: TaskEither.TaskEither<AppFailure, string> = async () => {
    finishing ??= finishOnce()
    try {
      return await finishing
    } finally {
      finishing = null
    }
  }

  const start =
    ({ data, iss }: StartOptions = {}): TaskEither.TaskEither<AppFailure, string | null> =>
    async () => {
      const { search } = window.location
      const arrived = hasArrived(window)
      const known = sessionId()
      if (arrived === 'now' || (arrived === 'before' && known === null)) {
        const finished = await finish()
        if (Either.isRight(finished) || !isForeign(finished.left)) return finished
        // A response to another app of the page: the session of this one goes on.
        const isOn = known !== null && Either.isRight(await app.accessToken(known)())
        if (arrived === 'now' && !isOn) return finished
      }
      const isLaunched = hasParameter(search, ['launch'])
      if (!isLaunched && known !== null && Either.isRight(await app.accessToken(known)())) return Either.right(known)
      const more = data === undefined ? {} : { data }
      const begun = await (
        isLaunched || iss === undefined
          ? begin({ _tag: 'EhrLaunch', query: search, ...more })
          : begin({ _tag: 'Standalone', iss, ...more })
      )()
      return Either.isLeft(begun) ? begun : Either.right(null)
    }

  return {
    start,
    begin,
    finish,
    sessionId,
    signOut: (id) => async () => {
      if (opened === id) opened = null
      forgetTabSession(window, id)
      return app.signOut(id)()
    }
  }
}
