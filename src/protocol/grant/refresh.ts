/**
 * A refresh token is presented at the token endpoint. Its MAC was verified before: the number is
 * genuine.
 *
 * Each refresh counts the generation up, so reuse is seen from the number alone and no old token is remembered. A token
 * is a function of its number; inside the grace period the successor that was lost on the way can be made again, once.
 * Source: app-launch, "Refresh access token"; RFC 6749, section 6; RFC 9700, section 4.14.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { isOfAnotherServer, matchesAudience } from './audience.js'
import type { GrantEventOf, GrantStep } from './events.js'
import { expiredGrant, revokedGrant, tokensOf } from './events.js'
import { clientTypeOf } from './registration-rules.js'
import { firstBroken, stay } from '../machine/machine.js'
import type { KnownResourceSide } from '../scope-policy/resource-side.js'
import { openingOnly } from '../scope-policy/opening.js'
import {
  withinContext,
  grantableNow,
  inOneVersion,
  isTooLongForToken,
  refreshScopeIn,
  scopeOptions
} from '../scope-policy/scope-policy.js'
import { scopeReadingRules, scopeRules, scopesAsked } from '../scope-policy/scope-rules.js'
import { wantsIdToken } from '../jwt/id-token-claims.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active } from './state.js'
import { withinBudget } from '../../scopes/atoms.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { holdsText, printedHoldsText, withoutRepetitions } from '../../scopes/scope.js'
import { subsumes } from '../../scopes/subsumes.js'
import { hasPassed } from '../../values/time.js'
import { ownMember } from '../../values/own.js'

/**
 * The scope of the new access token, in the spelling that was asked, if the grant covers it, patient and all. What is
 * asked is read under the same switches as at the authorization endpoint; a scope that is malformed or opens nothing,
 * and that they do not refuse, is left out, and who asks for nothing else asks for nothing.
 */
const scopeOfAnswer = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  { context }: Active,
  held: string,
  asked: string | null
): Either.Either<Refusal, string> => {
  if (asked === null) return Either.right(held)
  const granted = parse(held)
  const opening = (scopes: ScopeSet): ScopeSet => openingOnly(side, scopes, ownMember(context, 'patient'))
  const requested = { policy, text: asked, effectiveOf: (scopes: ScopeSet) => scopes, openingOf: opening }
  const unreadable = firstBroken(scopeReadingRules, requested)
  if (unreadable !== null) return Either.left(unreadable)
  const wellFormed = scopesAsked(requested).filter((scope) => scope._tag !== 'MalformedScope')
  if (Either.isLeft(withinBudget(wellFormed, scopeOptions(policy, side))))
    return Either.left({ _tag: 'ScopeTooComplex' })
  const refusal = firstBroken(scopeRules, requested)
  if (refusal !== null) return Either.left(refusal)
  const scopes = opening(withoutRepetitions(inOneVersion(policy, wellFormed)))
  const covered = subsumes(granted, scopes, scopeOptions(policy, side))
  const covers = subsumes(scopes, granted, scopeOptions(policy, side))
  if (Either.isLeft(covered) || Either.isLeft(covers)) return Either.left({ _tag: 'ScopeTooComplex' })
  const fits =
    policy.refreshScopeMatch === 'semantic'
      ? covered.right && withinContext(side, scopes, context).length === scopes.length
      : scopes.every(({ text }) => holdsText(granted, text))
  const isAll = policy.refreshScope === 'properSubset' && covers.right
  if (scopes.length === 0 || !fits || isAll) return Either.left({ _tag: 'ScopeBeyondGrant' })
  return Either.right(format(scopes))
}

/**
 * What of the grant may be given now; why nothing is refreshed where that is nothing, or no refresh. The grant keeps
 * its scope: what is registered, or permitted, again is had again.
 */
const grantedStill = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>
): Either.Either<Refusal, string> => {
  const left = grantableNow(
    policy,
    side,
    grant,
    event.client,
    event.permission?._tag === 'Permitted' ? event.permission.scope : null
  )
  if (Either.isLeft(left)) return left
  const access = refreshScopeIn(grant.scope)
  if (access === null || printedHoldsText(left.right, access)) return left
  return Either.left({
    _tag: holdsText(event.client.scope, access) ? 'ScopeNoLongerPermitted' : 'ScopeNoLongerRegistered',
    scope: access
  })
}

const withinGrace = (policy: SmartPolicy, grant: Active, event: GrantEventOf<'RefreshTokenPresented'>): boolean =>
  event.generation === grant.generation - 1 &&
  !grant.wasRepeated &&
  policy.reuseGraceSeconds > 0 &&
  !hasPassed(grant.rotatedAt + policy.reuseGraceSeconds, event.now)

/** A refresh token, judged by its generation. */
export const onRefreshTokenPresented = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>,
  side: KnownResourceSide
): GrantStep => {
  if (isOfAnotherServer(grant, event.server))
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'RefreshTokenUnknown' } })
  if (grant.clientId !== event.client.clientId) {
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'RefreshTokenOfAnotherClient' } })
  }
  // A refresh token of a confidential client is good with its proof only (RFC 6749, section 6), whatever it is
  // registered for since.
  if (grant.clientType === 'confidential' && clientTypeOf(event.client) === 'public') {
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'ClientTypeChanged', was: grant.clientType } })
  }
  if (grant.refresh === 'none') return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'RefreshTokenUnknown' } })
  if (event.target !== null && !matchesAudience(policy, event.target, grant.audience)) {
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'TargetDiffers', target: event.target } })
  }
  if (hasPassed(Math.min(grant.endsAt, grant.rotatedAt + policy.refreshTokenIdleSeconds), event.now)) {
    return {
      state: expiredGrant(grant, event),
      commands: [{ _tag: 'Refuse', refusal: { _tag: 'RefreshTokenExpired' } }]
    }
  }
  if (event.generation > grant.generation) {
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'RefreshTokenAhead' } })
  }
  const again = withinGrace(policy, grant, event)
  if (event.generation < grant.generation && !again) {
    return {
      state: revokedGrant(grant, event, 'RefreshTokenReused'),
      commands: [{ _tag: 'Refuse', refusal: { _tag: 'RefreshTokenReused' } }]
    }
  }
  if (grant.refresh === 'online' && event.online !== 'yes') {
    return event.online === 'unknown'
      ? stay(grant, { _tag: 'AskWhetherOnline', user: grant.user })
      : // The session is over, and no later one brings the grant back.
        { state: expiredGrant(grant, event), commands: [{ _tag: 'Refuse', refusal: { _tag: 'UserNotOnline' } }] }
  }
  if (event.permission === null && policy.accessPolicyAsked === 'always') {
    return stay(grant, { _tag: 'AskPolicy', user: grant.user, scope: grant.scope })
  }
  if (event.permission?._tag === 'Ended') {
    return {
      state: revokedGrant(grant, event, 'PolicyEnded'),
      commands: [{ _tag: 'Refuse', refusal: { _tag: 'GrantEndedByPolicy' } }]
    }
  }
  const granted = grantedStill(policy, side, grant, event)
  if (Either.isLeft(granted)) return stay(grant, { _tag: 'Refuse', refusal: granted.left })
  const scope = scopeOfAnswer(policy, side, grant, granted.right, event.scope)
  if (Either.isLeft(scope)) return stay(grant, { _tag: 'Refuse', refusal: scope.left })
  if (isTooLongForToken(policy, scope.right, scope.right !== grant.scope))
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'ScopeTooLongForToken' } })
  const withIdToken = policy.idTokenOnRefresh && wantsIdToken(scope.right)
  return issue(policy, grant, event, { scope: scope.right, withIdToken, again })
}

/** The next access token and, where tokens are rotated, the next refresh token. */
const issue = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>,
  { again, scope, withIdToken }: { readonly scope: string; readonly withIdToken: boolean; readonly again: boolean }
): GrantStep => {
  const rotates = policy.rotateRefreshTokens === 'always' || event.client.tokenEndpointAuthMethod === 'none'
  const next: Active = again
    ? { ...grant, writeId: event.writeId, wasRepeated: true }
    : {
        ...grant,
        writeId: event.writeId,
        generation: grant.generation + (rotates ? 1 : 0),
        rotatedAt: event.now,
        wasRepeated: false
      }
  const tokens = tokensOf(next, scope, event, policy.accessTokenLifetimeSeconds, withIdToken)
  return {
    state: next,
    commands: [
      {
        _tag: 'IssueTokens',
        tokens: {
          ...tokens,
          generation: rotates ? tokens.generation : null,
          told: policy.contextOnRefresh === 'repeat' ? tokens.told : {},
          nonce: null
        }
      }
    ]
  }
}
