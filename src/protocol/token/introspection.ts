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
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
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

/** The grant if its tokens may be valid; null in all other states. */
const activeGrantOf = (grant: Grant): ActiveGrant | null =>
  grant._tag === 'Active' || grant._tag === 'Backend' ? grant : null

interface AccessTokenUse {
  readonly token: AccessTokenFacts
  /** Null when the grant has no tokens that may be valid. */
  readonly grant: ActiveGrant | null
  readonly fhirBaseUrl: string
  readonly now: EpochSeconds
}

/** The rules of an authentic access token. */
export const accessTokenRules: ReadonlyArray<Rule<AccessTokenUse, Refusal>> = [
  { name: 'grant-active', check: ({ grant }) => (grant === null ? { _tag: 'AccessTokenRevoked' } : null) },
  {
    name: 'epoch-current',
    check: ({ token, grant }) => (grant !== null && grant.epoch !== token.epoch ? { _tag: 'AccessTokenRevoked' } : null)
  },
  {
    name: 'not-expired',
    check: ({ token, now }) => (hasPassed(token.expiresAt, now) ? { _tag: 'AccessTokenExpired' } : null)
  },
  {
    name: 'server-matches',
    check: ({ grant, fhirBaseUrl }) =>
      grant !== null && grant.audience !== fhirBaseUrl ? { _tag: 'AccessTokenForAnotherServer' } : null
  }
]

/** The grant of an authentic access token, if the token is valid; left with the reason otherwise. */
export const grantOfAccessToken = (
  token: AccessTokenFacts,
  grant: Grant,
  fhirBaseUrl: string,
  now: EpochSeconds
): Either.Either<Refusal, ActiveGrant> => {
  const active = activeGrantOf(grant)
  const refusal = firstRefusal(accessTokenRules, { token, grant: active, fhirBaseUrl, now })
  return refusal === null && active !== null
    ? Either.right(active)
    : Either.left(refusal ?? { _tag: 'AccessTokenRevoked' })
}

/** When a refresh token expires if it is not used. */
const refreshTokenEnd = (policy: SmartPolicy, grant: Active): EpochSeconds =>
  Math.min(grant.endsAt, grant.rotatedAt + policy.refreshTokenIdleSeconds)

interface RefreshTokenUse {
  readonly policy: SmartPolicy
  readonly token: Extract<VerifiedToken, { readonly _tag: 'RefreshToken' }>
  /** Null when the grant has no refresh tokens. */
  readonly grant: Active | null
  readonly fhirBaseUrl: string
  readonly now: EpochSeconds
}

/** The rules of an authentic refresh token: whether it would be accepted. */
export const refreshTokenRules: ReadonlyArray<Rule<RefreshTokenUse, Refusal>> = [
  { name: 'grant-active', check: ({ grant }) => (grant === null ? { _tag: 'GrantEnded' } : null) },
  {
    name: 'server-matches',
    check: ({ grant, fhirBaseUrl }) =>
      grant !== null && grant.audience !== fhirBaseUrl ? { _tag: 'AccessTokenForAnotherServer' } : null
  },
  {
    name: 'grant-has-refresh',
    check: ({ grant }) => (grant?.refresh === 'none' ? { _tag: 'RefreshTokenReused' } : null)
  },
  {
    name: 'generation-current',
    check: ({ token, grant }) =>
      grant !== null && token.facts.generation !== grant.generation ? { _tag: 'RefreshTokenReused' } : null
  },
  {
    name: 'not-expired',
    check: ({ policy, grant, now }) =>
      grant !== null && hasPassed(refreshTokenEnd(policy, grant), now) ? { _tag: 'RefreshTokenExpired' } : null
  },
  {
    name: 'session-lasts',
    check: ({ token, grant }) => (grant?.refresh === 'online' && !token.isOnline ? { _tag: 'UserNotOnline' } : null)
  }
]

/** The grant of an authentic refresh token, if the token would be accepted; left with the reason otherwise. */
const grantOfRefreshToken = (
  { policy, grant, fhirBaseUrl, now }: IntrospectionFacts,
  token: Extract<VerifiedToken, { readonly _tag: 'RefreshToken' }>
): Either.Either<Refusal, Active> => {
  const active = grant._tag === 'Active' ? grant : null
  const refusal = firstRefusal(refreshTokenRules, { policy, token, grant: active, fhirBaseUrl, now })
  return refusal === null && active !== null ? Either.right(active) : Either.left(refusal ?? { _tag: 'GrantEnded' })
}

const isOwnToken = ({ caller, grant }: Pick<IntrospectionFacts, 'caller' | 'grant'>): boolean =>
  grant.clientId === caller.clientId

/**
 * The rules of the caller: its own client may see a token; access tokens of other clients require a permission. The
 * last rule is about access tokens alone: the one before it has refused the refresh tokens of other clients.
 */
export const introspectionCallerRules: ReadonlyArray<
  Rule<Pick<IntrospectionFacts, 'policy' | 'caller' | 'token' | 'grant'>, Refusal>
> = [
  {
    name: 'refresh-tokens-introspectable',
    check: ({ policy, token }) =>
      token._tag === 'RefreshToken' && !policy.introspectRefreshTokens ? { _tag: 'TokenOfAnotherClient' } : null
  },
  {
    name: 'refresh-token-of-caller',
    check: (facts) =>
      facts.token._tag === 'RefreshToken' && !isOwnToken(facts) ? { _tag: 'TokenOfAnotherClient' } : null
  },
  {
    name: 'access-token-visible',
    check: (facts) =>
      isOwnToken(facts) || facts.caller.mayIntrospect || facts.policy.introspectForeignTokens === 'anyAuthorised'
        ? null
        : { _tag: 'TokenOfAnotherClient' }
  }
]

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
  const refusal = firstRefusal(introspectionCallerRules, facts)
  if (refusal !== null) return Either.left(refusal)
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
