/**
 * Random tokens: 256 bits each, as base64url (43 characters).
 *
 * @module
 */
import type { IO } from 'fp-ts/lib/IO.js'

/**
 * Bytes of one token, and the number of tokens whose bytes are generated at a time: one generation costs as much as the
 * rest of a request.
 */
const tokenBytes = 32
const tokensAtOnce = 64

/** Tokens from bytes that are generated ahead; `encode` encodes bytes as base64url. Used bytes are not kept. */
export const bufferedTokens = (encode: (bytes: Uint8Array) => string): IO<string> => {
  const pool = new Uint8Array(tokenBytes * tokensAtOnce)
  let next = pool.length
  return () => {
    if (next === pool.length) {
      crypto.getRandomValues(pool)
      next = 0
    }
    const bytes = pool.subarray(next, next + tokenBytes)
    next += tokenBytes
    const token = encode(bytes)
    bytes.fill(0)
    return token
  }
}
