/** Sessions of users who are signed in to the EHR desktop, identified by a random cookie value, in memory. */
import type { IO } from 'fp-ts/lib/IO.js'
import type { Clock } from '../../engine/ports.js'
import { cookiesOf } from '../../host/cookies.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'

/** A signed-in user, and the time of the sign-in. */
export interface Session {
  readonly username: string
  /** In seconds since the epoch. */
  readonly authTime: number
  /** Identifies the session to the engine; it gives no access. */
  readonly id: string
}

/** The sessions of signed-in users. */
export interface Sessions {
  /** The session of a request, whose idle time starts again; null if there is none, or if it has ended. */
  readonly of: (request: PlainRequest) => Session | null
  /** The session that a sign-in would begin: always a new one, also of the same user. Nothing changes. */
  readonly next: (username: string, authTime: number) => Session
  /**
   * Begins the session, or continues it, and returns its cookie value, which is always new. The browser's previous
   * cookie value becomes invalid (protection against session fixation), and another session in the browser ends.
   * `isProven` means that the user gave a password: such a session is not removed to make room for sessions that began
   * with a launch alone, and it ends one that another form with the same value began in the meantime.
   */
  readonly start: (request: PlainRequest, session: Session, isProven?: boolean) => string
  /** Ends the session of a request. */
  readonly end: (request: PlainRequest) => void
  /** Whether the session with that id has not ended. */
  readonly lasts: (id: string) => boolean
}

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

/** A new, empty set of sessions. Their number and lifetime are in the table of limits. */
export const newSessions = (random: IO<string>, clock: Clock): Sessions => {
  const kept = new Map<string, Kept>()
  const hasEnded = ({ startedAt, seenAt }: Kept): boolean =>
    clock.now() >=
    Math.min(seenAt + limits.simulatorSessionIdle.default, startedAt + limits.simulatorSessionLife.default)
  const valueOf = (request: PlainRequest): string => cookiesOf(request).get(sessionCookie) ?? ''
  const unexpired = (value: string): Kept | null => {
    const found = kept.get(value)
    if (found === undefined) return null
    if (!hasEnded(found)) return found
    kept.delete(value)
    return null
  }
  /** Removes every cookie value of a session: a browser that signed in twice at the same time has two. */
  const forget = (id: string): void => {
    for (const [value, { session }] of kept) if (session.id === id) kept.delete(value)
  }
  /** Moves a session to the end, so that the first is the one that was idle longest. */
  const keep = (value: string, one: Kept): void => {
    kept.delete(value)
    kept.set(value, one)
  }
  /** Ends the session that was idle longest; sessions that began without a password go first. */
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
      const found = unexpired(value)
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
      // Only a new sign-in extends the lifetime of a session.
      const same = before?.session === session ? before : null
      keep(value, {
        session,
        startedAt: same?.startedAt ?? clock.now(),
        seenAt: clock.now(),
        isProven: isProven || same?.isProven === true,
        before: before === undefined ? null : presented
      })
      if (kept.size > limits.simulatorSessions.default) makeRoom()
      return value
    },
    end: (request) => {
      const found = kept.get(valueOf(request))
      if (found !== undefined) forget(found.session.id)
    },
    lasts: (id) => [...kept.values()].some((one) => one.session.id === id && !hasEnded(one))
  }
}
