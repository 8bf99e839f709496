/**
 * Decodes client assertions, the signed JWTs with which clients authenticate, and other JWTs. Nothing is verified here.
 *
 * Source: client-confidential-asymmetric, "Authentication using a JWT"; RFC 7515, section 5.2; RFC 7523, section 3.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Jwk } from './jwk.js'
import type { Refusal } from '../errors/refusal.js'
import { decode, isBase64url } from '../../values/base64url.js'
import { hasUniqueNames, parseJson } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'

/** The value of `client_assertion_type`. */
export const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

/** A decoded, unverified assertion. */
export interface ClientAssertion {
  /** The original text, over which the signature is verified. */
  readonly text: string
  readonly header: Jwk
  readonly claims: Readonly<Record<string, unknown>>
}

/** The maximum length of an assertion, in characters. */
const assertionLimit = limits.assertionText.default

/** Decodes a part to a JSON object; `none` when it is not one, or has repeated member names. */
const readObject = (part: string): Option.Option<Readonly<Record<string, unknown>>> => {
  const text = decode(part)
  if (Option.isNone(text)) return Option.none
  const json = parseJson(text.value)
  if (Option.isNone(json)) return Option.none
  const { value } = json
  return isObject(value) && hasUniqueNames(text.value) ? Option.some(value) : Option.none
}

/** Decodes an assertion strictly: three parts of base64url without padding; the first two must be JSON objects. */
export const readAssertion = (text: string): Either.Either<Refusal, ClientAssertion> => {
  const unreadable: Either.Either<Refusal, ClientAssertion> = Either.left({ _tag: 'AssertionUnreadable' })
  if (text.length > assertionLimit) return unreadable
  const [first, second, signature, ...rest] = text.split('.')
  if (first === undefined || second === undefined || signature === undefined || rest.length > 0) return unreadable
  const header = readObject(first)
  const claims = readObject(second)
  return Option.isNone(header) || Option.isNone(claims) || signature === '' || !isBase64url(signature)
    ? unreadable
    : Either.right({ text, header: header.value, claims: claims.value })
}

/** The unverified issuer of the assertion; null when it cannot be a client id. */
export const issuerOf = ({ claims }: ClientAssertion): string | null =>
  typeof claims['iss'] === 'string' ? claims['iss'] : null
