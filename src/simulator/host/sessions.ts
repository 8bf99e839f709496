/**
 * Sessions of users who are signed in to the simulator, in the store: one record for each.
 *
 * The cookie holds the id of the session and a secret; the record holds the digest of the secret, so that a reader of
 * the store cannot use a session. Processes that share a store share the sessions.
 */
import type { IO } from 'fp-ts/lib/IO.js'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as t from 'io-ts'
import { digest } from '../../adapters/jose.js'
import type { StoredState } from '../../engine/stored-record.js'
import { recordText } from '../../engine/stored-record.js'
import { loadState, openRecord, swapRecord } from '../../engine/compare-and-swap.js'
import type { Clock, Store } from '../../engine/ports.js'
import { cookiesOf } from '../../host/cookies.js'
import type { PlainRequest } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { limits } from '../../values/limits/limits.js'
import type { Digest } from '../../values/secret.js'
import { sameDigest } from '../../values/secret.js'

/** A signed-in user, and the time of the sign-in. */
export interface Session {
  readonly username: string
  /** In seconds since the epoch. */
  readonly authTime: number
  /** Identifies the session to the engine; it gives no access. */
  readonly id: string
}

/** The answer of the store, or the refusal when it gives none. */
type Stored<Value> = TaskEither.TaskEither<Refusal, Value>

/** The sessions of signed-in users. */
export interface Sessions {
  /** The session of a request, whose idle time starts again; null if there is none, or if it has ended. */
  readonly of: (request: PlainRequest) => Stored<Session | null>
  /** The session that a sign-in would begin: always a new one, also of the same user. Nothing changes. */
  readonly next: (username: string, authTime: number) => Session
  /**
   * Begins the session, or continues it, and returns its cookie value, which is always new. The browser's previous
   * cookie value becomes invalid (protection against session fixation), and another session in the browser ends.
   * `isProven` means that the user gave a password: such a session is not removed to make room for sessions that began
   * with a launch alone, and it ends one that another form with the same value began in the meantime.
   */
  readonly start: (request: PlainRequest, session: Session, isProven?: boolean) => Stored<string>
  /** Ends the session of a request. */
  readonly end: (request: PlainRequest) => Stored<unknown>
  /** Whether the session with that id has not ended. */
  readonly lasts: (id: string) => Stored<boolean>
}

/** The name of the EHR session's cookie. */
export const sessionCookie = 'ehr_session'

interface Live extends StoredState {
  readonly _tag: 'Live'
  readonly username: string
  readonly authTime: number
  readonly startedAt: number
  readonly isProven: boolean
  readonly seenAt: number
  /** The digest of the secret in the cookie. */
  readonly secret: Digest
  /** The digest of the secret before this one; null for the first. */
  readonly before: Digest | null
}

/** After a sign-in, kept until it would have expired, so that a second form with the same cookie is recognized. */
interface Ended extends StoredState {
  readonly _tag: 'Ended'
  readonly secret: Digest
  /** The session that replaced it in the same browser, when a user signed in; null otherwise. */
  readonly successor: string | null
}

type SessionRecord = Live | Ended

const written = { writeId: t.string, recordExpiresAt: t.number, secret: t.string }

/** What the store holds of a session. */
const EhrSessionCodec: t.Type<SessionRecord, unknown> = t.union([
  t.strict({
    _tag: t.literal('Live'),
    ...written,
    username: t.string,
    authTime: t.number,
    startedAt: t.number,
    isProven: t.boolean,
    seenAt: t.number,
    before: t.union([t.string, t.null])
  }),
  t.strict({ _tag: t.literal('Ended'), ...written, successor: t.union([t.string, t.null]) })
])

/** What a browser sends: the id of a session, and the digest of the secret. */
interface Presented {
  readonly id: string
  readonly secret: Digest
}

/** An id and a secret. A longer text is none of ours. */
const cookiePattern = /^([A-Za-z0-9_-]{1,64})\.([A-Za-z0-9_-]{1,64})$/

const presentedBy = async (request: PlainRequest): Promise<Presented | null> => {
  const [, id, secret] = cookiePattern.exec(cookiesOf(request).get(sessionCookie) ?? '') ?? []
  return id === undefined || secret === undefined ? null : { id, secret: await digest(secret)() }
}

/** The ports of the sessions. */
export interface SessionPorts {
  readonly store: Store
  readonly random: IO<string>
  readonly clock: Clock
}

/**
 * The sessions of a server in its store. Their lifetime and number are in the table of limits; the number holds for
 * those that this process has seen.
 */
export const sessionsIn = (serverName: string, { store, random, clock }: SessionPorts): Sessions => {
  const keyOf = (id: string): string => `session:${serverName} ${id}`
  const load = loadState(store, EhrSessionCodec)
  type Found = { readonly version: string; readonly state: SessionRecord }

  /** The sessions that this process has seen: the first is the one that was idle longest. */
  const seen = new Map<string, boolean>()
  const notice = (id: string, isProven: boolean): void => {
    seen.delete(id)
    seen.set(id, isProven)
  }

  const expiryOf = (startedAt: number, seenAt: number): number =>
    Math.min(seenAt + limits.simulatorSessionIdle.default, startedAt + limits.simulatorSessionLife.default)

  /** Changes a record: `decide` gives the answer, and the next state or null. */
  const change = <Answer>(
    id: string,
    decide: (found: SessionRecord | null) => readonly [answer: Answer, next: SessionRecord | null]
  ): Stored<Answer> =>
    swapRecord<Found, Answer>(store, {
      load,
      tries: limits.recordChanges.default,
      recognize: null,
      decide: (found) => {
        const [answer, next] = decide(Option.isSome(found) ? found.value.state : null)
        return Either.right({
          answer,
          write: next === null ? null : { text: recordText(next), recordExpiresAt: next.recordExpiresAt }
        })
      }
    })(keyOf(id))

  /** An ended session: its record is gone at once, or is kept for the sake of its successor. */
  const ended = ({ secret, recordExpiresAt }: SessionRecord, successor: string | null): Ended => ({
    _tag: 'Ended',
    writeId: random(),
    recordExpiresAt: successor === null ? clock.now() : recordExpiresAt,
    secret,
    successor
  })

  /** Ends a session by its id alone. */
  const endById = (id: string): Stored<unknown> => {
    seen.delete(id)
    return change(id, (found) => [null, found?._tag === 'Live' ? ended(found, null) : null])
  }

  /** Ends the session that was idle longest; sessions that began without a password go first. */
  const makeRoom = (): Stored<unknown> => {
    if (seen.size <= limits.simulatorSessions.default) return TaskEither.right(null)
    let victim: string | undefined
    for (const [id, isProven] of seen) {
      victim ??= id
      if (isProven) continue
      victim = id
      break
    }
    return victim === undefined ? TaskEither.right(null) : endById(victim)
  }

  const isOf = (found: SessionRecord, { secret }: Presented): boolean => sameDigest(found.secret, secret)

  /** Continues a session under a new secret; null if it is no longer the session of this browser. */
  const proceed = (presented: Presented, secret: string, isProven: boolean): Stored<string | null> =>
    pipe(
      TaskEither.fromTask<Digest, Refusal>(digest(secret)),
      TaskEither.chain((nextDigest) =>
        change<string | null>(presented.id, (found) => {
          if (found?._tag !== 'Live' || !isOf(found, presented)) return [null, null]
          const seenAt = clock.now()
          const proven = isProven || found.isProven
          notice(presented.id, proven)
          const recordExpiresAt = expiryOf(found.startedAt, seenAt)
          const next = { ...found, writeId: random(), seenAt, isProven: proven, recordExpiresAt, before: found.secret }
          return [`${presented.id}.${secret}`, { ...next, secret: nextDigest }]
        })
      )
    )

  const begin = ({ id, username, authTime }: Session, secret: string, isProven: boolean): Stored<string> =>
    pipe(
      TaskEither.fromTask<Digest, Refusal>(digest(secret)),
      TaskEither.chain((secretDigest) => {
        const now = clock.now()
        const state: Live = {
          _tag: 'Live',
          writeId: random(),
          recordExpiresAt: expiryOf(now, now),
          username,
          authTime,
          startedAt: now,
          isProven,
          seenAt: now,
          secret: secretDigest,
          before: null
        }
        return openRecord(store)(keyOf(id), state)
      }),
      TaskEither.chain(() => {
        notice(id, isProven)
        return makeRoom()
      }),
      TaskEither.map(() => `${id}.${secret}`)
    )

  /**
   * Ends the session that the browser had before, and says which session is the new one. After a sign-in, also ends the
   * one that another form with the same cookie began first.
   */
  const replace = (presented: Presented, successor: string, isProven: boolean): Stored<unknown> =>
    pipe(
      change<string | null>(presented.id, (found) => {
        if (found?._tag === 'Live' && isOf(found, presented)) return [null, ended(found, isProven ? successor : null)]
        if (!isProven || found === null) return [null, null]
        const wasBefore = found._tag === 'Live' && found.before !== null && sameDigest(found.before, presented.secret)
        if (wasBefore) return [null, ended(found, successor)]
        return found._tag === 'Ended' && isOf(found, presented)
          ? [found.successor, ended(found, successor)]
          : [null, null]
      }),
      TaskEither.chain((other) => {
        seen.delete(presented.id)
        return other === null || other === successor ? TaskEither.right<Refusal, unknown>(null) : endById(other)
      })
    )

  const next: Sessions['next'] = (username, authTime) => ({ username, authTime, id: random() })

  return {
    of: (request) =>
      pipe(
        TaskEither.fromTask<Presented | null, Refusal>(() => presentedBy(request)),
        TaskEither.chain((presented) =>
          presented === null
            ? TaskEither.right(null)
            : change<Session | null>(presented.id, (found) => {
                if (found?._tag !== 'Live' || !isOf(found, presented)) return [null, null]
                const { username, authTime, startedAt, isProven } = found
                const seenAt = clock.now()
                notice(presented.id, isProven)
                const session = { username, authTime, id: presented.id }
                if (seenAt <= found.seenAt) return [session, null]
                return [session, { ...found, writeId: random(), seenAt, recordExpiresAt: expiryOf(startedAt, seenAt) }]
              })
        )
      ),
    next,
    start: (request, session, isProven = false) =>
      pipe(
        TaskEither.fromTask<Presented | null, Refusal>(() => presentedBy(request)),
        TaskEither.chain((presented) => {
          const secret = random()
          if (presented === null) return begin(session, secret, isProven)
          if (presented.id === session.id) {
            return pipe(
              proceed(presented, secret, isProven),
              TaskEither.chain((value) =>
                value === null
                  ? begin(next(session.username, session.authTime), secret, isProven)
                  : TaskEither.right(value)
              )
            )
          }
          return pipe(
            begin(session, secret, isProven),
            TaskEither.chainFirst(() => replace(presented, session.id, isProven))
          )
        })
      ),
    end: (request) =>
      pipe(
        TaskEither.fromTask<Presented | null, Refusal>(() => presentedBy(request)),
        TaskEither.chain((presented) =>
          presented === null
            ? TaskEither.right(null)
            : change<unknown>(presented.id, (found) =>
                found?._tag === 'Live' && isOf(found, presented) ? [null, ended(found, null)] : [null, null]
              )
        )
      ),
    lasts: (id) =>
      pipe(
        load(keyOf(id)),
        TaskEither.map((found) => Option.isSome(found) && found.value.state._tag === 'Live')
      )
  }
}
