/** The keys of the simulator, and its initial access token, in the store. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { defaultKeyRotation } from '../../adapters/stored-keys.js'
import type { Keys, PortError, Store } from '../../engine/ports.js'
import { portUnavailable } from '../../engine/ports.js'
import type { ServerName } from '../../engine/server/server-name.js'
import { forever } from '../../engine/server/store-keys.js'
import { calling, engineKeys, plainStore } from '../../plain/engine-ports.js'
import { keysInStore, rotatingKeys } from '../../plain/keys/rotating-keys.js'
import type { SmartPolicy } from '../../protocol/policy/policy.js'
import { completePolicy } from '../../protocol/policy/policy.js'
import { noMembers } from '../../values/own.js'

/** The keys of a server in its store. The first process makes them; they stay valid as long as what they signed. */
export const keysKeptIn = (
  store: Store,
  server: ServerName,
  policy: Partial<SmartPolicy>
): TaskEither.TaskEither<PortError, Keys> => {
  const { accessTokenLifetimeSeconds, backendTokenLifetimeSeconds, refreshTokenLifetimeSeconds } =
    completePolicy(policy)
  const { signing, mac } = defaultKeyRotation
  const signed = Math.max(signing.retireSeconds, accessTokenLifetimeSeconds, backendTokenLifetimeSeconds)
  const rotation = {
    signing: { ...signing, retireSeconds: signed },
    mac: { ...mac, retireSeconds: Math.max(mac.retireSeconds, refreshTokenLifetimeSeconds, signed) }
  }
  const keys = rotatingKeys(keysInStore(plainStore(store, noMembers), `server-keys:${server}`), { rotation })
  return async () => {
    const published = await calling(() => keys.publicKeys())()
    return Either.isLeft(published) ? published : Either.right(engineKeys(keys))
  }
}

/** The text under a key of the store; if there is none, `proposed` becomes it. Null without either. */
export const textKeptIn =
  (store: Store, key: string, proposed: string | undefined): TaskEither.TaskEither<PortError, string | null> =>
  async () => {
    const unavailable = Either.left(portUnavailable('the store did not answer'))
    if (proposed !== undefined) {
      const swapped = await store.swap(key, Option.none, proposed, forever)()
      if (Either.isLeft(swapped)) return unavailable
      if (swapped.right === 'won') return Either.right(proposed)
    }
    const loaded = await store.load(key)()
    if (Either.isLeft(loaded)) return unavailable
    return Either.right(Option.isSome(loaded.right) ? loaded.right.value.text : null)
  }
