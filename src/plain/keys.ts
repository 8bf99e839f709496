/**
 * The keys of a server, made with jose and WebCrypto.
 *
 * @module adapters/jose
 */
import type { KeyMaterial } from '../adapters/jose.js'
import { generateKeyMaterial, joseKeys } from '../adapters/jose.js'
import { materialIn } from './arguments.js'
import { orThrow, plainKeys } from './engine-ports.js'
import { storedKeysFromJson } from '../adapters/stored-keys.js'
import type { StoredKeys } from '../adapters/stored-keys.js'
import type { PlainKeys } from './ports.js'
import type { Result } from './result.js'
import { resultOf } from './result.js'

export type { KeyMaterial } from '../adapters/jose.js'
export type { KeySource, PlainKeys } from './ports.js'

/**
 * New key material: an RSA key of 2048 bits and one MAC key. Store it as a secret; it is plain JSON. Rejects when the
 * platform cannot generate keys.
 *
 * @example
 * ```ts
 * import { createKeyMaterial } from 'smart-app-launch/adapters/jose'
 *
 * const material = await createKeyMaterial()
 * JSON.parse(JSON.stringify(material)) // => material
 * ```
 */
export const createKeyMaterial = (): Promise<KeyMaterial> => orThrow(generateKeyMaterial)

/**
 * Keys from the given material, imported once and used for every request. Rejects with an `Error` that says what is
 * wrong with the material. The option `keys` also takes the material itself.
 *
 * @example
 * ```ts
 * import { createKeyMaterial, createKeys } from 'smart-app-launch/adapters/jose'
 *
 * const keys = await createKeys(await createKeyMaterial())
 * const published = await keys.publicKeys()
 * published.map(({ kty }) => kty) // => ['RSA']
 * ```
 */
export const createKeys = async (material: KeyMaterial): Promise<PlainKeys> =>
  plainKeys(await orThrow(joseKeys(materialIn('createKeys', material))))

export { keysInStore, rotatingKeys } from './keys/rotating-keys.js'
export type { KeyStorage, RotatingKeysOptions } from './keys/rotating-keys.js'
export { defaultKeyRotation, keyMaterialOf, rotateKeys } from '../adapters/stored-keys.js'
export type { KeyRotation, StoredKey, StoredKeys, StoredMacKey } from '../adapters/stored-keys.js'

/**
 * Reads stored keys from JSON; a failure is the path of the first wrong value.
 *
 * @example
 * ```ts
 * import { readStoredKeys } from 'smart-app-launch/adapters/jose'
 *
 * readStoredKeys({ version: 2 }) // => { ok: false, failure: 'version: expected 1' }
 * ```
 */
export const readStoredKeys = (json: unknown): Result<StoredKeys, string> => resultOf(storedKeysFromJson(json))
