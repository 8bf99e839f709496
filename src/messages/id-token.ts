/**
 * The claims of an id_token.
 *
 * Source: scopes-and-launch-context, "Scopes for requesting identity data"; OpenID Connect Core 1.0, section 2.
 *
 * @module
 */
import type { SignedInUser } from './launch-context.js'
import type { ScopeSet } from '../scopes/scope.js'
import { holdsText } from '../scopes/scope.js'
import type { EpochSeconds } from '../values/time.js'
import { below } from '../values/urls.js'

/** What an id_token says. */
export interface IdTokenClaims {
  readonly iss: string
  readonly sub: string
  readonly aud: string
  readonly exp: EpochSeconds
  readonly iat: EpochSeconds
  readonly auth_time: EpochSeconds
  readonly nonce?: string
  /** The absolute URL of the FHIR resource that represents the user. */
  readonly fhirUser?: string
}

/** What the claims are made from. */
export interface IdTokenFacts {
  readonly issuer: string
  readonly clientId: string
  readonly fhirBaseUrl: string
  readonly user: SignedInUser
  readonly nonce: string | null
  readonly scopes: ScopeSet
  readonly now: EpochSeconds
  readonly expiresAt: EpochSeconds
}

/** Whether the granted scopes call for an id_token. */
export const wantsIdToken = (scopes: ScopeSet): boolean => holdsText(scopes, 'openid')

/**
 * The claims of the id_token for a grant. `fhirUser` is there when the scope `fhirUser` was granted and the user is
 * represented by a resource; relative to the FHIR base it would be ambiguous, so it is absolute.
 */
export const idTokenClaims = (facts: IdTokenFacts): IdTokenClaims => ({
  iss: facts.issuer,
  sub: facts.user.sub,
  aud: facts.clientId,
  exp: facts.expiresAt,
  iat: facts.now,
  auth_time: facts.user.authTime,
  ...(facts.nonce === null ? {} : { nonce: facts.nonce }),
  ...(holdsText(facts.scopes, 'fhirUser') && facts.user.fhirUser !== null
    ? { fhirUser: below(facts.fhirBaseUrl, facts.user.fhirUser) }
    : {})
})
