/** Who is signed in to the EHR desktop, by the random value of a cookie. In memory, like everything in the simulator. */
import type { PlainRequest } from '../../messages/http.js'

/** Who is signed in, and since when. */
export interface Session {
  readonly username: string
  /** In seconds since the epoch. */
  readonly authTime: number
}

/** Signed-in sessions. */
export interface Sessions {
  /** Starts a session with a fresh value, so that a value that was there before sign-in is worth nothing after it. */
  readonly start: (session: Session) => string
  readonly of: (request: PlainRequest) => Session | null
  /** Whether the user has a session. */
  readonly isSignedIn: (username: string) => boolean
}

/** The cookies of a request. The first of a name counts. */
export const cookiesOf = (request: PlainRequest): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>()
  for (const pair of (request.headers['cookie'] ?? '').split(';')) {
    const equals = pair.indexOf('=')
    const name = pair.slice(0, equals).trim()
    if (equals > 0 && !cookies.has(name)) cookies.set(name, pair.slice(equals + 1).trim())
  }
  return cookies
}

/** A cookie that no script sees and that other sites' forms do not bring along. */
export const setCookie = (
  name: string,
  value: string,
  path: string,
  isSecure: boolean,
  maxAgeSeconds: number | null = null
): string =>
  [
    `${name}=${value}`,
    `Path=${path === '' ? '/' : path}`,
    'HttpOnly',
    'SameSite=Lax',
    ...(isSecure ? ['Secure'] : []),
    ...(maxAgeSeconds === null ? [] : [`Max-Age=${String(maxAgeSeconds)}`])
  ].join('; ')

/** The name of the EHR session's cookie. */
export const sessionCookie = 'ehr_session'

const sessionLimit = 1000

/** A new, empty set of sessions; the oldest go when there are too many. */
export const newSessions = (random: () => string): Sessions => {
  const sessions = new Map<string, Session>()
  return {
    start: (session) => {
      const value = random()
      sessions.set(value, session)
      const [oldest] = sessions.keys()
      if (sessions.size > sessionLimit && oldest !== undefined) sessions.delete(oldest)
      return value
    },
    isSignedIn: (username) => [...sessions.values()].some((session) => session.username === username),
    of: (request) => sessions.get(cookiesOf(request).get(sessionCookie) ?? '') ?? null
  }
}
