/**
 * Comparing secrets.
 *
 * Secrets are never compared directly. Their SHA-256 digests are compared, in a time that does not depend on the
 * position of the first difference. No other module of the pure layers compares digests of secrets.
 *
 * @module
 */

/** A SHA-256 digest as base64url without padding: 43 characters. */
export type Digest = string

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
