/**
 * Keys that are loaded when they are first needed.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { joseKeys } from '../../adapters/jose.js'
import type { KeyMaterial } from '../../adapters/jose.js'
import type { Keys, PortError } from '../../engine/ports.js'
import { calling } from '../engine-ports.js'

/** Imports key material with the fastest cryptography of the platform: `node:crypto` where it is, else WebCrypto. */
export const importedKeys = async (material: KeyMaterial): Promise<Keys> => {
  const make = await import('../../adapters/node-crypto.js').then(
    ({ nodeKeys }) => nodeKeys,
    () => joseKeys
  )
  const keys = await make(material)()
  if (Either.isLeft(keys)) throw new Error(keys.left.reason)
  return keys.right
}

/** Keys that may change while the server runs. */
export interface LoadedKeys {
  /** The keys to use now; null when they must be loaded first. */
  readonly ready: () => Keys | null
  /** Loads the keys. One call runs at a time. */
  readonly load: () => Promise<Keys>
}

/** Keys that are loaded, and loaded again, as their source says. */
export const keysFromLoaded = ({ ready, load }: LoadedKeys): Keys => {
  let loading: Promise<Keys> | null = null
  const loaded = (): Promise<Keys> => {
    loading ??= load().finally(() => {
      loading = null
    })
    return loading
  }
  const using =
    <Value>(work: (keys: Keys) => () => Promise<Either.Either<PortError, Value>>) =>
    async () => {
      const keys = ready()
      if (keys !== null) return work(keys)()
      const fresh = await calling(loaded)()
      return Either.isLeft(fresh) ? fresh : work(fresh.right)()
    }
  return {
    digest: (text) => async () => (ready() ?? (await loaded())).digest(text)(),
    scryptDigest: (secret, known) =>
      using(
        (keys) =>
          keys.scryptDigest?.(secret, known) ?? (() => Promise.reject(new Error('scrypt digests need node:crypto')))
      ),
    mac: (covered) => using((keys) => keys.mac(covered)),
    verifyMac: (keyId, covered, mac) => using((keys) => keys.verifyMac(keyId, covered, mac)),
    signIdToken: (claims) => using((keys) => keys.signIdToken(claims)),
    signAccessToken: (claims) => using((keys) => keys.signAccessToken(claims)),
    verifyAccessToken: (token) => using((keys) => keys.verifyAccessToken(token)),
    publicKeys: using((keys) => keys.publicKeys),
    verifyAssertion: (key, alg, text) => using((keys) => keys.verifyAssertion(key, alg, text))
  }
}

/** Keys that are loaded once; after a failure they are loaded again at the next use. */
export const keysWhenNeeded = (load: () => Promise<Keys>): Keys => {
  let ready: Keys | null = null
  return keysFromLoaded({
    ready: () => ready,
    load: async () => {
      ready = await load()
      return ready
    }
  })
}
