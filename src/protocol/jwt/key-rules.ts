/**
 * What is wrong with a key that a client wants to register: one row for each member.
 *
 * Source: RFC 7517, section 4; RFC 7518, sections 6.2.1 and 6.3.1.
 *
 * @module
 */
import type { Jwk } from './jwk.js'
import { coordinateLengths, declaresUse, isExponent, isKeyText, isModulus, privateMembers } from './jwk.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownMembers } from '../../values/own.js'

/** A key of a set, and the ids of the keys before it. */
export interface KeyFacts {
  readonly key: Jwk
  readonly idsBefore: ReadonlyArray<unknown>
}

/** A row: the member, and what is expected of it. A key without a member that its type needs breaks the row, too. */
const about = (
  name: string,
  member: string,
  expected: string | ((key: Jwk) => string),
  holds: (key: Jwk, idsBefore: ReadonlyArray<unknown>) => boolean
): Rule<KeyFacts, string> => ({
  name,
  check: ({ idsBefore, key }) =>
    holds(key, idsBefore) ? null : `.${member} must be ${typeof expected === 'string' ? expected : expected(key)}`
})

const coordinate = (member: 'x' | 'y'): Rule<KeyFacts, string> =>
  about(
    `key-${member}`,
    member,
    ({ crv }) => `base64url of ${String(coordinateLengths.get(crv))} characters, as the curve needs`,
    (key) => key['kty'] !== 'EC' || (isKeyText(key[member]) && key[member].length === coordinateLengths.get(key['crv']))
  )

/** The rules of a key. A refusal is the end of a sentence that begins with the place of the key. */
export const keyRules: ReadonlyArray<Rule<KeyFacts, string>> = [
  about('key-type', 'kty', 'RSA or EC', ({ kty }) => kty === 'RSA' || kty === 'EC'),
  ...privateMembers.map((member) =>
    about(`key-without-${member}`, member, 'left out: it belongs to a private key', (key) => key[member] === undefined)
  ),
  about(
    'key-modulus',
    'n',
    'base64url of 2048 to 8192 bits',
    ({ kty, n }) => kty !== 'RSA' || (isKeyText(n) && isModulus(n))
  ),
  about(
    'key-exponent',
    'e',
    'base64url of an odd number greater than 1, such as AQAB',
    ({ e, kty }) => kty !== 'RSA' || (isKeyText(e) && isExponent(e))
  ),
  about(
    'key-curve',
    'crv',
    [...coordinateLengths.keys()].join(', '),
    ({ crv, kty }) => kty !== 'EC' || coordinateLengths.has(crv)
  ),
  coordinate('x'),
  coordinate('y'),
  about('key-id', 'kid', 'a text that is not empty', ({ kid }) => typeof kid === 'string' && kid !== ''),
  about('key-id-own', 'kid', 'another one than that of each key before it', ({ kid }, ids) => !ids.includes(kid)),
  about('key-use', 'use', 'a text, if the key has it', ({ use }) => declaresUse({ use })),
  about('key-algorithm', 'alg', 'a text, if the key has it', ({ alg }) => declaresUse({ alg })),
  about('key-operations', 'key_ops', 'a short list of texts, if the key has it', ({ key_ops }) =>
    declaresUse({ key_ops })
  )
]

/**
 * The first fault in the keys of a set, of as many as a client may register: its key by its place, and its member. No
 * text of the keys is in it. Null for none.
 *
 * @example
 * ```ts
 * import { keyFault } from './key-rules.js'
 *
 * keyFault([{ kty: 'EC', crv: 'P-384', kid: 'a', x: 'short', y: 'short' }])
 * // => 'keys[0].x must be base64url of 64 characters, as the curve needs'
 * ```
 */
export const keyFault = (keys: ReadonlyArray<unknown>): string | null => {
  const ids: Array<unknown> = []
  for (const [place, one] of keys.slice(0, limits.registeredKeys.default).entries()) {
    if (!isObject(one)) return `keys[${String(place)}] must be an object`
    const key = ownMembers(one)
    const fault = firstRefusal(keyRules, { key, idsBefore: ids })
    if (fault !== null) return `keys[${String(place)}]${fault}`
    ids.push(key['kid'])
  }
  return null
}
