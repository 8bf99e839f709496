/**
 * The keys of a server, made with `node:crypto`, which is faster on Node than WebCrypto.
 *
 * @module adapters/node-crypto
 */
import type { KeyMaterial } from '../adapters/jose.js'
import { nodeKeys } from '../adapters/node-crypto.js'
import { materialIn } from './arguments.js'
import { orThrow, plainKeys } from './engine-ports.js'
import type { PlainKeys } from './ports.js'

export { nodeRandom } from '../adapters/node-crypto.js'

/**
 * Keys from the given material, as those of `smart-app-launch/adapters/jose`: each verifies the MACs and signatures of
 * the other. Rejects with an `Error` that says what is wrong with the material.
 *
 * @example
 * ```ts
 * import { createKeyMaterial } from 'smart-app-launch/adapters/jose'
 * import { createNodeKeys } from 'smart-app-launch/adapters/node-crypto'
 *
 * const keys = await createNodeKeys(await createKeyMaterial())
 * const published = await keys.publicKeys()
 * published.map(({ kty }) => kty) // => ['RSA']
 * ```
 */
export const createNodeKeys = async (material: KeyMaterial): Promise<PlainKeys> =>
  plainKeys(await orThrow(nodeKeys(materialIn('createNodeKeys', material))))

export { newClientSecret, secretDigest } from '../adapters/client-secrets.js'
export type { SecretOrigin } from '../adapters/client-secrets.js'
