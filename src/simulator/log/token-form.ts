/**
 * What a request presents as a token or code, by its form alone: an app that sends a refresh token, a code or an
 * id_token in place of an access token finds its mistake by that. Nothing is verified, and nothing of the text is kept.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { readAssertion } from '../../protocol/jwt/jwt.js'
import { readAccessToken, readCode, readRefreshToken } from '../../protocol/token/opaque-token.js'

/** The form of a text that is presented as a token or code. `noBearer` is an `Authorization` of another form. */
export type TokenForm = 'noBearer' | 'access token' | 'refresh token' | 'code' | 'id_token' | 'JWT' | 'other'

/** The form of a text. */
export const tokenFormOf = (text: string): TokenForm => {
  if (Option.isSome(readAccessToken(text))) return 'access token'
  if (Option.isSome(readRefreshToken(text))) return 'refresh token'
  if (Option.isSome(readCode(text))) return 'code'
  const jwt = readAssertion(text)
  if (Either.isLeft(jwt)) return 'other'
  const { claims } = jwt.right
  return ['nonce', 'at_hash', 'auth_time', 'fhirUser'].some((name) => Object.hasOwn(claims, name)) ? 'id_token' : 'JWT'
}

/** The form of the credentials of a resource request: `Bearer` and one token. */
export const bearerFormOf = (authorization: string): TokenForm => {
  const token = /^bearer +([A-Za-z0-9._~+/-]+=*)$/i.exec(authorization)?.[1]
  return token === undefined ? 'noBearer' : tokenFormOf(token)
}

const names: Readonly<Record<TokenForm, string>> = {
  noBearer: 'The Authorization header is not Bearer and one token.',
  'access token': 'By its form it is an access token.',
  'refresh token': 'By its form it is a refresh token.',
  code: 'By its form it is a code.',
  id_token: 'By its claims it is an id_token.',
  JWT: 'It is a JWT that this server did not issue as a token.',
  other: 'It does not have the form of a code or token of this server.'
}

/** The rules of unknown tokens and codes, with the form that is needed and what an app sends there. */
const needed: ReadonlyMap<string, readonly [form: TokenForm, advice: string]> = new Map([
  ['AccessTokenUnknown', ['access token', 'A FHIR request needs the access_token of the newest token response.']],
  ['RefreshTokenUnknown', ['refresh token', 'A refresh needs the refresh_token of the newest token response.']],
  ['CodeUnknown', ['code', 'The parameter code is the one of the authorization response, decoded once.']]
])

/** What was presented in place of a token or code, in sentences; null for a rule about something else. */
export const presentedInWords = (rule: string, form: TokenForm | null): string | null => {
  const found = needed.get(rule)
  if (found === undefined || form === null) return null
  const [right, advice] = found
  if (form !== right) return `${names[form]} ${advice}`
  return right === 'code'
    ? 'It has the form of a code, and this server has no record of it.'
    : `It has the form of ${right === 'access token' ? 'an access token' : 'a refresh token'}, and no key of this ` +
        `server made it. ${advice}`
}
