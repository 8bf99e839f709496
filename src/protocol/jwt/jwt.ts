/**
 * A client assertion: the signed JWT by which a client proves who it is. Reading takes it apart and believes nothing.
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

/** An assertion, taken apart. */
export interface ClientAssertion {
  /** As it came: what the signature is checked over. */
  readonly text: string
  readonly header: Jwk
  readonly claims: Readonly<Record<string, unknown>>
}

/** Longer than any honest assertion, in characters. */
const assertionLimit = limits.assertionText.standard

/** A JSON object out of a part; `none` when it is anything else, or says something twice. */
const readObject = (part: string): Option.Option<Readonly<Record<string, unknown>>> => {
  const text = decode(part)
  if (Option.isNone(text)) return Option.none
  const json = parseJson(text.value)
  if (Option.isNone(json)) return Option.none
  const { value } = json
  return isObject(value) && hasUniqueNames(text.value) ? Option.some(value) : Option.none
}

/** Reads an assertion strictly: three parts of base64url without padding, the first two of which are JSON objects. */
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

/** Who the assertion says it comes from; null when it says nothing that could be a client's id. */
export const issuerOf = ({ claims }: ClientAssertion): string | null =>
  typeof claims['iss'] === 'string' ? claims['iss'] : null
