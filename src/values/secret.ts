/**
 * Comparing secrets.
 *
 * Secrets are never compared themselves, only their SHA-256 digests, and those in a time that does not depend on where
 * they differ. This is the one place of the pure layers where two secret-derived texts meet.
 *
 * @module
 */

/** A SHA-256 digest as base64url without padding: 43 characters. */
export type Digest = string

/**
 * Whether two digests are equal, looking at every character whatever the answer.
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
