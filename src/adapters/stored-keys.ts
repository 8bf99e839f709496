/**
 * The keys of a server as JSON, and their rotation in one call.
 *
 * Source: OpenID Connect Core 1.0, section 10.1.1; RFC 7517.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { base64url, calculateJwkThumbprint, exportJWK, generateKeyPair } from 'jose'
import type { KeyMaterial } from './key-material.js'
import type { RotationTimes } from '../values/key-rotation.js'
import { planKeys } from '../values/key-rotation.js'
import { ownData } from '../values/own.js'
import type { EpochSeconds } from '../values/time.js'

/** A key pair, and when it was made (seconds since the epoch). */
export interface StoredKey {
  readonly kid: string
  readonly createdAt: EpochSeconds
  /** The private key. */
  readonly jwk: Readonly<Record<string, unknown>>
}

/** A MAC key, and when it was made (seconds since the epoch). */
export interface StoredMacKey {
  readonly kid: string
  readonly createdAt: EpochSeconds
  /** The key as base64url. */
  readonly secret: string
}

/**
 * The keys of a server with the times at which they were made. Keep them as JSON where you keep secrets: they are
 * enough to make tokens.
 *
 * Migration: `version` is 1. A reader of a later release reads every earlier version; a record of a later version is an
 * error here, so upgrade all processes before the first one writes the new version.
 */
export interface StoredKeys {
  readonly version: 1
  /** The keys that sign id_tokens. */
  readonly signingKeys: ReadonlyArray<StoredKey>
  /** The keys that sign access tokens that are JWTs. */
  readonly accessTokenKeys: ReadonlyArray<StoredKey>
  readonly macKeys: ReadonlyArray<StoredMacKey>
}

const StoredKeyCodec: t.Type<StoredKey> = t.readonly(
  t.strict({ kid: t.string, createdAt: t.number, jwk: t.UnknownRecord })
)

const StoredKeysCodec: t.Type<StoredKeys> = t.readonly(
  t.strict({
    version: t.literal(1),
    signingKeys: t.readonlyArray(StoredKeyCodec),
    accessTokenKeys: t.readonlyArray(StoredKeyCodec),
    macKeys: t.readonlyArray(t.readonly(t.strict({ kid: t.string, createdAt: t.number, secret: t.string })))
  })
)

/** The phases of the keys of a server. */
export interface KeyRotation {
  /** For keys that sign id_tokens and JWT access tokens; `retireSeconds` is at least the longest lifetime of either. */
  readonly signing: RotationTimes
  /** For MAC keys; `retireSeconds` is at least the longest lifetime of a refresh token. */
  readonly mac: RotationTimes
}

const day = 86_400

/**
 * Keys that are announced for an hour, sign for 30 days, and stay published for a day; MAC keys are used for 90 days
 * and stay valid for 365 days, longer than the default lifetime of a refresh token.
 */
export const defaultKeyRotation: KeyRotation = {
  signing: { announceSeconds: 3600, signSeconds: 30 * day, retireSeconds: day },
  mac: { announceSeconds: 3600, signSeconds: 90 * day, retireSeconds: 365 * day }
}

/**
 * Reads stored keys from JSON; left with the path of the first wrong value.
 *
 * @example
 * ```ts
 * import { storedKeysFromJson } from 'smart-app-launch/fp-ts/adapters/jose'
 *
 * storedKeysFromJson({ version: 2 }) // => { _tag: 'Left', left: 'version: expected 1' }
 * ```
 */
export const storedKeysFromJson = (json: unknown): Either.Either<string, StoredKeys> => {
  const decoded = StoredKeysCodec.decode(ownData(json))
  if (Either.isRight(decoded)) return decoded
  const context = decoded.left[0]?.context ?? []
  const path = context
    .map(({ key }) => key)
    .filter((key) => key !== '')
    .join('.')
  return Either.left(`${path === '' ? 'the keys' : path}: expected ${context.at(-1)?.type.name ?? 'another value'}`)
}

const newSigningKey = async (alg: 'RS256' | 'ES256', createdAt: EpochSeconds): Promise<StoredKey> => {
  const { privateKey } = await generateKeyPair(alg, { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  return { kid, createdAt, jwk: { ...jwk, kid, alg } }
}

const newMacKey = (createdAt: EpochSeconds): StoredMacKey => ({
  kid: base64url.encode(crypto.getRandomValues(new Uint8Array(9))),
  createdAt,
  secret: base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
})

/** The keys after rotation: a new one if it is time, and none whose signatures have all expired; the signer first. */
const rotated = async <Key extends { readonly kid: string; readonly createdAt: EpochSeconds }>(
  keys: ReadonlyArray<Key>,
  now: EpochSeconds,
  times: RotationTimes,
  make: () => Promise<Key> | Key
): Promise<ReadonlyArray<Key>> => {
  const present = planKeys(keys, now, times).makeKey ? [...keys, await make()] : keys
  const { signer, published } = planKeys(present, now, times)
  const order = [signer, ...published.filter((kid) => kid !== signer)]
  return order.flatMap((kid) => present.filter((key) => key.kid === kid))
}

/**
 * Plans and does the rotation of a server's keys: the keys to keep from now on. Call it when the process starts and
 * once an hour, store the result, and build the server anew with {@link keyMaterialOf} when it differs. With `null` it
 * makes the first keys. The result equals `kept` when nothing is to be done.
 *
 * With several processes, let the store decide: write the result only if the stored keys are still `kept`, and read
 * them again otherwise. A new key signs nothing before `announceSeconds` are over, so that all processes know it by
 * then.
 *
 * @example
 * ```ts
 * import { defaultKeyRotation, rotateKeys } from 'smart-app-launch/adapters/jose'
 *
 * const first = await rotateKeys(null, 0, defaultKeyRotation)
 * const later = await rotateKeys(first, 30 * 86400, defaultKeyRotation)
 * later.signingKeys.map(({ createdAt }) => createdAt) // => [0, 30 * 86400]
 * ```
 */
export const rotateKeys = async (
  kept: StoredKeys | null,
  now: EpochSeconds,
  { signing, mac }: KeyRotation
): Promise<StoredKeys> => ({
  version: 1,
  signingKeys: await rotated(kept?.signingKeys ?? [], now, signing, () => newSigningKey('RS256', now)),
  accessTokenKeys: await rotated(kept?.accessTokenKeys ?? [], now, signing, () => newSigningKey('ES256', now)),
  macKeys: await rotated(kept?.macKeys ?? [], now, mac, () => newMacKey(now))
})

/**
 * The key material for `joseKeys` or `nodeKeys`.
 *
 * @example
 * ```ts
 * import { defaultKeyRotation, keyMaterialOf, rotateKeys } from 'smart-app-launch/adapters/jose'
 *
 * const keys = keyMaterialOf(await rotateKeys(null, 0, defaultKeyRotation))
 * keys.signingKeys.map(({ alg }) => alg) // => ['RS256']
 * ```
 */
export const keyMaterialOf = ({ signingKeys, accessTokenKeys, macKeys }: StoredKeys): KeyMaterial => ({
  signingKeys: signingKeys.map(({ jwk }) => jwk),
  accessTokenKeys: accessTokenKeys.map(({ jwk }) => jwk),
  macKeys: macKeys.map(({ kid, secret }) => ({ id: kid, secret }))
})
