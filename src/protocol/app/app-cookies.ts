/**
 * The cookies of an app on a server: one for each launch and one for each session, so that tabs and frames of a browser
 * do not share a session.
 *
 * Source: app-launch, app protection (`state` is bound to the browser); RFC 6265, section 5; the attribute
 * `Partitioned` (CHIPS).
 *
 * @module
 */
import { ownMembers } from '../../values/own.js'
import { pathOf } from '../../values/urls.js'

/** How an app sets its cookies. */
export interface AppCookieOptions {
  /** The app's redirect URI: the cookies of launches are sent to its path only, and over https they are `Secure`. */
  readonly redirectUri: string
  /** The path below which each session has its pages. Default: `/session`. */
  readonly sessionPath?: string
  /**
   * Whether an EHR on another site shows the app in a frame. The cookies are then `SameSite=None; Secure; Partitioned`,
   * and otherwise `SameSite=Lax`. Default: false.
   */
  readonly isEmbedded?: boolean
}

/**
 * The cookies of an app, as values of `Set-Cookie`, and what is in the header field `Cookie`. A `handle` is the public
 * name of a launch and of its session.
 */
export interface AppCookies {
  /** The cookie of a launch that begins. It is kept for 30 minutes, so that the redirect page can be loaded again. */
  readonly ofLaunch: (begun: { readonly handle: string; readonly launchId: string }) => string
  /** The ids of the launches of this browser, for `callback`: the latest first. */
  readonly launchIds: (cookie: string | undefined) => ReadonlyArray<string>
  /** The cookie of a session that was opened. It is sent to the pages of this session only. */
  readonly ofSession: (opened: { readonly handle: string; readonly sessionId: string }) => string
  /** The address below which the session has its pages, without a slash at its end: it names the session. */
  readonly addressOf: (opened: { readonly handle: string }) => string
  /** The handle in the path of a page; null when the path is not below `sessionPath`. */
  readonly handleIn: (path: string) => string | null
  /** The session with this handle; the empty string if this browser has none. */
  readonly sessionId: (cookie: string | undefined, handle: string) => string
  /** The cookie that removes a session from the browser after signing out. */
  readonly withoutSession: (ended: { readonly handle: string }) => string
}

const launchSeconds = 1800

/** The cookies in a header field, in order. */
const pairsIn = (cookie: string | undefined): ReadonlyArray<readonly [name: string, value: string]> =>
  (cookie ?? '').split(';').map((pair) => {
    const equals = pair.indexOf('=')
    return equals < 0 ? ['', ''] : [pair.slice(0, equals).trim(), pair.slice(equals + 1).trim()]
  })

/**
 * The cookies of an app on a server. The address of each session names it (`/session/<handle>`), and its cookie is sent
 * there only. The handle is no secret: without the cookie it opens nothing.
 *
 * @example
 * ```ts
 * import { appCookies } from 'smart-app-launch/app'
 *
 * const cookies = appCookies({ redirectUri: 'https://app.example/cb', isEmbedded: true })
 * cookies.ofLaunch({ handle: 'h1', launchId: 'secret' })
 * // => '__Secure-smart-launch-h1=secret; Path=/cb; Max-Age=1800; HttpOnly; Secure; SameSite=None; Partitioned'
 * cookies.launchIds('a=b; __Secure-smart-launch-h1=secret') // => ['secret']
 * cookies.addressOf({ handle: 'h1' }) // => '/session/h1'
 * cookies.handleIn('/session/h1/patient') // => 'h1'
 * ```
 */
export const appCookies = (options: AppCookieOptions): AppCookies => {
  const { isEmbedded = false, redirectUri, sessionPath = '/session' } = ownMembers(options)
  const isSecure = redirectUri.startsWith('https:')
  const prefix = isSecure ? '__Secure-' : ''
  const site = isEmbedded ? 'Secure; SameSite=None; Partitioned' : `${isSecure ? 'Secure; ' : ''}SameSite=Lax`
  const [launch, session] = [`${prefix}smart-launch-`, `${prefix}smart-session-`]
  const addressOf = ({ handle }: { readonly handle: string }): string => `${sessionPath}/${handle}`
  const cookie = (name: string, value: string, path: string, seconds: number | null): string =>
    `${name}=${value}; Path=${path}; ${seconds === null ? '' : `Max-Age=${String(seconds)}; `}HttpOnly; ${site}`
  return {
    ofLaunch: ({ handle, launchId }) =>
      cookie(`${launch}${handle}`, launchId, pathOf(redirectUri) === '' ? '/' : pathOf(redirectUri), launchSeconds),
    launchIds: (text) =>
      pairsIn(text)
        .filter(([name]) => name.startsWith(launch))
        .map(([, value]) => value)
        .reverse(),
    ofSession: ({ handle, sessionId }) => cookie(`${session}${handle}`, sessionId, addressOf({ handle }), null),
    addressOf,
    handleIn: (path) =>
      path.startsWith(`${sessionPath}/`) ? (path.slice(sessionPath.length + 1).split('/')[0] ?? null) : null,
    sessionId: (text, handle) => pairsIn(text).find(([name]) => name === `${session}${handle}`)?.[1] ?? '',
    withoutSession: ({ handle }) => cookie(`${session}${handle}`, '', addressOf({ handle }), 0)
  }
}
