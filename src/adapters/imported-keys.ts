/**
 * Keys of clients, ready to verify with.
 *
 * @module
 */
import type { CryptoKey, JWK } from 'jose'
import { generateKeyPair } from 'jose'
import type { Jwk } from '../protocol/jwt/jwk.js'
import { limits } from '../values/limits/limits.js'
import { ownMember, ownMembers } from '../values/own.js'

/** The members of a JWK that may be published: RSA and elliptic curve. */
export const publicMembers = ['kty', 'n', 'e', 'crv', 'x', 'y', 'kid'] as const

/** Imports each key once, by what it says: a register may hand out a new object for every request. */
export const memoizedImport = <Key>(importKey: (jwk: JWK, alg: string) => Key): ((key: Jwk, alg: string) => Key) => {
  const imported = new Map<string, Key>()
  return (key, alg) => {
    const members = publicMembers.map((member) => ownMember(key, member))
    const name = JSON.stringify([alg, ...members])
    const known = imported.get(name)
    if (known !== undefined) return known
    if (imported.size >= limits.importedKeys.standard) imported.clear()
    const fresh = importKey(
      ownMembers(Object.fromEntries(publicMembers.map((member, place) => [member, members[place]]))),
      alg
    )
    imported.set(name, fresh)
    return fresh
  }
}

/** Keys of nobody, one for each algorithm, made when they are first needed. */
const decoys = new Map<string, Promise<CryptoKey>>()

/** A key of nobody, to verify with where no key of a client fits: time must not tell. */
export const dummyKey = (alg: string): Promise<CryptoKey> => {
  const known = decoys.get(alg)
  if (known !== undefined) return known
  const fresh = generateKeyPair(alg).then(({ publicKey }) => publicKey)
  decoys.set(alg, fresh)
  // One that could not be made is made anew the next time; who waits for it hears of the failure.
  fresh.catch(() => {
    decoys.delete(alg)
  })
  return fresh
}
