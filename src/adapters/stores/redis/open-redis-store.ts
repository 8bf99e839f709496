/**
 * Opens a store in Redis or Valkey after its settings were checked.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Store } from '../../../engine/ports.js'
import { limits } from '../../../values/limits/limits.js'
import { ownMembers } from '../../../values/own.js'
import type { DurableStoreOptions, StoreRefusal } from '../durability.js'
import { checkedStoreOptions, refused, settledWithin, withoutAccepted, wrongSetting } from '../durability.js'
import { watchedStore } from '../settings-watch.js'
import type { AnyRedisClient } from './redis-client.js'
import { redisConnection, redisErrorCode, redisMessage } from './redis-client.js'
import { loadCommand, scriptDigest, swapScript } from './redis-script.js'
import { redisSettingNames, unsafeRedisSettings } from './redis-settings.js'
import type { ReplicaAcknowledgements } from './redis-store.js'
import { redisStore } from './redis-store.js'

/** The options of a store in Redis. */
export interface RedisStoreOptions extends DurableStoreOptions {
  /** What stands before each key in Redis. Default: `smart:`. */
  readonly prefix?: string
  /**
   * How many replicas must have a write before it is confirmed, and a record before it is shown. It is required when
   * replicas are connected, because a failover would otherwise take acknowledged writes back.
   */
  readonly replicas?: ReplicaAcknowledgements
}

const isCount = (value: unknown): boolean => Number.isInteger(value) && (value as number) > 0

/**
 * Opens a store in Redis 6.2 or later, or Valkey, through a client that is connected: of `redis` or `ioredis`, for one
 * server or a cluster. Left with every setting that is unsafe and that `acceptUnsafe` does not name.
 *
 * The settings are looked at again while the store is used, and a setting that became unsafe stops it.
 */
export const openRedisStore =
  (client: AnyRedisClient, options: RedisStoreOptions = {}): TaskEither<StoreRefusal, Store> =>
  async () => {
    const checked = checkedStoreOptions(options, redisSettingNames, ['prefix', 'replicas'])
    if (Either.isLeft(checked)) return checked
    const { prefix = 'smart:', replicas = null } = ownMembers(options)
    const lost = 'the option would have no effect'
    if (typeof prefix !== 'string' || !prefix.isWellFormed())
      return refused([wrongSetting('prefix', typeof prefix, 'a text', lost)])
    if (replicas !== null && !(isCount(replicas.acknowledgements) && isCount(replicas.timeoutMilliseconds))) {
      const required = 'whole numbers above 0: acknowledgements, timeoutMilliseconds'
      return refused([wrongSetting('replicas', JSON.stringify(replicas), required, lost)])
    }
    const { clock, timeoutMilliseconds } = checked.right
    const connection = redisConnection(client)
    const look = async () =>
      withoutAccepted(await unsafeRedisSettings(connection, replicas?.acknowledgements ?? 0), checked.right)
    const found = await settledWithin(timeoutMilliseconds, async () => {
      // The first command of a cluster waits until the client knows its nodes. The role of a replica is found below.
      await connection.send(prefix, loadCommand(prefix), new AbortController().signal).catch((error: unknown) => {
        if (redisErrorCode(error) !== 'READONLY') throw error
      })
      return look()
    })
    if (found._tag !== 'Answered') {
      const reason = found._tag === 'Late' ? 'no answer in time' : redisMessage(found.error)
      return refused([wrongSetting('connection', reason, 'a primary that answers', 'nothing can be checked or stored')])
    }
    if (found.answer.length > 0) return refused(found.answer)
    const digest = await scriptDigest(swapScript)
    return Either.right(
      watchedStore(redisStore({ connection, clock, prefix, timeoutMilliseconds, replicas, digest }), {
        clock,
        seconds: limits.storeSettingsAge.default,
        look: async () => (await look()).length === 0
      })
    )
  }
