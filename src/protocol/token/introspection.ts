/**
 * Token introspection: a pure function of grant, token, caller and policy.
 *
 * A token is active if its grant is active, its epoch or generation is current, it has not expired, and it belongs to
 * this server. A caller that may not see the token gets the same response as for an inactive or unknown token. The
 * members repeat the token response and add nothing. Source: token-introspection; RFC 7662, sections 2.2 and 4.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { contextOfToken } from '../grant/granted-context.js'
import { fhirUserClaim, wantsIdToken } from '../jwt/id-token-claims.js'
import type { Features } from '../discovery/features.js'
import { announcedContext } from '../discovery/features.js'
import { contextMembers } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, Backend, Grant } from '../grant/state.js'
import type { AccessTokenFacts, RefreshTokenFacts } from './opaque-token.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'
import { noMembers, ownMembers } from '../../values/own.js'

/** The caller. */
export interface IntrospectionCaller {
  /** Null for a caller without authentication, if the policy allows it. */
  readonly clientId: string | null
  /** Whether the client is registered to introspect the tokens of all clients. */
  readonly mayIntrospect: boolean
}

/** An authentic token. */
export type VerifiedToken =
  | { readonly _tag: 'AccessToken'; readonly facts: AccessTokenFacts }
  | {
      readonly _tag: 'RefreshToken'
      readonly facts: RefreshTokenFacts
      /** Whether the user's session lasts; only relevant if the refresh token ends with it. */
      readonly isOnline: boolean
    }

/** The facts from which the response is computed. */
export interface IntrospectionFacts {
  readonly policy: SmartPolicy
  /** The features of the server: context that it does not support is not returned. */
  readonly features: Features
  readonly issuer: string
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  readonly caller: IntrospectionCaller
  readonly token: VerifiedToken
  readonly grant: Grant
  readonly now: EpochSeconds
}

/** A grant whose tokens may be valid. */
export type ActiveGrant = Active | Backend

/** The grant of an authentic access token, if the token is valid; left with the reason otherwise. */
export const grantOfAccessToken = (
  token: AccessTokenFacts,
  grant: Grant,
  fhirBaseUrl: string,
  now: EpochSeconds
): Either.Either<Refusal, ActiveGrant> => {
  if (grant._tag !== 'Active' && grant._tag !== 'Backend') return Either.left({ _tag: 'AccessTokenRevoked' })
  if (grant.epoch !== token.epoch) return Either.left({ _tag: 'AccessTokenRevoked' })
  if (hasPassed(token.expiresAt, now)) return Either.left({ _tag: 'AccessTokenExpired' })
  return grant.audience === fhirBaseUrl ? Either.right(grant) : Either.left({ _tag: 'AccessTokenForAnotherServer' })
}

/** When a refresh token expires if it is not used. */
const refreshTokenEnd = (policy: SmartPolicy, grant: Active): EpochSeconds =>
  Math.min(grant.endsAt, grant.rotatedAt + policy.refreshTokenIdleSeconds)

/** The grant of an authentic refresh token, if the token would be accepted; left with the reason otherwise. */
const grantOfRefreshToken = (
  { policy, grant, fhirBaseUrl, now }: IntrospectionFacts,
  token: Extract<VerifiedToken, { readonly _tag: 'RefreshToken' }>
): Either.Either<Refusal, Active> => {
  if (grant._tag !== 'Active') return Either.left({ _tag: 'GrantEnded' })
  if (grant.audience !== fhirBaseUrl) return Either.left({ _tag: 'AccessTokenForAnotherServer' })
  if (grant.refresh === 'none' || token.facts.generation !== grant.generation)
    return Either.left({ _tag: 'RefreshTokenReused' })
  if (hasPassed(refreshTokenEnd(policy, grant), now)) return Either.left({ _tag: 'RefreshTokenExpired' })
  return grant.refresh === 'online' && !token.isOnline ? Either.left({ _tag: 'UserNotOnline' }) : Either.right(grant)
}

/** Whether the caller may see the token: its own client may; access tokens of other clients require a permission. */
const isVisible = ({ policy, caller, token, grant }: IntrospectionFacts): boolean => {
  const isOwn = grant.clientId === caller.clientId
  if (token._tag === 'RefreshToken') return policy.introspectRefreshTokens && isOwn
  return isOwn || caller.mayIntrospect || policy.introspectForeignTokens === 'anyAuthorised'
}

/** The response members for an active token. Undefined members are omitted. */
export type IntrospectionMembers = Readonly<Record<string, unknown>>

/** The issuer and resource owner, as far as they are returned. */
interface Identity {
  readonly iss?: string
  readonly sub?: string
  readonly fhirUser?: string
}

/** `iss` and `sub`: only if an id_token was issued, or as RFC 7662 defines them. */
const identityOf = (
  { policy, issuer, fhirBaseUrl }: IntrospectionFacts,
  grant: ActiveGrant,
  scope: string
): Identity => {
  if (grant._tag === 'Active' && wantsIdToken(scope)) {
    return { iss: issuer, sub: grant.user.sub, ...fhirUserClaim(fhirBaseUrl, scope, grant.user) }
  }
  if (policy.introspectionIss === 'withIdToken') return {}
  return { iss: issuer, sub: grant._tag === 'Active' ? grant.user.sub : grant.clientId }
}

const membersOf = (
  facts: IntrospectionFacts,
  grant: ActiveGrant,
  scope: string,
  exp: EpochSeconds,
  tokenType: 'Bearer' | undefined
): IntrospectionMembers => {
  const { iss, sub, fhirUser } = ownMembers(identityOf(facts, grant, scope))
  const context = grant._tag === 'Active' ? announcedContext(facts.features, contextOfToken(grant, scope)) : noMembers
  return {
    ...contextMembers(facts.policy.specVersion, context),
    active: true,
    scope,
    client_id: grant.clientId,
    exp,
    token_type: tokenType,
    iss,
    sub,
    fhirUser
  }
}

/**
 * The response members for a token; left with the reason (only for the log) when the response is that the token is
 * inactive.
 */
export const introspect = (facts: IntrospectionFacts): Either.Either<Refusal, IntrospectionMembers> => {
  const { policy, token, fhirBaseUrl, now } = facts
  if (!isVisible(facts)) return Either.left({ _tag: 'TokenOfAnotherClient' })
  switch (token._tag) {
    case 'AccessToken': {
      const { expiresAt, narrowedScope } = token.facts
      return Either.map((grant: ActiveGrant) =>
        membersOf(facts, grant, narrowedScope ?? grant.scope, expiresAt, 'Bearer')
      )(grantOfAccessToken(token.facts, facts.grant, fhirBaseUrl, now))
    }
    case 'RefreshToken':
      return Either.map((grant: Active) =>
        membersOf(facts, grant, grant.scope, refreshTokenEnd(policy, grant), undefined)
      )(grantOfRefreshToken(facts, token))
  }
}
