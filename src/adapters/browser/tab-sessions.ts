/**
 * The sessions of a tab: which of them is that of this page.
 *
 * All frames of one origin in a tab share `sessionStorage`, and so do all apps of a page. Each session is kept with its
 * server and its app. A page finds its own one by the public name of the launch (the handle), which it leaves in its
 * entry of the history, and in the name of its frame.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { itemPrefix } from './storage-store.js'
import type { BrowserWindow } from './window.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownMember } from '../../values/own.js'

/** A session in the storage of a tab. */
export interface TabSession {
  readonly handle: string
  readonly sessionId: string
  readonly iss: string
  readonly clientId: string
  /** The name of the app; empty when it has none. */
  readonly app: string
}

const storeUnavailable = (): AppFailure => ({ _tag: 'StoreUnavailable' })

/** The list under an item of the storage; empty when there is none. */
export const listUnder = (window: BrowserWindow, item: string): Either.Either<AppFailure, ReadonlyArray<unknown>> =>
  Either.tryCatch(() => {
    const json = parseJson(window.sessionStorage.getItem(itemPrefix + item) ?? '[]')
    return Option.isSome(json) && Array.isArray(json.value) ? (json.value as ReadonlyArray<unknown>) : []
  }, storeUnavailable)

/** Keeps a list under an item of the storage. */
export const keepList = (
  window: BrowserWindow,
  item: string,
  list: ReadonlyArray<unknown>
): Either.Either<AppFailure, void> =>
  Either.tryCatch(() => {
    window.sessionStorage.setItem(itemPrefix + item, JSON.stringify(list))
  }, storeUnavailable)

/** Whether the page can store anything. */
export const canStore = (window: BrowserWindow): Either.Either<AppFailure, void> =>
  Either.tryCatch(() => {
    window.sessionStorage.setItem(`${itemPrefix}probe`, '1')
    window.sessionStorage.removeItem(`${itemPrefix}probe`)
  }, storeUnavailable)

const sessionsItem = 'sessions'

const isTabSession = (value: unknown): value is TabSession =>
  isObject(value) &&
  (['handle', 'sessionId', 'iss', 'clientId', 'app'] as const).every((name) => typeof value[name] === 'string')

/** The sessions of the tab, the latest first. */
export const tabSessions = (window: BrowserWindow): Either.Either<AppFailure, ReadonlyArray<TabSession>> =>
  Either.map((list: ReadonlyArray<unknown>) => list.filter(isTabSession))(listUnder(window, sessionsItem))

/** Adds a session to those of the tab. */
export const keepTabSession = (window: BrowserWindow, session: TabSession): Either.Either<AppFailure, void> => {
  const kept = tabSessions(window)
  if (Either.isLeft(kept)) return kept
  const others = kept.right.filter(({ sessionId }) => sessionId !== session.sessionId)
  return keepList(window, sessionsItem, [session, ...others].slice(0, limits.tabSessions.default))
}

/** Ends a session in the tab. Its place stays, so that no earlier session takes it. */
export const forgetTabSession = (window: BrowserWindow, ended: string): void => {
  const kept = tabSessions(window)
  if (Either.isRight(kept))
    keepList(
      window,
      sessionsItem,
      kept.right.map((one) => (one.sessionId === ended ? { ...one, sessionId: '' } : one))
    )
}

const mark = 'smartAppLaunch'
const namePrefix = 'smart-app-launch:'

/** Whether the page is shown in a frame of another page. */
const isFrame = (window: BrowserWindow): boolean => window.parent !== undefined && window.parent !== window

const markedInHistory = ({ history }: BrowserWindow): ReadonlyArray<unknown> => {
  const state = isObject(history.state) ? ownMember(history.state, mark) : undefined
  return Array.isArray(state) ? (state as ReadonlyArray<unknown>) : []
}

/** A name that another page gave to the frame is left alone. */
const markedInName = ({ name = '' }: BrowserWindow): ReadonlyArray<unknown> =>
  name.startsWith(namePrefix) ? name.slice(namePrefix.length).split(',') : []

/** Shows another address of the page, and leaves the handle of its session in the history and in the frame's name. */
export const markPage = (window: BrowserWindow, address: string, handle: string | null): void => {
  const { state } = window.history
  const marks = handle === null ? markedInHistory(window) : [handle, ...markedInHistory(window)]
  const data = marks.length === 0 ? (state ?? null) : { ...(isObject(state) ? state : {}), [mark]: marks.slice(0, 5) }
  window.history.replaceState(data, '', address)
  const { name = '' } = window
  if (handle !== null && isFrame(window) && (name === '' || name.startsWith(namePrefix)))
    window.name = `${namePrefix}${[handle, ...markedInName(window)].slice(0, 5).join(',')}`
}

/** The session of this page among those of an app in the tab; null when it has none. */
export const sessionOfPage = (window: BrowserWindow, isOwn: (session: TabSession) => boolean): TabSession | null => {
  const kept = tabSessions(window)
  if (Either.isLeft(kept)) return null
  const own = kept.right.filter(isOwn)
  const marked = [...markedInHistory(window), ...markedInName(window)]
    .map((handle) => own.find((session) => session.handle === handle))
    .find((session) => session !== undefined)
  // A tab without frames has one session at a time. The sessions of a tab with frames are those of other frames.
  const found = marked ?? (isFrame(window) ? undefined : own[0])
  return found === undefined || found.sessionId === '' ? null : found
}
