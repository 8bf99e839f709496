/**
 * A store in Redis 6.2 or later, or Valkey: one framed record under each key.
 *
 * `swap` is one script on one key; `load` is one command that only a primary answers. With `replicas`, WAIT follows
 * each of them on the same connection: what the replicas have not acknowledged is neither confirmed nor shown, so a
 * failover to one of them takes nothing back.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Clock, Store, StoreError } from '../../../engine/ports.js'
import { hasPassed } from '../../../values/time.js'
import { freshVersion, storeUnavailable, unstorable, unwritable } from '../durability.js'
import { expiryDigits, frameRecord, isFreshVersion, secondsUntilRemoval, unframeRecord } from '../framed-record.js'
import type { RedisConnection } from './redis-client.js'
import { hadNoEffect, redisErrorCode, redisMessage } from './redis-client.js'
import { loadCommand, swapScript } from './redis-script.js'
import { redisText } from './redis-settings.js'

/** The replicas that must have a write before it counts. */
export interface ReplicaAcknowledgements {
  /** How many replicas: enough that each replica that may be promoted is among them. */
  readonly acknowledgements: number
  /** How long to wait for them, in milliseconds. The connection serves nothing else in this time. */
  readonly timeoutMilliseconds: number
}

/** What a Redis store is made from. */
export interface RedisStoreParts {
  readonly connection: RedisConnection
  readonly clock: Clock
  /** What stands before each key. */
  readonly prefix: string
  readonly timeoutMilliseconds: number
  readonly replicas: ReplicaAcknowledgements | null
  /** The digest of the script of `swap`. */
  readonly digest: string
}

/** Redis does not hold a longer time to live. Such a record is kept until it is replaced. */
const longestLifeSeconds = 10_000_000_000

const late = 'Redis did not answer in time'

const tooFewReplicas = 'too few replicas acknowledged the operation'

/** Runs an operation for at most a time. A client that has not sent the command by then rejects it as aborted. */
const within = <Value>(milliseconds: number, work: (signal: AbortSignal) => Promise<Value>): Promise<Value> =>
  new Promise((resolve, reject: (reason: Error) => void) => {
    const controller = new AbortController()
    const timer = setTimeout(() => {
      controller.abort()
      setTimeout(reject, 0, new Error(late))
    }, milliseconds)
    work(controller.signal)
      .then(resolve, reject)
      .finally(() => {
        clearTimeout(timer)
      })
  })

const failure = (applied: StoreError['applied'], error: unknown): StoreError => {
  const message = redisMessage(error)
  if (message === late || message === tooFewReplicas) return storeUnavailable(applied, message)
  const code = redisErrorCode(error)
  return storeUnavailable(applied, code === '' ? 'the connection to Redis failed' : `Redis answered ${code}`)
}

/** A store over a connection to Redis. Its settings are not checked: see `openRedisStore`. */
export const redisStore = (parts: RedisStoreParts): Store => {
  const { connection, clock, prefix, timeoutMilliseconds, replicas, digest } = parts

  /** Sends a command, and with replicas a WAIT after it. */
  const sendOnce = async (key: string, args: ReadonlyArray<string>, signal: AbortSignal): Promise<unknown> => {
    if (replicas === null) return connection.send(key, args, signal)
    const losses = connection.losses()
    const wait = ['WAIT', String(replicas.acknowledgements), String(replicas.timeoutMilliseconds)]
    const [reply, acknowledgements] = await connection.sendBoth(key, args, wait)
    // A WAIT that was sent again on a new connection waits for no earlier write.
    if (!(Number(acknowledgements) >= replicas.acknowledgements) || connection.losses() !== losses)
      throw new Error(tooFewReplicas)
    return reply
  }

  /** Two commands that are sent together do not follow a slot to its new node; a single one makes the client do so. */
  const send = async (key: string, args: ReadonlyArray<string>, signal: AbortSignal): Promise<unknown> => {
    try {
      return await sendOnce(key, args, signal)
    } catch (error) {
      if (replicas === null || !['MOVED', 'ASK'].includes(redisErrorCode(error))) throw error
      await connection.send(key, loadCommand(key), signal)
      return sendOnce(key, args, signal)
    }
  }

  const runScript = async (key: string, args: ReadonlyArray<string>, signal: AbortSignal): Promise<unknown> => {
    try {
      return await send(key, ['EVALSHA', digest, '1', key, ...args], signal)
    } catch (error) {
      if (redisErrorCode(error) !== 'NOSCRIPT') throw error
      return send(key, ['EVAL', swapScript, '1', key, ...args], signal)
    }
  }

  return {
    load: (key) => async () => {
      const wrong = unstorable(key)
      if (wrong !== null) return Either.left(wrong)
      const name = prefix + key
      try {
        const reply = await within(timeoutMilliseconds, (signal) => send(name, loadCommand(name), signal))
        if (reply === null) return Either.right(Option.none)
        const record = unframeRecord(redisText(reply))
        if (Option.isNone(record)) return Either.left(storeUnavailable('no', 'the key holds no record of this store'))
        const { version, expiresAt, text } = record.value
        return Either.right(hasPassed(expiresAt, clock.now()) ? Option.none : Option.some({ version, text }))
      } catch (error) {
        return Either.left(failure('no', error))
      }
    },

    swap: (key, expected, text, expiresAt) => async () => {
      const wrong = unwritable(key, text, expiresAt)
      if (wrong !== null) return Either.left(wrong)
      if (Option.isSome(expected) && !isFreshVersion(expected.value)) return Either.right('lost')
      const version = freshVersion()
      const life = secondsUntilRemoval(clock, expiresAt)
      const args = [
        Option.getOrElse(() => '')(expected),
        version,
        expiryDigits(clock.now()),
        frameRecord({ version, expiresAt, text }),
        life > longestLifeSeconds ? '' : String(life)
      ]
      const losses = connection.losses()
      try {
        const reply = Number(await within(timeoutMilliseconds, (signal) => runScript(prefix + key, args, signal)))
        if (reply === 1) return Either.right('won')
        if (reply === 0 && connection.losses() === losses) return Either.right('lost')
        // This may be the answer to a second delivery, after the first one was applied and overwritten.
        return Either.left(storeUnavailable('unknown', 'the connection to Redis was lost meanwhile'))
      } catch (error) {
        // Of two commands that were sent together, WAIT alone may be forbidden.
        const isCertain = connection.losses() === losses && (replicas === null || redisErrorCode(error) !== 'NOPERM')
        return Either.left(failure(isCertain && hadNoEffect(error) ? 'no' : 'unknown', error))
      }
    }
  }
}
