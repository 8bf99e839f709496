/** Keys that clients publish at a URL, and how often they are fetched. */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Fixture } from '../server-fixture.js'
import { keys, worldOf } from './assertions.js'
import { cachedClientKeys } from '../../../src/adapters/client-key-cache.js'
import type { ClientKeys } from '../../../src/engine/ports.js'

export const url = 'https://app.example/jwks'

/** How often the keys of a world were fetched. */
export const requests: Array<string> = []
export const counted: ClientKeys = {
  keysAt: (address) =>
    TaskEither.fromIO(() => {
      requests.push(address)
      return keys
    })
}

/** A service whose keys are at a URL where they change. */
export const publishing = (published: { keys: typeof keys }): Fixture => {
  const box: { keys?: ClientKeys } = {}
  const where = worldOf(
    {
      ports: { clientKeys: { keysAt: (address, isFresh) => () => (box.keys ?? counted).keysAt(address, isFresh)() } }
    },
    { _tag: 'AtUrl', url }
  )
  box.keys = cachedClientKeys(
    () => {
      requests.push(url)
      return Promise.resolve({ status: 200, cacheControl: 'max-age=60', body: JSON.stringify(published) })
    },
    { now: () => where.clock.now },
    { defaultTtlSeconds: 60 }
  )
  return where
}
