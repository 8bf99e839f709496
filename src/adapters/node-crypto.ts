/**
 * Keys for Node: digests and authentication codes are made by `node:crypto` on the spot, where WebCrypto sends each of them to
 * another thread and back. Signatures take long enough to be worth the way; they stay with jose.
 *
 * @module
 */
import { createHash, createHmac, createSecretKey } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { KeyMaterial } from './jose.js'
import { joseKeys } from './jose.js'
import type { Keys, Silence } from '../engine/ports.js'
import { sameDigest } from '../values/secret.js'

const noSealingKey: Silence = { _tag: 'Silence', reason: 'at least one sealing key is needed' }

const sealing = ({ sealingKeys }: KeyMaterial): Pick<Keys, 'digest' | 'seal' | 'fits'> => {
  const keys = sealingKeys.map(({ id, secret }) => ({ id, secret: createSecretKey(secret, 'base64url') }))
  const codeOf = ({ secret }: (typeof keys)[number], text: string): string =>
    createHmac('sha256', secret).update(text).digest('base64url')
  return {
    digest: (text) => () => Promise.resolve(createHash('sha256').update(text).digest('base64url')),
    seal: (covered) => () => {
      const [current] = keys
      if (current === undefined) return Promise.resolve(Either.left(noSealingKey))
      const text = covered(current.id)
      return Promise.resolve(Either.right(`${text}.${codeOf(current, text)}`))
    },
    fits: (keyId, covered, presented) => () => {
      const known = keys.find(({ id }) => id === keyId)
      return Promise.resolve(Either.right(known !== undefined && sameDigest(codeOf(known, covered), presented)))
    }
  }
}

/**
 * Keys made of given material, as those of `smart-app-launch/adapters/jose`: what one of them sealed or signed, the other
 * verifies.
 */
export const nodeKeys = (material: KeyMaterial): TaskEither.TaskEither<Silence, Keys> =>
  pipe(
    joseKeys(material),
    TaskEither.map((keys) => ({ ...keys, ...sealing(material) }))
  )
