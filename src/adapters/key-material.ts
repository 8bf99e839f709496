/**
 * The type of the keys of an authorization server.
 *
 * @module
 */
import type { JWK } from 'jose'

/** The secrets of an authorization server. Keep them together: they are enough to make tokens. */
export interface KeyMaterial {
  /** Private RSA keys as JWKs, with `kid`, for id_tokens. The first signs; all are published (see `planKeys`). */
  readonly signingKeys: ReadonlyArray<JWK>
  /**
   * Private keys as JWKs, with `kid` and `alg` (ES256 is the cheapest to sign with), for JWT access tokens. The first
   * signs; all verify and are published, as do the signing keys. Without any, access tokens are signed with the first
   * signing key.
   */
  readonly accessTokenKeys?: ReadonlyArray<JWK>
  /**
   * Secrets of at least 32 bytes as base64url, by id (letters, digits, `-`, `_`). The first makes MACs; all verify.
   */
  readonly macKeys: ReadonlyArray<{ readonly id: string; readonly secret: string }>
}
