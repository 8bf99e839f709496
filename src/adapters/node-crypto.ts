/**
 * Keys for Node: `node:crypto` makes digests and MACs and verifies clients' RSA signatures synchronously, where
 * WebCrypto uses another thread for each of them. Signing, and verifying with elliptic curves, take long enough to
 * justify the thread; they use jose.
 *
 * @module fp-ts/adapters/node-crypto
 */
import { createHmac, createPublicKey, createSecretKey, hash, KeyObject, verify } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { KeyMaterial } from './key-material.js'
import { joseKeys } from './jose.js'
import { bufferedTokens } from './buffered-tokens.js'
import { scryptVerifier } from './client-secrets.js'
import { dummyKey, memoizedImport } from './imported-keys.js'
import type { Keys, Random, PortError } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { shortestModulus } from '../protocol/jwt/jwk.js'
import { isBase64url } from '../values/base64url.js'
import { parseJson } from '../values/json.js'
import { sameDigest } from '../values/secret.js'
import { ownMember, ownMembers } from '../values/own.js'

const noMacKey = portUnavailable('at least one MAC key is needed')

const macOperations = ({ macKeys }: KeyMaterial): Pick<Keys, 'digest' | 'mac' | 'verifyMac'> => {
  const keys = macKeys.map(({ id, secret }) => ({ id, secret: createSecretKey(secret, 'base64url') }))
  const codeOf = ({ secret }: (typeof keys)[number], text: string): string =>
    createHmac('sha256', secret).update(text).digest('base64url')
  return {
    digest: (text) => () => Promise.resolve(hash('sha256', text, 'base64url')),
    mac: (covered) => () => {
      const [current] = keys
      if (current === undefined) return Promise.resolve(Either.left(noMacKey))
      const text = covered(current.id)
      return Promise.resolve(Either.right(`${text}.${codeOf(current, text)}`))
    },
    verifyMac: (keyId, covered, presented) => () => {
      const known = keys.find(({ id }) => id === keyId)
      return Promise.resolve(Either.right(known !== undefined && sameDigest(codeOf(known, covered), presented)))
    }
  }
}

/** The digests of RSASSA-PKCS1-v1_5 (RFC 7518, section 3.3). */
const rsaDigests: ReadonlyMap<string, string> = new Map([
  ['RS256', 'sha256'],
  ['RS384', 'sha384'],
  ['RS512', 'sha512']
])

const imported = memoizedImport((jwk) => {
  const key = createPublicKey(ownMembers({ key: ownMembers({ ...jwk }), format: 'jwk' as const }))
  if (key.asymmetricKeyType !== 'rsa' || Number(key.asymmetricKeyDetails?.modulusLength) < shortestModulus)
    throw new Error('no RSA key')
  return key
})

/** Whether the header of a JWS names the algorithm and no critical extension (RFC 7515, section 4.1.11). */
const saysOnly = (header: unknown, alg: string): boolean =>
  typeof header === 'object' &&
  header !== null &&
  ownMember(header as Readonly<Record<string, unknown>>, 'alg') === alg &&
  !Object.hasOwn(header, 'crit') &&
  !Object.hasOwn(header, 'b64')

const verifiesRsa = async (digest: string, key: Jwk | null, alg: string, text: string): Promise<boolean> => {
  const [header = '', claims = '', signature = '', ...rest] = text.split('.')
  try {
    const publicKey = key === null ? KeyObject.from(await dummyKey(alg)) : imported(key, alg)
    const isGood = verify(digest, Buffer.from(`${header}.${claims}`), publicKey, Buffer.from(signature, 'base64url'))
    return (
      isGood &&
      key !== null &&
      rest.length === 0 &&
      isBase64url(signature) &&
      saysOnly(Option.toNullable(parseJson(Buffer.from(header, 'base64url').toString())), alg)
    )
  } catch {
    return false
  }
}

const verification = (keys: Keys): Pick<Keys, 'verifyAssertion'> => ({
  verifyAssertion: (key, alg, text) => {
    const digest = rsaDigests.get(alg)
    return digest === undefined
      ? keys.verifyAssertion(key, alg, text)
      : async () => Either.right(await verifiesRsa(digest, key, alg, text))
  }
})

/**
 * Keys from the given material, as those of `smart-app-launch/adapters/jose`: each verifies the MACs and signatures of
 * the other.
 */
export const nodeKeys = (material: KeyMaterial): TaskEither.TaskEither<PortError, Keys> =>
  pipe(
    joseKeys(material),
    TaskEither.map((keys) => ({
      ...keys,
      ...macOperations(material),
      ...verification(keys),
      scryptDigest: scryptVerifier()
    }))
  )

/**
 * Random tokens like those of `systemRandom`, encoded by Node's own buffers.
 *
 * @example
 * ```ts
 * import { nodeRandom } from 'smart-app-launch/adapters/node-crypto'
 *
 * nodeRandom.token().length // => 43
 * ```
 */
export const nodeRandom: Random = {
  token: bufferedTokens(({ buffer, byteOffset, length }) =>
    Buffer.from(buffer, byteOffset, length).toString('base64url')
  )
}

export { newClientSecret, secretDigest } from './client-secrets.js'
export type { SecretOrigin } from './client-secrets.js'
