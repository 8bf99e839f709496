/**
 * The rules for an id_token that an app receives: one row each.
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
import { readIdentityClaims } from './identity-claims.js'
import type { ServerTolerances } from './trust/tolerances.js'
import type { Jwk } from '../jwt/jwk.js'
import { chooseKey } from '../jwt/jwk.js'
import type { LaunchedUser } from './stored-app.js'
import { leftHalf } from '../../values/base64url.js'
import { textOf } from '../../values/json.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { below, isAbsoluteHttpUrl, withoutTrailingSlash } from '../../values/urls.js'
import { isUserReference } from '../../values/fhir.js'

/** A decoded, unverified id_token. */
export type IdToken = ClientAssertion

/** Decodes an id_token. */
export const readIdToken = (text: string): Either.Either<AppFailure, IdToken> =>
  Either.mapLeft((): AppFailure => ({ _tag: 'IdTokenUnreadable' }))(readAssertion(text))

/** The facts for the rules. */
export interface ReceivedIdTokenFacts {
  readonly idToken: IdToken
  readonly issuer: string
  readonly clientId: string
  /** The nonce of the authorization request. */
  readonly nonce: string | null
  /** The URL of the issuer's keys; null when it is not known. */
  readonly jwksUri: string | null
  /** The deviations of the server that are accepted. */
  readonly tolerances: ServerTolerances
  readonly now: EpochSeconds
  readonly skewSeconds: number
  /** The accepted algorithms. */
  readonly algorithms: ReadonlyArray<string>
}

type IdTokenRule = Rule<ReceivedIdTokenFacts, AppFailure>

const wrong = (claim: string, expected: string): AppFailure => ({ _tag: 'IdTokenWrong', claim, expected })

const audiencesOf = ({ claims }: IdToken): ReadonlyArray<unknown> =>
  Array.isArray(claims['aud']) ? claims['aud'] : [claims['aud']]

/** A time; a text of digits if the server's tolerances say so. */
const timeOf = (claim: unknown, { textNumbers }: ServerTolerances): number | null => {
  if (typeof claim === 'number') return claim
  return textNumbers === true && typeof claim === 'string' && /^[0-9]{1,15}$/.test(claim) ? Number(claim) : null
}

/** Checked before anything is fetched: the keys of an unexpected issuer are never requested. */
export const idTokenHeadRules: ReadonlyArray<IdTokenRule> = [
  {
    name: 'algorithm-accepted',
    check: ({ idToken, algorithms }) =>
      algorithms.includes(textOf(idToken.header['alg'])) ? null : wrong('alg', 'an algorithm that was agreed on')
  },
  {
    // No critical extension is supported (RFC 7515, section 4.1.11).
    name: 'no-critical-extension',
    check: ({ idToken: { header } }) =>
      header['crit'] === undefined && header['b64'] === undefined
        ? null
        : wrong('crit', 'nothing that must be understood')
  },
  {
    name: 'issuer-matches',
    check: ({ idToken, issuer, tolerances }) =>
      [issuer, ...(tolerances.issuerAliases ?? [])].some((one) => one === idToken.claims['iss'])
        ? null
        : wrong('iss', 'the issuer of the discovery document, to the letter')
  },
  {
    name: 'audience-contains-client',
    check: ({ idToken, clientId }) => (audiencesOf(idToken).includes(clientId) ? null : wrong('aud', 'the client_id'))
  },
  {
    name: 'audience-is-client-alone',
    check: ({ idToken, clientId, tolerances }) =>
      audiencesOf(idToken).every((one) => [clientId, ...(tolerances.trustedAudiences ?? [])].some((own) => own === one))
        ? null
        : wrong('aud', 'no audience besides the app')
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
    check: ({ idToken, now, skewSeconds, tolerances }: ReceivedIdTokenFacts): AppFailure | null => {
      const expires = timeOf(idToken.claims['exp'], tolerances)
      return expires !== null && now < expires + skewSeconds ? null : wrong('exp', 'a moment that is not over')
    }
  },
  {
    name: 'not-issued-in-future',
    check: ({ idToken, now, skewSeconds, tolerances }: ReceivedIdTokenFacts): AppFailure | null => {
      const issued = timeOf(idToken.claims['iat'], tolerances)
      return issued !== null && issued <= now + skewSeconds ? null : wrong('iat', 'a moment that is not ahead')
    }
  },
  {
    name: 'nonce-matches',
    check: ({ idToken: { claims }, nonce, tolerances }) =>
      nonce === null ||
      claims['nonce'] === nonce ||
      (tolerances.nonceNotEchoed === true && claims['nonce'] === undefined)
        ? null
        : wrong('nonce', 'the nonce of the request')
  },
  {
    name: 'key-set-known',
    check: ({ jwksUri, tolerances }) =>
      jwksUri === null && tolerances.tlsInsteadOfSignature !== true
        ? { _tag: 'EndpointMissing', member: 'jwks_uri' }
        : null
  }
]

interface ExpectedIdToken {
  /** Whether the app requested an identity, and the server granted it. */
  readonly isExpected: boolean
  /** The id_token in the response; null when there is none. */
  readonly idToken: string | null
}

/** The rules of the presence of an id_token. */
export const expectedIdTokenRules: ReadonlyArray<Rule<ExpectedIdToken, AppFailure>> = [
  {
    name: 'id-token-present',
    check: ({ isExpected, idToken }) => (isExpected && idToken === null ? { _tag: 'IdTokenMissing' } : null)
  }
]

/**
 * Whether `at_hash`, if present, matches the access token of the same response. Only SHA-256 algorithms are checked.
 */
const fitsAccessToken = ({ header, claims }: IdToken, accessTokenDigest: Digest): boolean =>
  claims['at_hash'] === undefined ||
  !textOf(header['alg']).endsWith('256') ||
  claims['at_hash'] === leftHalf(accessTokenDigest)

interface VerifiedIdToken {
  readonly idToken: IdToken
  /** Whether the issuer's signature is valid. */
  readonly isSigned: boolean
  /** Whether the TLS connection to the token endpoint stands in for the signature (section 3.1.3.7, item 6). */
  readonly isFromTokenEndpoint: boolean
  readonly accessTokenDigest: Digest
}

/** The rules of an id_token whose signature was verified, or need not be. */
export const verifiedIdTokenRules: ReadonlyArray<Rule<VerifiedIdToken, AppFailure>> = [
  {
    name: 'signature-valid',
    check: ({ isSigned, isFromTokenEndpoint }) =>
      isSigned || isFromTokenEndpoint ? null : { _tag: 'IdTokenSignatureWrong' }
  },
  {
    name: 'access-token-matches',
    check: ({ idToken, accessTokenDigest }) =>
      fitsAccessToken(idToken, accessTokenDigest) ? null : wrong('at_hash', 'the digest of the access token')
  }
]

/** The only key that fits; a token without `kid` uses the only key that fits its algorithm. */
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

/** The last two segments of a URL, or all of a relative reference. */
const lastTwoSegments = /(?:^|\/)([^/]*\/[^/]*)$/

/**
 * The URL of the user's FHIR resource: an absolute claim is kept, a relative one is resolved below the FHIR base URL;
 * null when the resource type cannot represent a user.
 */
export const readFhirUser = (fhirBaseUrl: string, claim: unknown): string | null => {
  if (typeof claim !== 'string') return null
  const reference = lastTwoSegments.exec(claim)?.[1]
  if (reference === undefined || !isUserReference(reference)) return null
  if (claim === reference) return below(withoutTrailingSlash(fhirBaseUrl), reference)
  return isAbsoluteHttpUrl(claim) ? claim : null
}

/** The user of a verified id_token. */
export const userOf = (fhirBaseUrl: string, { claims }: IdToken): LaunchedUser => ({
  iss: textOf(claims['iss']),
  sub: textOf(claims['sub']),
  fhirUser: readFhirUser(fhirBaseUrl, claims['fhirUser']),
  claims: readIdentityClaims(claims)
})
