/**
 * Classifies a token that is presented for introspection or revocation.
 *
 * `token_type_hint` is parsed but not used: the form of the token shows its type. Source: RFC 7662, section 2.1; RFC
 * 7009, section 2.1.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { isJwt } from './access-token-claims.js'
import { readAssertion } from '../jwt/jwt.js'
import type { Parameters } from '../http/form.js'
import { valueOf } from '../http/form.js'
import type { Refusal } from '../errors/refusal.js'
import { readPostedForm } from './request.js'
import type { AccessTokenFacts, RefreshTokenFacts, MacedText } from './opaque-token.js'
import { readAccessToken, readCode, readRefreshToken } from './opaque-token.js'
import { textOf } from '../../values/json.js'
import { limits } from '../../values/limits/limits.js'

/** Reads the body of a request to the introspection or revocation endpoint. */
export const readTokenForm = readPostedForm([
  'token',
  'token_type_hint',
  'client_id',
  'client_secret',
  'client_assertion',
  'client_assertion_type'
])

/** The apparent type of a text. It is not verified. */
export type PresentedToken =
  | { readonly _tag: 'OpaqueAccessToken'; readonly macedText: MacedText<AccessTokenFacts> }
  | { readonly _tag: 'SignedAccessToken'; readonly text: string }
  | { readonly _tag: 'RefreshToken'; readonly macedText: MacedText<RefreshTokenFacts> }
  /** A code, or a JWT that is not an access token: an id_token, an assertion. */
  | { readonly _tag: 'NoToken'; readonly kind: 'code' | 'JWT'; readonly text: string }
  | { readonly _tag: 'Unknown' }

/** Whether the header of a JWT declares an access token (RFC 9068, section 2.1). */
const isAccessTokenJwt = (text: string): boolean => {
  const read = readAssertion(text)
  return Either.isRight(read) && /^(?:application\/)?at\+jwt$/i.test(textOf(read.right.header['typ']))
}

/**
 * The apparent type of a text, by its form.
 *
 * @example
 * ```ts
 * import { classifyToken } from './classify-token.js'
 *
 * classifyToken('g1.a.0.100.200..t1.k1.x')._tag // => 'OpaqueAccessToken'
 * classifyToken('g1.r.0.k1.x')._tag // => 'RefreshToken'
 * classifyToken('anything')._tag // => 'Unknown'
 * ```
 */
export const classifyToken = (text: string): PresentedToken => {
  if (text.length > limits.presentedToken.default) return { _tag: 'Unknown' }
  const access = readAccessToken(text)
  if (Option.isSome(access)) return { _tag: 'OpaqueAccessToken', macedText: access.value }
  const refresh = readRefreshToken(text)
  if (Option.isSome(refresh)) return { _tag: 'RefreshToken', macedText: refresh.value }
  if (Option.isSome(readCode(text))) return { _tag: 'NoToken', kind: 'code', text }
  if (!isJwt(text)) return { _tag: 'Unknown' }
  return isAccessTokenJwt(text) ? { _tag: 'SignedAccessToken', text } : { _tag: 'NoToken', kind: 'JWT', text }
}

/** The token in a request. */
export const presentedTokenOf = (parameters: Parameters): Either.Either<Refusal, PresentedToken> => {
  const text = valueOf(parameters, 'token')
  return text === null ? Either.left({ _tag: 'TokenMissing' }) : Either.right(classifyToken(text))
}
