/**
 * Registered public keys of clients (RFC 7517), and the choice of the key that verifies a signature.
 *
 * @module
 */
import { alphabet as digits } from '../../values/base64url.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember, ownMembers } from '../../values/own.js'
import { isObject } from '../../values/object.js'

/** A JSON Web Key with unchecked members. */
export type Jwk = Readonly<Record<string, unknown>>

/** The source of a client's keys: registered by value, or published by the client at a URL. */
export type ClientKeySource =
  { readonly _tag: 'Inline'; readonly keys: ReadonlyArray<Jwk> } | { readonly _tag: 'AtUrl'; readonly url: string }

interface AlgorithmKind {
  readonly kty: 'RSA' | 'EC'
  /** The curve; null for RSA. */
  readonly crv: string | null
}

const rsa: AlgorithmKind = { kty: 'RSA', crv: null }

/**
 * The signature algorithms of client assertions, and their key types (RFC 7518, section 3.1). `none` and HMAC are
 * excluded.
 */
const algorithmKinds: ReadonlyMap<string, AlgorithmKind> = new Map([
  ['RS256', rsa],
  ['RS384', rsa],
  ['RS512', rsa],
  ['PS256', rsa],
  ['PS384', rsa],
  ['PS512', rsa],
  ['ES256', { kty: 'EC', crv: 'P-256' }],
  ['ES384', { kty: 'EC', crv: 'P-384' }],
  ['ES512', { kty: 'EC', crv: 'P-521' }]
])

/** The names of all asymmetric signature algorithms that the policy can allow. */
export const asymmetricAlgorithms: ReadonlyArray<string> = [...algorithmKinds.keys()]

/** Whether a member of a key is base64url. */
export const isKeyText = (value: unknown): value is string =>
  typeof value === 'string' && /^[A-Za-z0-9_-]+$/.test(value)

/** The number of bits of a base64url number, without leading zeros. */
const bitsOf = (number: string): number => {
  const zeros = /^A*/.exec(number)?.[0].length ?? 0
  const first = digits.indexOf(number.charAt(zeros))
  return zeros === number.length ? 0 : Math.floor((number.length * 6) / 8) * 8 - zeros * 6 - (Math.clz32(first) - 26)
}

/** The shortest RSA key, in bits (RFC 7518, section 3.3). */
export const shortestModulus = 2048

/** The longest RSA key, in bits: the server computes with keys that clients register, and long keys are expensive. */
const longestModulus = limits.keyModulus.default

/** Whether a modulus has a length that this server computes with. */
export const isModulus = (number: string): boolean =>
  bitsOf(number) >= shortestModulus && bitsOf(number) <= longestModulus

/** The longest public exponent, in bits. An exponent as long as the modulus makes verifying as expensive as signing. */
const longestExponent = limits.keyExponent.default

/** Whether a public exponent is secure: with 1 the signature is the padded digest, which anyone can compute. */
export const isExponent = (number: string): boolean => {
  const lowest = [1, 0, 16, 4][number.length % 4] ?? 0
  return (
    bitsOf(number) > 1 &&
    bitsOf(number) <= longestExponent &&
    (digits.indexOf(number.charAt(number.length - 1)) & lowest) !== 0
  )
}

const hasMaterial = (key: Jwk, { kty, crv }: AlgorithmKind): boolean =>
  kty === 'RSA'
    ? isKeyText(key['n']) && isModulus(key['n']) && isKeyText(key['e']) && isExponent(key['e'])
    : key['crv'] === crv && isKeyText(key['x']) && isKeyText(key['y'])

/** The number of characters of a coordinate, which has the full length of its field (RFC 7518, section 6.2.1.2). */
export const coordinateLengths: ReadonlyMap<unknown, number> = new Map([
  ['P-256', 43],
  ['P-384', 64],
  ['P-521', 88]
])

const hasWholeCoordinates = (key: Jwk): boolean =>
  key['kty'] !== 'EC' ||
  [key['x'], key['y']].every((one) => isKeyText(one) && one.length === coordinateLengths.get(key['crv']))

/** Whether `use`, `key_ops` and `alg`, if present, allow verifying with a key. */
const allowsVerification = (key: Jwk, alg: string): boolean => {
  const operations = key['key_ops']
  return (
    (key['use'] === undefined || key['use'] === 'sig') &&
    (operations === undefined || (Array.isArray(operations) && operations.includes('verify'))) &&
    (key['alg'] === undefined || key['alg'] === alg)
  )
}

/** The members of private and symmetric keys (RFC 7518, sections 6.2.2, 6.3.2 and 6.4). */
export const privateMembers = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'] as const

/** Whether a key has members of a private or symmetric key. */
export const isPrivate = (key: Jwk): boolean => privateMembers.some((member) => key[member] !== undefined)

/** Whether a key is public, has the right type and size, and is allowed to verify. */
const canVerify = (key: Jwk, alg: string): boolean => {
  const kind = algorithmKinds.get(alg)
  return (
    kind !== undefined &&
    key['kty'] === kind.kty &&
    !isPrivate(key) &&
    hasMaterial(key, kind) &&
    allowsVerification(key, alg)
  )
}

/** Whether a public key is allowed to verify signatures of some of the algorithms. */
export const verifiesSome = (key: Jwk, algorithms: ReadonlyArray<string>): boolean =>
  algorithms.some((alg) => canVerify(ownMembers(key), alg))

/** Whether a client may register a key: public, RSA of 2048 to 8192 bits, or on one of the three curves. */
export const isPublicKey = (key: unknown): boolean =>
  isObject(key) &&
  hasWholeCoordinates(ownMembers(key)) &&
  asymmetricAlgorithms.some((alg) =>
    canVerify(ownMembers({ ...key, use: undefined, key_ops: undefined, alg: undefined }), alg)
  )

const isTextOrMissing = (value: unknown): boolean => value === undefined || typeof value === 'string'

/** The maximum number of operations of a key; RFC 7517, section 4.3, defines eight. */
const operationLimit = limits.keyOperations.default

const areTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.length <= operationLimit && value.every((one) => typeof one === 'string')

/** Whether the members about the key's use are texts; only such keys can be stored. */
export const declaresUse = (key: Jwk): boolean => {
  const { use, alg, key_ops: operations } = ownMembers(key)
  return isTextOrMissing(use) && isTextOrMissing(alg) && (operations === undefined || areTexts(operations))
}

/** The members that are used, by key type. */
const keptMembersOf = ({ kty }: Jwk): ReadonlyArray<string> => [
  'kty',
  'kid',
  'use',
  'key_ops',
  'alg',
  ...(kty === 'RSA' ? ['n', 'e'] : ['crv', 'x', 'y'])
]

/** A registered key without unused members: unused JSON of any depth and size is not stored. */
export const keptKey = (key: Jwk): Jwk =>
  ownMembers(
    Object.fromEntries(
      keptMembersOf(ownMembers(key)).flatMap((member) => {
        const value = ownMember(key, member)
        return value === undefined ? [] : [[member, value] as const]
      })
    )
  )

/** The keys of a published set that can verify some algorithm, without unused members. */
export const keptKeys = (keys: ReadonlyArray<Jwk>): ReadonlyArray<Jwk> =>
  keys
    .filter((key) => !isPrivate(ownMembers(key)))
    .map(keptKey)
    .filter((key) =>
      Object.entries(key).every(([member, value]) =>
        member === 'key_ops' ? areTexts(value) : typeof value === 'string'
      )
    )

/** The result of choosing a key: exactly one fits, none fits, or several fit. */
export type KeyChoice =
  { readonly _tag: 'Chosen'; readonly key: Jwk } | { readonly _tag: 'NoKey' } | { readonly _tag: 'SeveralKeys' }

/**
 * The only key of a set that has the `kid` and fits the algorithm. Private, malformed and unsuitable keys are ignored;
 * they do not affect the others.
 *
 * Source: client-confidential-asymmetric, "Signature Verification", step 3; RFC 7517, section 5.
 *
 * @example
 * ```ts
 * import { chooseKey } from './jwk.js'
 *
 * const key = { kty: 'EC', crv: 'P-384', kid: 'a', x: 'x', y: 'y' }
 * chooseKey([key, { ...key, kid: 'b' }], 'a', 'ES384')._tag // => 'Chosen'
 * chooseKey([key, key], 'a', 'ES384')._tag // => 'SeveralKeys'
 * chooseKey([key], 'a', 'RS384')._tag // => 'NoKey'
 * ```
 */
export const chooseKey = (keys: ReadonlyArray<Jwk>, kid: string, alg: string): KeyChoice => {
  const [key, another] = keys.map(ownMembers).filter((one) => one['kid'] === kid && canVerify(one, alg))
  if (key === undefined) return { _tag: 'NoKey' }
  return another === undefined ? { _tag: 'Chosen', key } : { _tag: 'SeveralKeys' }
}

/** The maximum number of keys in a set. */
const keyLimit = limits.registeredKeys.default

/** The keys of a JWK Set; null when the document is not a JWK Set or is too large. */
export const readJwks = (document: unknown): ReadonlyArray<Jwk> | null => {
  if (!isObject(document)) return null
  const { keys } = ownMembers(document)
  if (!Array.isArray(keys) || keys.length > keyLimit) return null
  return keys.filter((key: unknown): key is Jwk => isObject(key))
}
