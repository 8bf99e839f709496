/**
 * Who is signed in to the EHR desktop, by the random value of a cookie. In memory, like everything in the simulator.
 */
import type { IO } from 'fp-ts/lib/IO.js'
import type { Clock } from '../../engine/ports.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { headerOf } from '../../protocol/http/message.js'

/** Who is signed in, and since when. */
export interface Session {
  readonly username: string
  /** In seconds since the epoch. */
  readonly authTime: number
  /** Names the session to the engine; it opens nothing. */
  readonly id: string
}

/** Signed-in sessions. */
export interface Sessions {
  /**
   * The session of a request, which lasts a while longer because of it; null when there is none, or when it has ended.
   */
  readonly of: (request: PlainRequest) => Session | null
  /** The session that a sign-in would begin: always a new one, also of the same user. Nothing changes. */
  readonly next: (username: string, authTime: number) => Session
  /**
   * Begins it, or goes on with it: gives the value of its cookie, which is always a new one. The value that the browser
   * had before is worth nothing from then on, whoever put it there, and another session in the browser ends. `isProven`
   * says that its user has shown a password: such a session makes no room for those that anybody can begin by a launch,
   * and ends one that another form with the same value began in the meantime.
   */
  readonly start: (request: PlainRequest, session: Session, isProven?: boolean) => string
  /** Ends the session of a request. */
  readonly end: (request: PlainRequest) => void
  /** Whether the session of that id lasts. */
  readonly lasts: (id: string) => boolean
}

/** The cookies of a request. The first of a name counts. */
export const cookiesOf = (request: PlainRequest): ReadonlyMap<string, string> => {
  const cookies = new Map<string, string>()
  for (const pair of (headerOf(request, 'cookie') ?? '').split(';')) {
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

interface Kept {
  readonly session: Session
  readonly startedAt: number
  readonly seenAt: number
  readonly isProven: boolean
  /** The value that the browser had before; null where that was none of ours. */
  readonly before: string | null
}

/** A new, empty set of sessions. How many there are and how long they last stands in the table of limits. */
export const newSessions = (random: IO<string>, clock: Clock): Sessions => {
  const kept = new Map<string, Kept>()
  const hasEnded = ({ startedAt, seenAt }: Kept): boolean =>
    clock.now() >=
    Math.min(seenAt + limits.simulatorSessionIdle.standard, startedAt + limits.simulatorSessionLife.standard)
  const valueOf = (request: PlainRequest): string => cookiesOf(request).get(sessionCookie) ?? ''
  const alive = (value: string): Kept | null => {
    const found = kept.get(value)
    if (found === undefined) return null
    if (!hasEnded(found)) return found
    kept.delete(value)
    return null
  }
  /** Forgets every value of a session. */
  const forget = (id: string): void => {
    for (const [value, { session }] of kept) if (session.id === id) kept.delete(value)
  }
  /** Puts a session last: the first is the one that was idle longest. */
  const keep = (value: string, one: Kept): void => {
    kept.delete(value)
    kept.set(value, one)
  }
  /** Ends the session that was idle longest, of those that began without a password where there is one. */
  const makeRoom = (): void => {
    const [idlest] = kept.keys()
    for (const [value, { isProven }] of kept) {
      if (isProven) continue
      kept.delete(value)
      return
    }
    if (idlest !== undefined) kept.delete(idlest)
  }
  return {
    of: (request) => {
      const value = valueOf(request)
      const found = alive(value)
      if (found === null) return null
      keep(value, { ...found, seenAt: clock.now() })
      return found.session
    },
    next: (username, authTime) => ({ username, authTime, id: random() }),
    start: (request, session, isProven = false) => {
      const presented = valueOf(request)
      const before = kept.get(presented)
      if (before !== undefined) forget(before.session.id)
      else if (isProven) for (const one of [...kept.values()]) if (one.before === presented) forget(one.session.id)
      forget(session.id)
      const value = random()
      // Only a new sign-in makes a session last longer than it would have.
      const same = before?.session === session ? before : null
      keep(value, {
        session,
        startedAt: same?.startedAt ?? clock.now(),
        seenAt: clock.now(),
        isProven: isProven || same?.isProven === true,
        before: before === undefined ? null : presented
      })
      if (kept.size > limits.simulatorSessions.standard) makeRoom()
      return value
    },
    end: (request) => {
      const found = kept.get(valueOf(request))
      if (found !== undefined) forget(found.session.id)
    },
    lasts: (id) => [...kept.values()].some((one) => one.session.id === id && !hasEnded(one))
  }
}
