/**
 * What an id_token must say before an app believes it: a row for each rule.
 *
 * Source: OpenID Connect Core 1.0, section 3.1.3.7; scopes-and-launch-context, "Scopes for requesting identity data".
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Rule } from '../machine/rules.js'
import type { AppFailure } from './failure.js'
import type { ClientAssertion } from '../jwt/jwt.js'
import { readAssertion } from '../jwt/jwt.js'
import type { Jwk } from '../jwt/jwk.js'
import { chooseKey } from '../jwt/jwk.js'
import type { LaunchedUser } from './stored-app.js'
import { leftHalf } from '../../values/base64url.js'
import { textOf } from '../../values/json.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { below, isAbsoluteHttpUrl, withoutTrailingSlash } from '../../values/urls.js'
import { isUserReference } from '../../values/fhir.js'

/** An id_token, taken apart and not believed. */
export type IdToken = ClientAssertion

/** Takes an id_token apart. */
export const readIdToken = (text: string): Either.Either<AppFailure, IdToken> =>
  Either.mapLeft((): AppFailure => ({ _tag: 'IdTokenUnreadable' }))(readAssertion(text))

/** What the rules look at. */
export interface ReceivedIdTokenFacts {
  readonly idToken: IdToken
  readonly issuer: string
  readonly clientId: string
  /** What was sent with the request. */
  readonly nonce: string | null
  readonly now: EpochSeconds
  readonly skewSeconds: number
  /** The algorithms that are accepted. */
  readonly algorithms: ReadonlyArray<string>
}

type IdTokenRule = Rule<ReceivedIdTokenFacts, AppFailure>

const wrong = (claim: string, expected: string): AppFailure => ({ _tag: 'IdTokenWrong', claim, expected })

const audiencesOf = ({ claims }: IdToken): ReadonlyArray<unknown> =>
  Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']]

/** Looked at before anything is fetched: an issuer that is not the expected one is never asked for keys. */
export const idTokenHeadRules: ReadonlyArray<IdTokenRule> = [
  {
    name: 'algorithm-accepted',
    check: ({ idToken, algorithms }) =>
      algorithms.includes(textOf(idToken.header['alg'])) ? null : wrong('alg', 'an algorithm that was agreed on')
  },
  {
    // Whatever must be understood is not (RFC 7515, section 4.1.11).
    name: 'no-critical-extension',
    check: ({ idToken: { header } }) =>
      header['crit'] === undefined && header['b64'] === undefined
        ? null
        : wrong('crit', 'nothing that must be understood')
  },
  {
    name: 'issuer-matches',
    check: ({ idToken, issuer }) =>
      idToken.claims['iss'] === issuer ? null : wrong('iss', 'the issuer of the discovery document, to the letter')
  },
  {
    name: 'audience-contains-client',
    check: ({ idToken, clientId }) => (audiencesOf(idToken).includes(clientId) ? null : wrong('aud', 'the client_id'))
  },
  {
    name: 'audience-is-client-alone',
    check: ({ idToken, clientId }) =>
      audiencesOf(idToken).every((one) => one === clientId) ? null : wrong('aud', 'no audience besides the app')
  },
  {
    name: 'authorized-party-is-client',
    check: ({ idToken, clientId }) =>
      idToken.claims['azp'] === undefined || idToken.claims['azp'] === clientId ? null : wrong('azp', 'the client_id')
  },
  {
    name: 'subject-present',
    check: ({ idToken }) =>
      typeof idToken.claims['sub'] === 'string' && idToken.claims['sub'] !== '' ? null : wrong('sub', 'a text')
  },
  {
    name: 'not-expired',
    check: ({ idToken, now, skewSeconds }) =>
      typeof idToken.claims['exp'] === 'number' && now < idToken.claims['exp'] + skewSeconds
        ? null
        : wrong('exp', 'a moment that is not over')
  },
  {
    name: 'not-issued-in-future',
    check: ({ idToken, now, skewSeconds }) =>
      typeof idToken.claims['iat'] === 'number' && idToken.claims['iat'] <= now + skewSeconds
        ? null
        : wrong('iat', 'a moment that is not ahead')
  },
  {
    name: 'nonce-matches',
    check: ({ idToken, nonce }) =>
      nonce === null || idToken.claims['nonce'] === nonce ? null : wrong('nonce', 'the nonce of the request')
  }
]

/**
 * Whether `at_hash`, where it is there, ties the id_token to the access token beside it. Only SHA-256 algorithms are
 * looked at.
 */
export const fitsAccessToken = ({ header, claims }: IdToken, accessTokenDigest: Digest): boolean =>
  claims['at_hash'] === undefined ||
  !textOf(header['alg']).endsWith('256') ||
  claims['at_hash'] === leftHalf(accessTokenDigest)

/** The one key that fits; a token without `kid` takes the only key that fits its algorithm. */
export const keyOf = ({ header }: IdToken, keys: ReadonlyArray<Jwk>): Jwk | null => {
  const alg = textOf(header['alg'])
  if (typeof header['kid'] === 'string') {
    const choice = chooseKey(keys, header['kid'], alg)
    return choice._tag === 'Chosen' ? choice.key : null
  }
  const choice = chooseKey(
    keys.map((key) => ({ ...key, kid: '' })),
    '',
    alg
  )
  return choice._tag === 'Chosen' ? choice.key : null
}

/** The last two segments of an address, or all of a relative reference. */
const lastTwoSegments = /(?:^|\/)([^/]*\/[^/]*)$/

/**
 * The address of the user's FHIR resource: as it stands where it is absolute, else below the FHIR base URL; null where
 * it names no resource that can be a user.
 */
export const readFhirUser = (fhirBaseUrl: string, claim: unknown): string | null => {
  if (typeof claim !== 'string') return null
  const reference = lastTwoSegments.exec(claim)?.[1]
  if (reference === undefined || !isUserReference(reference)) return null
  if (claim === reference) return below(withoutTrailingSlash(fhirBaseUrl), reference)
  return isAbsoluteHttpUrl(claim) ? claim : null
}

/** The user of an id_token that was verified. */
export const userOf = (fhirBaseUrl: string, { claims }: IdToken): LaunchedUser => ({
  iss: textOf(claims['iss']),
  sub: textOf(claims['sub']),
  fhirUser: readFhirUser(fhirBaseUrl, claims['fhirUser'])
})
