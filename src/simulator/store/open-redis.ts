/** Opens a store in Redis or Valkey, with the package `redis`. */
import * as Either from 'fp-ts/lib/Either.js'
import type { ImportPackage } from './client-package.js'
import { packageNamed } from './client-package.js'
import type { StoreComplaint, StoreConnection } from './opened-store.js'
import { acceptedInAddress, clientMessage, connectTime, notInstalled, refusedSettings } from './opened-store.js'
import type { UrlAddress } from '../config/store-address.js'
import type { RedisClient } from '../../adapters/stores/redis.js'
import { openRedisStore } from '../../adapters/stores/redis.js'

type Client = RedisClient & {
  on(event: 'error', listener: () => void): unknown
  connect(): Promise<unknown>
  destroy(): void
}

type CreateClient = (options: {
  readonly url: string
  /** Requests fail at once while there is no connection. */
  readonly disableOfflineQueue: boolean
  readonly pingInterval: number
  readonly socket: {
    readonly connectTimeout: number
    readonly socketTimeout: number
    readonly reconnectStrategy: (retries: number) => number | false
  }
}) => Client

/** The longest time between two attempts to connect again, in milliseconds. */
const longestPause = 2000

/** A connection without an answer for this time, in milliseconds, is closed. Pings keep a good one open. */
const longestSilence = connectTime

/** Opens the store at an address. */
export const openRedis = async (
  { url, acceptUnsafe }: UrlAddress,
  importPackage?: ImportPackage
): Promise<Either.Either<StoreComplaint, StoreConnection>> => {
  const found = await packageNamed('redis', importPackage)
  if (found === null) return Either.left(notInstalled('the package redis', 'npm install redis'))
  let isOpened = false
  /** The client; throws if the address has a part that the client cannot read. */
  const connected = async (): Promise<Client> => {
    const client = (found['createClient'] as CreateClient)({
      url,
      disableOfflineQueue: true,
      pingInterval: longestSilence / 4,
      socket: {
        connectTimeout: connectTime,
        socketTimeout: longestSilence,
        // The first attempt must succeed; later it connects again by itself.
        reconnectStrategy: (retries) => isOpened && Math.min(100 * (retries + 1), longestPause)
      }
    })
    client.on('error', () => undefined)
    await client.connect()
    return client
  }
  let client: Client
  try {
    client = await connected()
  } catch (error) {
    return Either.left({ expected: 'a Redis server that answers', because: clientMessage(error) })
  }
  const close = (): Promise<void> => {
    client.destroy()
    return Promise.resolve()
  }
  const store = await openRedisStore(client, { acceptUnsafe })()
  if (Either.isLeft(store)) {
    await close()
    return Either.left(refusedSettings(store.left, acceptedInAddress))
  }
  isOpened = true
  return Either.right({ store: store.right, close })
}
