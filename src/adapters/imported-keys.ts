/**
 * Clients' keys, imported for verification.
 *
 * @module
 */
import type { CryptoKey, JWK } from 'jose'
import { generateKeyPair } from 'jose'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { limits } from '../values/limits/limits.js'
import { ownMember, ownMembers } from '../values/own.js'

/** The public members of a JWK: RSA and elliptic curve. */
export const publicMembers = ['kty', 'n', 'e', 'crv', 'x', 'y', 'kid'] as const

/** Imports each key once, identified by its content: a client registry may return a new object for each request. */
export const memoizedImport = <Key>(importKey: (jwk: JWK, alg: string) => Key): ((key: Jwk, alg: string) => Key) => {
  const imported = new Map<string, Key>()
  return (key, alg) => {
    const members = publicMembers.map((member) => ownMember(key, member))
    const name = JSON.stringify([alg, ...members])
    const known = imported.get(name)
    if (known !== undefined) return known
    if (imported.size >= limits.importedKeys.default) imported.clear()
    const fresh = importKey(
      ownMembers(Object.fromEntries(publicMembers.map((member, place) => [member, members[place]]))),
      alg
    )
    imported.set(name, fresh)
    return fresh
  }
}

/** Keys of no client, one for each algorithm, made on first use. */
const dummyKeys = new Map<string, Promise<CryptoKey>>()

/**
 * A key of no client, to verify with when no key of the client matches, so that the response time does not reveal it.
 */
export const dummyKey = (alg: string): Promise<CryptoKey> => {
  const known = dummyKeys.get(alg)
  if (known !== undefined) return known
  const fresh = generateKeyPair(alg).then(({ publicKey }) => publicKey)
  dummyKeys.set(alg, fresh)
  // A key that could not be made is made again the next time; the waiting caller gets the failure.
  fresh.catch(() => {
    dummyKeys.delete(alg)
  })
  return fresh
}
