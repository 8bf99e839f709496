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
import type { GrantEventOf, GrantStep } from './events.js'
import { tokensOf } from './events.js'
import type { GrantOutcome } from './outcome.js'
import { accessPolicyRules, outcomeStep } from './outcome.js'
import { clientTypeOf } from './registration-rules.js'
import { stay } from '../machine/machine.js'
import type { Rule } from '../machine/rules.js'
import { firstRefusal } from '../machine/rules.js'
import type { ParsedScope } from '../scope-policy/parsed-scope.js'
import { parsedScope, printedScope } from '../scope-policy/parsed-scope.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import { openingOnly } from '../scope-policy/usable-scopes.js'
import { withinContext, grantableNow, inOneVersion, scopeOptions } from '../scope-policy/scope-policy.js'
import type { RequestedScopes } from '../scope-policy/scope-rules.js'
import { fittingToken, isWellFormed, requestedScopes, scopeRules } from '../scope-policy/scope-rules.js'
import type { RegisteredClient } from '../client/client.js'
import type { LaunchContext } from '../launch/launch-context.js'
import { wantsIdToken } from '../jwt/id-token-claims.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active } from './state.js'
import type { TooComplex } from '../../scopes/atoms.js'
import { withinBudget } from '../../scopes/atoms.js'
import type { ScopeOptions } from '../../scopes/permits.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { holdsText, withoutRepetitions } from '../../scopes/scope.js'
import { subsumption } from '../../scopes/subsumes.js'
import { hasPassed } from '../../values/time.js'
import { ownMember } from '../../values/own.js'

interface RefreshScopes extends RequestedScopes {
  readonly options: ScopeOptions
}

/** The rules of the scopes that a refresh request names. */
export const refreshRequestScopeRules: ReadonlyArray<Rule<RefreshScopes, Refusal>> = [
  {
    name: 'scope-complexity',
    check: ({ scopes, options }) =>
      Either.isLeft(withinBudget(scopes.filter(isWellFormed), options)) ? { _tag: 'ScopeTooComplex' } : null
  },
  ...scopeRules
]

interface NarrowedScopes {
  readonly policy: SmartPolicy
  readonly side: KnownResourceSide
  readonly context: LaunchContext
  /** The scopes of the grant. */
  readonly granted: ScopeSet
  /** The requested scopes that permit something. */
  readonly scopes: ScopeSet
  /** Whether the granted scopes cover the requested ones, and the reverse. */
  readonly covered: Either.Either<TooComplex, boolean>
  readonly covers: Either.Either<TooComplex, boolean>
}

const isTrue = (answer: Either.Either<TooComplex, boolean>): boolean => Either.isRight(answer) && answer.right

/** The rules of the requested scopes beside those of the grant (RFC 6749, section 6). */
export const narrowedScopeRules: ReadonlyArray<Rule<NarrowedScopes, Refusal>> = [
  {
    name: 'comparison-complexity',
    check: ({ covered, covers }) =>
      Either.isLeft(covered) || Either.isLeft(covers) ? { _tag: 'ScopeTooComplex' } : null
  },
  {
    name: 'scope-not-empty',
    check: ({ scopes }) => (scopes.length === 0 ? { _tag: 'ScopeBeyondGrant' } : null)
  },
  {
    name: 'scope-within-grant',
    check: ({ policy, covered }) =>
      policy.refreshScopeMatch === 'semantic' && !isTrue(covered) ? { _tag: 'ScopeBeyondGrant' } : null
  },
  {
    name: 'scope-within-context',
    check: ({ policy, side, scopes, context }) =>
      policy.refreshScopeMatch === 'semantic' && withinContext(side, scopes, context).length !== scopes.length
        ? { _tag: 'ScopeBeyondGrant' }
        : null
  },
  {
    name: 'scope-in-words-of-grant',
    check: ({ policy, scopes, granted }) =>
      policy.refreshScopeMatch !== 'semantic' && !scopes.every(({ text }) => holdsText(granted, text))
        ? { _tag: 'ScopeBeyondGrant' }
        : null
  },
  {
    name: 'scope-narrower-than-grant',
    check: ({ policy, covers }) =>
      policy.refreshScope === 'properSubset' && isTrue(covers) ? { _tag: 'ScopeBeyondGrant' } : null
  }
]

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
  requestedScope: string | null
): Either.Either<Refusal, ParsedScope> => {
  if (requestedScope === null) return Either.right(held)
  const openingOf = (scopes: ScopeSet): ScopeSet => openingOnly(side, scopes, ownMember(context, 'patient'))
  const reading = requestedScopes(policy, requestedScope, held)
  if (Either.isLeft(reading)) return reading
  const options = scopeOptions(policy, side)
  const unfit = firstRefusal(refreshRequestScopeRules, {
    policy,
    scopes: reading.right,
    effectiveOf: (scopes) => scopes,
    openingOf,
    options
  })
  if (unfit !== null) return Either.left(unfit)
  const granted = held.scopes
  const scopes = openingOf(withoutRepetitions(inOneVersion(policy, reading.right.filter(isWellFormed))))
  const beyond = firstRefusal(narrowedScopeRules, {
    policy,
    side,
    context,
    granted,
    scopes,
    covered: subsumption(granted, scopes, options),
    covers: subsumption(scopes, granted, options)
  })
  return beyond === null ? Either.right(printedScope(scopes)) : Either.left(beyond)
}

interface RefreshScopeFacts {
  /** The refresh scope of the grant. */
  readonly access: string
  /** The scopes that may be given now. */
  readonly left: ScopeSet
  readonly client: RegisteredClient
}

const isLost = ({ access, left }: RefreshScopeFacts): boolean => !holdsText(left, access)

/** The rules of the refresh scope of a grant: a grant that has lost it cannot be refreshed now. */
export const refreshScopeRules: ReadonlyArray<Rule<RefreshScopeFacts, Refusal>> = [
  {
    name: 'refresh-scope-registered',
    check: (facts) =>
      isLost(facts) && !holdsText(facts.client.scope, facts.access)
        ? { _tag: 'ScopeNoLongerRegistered', scope: facts.access }
        : null
  },
  {
    name: 'refresh-scope-permitted',
    check: (facts) => (isLost(facts) ? { _tag: 'ScopeNoLongerPermitted', scope: facts.access } : null)
  }
]

/**
 * The part of the grant that may be given now; the refusal when it is empty or has no refresh scope. The grant keeps
 * its scope: what is registered or permitted again returns.
 */
const stillGrantable = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>,
  parsed: ParsedScope
): Either.Either<Refusal, ParsedScope> => {
  const left = grantableNow(
    policy,
    side,
    { scope: parsed, context: grant.context },
    event.client,
    event.permission?._tag === 'Permitted' ? event.permission.scope : null
  )
  if (Either.isLeft(left)) return left
  const { client } = event
  const lost = firstRefusal(refreshScopeRules, {
    access: `${grant.refresh}_access`,
    left: left.right.scopes,
    client
  })
  return lost === null ? left : Either.left(lost)
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

const refused = (refusal: Refusal): GrantOutcome => ({ _tag: 'Refused', refusal })

/** The rules of a refresh token (RFC 6749, section 6). */
export const refreshRules: ReadonlyArray<Rule<RefreshFacts, GrantOutcome>> = [
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
        ? { _tag: 'Deferred', command: { _tag: 'CheckOnline', user: grant.user } }
        : null
  },
  {
    // The session has ended; a later session does not restore the grant.
    name: 'session-lasts',
    check: ({ grant, event }) =>
      grant.refresh === 'online' && event.online === 'no'
        ? { _tag: 'Expired', refusal: { _tag: 'UserNotOnline' } }
        : null
  }
]

/** Evaluates a refresh token by its generation. */
export const onRefreshTokenPresented = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'RefreshTokenPresented'>,
  side: KnownResourceSide
): GrantStep => {
  const outcome = firstRefusal(refreshRules, { policy, grant, event })
  if (outcome !== null) return outcomeStep(grant, event, outcome)
  const parsed = parsedScope(grant.scope, event.parsed)
  const withheld = firstRefusal(accessPolicyRules, { policy, grant, parsed, permission: event.permission })
  if (withheld !== null) return outcomeStep(grant, event, withheld)
  const granted = stillGrantable(policy, side, grant, event, parsed)
  const scope = Either.isLeft(granted) ? granted : scopeOfAnswer(policy, side, grant, granted.right, event.scope)
  const issued = Either.isLeft(scope) ? scope : fittingToken(policy, grant.scope, scope.right)
  if (Either.isLeft(issued)) return stay(grant, { _tag: 'Refuse', refusal: issued.left })
  const withIdToken = policy.idTokenOnRefresh && wantsIdToken(issued.right.text)
  return issue(policy, grant, event, { scope: issued.right, withIdToken, again: event.generation < grant.generation })
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
        // A client that presents the current refresh token and keeps it does not need the one before it.
        wasRepeated: !rotates
      }
  const tokens = tokensOf(next, scope, event, policy.accessTokenLifetimeSeconds, withIdToken)
  return {
    state: next,
    command: {
      _tag: 'IssueTokens',
      tokens: {
        ...tokens,
        generation: rotates ? tokens.generation : null,
        launchContext: policy.contextOnRefresh === 'repeat' ? tokens.launchContext : {},
        nonce: null
      }
    }
  }
}
