/**
 * Keys that rotate by themselves, in the host's storage.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { KeyRotation, StoredKeys } from '../../adapters/stored-keys.js'
import { defaultKeyRotation, keyMaterialOf, rotateKeys, storedKeysFromJson } from '../../adapters/stored-keys.js'
import { systemClock } from '../../adapters/system.js'
import type { Keys } from '../../engine/ports.js'
import { parseJson } from '../../values/json.js'
import { ownMember } from '../../values/own.js'
import type { EpochSeconds } from '../../values/time.js'
import * as Option from 'fp-ts/lib/Option.js'
import { functionsIn } from '../arguments.js'
import { plainKeys } from '../engine-ports.js'
import { importedKeys, keysFromLoaded } from './loaded-keys.js'
import type { PlainKeys, PlainStore } from '../ports.js'
import type { Awaitable } from '../result.js'

/** Where the keys of a server are kept, as JSON ({@link StoredKeys}). They are secrets. */
export interface KeyStorage {
  /** The stored JSON; null when there is none. */
  readonly load: () => Awaitable<unknown>
  /**
   * Stores the keys if what is stored is still what the last `load` returned, and says whether it did. Another process
   * may have rotated them in between.
   */
  readonly replace: (keys: StoredKeys) => Awaitable<boolean>
}

/** The options of rotating keys. */
export interface RotatingKeysOptions {
  /** The phases of the keys. Default: `defaultKeyRotation`. */
  readonly rotation?: KeyRotation
  /** How often the storage is read. Default: 300; at most a quarter of `announceSeconds`. */
  readonly checkSeconds?: number
  /** The time in seconds since the epoch. Default: the system clock. */
  readonly clock?: () => EpochSeconds
}

/** How often another process may win the race to store new keys before it counts as a failure. */
const attempts = 5

const storageForm = 'an object with the functions load and replace; `keysInStore(store)` makes it from a store'

const stored = async (storage: KeyStorage, rotation: KeyRotation, now: EpochSeconds): Promise<StoredKeys> => {
  for (let attempt = 0; attempt < attempts; attempt++) {
    const json = await storage.load()
    const kept = json === null || json === undefined ? Either.right(null) : storedKeysFromJson(json)
    if (Either.isLeft(kept)) throw new Error(`the stored keys cannot be read: ${kept.left}`)
    const next = await rotateKeys(kept.right, now, rotation)
    if (JSON.stringify(next) === JSON.stringify(kept.right) || (await storage.replace(next))) return next
  }
  throw new Error('other processes store keys all the time')
}

/**
 * The keys of a server, kept and rotated in the host's storage: the option `keys` of a server. The first keys are made
 * when there are none. The storage is read when a key is needed and `checkSeconds` have passed; there is no timer.
 * While the storage is unavailable, the keys that were read last stay in use.
 *
 * @example
 * ```ts
 * import { keysInStore, rotatingKeys } from 'smart-app-launch/adapters/jose'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const keys = rotatingKeys(keysInStore(createMemoryStore()))
 * const published = await keys.publicKeys()
 * published.map(({ alg }) => alg) // => ['RS256', 'ES256']
 * ```
 */
export const rotatingKeys = (storage: KeyStorage, options: RotatingKeysOptions = {}): PlainKeys => {
  functionsIn('rotatingKeys', 'storage', storageForm, ['load', 'replace'], storage)
  const rotation = ownMember(options, 'rotation') ?? defaultKeyRotation
  const checkSeconds = Math.min(ownMember(options, 'checkSeconds') ?? 300, rotation.signing.announceSeconds / 4)
  const clock = ownMember(options, 'clock') ?? systemClock.now
  let current: { readonly keys: Keys; readonly text: string; readonly checkAt: EpochSeconds } | null = null
  const load = async (): Promise<Keys> => {
    const now = clock()
    const checkAt = now + checkSeconds
    try {
      const next = await stored(storage, rotation, now)
      const text = JSON.stringify(next)
      const keys = current?.text === text ? current.keys : await importedKeys(keyMaterialOf(next))
      current = { keys, text, checkAt }
      return keys
    } catch (error) {
      if (current === null) throw error
      current = { ...current, checkAt }
      return current.keys
    }
  }
  return plainKeys(
    keysFromLoaded({ ready: () => (current !== null && clock() < current.checkAt ? current.keys : null), load })
  )
}

/** The keys do not expire: the last second of the year 9999. */
const neverExpires = 253_402_300_799

/**
 * Keeps the keys of a server in its store, under a key of their own. A reader of the store can then make tokens;
 * if that is too much, give {@link rotatingKeys} another {@link KeyStorage}, for example a secret manager.
 *
 * @example
 * ```ts
 * import { keysInStore } from 'smart-app-launch/adapters/jose'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const storage = keysInStore(createMemoryStore())
 * await storage.load() // => null
 * ```
 */
export const keysInStore = (store: PlainStore, key = 'server-keys'): KeyStorage => {
  functionsIn('keysInStore', 'store', 'a store with the functions load and swap', ['load', 'swap'], store)
  let version: string | null = null
  return {
    load: async () => {
      const record = await store.load(key)
      version = record?.version ?? null
      if (record === null) return null
      const json = parseJson(record.text)
      if (Option.isNone(json)) throw new Error('the stored keys are not JSON')
      return json.value
    },
    replace: async (keys) => (await store.swap(key, version, JSON.stringify(keys), neverExpires)) === 'won'
  }
}
