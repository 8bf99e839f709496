/** Stores in Redis that are closed with their clients. */
import type { PlainStore } from '../../../src/plain/ports.js'
import type { PlainRedisStoreOptions } from '../../../src/plain/stores/redis.js'
import { openRedisStore } from '../../../src/plain/stores/redis.js'
import type { ConnectedClient } from './redis.js'

const closers = new Map<PlainStore, () => void>()

/** Opens a store over a client that is closed with it. */
export const openOver = async (
  connecting: Promise<ConnectedClient>,
  options: PlainRedisStoreOptions = {}
): Promise<PlainStore> => {
  const { client, close } = await connecting
  try {
    const store = await openRedisStore(client, options)
    closers.set(store, close)
    return store
  } catch (error) {
    close()
    throw error
  }
}

/** Closes the client of a store. */
export const closeStore = (store: PlainStore): void => {
  closers.get(store)?.()
  closers.delete(store)
}

/** Closes the clients of all stores. */
export const closeStores = (): void => {
  for (const store of closers.keys()) closeStore(store)
}
