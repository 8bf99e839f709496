/**
 * An app's keys with jose and WebCrypto, on every platform that has it.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { CryptoKey, JWK } from 'jose'
import { importJWK, SignJWT } from 'jose'
import { digest, verifies } from './jose.js'
import type { AppKeys } from '../engine/app/ports.js'
import type { PortError } from '../engine/ports.js'
import { isPlain, ownMembers } from '../values/own.js'

/** The key with which a `private_key_jwt` app signs; its public half is registered, or published at its `jwks_uri`. */
export interface AppSigningKey {
  readonly kid: string
  readonly alg: 'RS384' | 'ES384'
  /** A private JWK, or a key that WebCrypto holds and does not give away. */
  readonly key: JWK | CryptoKey
  /** The address of the app's JWK Set, where it is to be named in the header; exactly as it was registered. */
  readonly jku?: string
}

/** A key that WebCrypto holds is an instance of a class, and a JWK is plain data. */
const isHeld = (key: JWK | CryptoKey): key is CryptoKey => !isPlain(key)

const unavailable = (error: unknown): PortError => ({
  _tag: 'Unavailable',
  reason: error instanceof Error ? error.message : 'unknown'
})

/** An app's keys. Without a signing key nothing can be signed; a public app and one with a secret need none. */
export const appKeys = (signingKey?: AppSigningKey): AppKeys => ({
  digest,
  signAssertion: (claims) =>
    TaskEither.tryCatch(async () => {
      if (signingKey === undefined) throw new Error('the app has no signing key')
      const { alg, jku, key, kid } = ownMembers(signingKey)
      return new SignJWT(ownMembers({ ...claims }))
        .setProtectedHeader(ownMembers({ alg, kid, typ: 'JWT', ...(jku === undefined ? {} : { jku }) }))
        .sign(isHeld(key) ? key : await importJWK(ownMembers(key), alg))
    }, unavailable),
  verifySignature: (key, alg, text) => TaskEither.fromTask(() => verifies(key, alg, text))
})
