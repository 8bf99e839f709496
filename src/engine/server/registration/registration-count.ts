/**
 * Counts registrations in the store.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { swapRecord } from '../../compare-and-swap.js'
import type { ServerContext } from '../context.js'
import { forever, registeredKey, registrationsKey } from '../store-keys.js'
import type { Refusal } from '../../../protocol/errors/refusal.js'
import { limits } from '../../../values/limits/limits.js'

const secondsPerHour = 3600

/** A stored counter and its change; `beyond` is the refusal at the limit. */
interface Count {
  readonly key: string
  readonly recordExpiresAt: number
  readonly change: (count: number) => Either.Either<Refusal, number>
}

const count = (
  { ports: { store } }: ServerContext,
  { key, recordExpiresAt, change }: Count
): TaskEither.TaskEither<Refusal, 'counted'> =>
  swapRecord(store, {
    load: (at) => TaskEither.mapLeft((): Refusal => ({ _tag: 'StoreUnavailable' }))(store.load(at)),
    decide: (found) =>
      Either.map((next: number) => ({ answer: 'counted' as const, write: { text: String(next), recordExpiresAt } }))(
        change(Option.isSome(found) ? Number(found.value.text) : 0)
      ),
    // On a lost swap another registration was counted, so the number of retries is bounded.
    tries: limits.registrationLosses.default + 1,
    recognize: null
  })(key)

/** Increments the counter, up to a limit. */
const oneMore =
  (limit: number, retryAfterSeconds: number) =>
  (counted: number): Either.Either<Refusal, number> =>
    counted < limit
      ? Either.right(counted + 1)
      : Either.left({ _tag: 'RegistrationsTooMany', limit, retryAfterSeconds })

/**
 * Counts a registration in the current hour, and refuses it at the limit of the settings: this bounds the growth of
 * what unknown clients can store.
 */
export const countRegistration = (serverContext: ServerContext): TaskEither.TaskEither<Refusal, 'counted'> => {
  const {
    ports,
    server,
    registration: { limitPerHour }
  } = serverContext
  return async () => {
    const now = ports.clock.now()
    const hour = Math.floor(now / secondsPerHour)
    const endsAt = (hour + 1) * secondsPerHour
    return count(serverContext, {
      key: registrationsKey(server, hour),
      recordExpiresAt: endsAt,
      change: oneMore(limitPerHour, endsAt - now)
    })()
  }
}

/** Counts a client without an initial access token: this bounds what unknown clients can store in total. */
export const countKept = (serverContext: ServerContext): TaskEither.TaskEither<Refusal, 'counted'> => {
  const {
    server,
    registration: { limitKept, mode }
  } = serverContext
  return mode === 'open'
    ? count(serverContext, {
        key: registeredKey(server),
        recordExpiresAt: forever,
        change: oneMore(limitKept, secondsPerHour)
      })
    : TaskEither.right('counted')
}

/** Counts the removal of a client. If that fails, one place stays taken; the client is removed nevertheless. */
export const countRemoved = (serverContext: ServerContext): Task.Task<unknown> =>
  count(serverContext, {
    key: registeredKey(serverContext.server),
    recordExpiresAt: forever,
    change: (kept) => Either.right(Math.max(0, kept - 1))
  })
