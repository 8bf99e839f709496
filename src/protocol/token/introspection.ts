/**
 * What stands behind a token, and who is told: a pure function of grant, token, caller and policy.
 *
 * A token is alive when its grant is, in its epoch and generation, in time, for this server. Whoever may not see it is
 * told the same as of one that is dead or never was. What is told is what the token response said, and nothing else.
 * Source: token-introspection; RFC 7662, sections 2.2 and 4.
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

/** Who asks. */
export interface IntrospectionCaller {
  /** Null for somebody who showed nothing, where the policy lets such callers in. */
  readonly clientId: string | null
  /** Whether it was registered to introspect the tokens of all clients. */
  readonly mayIntrospect: boolean
}

/** A token that is known to be genuine. */
export type VerifiedToken =
  | { readonly _tag: 'AccessToken'; readonly facts: AccessTokenFacts }
  | {
      readonly _tag: 'RefreshToken'
      readonly facts: RefreshTokenFacts
      /** Whether the user's session lasts; asked only where the refresh token ends with it. */
      readonly isOnline: boolean
    }

/** What the answer is made from. */
export interface IntrospectionFacts {
  readonly policy: SmartPolicy
  /** What the server offers: it tells no context besides. */
  readonly features: Features
  readonly issuer: string
  /** The FHIR base URL for which tokens are issued. */
  readonly fhirBaseUrl: string
  readonly caller: IntrospectionCaller
  readonly token: VerifiedToken
  readonly grant: Grant
  readonly now: EpochSeconds
}

/** A grant whose tokens may be alive. */
export type ActiveGrant = Active | Backend

/** The grant behind a genuine access token, if the token is alive; else why it is not. */
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

/** When a refresh token dies if nobody uses it. */
const refreshTokenEnd = (policy: SmartPolicy, grant: Active): EpochSeconds =>
  Math.min(grant.endsAt, grant.rotatedAt + policy.refreshTokenIdleSeconds)

/** The grant behind a genuine refresh token, if the token would be taken; else why it would not. */
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

/** Whether the caller may know of the token at all: its owner may; of other clients' access tokens only who was let. */
const isVisible = ({ policy, caller, token, grant }: IntrospectionFacts): boolean => {
  const isOwn = grant.clientId === caller.clientId
  if (token._tag === 'RefreshToken') return policy.introspectRefreshTokens && isOwn
  return isOwn || caller.mayIntrospect || policy.introspectForeignTokens === 'anyAuthorised'
}

/** What is told of a token that is alive. A member that is undefined is not told. */
export type IntrospectionMembers = Readonly<Record<string, unknown>>

/** Who gave the access, as far as it is told. */
interface Identity {
  readonly iss?: string
  readonly sub?: string
  readonly fhirUser?: string
}

/** Told exactly when an id_token was issued, or as RFC 7662 means it. */
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
 * What the caller is told of a token: its members, or why (for the log alone) it is told that the token is not active.
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
