/** The field for the keys of an app: a JWK Set, or its URL. A private key is recognized, and kept nowhere. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { noMembers } from '../../values/own.js'

/** The label of the field. A complaint about it begins with the label and a colon. */
export const keysLabel = 'Keys'

/** The largest number of characters in the field. */
export const keysLength = limits.simulatorSetting.default

/** The members of metadata (RFC 7591) that name keys; none for an empty field. */
export interface KeysGiven {
  readonly jwks?: Readonly<Record<string, unknown>>
  readonly jwks_uri?: string
}

const complaint = (sentence: string): Either.Either<string, never> => Either.left(`${keysLabel}: ${sentence}`)

/** The complaint about a private key. */
export const privateKeyComplaint =
  `${keysLabel}: this is a private key, so it was removed. Paste the public keys only, without the members d, p, q, ` +
  'dp, dq, qi and k. If the key is used anywhere, replace it there.'

/**
 * Whether a text holds a private or a symmetric key: as JSON, also in a text that breaks off, or as PEM. JSON is
 * also read, so that no escape in a name hides a member.
 *
 * @example
 * ```ts
 * import { holdsPrivateKey } from './keys-field.js'
 *
 * holdsPrivateKey('{"kty":"EC","crv":"P-384","x":"..","y":"..","d":".."}') // => true
 * holdsPrivateKey('https://app.example/jwks.json') // => false
 * ```
 */
export const holdsPrivateKey = (text: string): boolean => {
  const json = text.length > keysLength ? Option.none : parseJson(text)
  const written = Option.isSome(json) ? [JSON.stringify(json.value), text] : [text]
  return written.some((one) => /"(?:d|p|q|dp|dq|qi|oth|k)"\s*:|-----BEGIN [A-Z ]*PRIVATE KEY/.test(one))
}

/**
 * The keys that the text of the field names; left with a complaint. Whether each key is acceptable is decided where the
 * app is checked.
 */
export const readKeys = (text: string): Either.Either<string, KeysGiven> => {
  if (text === '') return Either.right(noMembers)
  if (holdsPrivateKey(text)) return Either.left(privateKeyComplaint)
  if (text.length > keysLength)
    return complaint(`expected at most ${String(keysLength)} characters. Give fewer keys, or the URL of the JWK Set.`)
  if (/^https?:\/\/\S+$/.test(text)) return Either.right({ jwks_uri: text })
  const json = parseJson(text)
  if (Option.isNone(json))
    return complaint(
      text.startsWith('-----BEGIN')
        ? 'expected a JWK Set, found PEM. Convert the public key to a JWK.'
        : 'expected the JSON of a JWK Set, or its https address. The text is neither.'
    )
  if (isObject(json.value) && Array.isArray(json.value['keys'])) return Either.right({ jwks: json.value })
  return complaint(
    isObject(json.value) && json.value['kty'] !== undefined
      ? 'expected a JWK Set, found one key. Put it into {"keys":[ ]}.'
      : 'expected a JWK Set: an object with the member keys, which is a list.'
  )
}
