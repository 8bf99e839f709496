/** Who is signed in to the EHR desktop, by the random value of a cookie. In memory, like everything in the simulator. */
import type { PlainRequest } from '../../messages/http.js'

/** Signed-in sessions. */
export interface Sessions {
  /** Starts a session with a fresh value, so that a value that was there before sign-in is worth nothing after it. */
  readonly start: (username: string) => string
  readonly userOf: (request: PlainRequest) => string | null
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
  const users = new Map<string, string>()
  return {
    start: (username) => {
      const value = random()
      users.set(value, username)
      const [oldest] = users.keys()
      if (users.size > sessionLimit && oldest !== undefined) users.delete(oldest)
      return value
    },
    isSignedIn: (username) => [...users.values()].includes(username),
    userOf: (request) => users.get(cookiesOf(request).get(sessionCookie) ?? '') ?? null
  }
}
