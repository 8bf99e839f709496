/**
 * The claims of an id_token.
 *
 * Source: scopes-and-launch-context, "Scopes for requesting identity data"; OpenID Connect Core 1.0, section 2.
 *
 * @module
 */
import type { SignedInUser } from '../launch/launch-context.js'
import { printedHoldsText } from '../../scopes/scope.js'
import { leftHalf } from '../../values/base64url.js'
import type { Digest } from '../../values/secret.js'
import type { EpochSeconds } from '../../values/time.js'
import { below } from '../../values/urls.js'

/** The only signature algorithm of id_tokens (OpenID Connect Core 1.0, section 2). */
export const idTokenAlgorithm = 'RS256'

/** The claims of an id_token. */
export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly auth_time: EpochSeconds
  readonly nonce?: string
  /** The left half of the access token's SHA-256 digest, as base64url. */
  readonly at_hash: string
  /** The absolute URL of the FHIR resource that represents the user. */
  readonly fhirUser?: string
}

/** The facts from which the claims are computed. */
export interface IdTokenInput {
  readonly issuer: string
  readonly clientId: string
  readonly fhirBaseUrl: string
  readonly user: SignedInUser
  readonly nonce: string | null
  /** SHA-256 of the access token, as base64url. */
  readonly accessTokenDigest: Digest
  /** The granted scopes as text. */
  readonly scope: string
  readonly now: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** Whether the granted scopes (as text) require an id_token. */
export const wantsIdToken = (scope: string): boolean => printedHoldsText(scope, 'openid')

/**
 * The claims of the id_token of a grant. `at_hash` binds it to the access token of the same response (section 3.1.3.6).
 */
export const idTokenClaims = (facts: IdTokenInput): IdTokenClaims => ({
  iss: facts.issuer,
  sub: facts.user.sub,
  aud: facts.clientId,
  exp: facts.expiresAt,
  iat: facts.now,
  auth_time: facts.user.authTime,
  at_hash: leftHalf(facts.accessTokenDigest),
  ...(facts.nonce === null ? {} : { nonce: facts.nonce }),
  ...fhirUserClaim(facts.fhirBaseUrl, facts.scope, facts.user)
})

/**
 * The claim `fhirUser`, if the scope was granted and a resource represents the user: an absolute URL, so that it is
 * unambiguous.
 */
export const fhirUserClaim = (
  fhirBaseUrl: string,
  scope: string,
  { fhirUser }: SignedInUser
): { readonly fhirUser?: string } =>
  fhirUser !== null && printedHoldsText(scope, 'fhirUser') ? { fhirUser: below(fhirBaseUrl, fhirUser) } : {}
