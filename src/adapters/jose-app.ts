/**
 * An app's keys with jose and WebCrypto, on every platform with WebCrypto.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { CryptoKey, JWK } from 'jose'
import { importJWK, SignJWT } from 'jose'
import { digest, verifies } from './jose.js'
import type { AppKeys } from '../engine/app/ports.js'
import type { PortError } from '../engine/ports.js'
import { messageOf } from './error-message.js'
import { portUnavailable } from '../engine/ports.js'
import { isPlain, ownMembers } from '../values/own.js'

/**
 * The key with which a `private_key_jwt` app signs; the public key is registered, or published at the app's `jwks_uri`.
 */
export interface AppSigningKey {
  readonly kid: string
  readonly alg: 'RS384' | 'ES384'
  /** A private JWK, or a non-extractable key of WebCrypto. */
  readonly key: JWK | CryptoKey
  /** The address of the app's JWK Set for the header `jku`, exactly as registered. */
  readonly jku?: string
}

/** A WebCrypto key is an instance of a class, and a JWK is a plain object. */
const isHeld = (key: JWK | CryptoKey): key is CryptoKey => !isPlain(key)

const unavailable = (error: unknown): PortError => portUnavailable(messageOf(error))

/** One key, or several of which the first one with an algorithm that the server lists signs. */
export type AppSigningKeys = AppSigningKey | ReadonlyArray<AppSigningKey>

const listOf = (keys: AppSigningKeys | undefined): ReadonlyArray<AppSigningKey> => {
  if (keys === undefined) return []
  return 'kid' in keys ? [keys] : keys
}

/** The key for a server that lists these algorithms. */
const keyFor = (keys: ReadonlyArray<AppSigningKey>, algorithms: ReadonlyArray<string> | null): AppSigningKey => {
  const own = keys.map((key) => ownMembers(key).alg)
  const place = own.findIndex((alg) => algorithms === null || algorithms.includes(alg))
  const key = keys[place]
  if (key !== undefined) return key
  throw new Error(
    keys.length === 0
      ? 'the app has no signing key'
      : `the server lists ${(algorithms ?? []).join(', ')}, and the app has keys for ${own.join(', ')}`
  )
}

/** An app's keys. Without a signing key it cannot sign; public apps and apps with a secret need none. */
export const appKeys = (signingKeys?: AppSigningKeys): AppKeys => ({
  ...(signingKeys === undefined ? {} : { algorithms: listOf(signingKeys).map((key) => ownMembers(key).alg) }),
  digest,
  signAssertion: (claims, algorithms) =>
    TaskEither.tryCatch(async () => {
      const signingKey = keyFor(listOf(signingKeys), algorithms)
      const { alg, jku, key, kid } = ownMembers(signingKey)
      return new SignJWT(ownMembers({ ...claims }))
        .setProtectedHeader(ownMembers({ alg, kid, typ: 'JWT', ...(jku === undefined ? {} : { jku }) }))
        .sign(isHeld(key) ? key : await importJWK(ownMembers(key), alg))
    }, unavailable),
  verifySignature: (key, alg, text) => TaskEither.fromTask(() => verifies(key, alg, text))
})
