/**
 * Digests of client secrets, for the host's database: which kind fits which secret, and how it is made.
 *
 * Source: NIST SP 800-63B, section 5.1.1.2; RFC 7914 (scrypt); RFC 6749, section 10.10.
 *
 * @module
 */
import { createHmac, hash, randomBytes, scrypt } from 'node:crypto'
import type { Keys, PortError } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import * as Either from 'fp-ts/lib/Either.js'
import { turns } from './fetch/request-queue.js'
import { messageOf } from './error-message.js'
import type { Digest, ScryptDigest } from '../values/secret.js'
import { readScryptDigest, sameDigest, scryptDigestText } from '../values/secret.js'
import { limits } from '../values/limits/limits.js'

/** Who made a secret: a random number generator (128 bits and more), or a person. */
export type SecretOrigin = 'random' | 'chosen'

/** The parameters of new digests: 32 MiB of memory, and about 0.2 s of one core. */
const newParameters = { logCost: 15, blockSize: 8, parallelization: 3 } as const

const [saltBytes, hashBytes] = [16, 32]

/** 128 bits as base64url are 22 characters. */
const randomCharacters = 22

const unpadded = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

const derived = (
  secret: string,
  { logCost, blockSize, parallelization, salt, hash: kept }: ScryptDigest
): Promise<string> =>
  new Promise((resolve, reject) => {
    const cost = 2 ** logCost
    const parameters = {
      N: cost,
      r: blockSize,
      p: parallelization,
      maxmem: 2 * 128 * blockSize * (cost + parallelization)
    }
    scrypt(secret, Buffer.from(salt, 'base64'), Buffer.from(kept, 'base64').length, parameters, (error, key) => {
      if (error === null) resolve(unpadded(key))
      else reject(error)
    })
  })

/**
 * The digest of a client's secret, for `secretDigests` of a registered client. The secret itself need not be kept.
 *
 * `random` makes a SHA-256 digest, which costs microseconds: 128 random bits cannot be guessed. `chosen` makes a scrypt
 * digest, which makes each guess slow. A secret of fewer than 22 characters cannot have 128 random bits, so `random`
 * rejects it.
 *
 * @example
 * ```ts
 * import { secretDigest } from 'smart-app-launch/adapters/node-crypto'
 *
 * await secretDigest('vbDrpClpRRVCENJ1DzyhUw', 'random') // => 'dhq7EBjCCME-QJ76fqs3NWfeaubnwpedoNzQE6EHWp4'
 * const chosen = await secretDigest('correct horse', 'chosen')
 * chosen.startsWith('$scrypt$ln=15,r=8,p=3$') // => true
 * ```
 */
export const secretDigest = async (secret: string, origin: SecretOrigin): Promise<Digest> => {
  if (typeof secret !== 'string') throw new TypeError('secretDigest: the argument `secret` must be a text')
  if (!['random', 'chosen'].includes(origin))
    throw new TypeError("secretDigest: the argument `origin` must be 'random' or 'chosen'")
  if (origin === 'random') {
    if (secret.length < randomCharacters)
      throw new Error(
        `secretDigest: a random secret has at least 128 bits, ${String(randomCharacters)} characters of base64url; ` +
          "this one is shorter: make one with newClientSecret(), or say 'chosen'"
      )
    return hash('sha256', secret, 'base64url')
  }
  const fresh = { ...newParameters, salt: unpadded(randomBytes(saltBytes)), hash: unpadded(Buffer.alloc(hashBytes)) }
  return scryptDigestText({ ...fresh, hash: await derived(secret, fresh) })
}

/**
 * A new random secret of 256 bits, and its digest. Give the secret to the client once, and keep only the digest.
 *
 * @example
 * ```ts
 * import { newClientSecret, secretDigest } from 'smart-app-launch/adapters/node-crypto'
 *
 * const { secret, digest } = await newClientSecret()
 * secret.length // => 43
 * digest === (await secretDigest(secret, 'random')) // => true
 * ```
 */
export const newClientSecret = async (): Promise<{ readonly secret: string; readonly digest: Digest }> => {
  const secret = randomBytes(32).toString('base64url')
  return { secret, digest: await secretDigest(secret, 'random') }
}

/** The work is short, so no request cancels it. */
const never = (): AbortSignal => new AbortController().signal

/**
 * Computes scrypt digests of presented secrets: two at a time, and one for each client, so that guesses delay no other
 * client. A secret that was right before is recognized by a fast MAC under a key of this process.
 */
export const scryptVerifier = (): Required<Keys>['scryptDigest'] => {
  const inTurn = turns({ atOnce: 2, atOncePerPeer: 1 })
  const processKey = randomBytes(32)
  const rightBefore = new Map<Digest, string>()
  const shortOf = (secret: string): string => createHmac('sha256', processKey).update(secret).digest('base64url')
  const compute = async (secret: string, known: Digest, parts: ScryptDigest): Promise<Digest> => {
    const digest = scryptDigestText({ ...parts, hash: await derived(secret, parts) })
    if (sameDigest(digest, known)) {
      if (rightBefore.size >= limits.importedKeys.default) rightBefore.clear()
      rightBefore.set(known, shortOf(secret))
    }
    return digest
  }
  return (secret, known) => async (): Promise<Either.Either<PortError, Digest>> => {
    const parts = readScryptDigest(known)
    if (parts === null) return Either.left(portUnavailable('a scrypt digest cannot be read, or costs too much'))
    const short = rightBefore.get(known)
    if (short !== undefined && sameDigest(short, shortOf(secret))) return Either.right(known)
    try {
      return Either.right(await inTurn(known, never(), () => compute(secret, known, parts)))
    } catch (error) {
      return Either.left(portUnavailable(messageOf(error)))
    }
  }
}
