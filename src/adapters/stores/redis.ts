/**
 * A store in Redis or Valkey: for many processes, with one server, with replicas, or on a cluster.
 *
 * @module fp-ts/stores/redis
 */
export type { DurableStoreOptions, StoreRefusal, UnsafeSetting } from './durability.js'
export type { AnyRedisClient, IoRedis, IoRedisCluster, RedisClient, RedisCluster } from './redis/redis-client.js'
export type { ReplicaAcknowledgements } from './redis/redis-store.js'
export type { RedisStoreOptions } from './redis/open-redis-store.js'
export { openRedisStore } from './redis/open-redis-store.js'
