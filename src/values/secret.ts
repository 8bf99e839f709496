/**
 * Comparing secrets.
 *
 * Secrets are never compared directly. Their digests are compared, in a time that does not depend on the position of
 * the first difference. No other module of the pure layers compares digests of secrets.
 *
 * @module
 */
import { limits } from './limits/limits.js'

/**
 * A SHA-256 digest as base64url without padding, 43 characters: for random secrets of 128 bits and more. A client's
 * secret that a person chose has a scrypt digest (see {@link readScryptDigest}), which is slow to guess.
 */
export type Digest = string

/** The parts of a scrypt digest (RFC 7914). */
export interface ScryptDigest {
  /** The base-2 logarithm of the cost parameter N. */
  readonly logCost: number
  /** The block size r. */
  readonly blockSize: number
  /** The parallelization parameter p. */
  readonly parallelization: number
  /** The salt, as base64 without padding. */
  readonly salt: string
  /** The derived key, as base64 without padding. */
  readonly hash: string
}

const scryptForm =
  /^\$scrypt\$ln=([1-9][0-9]?),r=([1-9][0-9]?),p=([1-9])\$([A-Za-z0-9+/]{22,86})\$([A-Za-z0-9+/]{43,86})$/

/** Whether a digest is one of scrypt, readable or not. */
export const isScryptDigest = (digest: Digest): boolean => digest.startsWith('$scrypt$')

/**
 * Reads a scrypt digest in the PHC string format: `$scrypt$ln=15,r=8,p=1$<salt>$<hash>`, salt and hash as base64
 * without padding. Null when the text has another form, or when computing it would cost more than the limit
 * `secretDigestCost` (see `docs/limits.md`).
 *
 * @example
 * ```ts
 * import { readScryptDigest } from './secret.js'
 *
 * const salt = 'A'.repeat(22)
 * const hash = 'B'.repeat(43)
 * readScryptDigest(`$scrypt$ln=15,r=8,p=1$${salt}$${hash}`)?.logCost // => 15
 * readScryptDigest(`$scrypt$ln=30,r=8,p=1$${salt}$${hash}`) // => null
 * ```
 */
export const readScryptDigest = (digest: Digest): ScryptDigest | null => {
  const [, logCost, blockSize, parallelization, salt = '', hash = ''] = scryptForm.exec(digest) ?? []
  if (logCost === undefined) return null
  const parts = {
    logCost: Number(logCost),
    blockSize: Number(blockSize),
    parallelization: Number(parallelization),
    salt,
    hash
  }
  const blocks = 128 * parts.blockSize * parts.parallelization * 2 ** parts.logCost
  return blocks <= limits.secretDigestCost.default ? parts : null
}

/** A scrypt digest as text. */
export const scryptDigestText = ({ logCost, blockSize, parallelization, salt, hash }: ScryptDigest): Digest =>
  `$scrypt$ln=${String(logCost)},r=${String(blockSize)},p=${String(parallelization)}$${salt}$${hash}`

/**
 * Whether two digests are equal. All characters are compared, whatever the result.
 *
 * @example
 * ```ts
 * import { sameDigest } from './secret.js'
 *
 * sameDigest(
 *   '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU',
 *   '47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU'
 * ) // => true
 * sameDigest('47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU', '') // => false
 * ```
 */
export const sameDigest = (left: Digest, right: Digest): boolean => {
  let difference = left.length ^ right.length
  for (let index = 0; index < left.length; index++) {
    difference |= left.charCodeAt(index) ^ right.charCodeAt(index % Math.max(right.length, 1))
  }
  return difference === 0
}
