/**
 * A store in Redis or Valkey: for many processes, with one server, with replicas, or on a cluster.
 *
 * @module stores/redis
 */
import type { RedisStoreOptions } from '../../adapters/stores/redis/open-redis-store.js'
import { openRedisStore as openEngineStore } from '../../adapters/stores/redis/open-redis-store.js'
import type { AnyRedisClient } from '../../adapters/stores/redis/redis-client.js'
import { isObject } from '../../values/object.js'
import { argumentIn } from '../arguments.js'
import type { PlainStore } from '../ports.js'
import type { PlainDurableStoreOptions } from './opened-store.js'
import { engineStoreOptions, openedStore } from './opened-store.js'

export type {
  AnyRedisClient,
  IoRedis,
  IoRedisCluster,
  RedisClient,
  RedisCluster
} from '../../adapters/stores/redis/redis-client.js'
export type { ReplicaAcknowledgements } from '../../adapters/stores/redis/redis-store.js'
export type { PlainDurableStoreOptions } from './opened-store.js'

/** The options of a store in Redis. */
export interface PlainRedisStoreOptions
  extends PlainDurableStoreOptions, Pick<RedisStoreOptions, 'prefix' | 'replicas'> {}

/**
 * Opens a store in Redis 6.2 or later, or Valkey, through a client that is connected: `createClient` or
 * `createCluster` of `redis`, `Redis` or `Cluster` of `ioredis`. The promise is rejected with a
 * `SmartConfigurationError` that names each unsafe setting: `appendonly`, `appendfsync`, `no-appendfsync-on-rewrite`,
 * `maxmemory-policy`, `role`, `replicas`, `replica-read-only`, `redis_version`, and `config-unreadable` when the server
 * forbids CONFIG.
 *
 * @example
 * ```ts no-run
 * import { createClient } from 'redis'
 * import { openRedisStore } from 'smart-app-launch/stores/redis'
 *
 * const client = createClient({ url: 'redis://127.0.0.1:6379' })
 * client.on('error', (error) => console.error(error))
 * await client.connect()
 * // everysec may lose two seconds of writes at a power cut: the host accepts it.
 * const store = await openRedisStore(client, { acceptUnsafe: ['appendfsync'] })
 * await store.swap('a', null, '"first"', Math.floor(Date.now() / 1000) + 60) // => 'won'
 * ```
 */
export const openRedisStore = async (
  client: AnyRedisClient,
  options: PlainRedisStoreOptions = {}
): Promise<PlainStore> => {
  argumentIn('openRedisStore', 'client', 'a client of `redis` or `ioredis`', isObject, client)
  return openedStore('openRedisStore', openEngineStore(client, engineStoreOptions(options)))
}
