/**
 * A refresh token is presented at the token endpoint. Its MAC was verified before, so its generation number is
 * authentic.
 *
 * Each refresh increments the generation. Reuse is therefore detected from the number, and no old token is stored. A
 * token is a function of its number: within the grace period, the successor can be made again once if the response was
 * lost. Source: app-launch, "Refresh access token"; RFC 6749, section 6; RFC 9700, section 4.14.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { isOfAnotherServer, matchesAudience } from './audience.js'
import type { GrantCommand, GrantEventOf, GrantStep } from './events.js'
import { expiredGrant, revokedGrant, tokensOf } from './events.js'
import { clientTypeOf } from './registration-rules.js'
import { stay } from '../machine/machine.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { ParsedScope } from '../scope-policy/parsed-scope.js'
import { parsedScope, printedScope } from '../scope-policy/parsed-scope.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import { openingOnly } from '../scope-policy/usable-scopes.js'
import {
  withinContext,
  grantableNow,
  inOneVersion,
  isTooLongForToken,
  refreshScopeIn,
  scopeOptions
} from '../scope-policy/scope-policy.js'
import { requestedScopes, scopeRules } from '../scope-policy/scope-rules.js'
import { wantsIdToken } from '../jwt/id-token-claims.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, Revoked } from './state.js'
import { withinBudget } from '../../scopes/atoms.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { holdsText, withoutRepetitions } from '../../scopes/scope.js'
import { subsumption } from '../../scopes/subsumes.js'
import { hasPassed } from '../../values/time.js'
import { ownMember } from '../../values/own.js'

/**
 * The scope of the new access token, in the requested spelling, if the grant covers it (including the patient). The
 * requested scope is read under the same policy options as at the authorization endpoint. A scope that is malformed or
 * permits nothing, and that they do not refuse, is omitted; a request with only such scopes has an empty scope.
 */
const scopeOfAnswer = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  { context }: Active,
  held: ParsedScope,
  asked: string | null
): Either.Either<Refusal, ParsedScope> => {
  if (asked === null) return Either.right(held)
  const granted = held.scopes
  const opening = (scopes: ScopeSet): ScopeSet => openingOnly(side, scopes, ownMember(context, 'patient'))
  const reading = requestedScopes(policy, asked, held)
  if (Either.isLeft(reading)) return reading
  const requested = { policy, scopes: reading.right, effectiveOf: (all: ScopeSet) => all, openingOf: opening }
  const wellFormed = reading.right.filter((scope) => scope._tag !== 'MalformedScope')
  if (Either.isLeft(withinBudget(wellFormed, scopeOptions(policy, side)))) {
    return Either.left({ _tag: 'ScopeTooComplex' })
  }
  const refusal = firstRefusal(scopeRules, requested)
  if (refusal !== null) return Either.left(refusal)
  const scopes = opening(withoutRepetitions(inOneVersion(policy, wellFormed)))
  const covered = subsumption(granted, scopes, scopeOptions(policy, side))
  const covers = subsumption(scopes, granted, scopeOptions(policy, side))
  if (Either.isLeft(covered) || Either.isLeft(covers)) return Either.left({ _tag: 'ScopeTooComplex' })
  const fits =
    policy.refreshScopeMatch === 'semantic'
      ? covered.right && withinContext(side, scopes, context).length === scopes.length
      : scopes.every(({ text }) => holdsText(granted, text))
  const isAll = policy.refreshScope === 'properSubset' && covers.right
  if (scopes.length === 0 || !fits || isAll) return Either.left({ _tag: 'ScopeBeyondGrant' })
  return Either.right(printedScope(scopes))
}

/**
 * The part of the grant that may be given now; the refusal when it is empty or has no refresh scope. The grant keeps
 * its scope: what is registered or permitted again returns.
 */
const stillGrantable = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>
): Either.Either<Refusal, ParsedScope> => {
  const left = grantableNow(
    policy,
    side,
    { scope: parsedScope(grant.scope, event.parsed), context: grant.context },
    event.client,
    event.permission?._tag === 'Permitted' ? event.permission.scope : null
  )
  if (Either.isLeft(left)) return left
  const access = refreshScopeIn(grant.scope)
  if (access === null || holdsText(left.right.scopes, access)) return left
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

interface RefreshFacts {
  readonly policy: SmartPolicy
  readonly grant: Active
  readonly event: GrantEventOf<'RefreshTokenPresented'>
}

/** The result of a broken rule: a refusal with an unchanged, expired or revoked grant; or a question to the host. */
type RefreshOutcome =
  | { readonly _tag: 'Refused'; readonly refusal: Refusal }
  | { readonly _tag: 'Expired'; readonly refusal: Refusal }
  | { readonly _tag: 'Revoked'; readonly because: Revoked['why']; readonly refusal: Refusal }
  | {
      readonly _tag: 'Asked'
      readonly command: Extract<GrantCommand, { readonly _tag: 'AskWhetherOnline' | 'AskPolicy' }>
    }

const refused = (refusal: Refusal): RefreshOutcome => ({ _tag: 'Refused', refusal })

/** The rules of a refresh token (RFC 6749, section 6). */
export const refreshRules: ReadonlyArray<Rule<RefreshFacts, RefreshOutcome>> = [
  {
    name: 'server-matches',
    check: ({ grant, event }) =>
      isOfAnotherServer(grant, event.server) ? refused({ _tag: 'RefreshTokenUnknown' }) : null
  },
  {
    name: 'client-matches',
    check: ({ grant, event }) =>
      grant.clientId === event.client.clientId ? null : refused({ _tag: 'RefreshTokenOfAnotherClient' })
  },
  {
    // A refresh token of a confidential client requires client authentication (RFC 6749, section 6), whatever the
    // client has registered since.
    name: 'client-still-confidential',
    check: ({ grant, event }) =>
      grant.clientType === 'confidential' && clientTypeOf(event.client) === 'public'
        ? refused({ _tag: 'ClientTypeChanged', was: grant.clientType })
        : null
  },
  {
    name: 'grant-has-refresh',
    check: ({ grant }) => (grant.refresh === 'none' ? refused({ _tag: 'RefreshTokenUnknown' }) : null)
  },
  {
    name: 'target-is-audience',
    check: ({ policy, grant, event: { target } }) =>
      target === null || matchesAudience(policy, target, grant.audience)
        ? null
        : refused({ _tag: 'TargetDiffers', target })
  },
  {
    name: 'not-expired',
    check: ({ policy, grant, event }) =>
      hasPassed(Math.min(grant.endsAt, grant.rotatedAt + policy.refreshTokenIdleSeconds), event.now)
        ? { _tag: 'Expired', refusal: { _tag: 'RefreshTokenExpired' } }
        : null
  },
  {
    name: 'generation-known',
    check: ({ grant, event }) => (event.generation > grant.generation ? refused({ _tag: 'RefreshTokenAhead' }) : null)
  },
  {
    name: 'not-reused',
    check: ({ policy, grant, event }) =>
      event.generation < grant.generation && !withinGrace(policy, grant, event)
        ? { _tag: 'Revoked', because: 'RefreshTokenReused', refusal: { _tag: 'RefreshTokenReused' } }
        : null
  },
  {
    name: 'session-known',
    check: ({ grant, event }) =>
      grant.refresh === 'online' && event.online === 'unknown'
        ? { _tag: 'Asked', command: { _tag: 'AskWhetherOnline', user: grant.user } }
        : null
  },
  {
    // The session has ended; a later session does not restore the grant.
    name: 'session-lasts',
    check: ({ grant, event }) =>
      grant.refresh === 'online' && event.online === 'no'
        ? { _tag: 'Expired', refusal: { _tag: 'UserNotOnline' } }
        : null
  },
  {
    name: 'policy-known',
    check: ({ policy, grant, event }) =>
      event.permission === null && policy.accessPolicyAsked === 'always'
        ? {
            _tag: 'Asked',
            command: { _tag: 'AskPolicy', user: grant.user, scope: parsedScope(grant.scope, event.parsed) }
          }
        : null
  },
  {
    name: 'policy-lets-grant-live',
    check: ({ event }) =>
      event.permission?._tag === 'Ended'
        ? { _tag: 'Revoked', because: 'PolicyEnded', refusal: { _tag: 'GrantEndedByPolicy' } }
        : null
  }
]

/** The step of a broken rule. */
const stepOf = (grant: Active, event: GrantEventOf<'RefreshTokenPresented'>, outcome: RefreshOutcome): GrantStep => {
  switch (outcome._tag) {
    case 'Refused':
      return stay(grant, { _tag: 'Refuse', refusal: outcome.refusal })
    case 'Expired':
      return { state: expiredGrant(grant, event), command: { _tag: 'Refuse', refusal: outcome.refusal } }
    case 'Revoked':
      return {
        state: revokedGrant(grant, event, outcome.because),
        command: { _tag: 'Refuse', refusal: outcome.refusal }
      }
    case 'Asked':
      return stay(grant, outcome.command)
  }
}

/** Evaluates a refresh token by its generation. */
export const onRefreshTokenPresented = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>,
  side: KnownResourceSide
): GrantStep => {
  const outcome = firstRefusal(refreshRules, { policy, grant, event })
  if (outcome !== null) return stepOf(grant, event, outcome)
  const granted = stillGrantable(policy, side, grant, event)
  if (Either.isLeft(granted)) return stay(grant, { _tag: 'Refuse', refusal: granted.left })
  const scope = scopeOfAnswer(policy, side, grant, granted.right, event.scope)
  if (Either.isLeft(scope)) return stay(grant, { _tag: 'Refuse', refusal: scope.left })
  if (isTooLongForToken(policy, scope.right.text, scope.right.text !== grant.scope))
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'ScopeTooLongForToken' } })
  const withIdToken = policy.idTokenOnRefresh && wantsIdToken(scope.right.text)
  return issue(policy, grant, event, { scope: scope.right, withIdToken, again: event.generation < grant.generation })
}

/** The next access token and, if tokens are rotated, the next refresh token. */
const issue = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>,
  { again, scope, withIdToken }: { readonly scope: ParsedScope; readonly withIdToken: boolean; readonly again: boolean }
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
    command: {
      _tag: 'IssueTokens',
      tokens: {
        ...tokens,
        generation: rotates ? tokens.generation : null,
        told: policy.contextOnRefresh === 'repeat' ? tokens.told : {},
        nonce: null
      }
    }
  }
}
