/**
 * Keys with jose and WebCrypto: id_tokens are signed with RS256, codes and opaque tokens have a MAC (HMAC-SHA-256).
 *
 * @module fp-ts/adapters/jose
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { CryptoKey, JWK } from 'jose'
import { base64url, calculateJwkThumbprint, compactVerify, exportJWK, generateKeyPair, importJWK, SignJWT } from 'jose'
import { dummyKey, memoizedImport, publicMembers } from './imported-keys.js'
import type { KeyMaterial } from './key-material.js'
import type { Keys, PortError } from '../engine/ports.js'
import { messageOf } from './error-message.js'
import { portUnavailable } from '../engine/ports.js'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { asymmetricAlgorithms as signatureAlgorithms } from '../protocol/jwt/jwk.js'
import { parseJson } from '../values/json.js'
import { sameDigest } from '../values/secret.js'
import { ownData, ownMember, ownMembers } from '../values/own.js'

const unavailable = (error: unknown): PortError => portUnavailable(messageOf(error))

/** Runs work that may throw as a `TaskEither`: one promise, where `TaskEither.tryCatch` makes several. */
const attempted =
  <A>(work: () => Promise<A>): TaskEither.TaskEither<PortError, A> =>
  async () => {
    try {
      return Either.right(await work())
    } catch (error) {
      return Either.left(unavailable(error))
    }
  }

const encoder = new TextEncoder()

interface MacKey {
  readonly id: string
  readonly key: CryptoKey
}

const importMacKey = async ({ id, secret }: KeyMaterial['macKeys'][number]): Promise<MacKey> => {
  const bytes = base64url.decode(secret)
  if (bytes.length < 32) throw new Error(`MAC key ${id} is shorter than 32 bytes`)
  if (!/^[A-Za-z0-9_-]{1,128}$/.test(id)) throw new Error('the id of a MAC key may hold letters, digits, - and _ only')
  const key = await crypto.subtle.importKey(
    'raw',
    Uint8Array.from(bytes),
    ownMembers({ name: 'HMAC', hash: 'SHA-256' }),
    false,
    ['sign']
  )
  return { id, key }
}

const mac = async (key: CryptoKey, text: string): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.sign('HMAC', key, encoder.encode(text))))

/** SHA-256 of the UTF-8 bytes of a text, as base64url. */
export const digest = (text: string) => async (): Promise<string> =>
  base64url.encode(new Uint8Array(await crypto.subtle.digest('SHA-256', encoder.encode(text))))

/** A signing key and its public key. */
interface SigningKey {
  readonly kid: string
  readonly alg: string
  readonly privateKey: CryptoKey | Uint8Array
  readonly publicKey: CryptoKey | Uint8Array
  readonly published: Jwk
}

const importSigningKey = async (given: JWK, alg: string): Promise<SigningKey> => {
  const jwk = ownMembers(given)
  const { kid } = jwk
  if (kid === undefined) throw new Error('a signing key must have a kid')
  if (!signatureAlgorithms.includes(alg))
    throw new Error(`signing key ${kid} must have an alg among ${signatureAlgorithms.join(', ')}`)
  const half = ownMembers(
    Object.fromEntries(publicMembers.flatMap((name) => (jwk[name] === undefined ? [] : [[name, jwk[name]]])))
  )
  return {
    kid,
    alg,
    privateKey: await importJWK(jwk, alg),
    publicKey: await importJWK(half, alg),
    published: { ...half, use: 'sig', alg }
  }
}

/** The claims of a token of the type `at+jwt` that one of the keys signed. */
const verified = async (keys: ReadonlyArray<SigningKey>, token: string): Promise<Option.Option<unknown>> => {
  try {
    const { payload, protectedHeader } = await compactVerify(token, (header) => {
      const [kid, alg] = [ownMember(header, 'kid'), ownMember(header, 'alg')]
      const key = keys.find((one) => one.kid === kid && one.alg === alg)
      if (key === undefined) throw new Error('no such key')
      return key.publicKey
    })
    return ownMember(protectedHeader, 'typ') === 'at+jwt' ? parseJson(new TextDecoder().decode(payload)) : Option.none
  } catch {
    return Option.none
  }
}

const imported = memoizedImport(importJWK)

/** Whether the signature of a compact JWS fits a key; without a key the same work is done. */
export const verifies = async (key: Jwk | null, alg: string, text: string): Promise<boolean> => {
  const known = signatureAlgorithms.includes(alg) ? alg : 'RS384'
  try {
    await compactVerify(
      text,
      key === null ? await dummyKey(known) : await imported(key, known),
      ownMembers({ algorithms: [known] })
    )
    return key !== null
  } catch {
    return false
  }
}

/** Refuses two keys with one id: a token could not be assigned to the key that made it. */
const refuseRepeated = (ids: ReadonlyArray<string | undefined>): void => {
  const repeated = ids.find((id, place) => ids.indexOf(id) !== place)
  if (repeated !== undefined)
    throw new Error(`two keys are called ${repeated}: a new key needs a new id, and the old one keeps its own`)
}

const makeKeys = async (given: KeyMaterial): Promise<Keys> => {
  const material = ownData(given)
  refuseRepeated([...material.signingKeys, ...(material.accessTokenKeys ?? [])].map(({ kid }) => kid))
  refuseRepeated(material.macKeys.map(({ id }) => id))
  if (material.signingKeys.some(({ kty }) => kty !== 'RSA')) throw new Error('the signing keys must be RSA JWKs')
  const signingKeys = await Promise.all(material.signingKeys.map((jwk) => importSigningKey(jwk, 'RS256')))
  const [signer] = signingKeys
  if (signer === undefined) throw new Error('at least one signing key is needed')
  const ownKeys = await Promise.all((material.accessTokenKeys ?? []).map((jwk) => importSigningKey(jwk, jwk.alg ?? '')))
  // Tokens that were signed before there were keys for access tokens are valid until they expire.
  const verifyingKeys = [...ownKeys, ...signingKeys]
  const accessTokenSigner = ownKeys.at(0) ?? signer
  const macKeys = await Promise.all(material.macKeys.map(importMacKey))
  const [current] = macKeys
  if (current === undefined) throw new Error('at least one MAC key is needed')
  return {
    digest,
    mac: (covered) =>
      attempted(async () => {
        const text = covered(current.id)
        return `${text}.${await mac(current.key, text)}`
      }),
    verifyMac: (keyId, covered, presented) =>
      attempted(async () => {
        const known = macKeys.find(({ id }) => id === keyId)
        return known !== undefined && sameDigest(await mac(known.key, covered), presented)
      }),
    signIdToken: (claims) =>
      attempted(() =>
        new SignJWT(ownMembers({ ...claims }))
          .setProtectedHeader(ownMembers({ alg: signer.alg, kid: signer.kid, typ: 'JWT' }))
          .sign(signer.privateKey)
      ),
    signAccessToken: (claims) =>
      attempted(() =>
        new SignJWT(ownMembers({ ...claims }))
          .setProtectedHeader(ownMembers({ alg: accessTokenSigner.alg, kid: accessTokenSigner.kid, typ: 'at+jwt' }))
          .sign(accessTokenSigner.privateKey)
      ),
    verifyAccessToken: (token) => attempted(() => verified(verifyingKeys, token)),
    verifyAssertion: (key, alg, text) => attempted(() => verifies(key, alg, text)),
    publicKeys: TaskEither.right([...signingKeys, ...ownKeys].map(({ published }) => published))
  }
}

/** Keys from the given material, imported once and used for every request. */
export const joseKeys = (material: KeyMaterial): TaskEither.TaskEither<PortError, Keys> =>
  attempted(() => makeKeys(material))

/** New key material: an RSA key of 2048 bits and one MAC key. */
export const generateKeyMaterial: TaskEither.TaskEither<PortError, KeyMaterial> = attempted(async () => {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  const jwk = await exportJWK(privateKey)
  const kid = await calculateJwkThumbprint(jwk)
  const secret = base64url.encode(crypto.getRandomValues(new Uint8Array(32)))
  return { signingKeys: [{ ...jwk, kid }], macKeys: [{ id: kid.slice(0, 8), secret }] }
})

export type { KeyMaterial } from './key-material.js'
export { defaultKeyRotation, keyMaterialOf, rotateKeys, storedKeysFromJson } from './stored-keys.js'
export type { KeyRotation, StoredKey, StoredKeys, StoredMacKey } from './stored-keys.js'
