/**
 * Keys with jose and WebCrypto: id_tokens are signed with RS256, codes and tokens are sealed with HMAC-SHA-256.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { CryptoKey, JWK } from 'jose'
import { base64url, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import type { Keys, PublicJwk, Silence } from '../engine/ports.js'
import { sameDigest } from '../values/secret.js'

/** The secrets of an authorization server. Keep them together: who has them can make tokens. */
export interface KeyMaterial {
  /** A private RSA key as a JWK, with `kid`. */
  readonly signingKey: JWK
  /** Secrets of at least 32 bytes as base64url, by id (letters, digits, `-`, `_`). The first seals; all verify. */
  readonly sealingKeys: ReadonlyArray<{ readonly id: string; readonly secret: string }>
}

/** The members of an RSA JWK that may be published. */
const publicMembers = ['kty', 'n', 'e', 'kid'] as const

const silence = (error: unknown): Silence => ({
  _tag: 'Silence',
  reason: error instanceof Error ? error.message : 'unknown'
})

const encoder = new TextEncoder()

interface SealingKey {
  readonly id: string
  readonly key: CryptoKey
}

const importSealingKey = async ({ id, secret }: KeyMaterial['sealingKeys'][number]): Promise<SealingKey> => {
  const bytes = base64url.decode(secret)
  if (bytes.length < 32) throw new Error(`sealing key ${id} is shorter than 32 bytes`)
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) throw new Error('the id of a sealing key may hold letters, digits, - and _ only')
  const key = await crypto.subtle.importKey('raw', Uint8Array.from(bytes), { name: 'HMAC', hash: 'SHA-256' }, false, ['sign'])
  return { id, key }
}

const authenticationCode = async (key: CryptoKey, text: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))))

/** SHA-256 of the UTF-8 bytes of a text, as base64url. */
export const digest = (text: string) => async (): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))

const makeKeys = async (material: KeyMaterial): Promise<Keys> => {
  const { signingKey } = material
  const kid = signingKey.kid
  if (signingKey.kty !== 'RSA' || kid === undefined) throw new Error('the signing key must be an RSA JWK with a kid')
  const privateKey = await importJWK(signingKey, 'RS256')
  const sealingKeys = await Promise.all(material.sealingKeys.map(importSealingKey))
  const [current] = sealingKeys
  if (current === undefined) throw new Error('at least one sealing key is needed')
  const published: PublicJwk = {
    ...Object.fromEntries(publicMembers.map((name) => [name, signingKey[name]])),
    use: 'sig',
    alg: 'RS256'
  }
  return {
    digest,
    seal: (covered) =>
      TaskEither.tryCatch(async () => {
        const text = covered(current.id)
        return `${text}.${await authenticationCode(current.key, text)}`
      }, silence),
    fits: (keyId, covered, presented) =>
      TaskEither.tryCatch(async () => {
        const known = sealingKeys.find(({ id }) => id === keyId)
        return known !== undefined && sameDigest(await authenticationCode(known.key, covered), presented)
      }, silence),
    signIdToken: (claims) =>
      TaskEither.tryCatch(
        () => new SignJWT({ ...claims }).setProtectedHeader({ alg: 'RS256', kid, typ: 'JWT' }).sign(privateKey),
        silence
      ),
    publicKeys: TaskEither.right([published])
  }
}

/** Keys made of given material: imported once, used for every request. */
export const joseKeys = (material: KeyMaterial): TaskEither.TaskEither<Silence, Keys> =>
  TaskEither.tryCatch(() => makeKeys(material), silence)

/** Fresh key material: an RSA key of 2048 bits and one sealing key. */
export const generateKeyMaterial: TaskEither.TaskEither<Silence, KeyMaterial> = TaskEither.tryCatch(async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  const secret = base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
  return { signingKey: { ...jwk, kid }, sealingKeys: [{ id: kid.slice(0, 8), secret }] }
}, silence)
