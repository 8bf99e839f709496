/**
 * A code is presented at the token endpoint.
 *
 * The order of the rules matters for security. The code's secret and the client are checked first: a client that
 * guesses a code, or holds the code of another client, changes nothing. Redirect URI and verifier are checked next: an
 * authenticated client that fails them presents a stolen code, so the code becomes invalid. Only a request that passes
 * all of these can be a replay. Source: app-launch, "Obtain access token"; RFC 6749, sections 4.1.2 and 4.1.3; RFC
 * 7636, section 4.6.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { isOfAnotherServer, matchesAudience } from './audience.js'
import type { GrantEventOf, GrantStep } from './events.js'
import { expiredGrant, revokedGrant, tokensOf } from './events.js'
import { accessPolicyRules, outcomeStep } from './outcome.js'
import type { Rule } from '../machine/rules.js'
import { stay } from '../machine/machine.js'
import { firstRefusal } from '../machine/rules.js'
import { clientTypeOf, isProtected, isRegisteredRedirectUri } from './registration-rules.js'
import type { ParsedScope } from '../scope-policy/parsed-scope.js'
import { parsedScope, printedScope } from '../scope-policy/parsed-scope.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import { grantableNow, isWithin, refreshScopeIn, withoutRefreshScope } from '../scope-policy/scope-policy.js'
import { fittingToken } from '../scope-policy/scope-rules.js'
import { wantsIdToken } from '../jwt/id-token-claims.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, CodeIssued } from './state.js'
import { sameDigest } from '../../values/secret.js'
import { hasPassed } from '../../values/time.js'

interface Presentation {
  readonly policy: SmartPolicy
  readonly grant: CodeIssued | Active
  readonly event: GrantEventOf<'CodePresented'>
}

/** The rules for the owner of the code. A refusal changes nothing: the owner can still use the code. */
export const codeOwnershipRules: ReadonlyArray<Rule<Presentation, Refusal>> = [
  {
    name: 'code-matches',
    check: ({ grant, event }) => (sameDigest(grant.codeDigest, event.codeDigest) ? null : { _tag: 'CodeUnknown' })
  },
  {
    name: 'server-matches',
    check: ({ grant, event }) => (isOfAnotherServer(grant, event.server) ? { _tag: 'CodeUnknown' } : null)
  },
  {
    name: 'client-matches',
    check: ({ grant, event }) => (grant.clientId === event.client.clientId ? null : { _tag: 'CodeOfAnotherClient' })
  }
]

/** The rules for a complete request. A refusal changes nothing. */
export const codeCompletenessRules: ReadonlyArray<Rule<Presentation, Refusal>> = [
  {
    name: 'verifier-present',
    check: ({ grant, event }) =>
      grant.codeChallenge === null || event.challengeOfVerifier !== null ? null : { _tag: 'CodeVerifierMissing' }
  },
  {
    name: 'target-is-audience',
    check: ({ policy, grant, event }) =>
      event.target === null || matchesAudience(policy, event.target, grant.audience)
        ? null
        : { _tag: 'TargetDiffers', target: event.target }
  }
]

/** The rules that bind the code to its authorization request. */
export const codeBindingRules: ReadonlyArray<Rule<Presentation, Refusal>> = [
  {
    name: 'redirect-uri-matches',
    check: ({ grant, event }) => (grant.redirectUri === event.redirectUri ? null : { _tag: 'RedirectUriDiffers' })
  },
  {
    // A verifier without a challenge indicates that an attacker removed the challenge (RFC 9700, section 4.8.2).
    name: 'verifier-matches-challenge',
    check: ({ policy, grant, event }: Presentation): Refusal | null => {
      const isSame =
        grant.codeChallenge === null
          ? policy.pkce !== 'required' && event.challengeOfVerifier === null
          : sameDigest(grant.codeChallenge, event.challengeOfVerifier ?? '')
      return isSame ? null : { _tag: 'CodeVerifierDiffers' }
    }
  }
]

interface FirstPresentation extends Presentation {
  readonly side: KnownResourceSide
  /** The scope of the grant. */
  readonly parsed: ParsedScope
}

/**
 * The rules for the client's current registration when a code is redeemed for the first time. A refusal revokes the
 * grant, because others may hold the code.
 */
export const codeRegistrationRules: ReadonlyArray<Rule<FirstPresentation, Refusal>> = [
  {
    name: 'redirect-uri-still-registered',
    check: ({ policy, grant, event }) =>
      isRegisteredRedirectUri(policy, event.client, grant.redirectUri)
        ? null
        : { _tag: 'RedirectUriNoLongerRegistered', redirectUri: grant.redirectUri }
  },
  {
    name: 'code-still-protected',
    check: ({ grant, event }) => (isProtected(grant, event.client) ? null : { _tag: 'CodeUnprotected' })
  },
  {
    name: 'client-type-unchanged',
    check: ({ grant, event }) =>
      grant.clientType === clientTypeOf(event.client) ? null : { _tag: 'ClientTypeChanged', was: grant.clientType }
  },
  {
    name: 'scope-still-registered',
    check: ({ policy, side, parsed, event }) =>
      isWithin(policy, side, parsed.scopes, event.client.scope)
        ? null
        : { _tag: 'CodeScopeNoLongerRegistered', scope: parsed.text }
  }
]

/** A code that was not redeemed yet. */
export const onCodePresented = (
  policy: SmartPolicy,
  grant: CodeIssued,
  event: GrantEventOf<'CodePresented'>,
  side: KnownResourceSide
): GrantStep => {
  const presentation = { policy, grant, event }
  const refusal = firstRefusal(codeOwnershipRules, presentation) ?? firstRefusal(codeCompletenessRules, presentation)
  if (refusal !== null) return stay(grant, { _tag: 'Refuse', refusal: refusal })
  const unbound = firstRefusal(codeBindingRules, presentation)
  if (unbound !== null) {
    const state = policy.consumeCodeOnFailedBinding ? revokedGrant(grant, event, 'CodeBindingFailed') : grant
    return { state, command: { _tag: 'Refuse', refusal: unbound } }
  }
  if (hasPassed(grant.codeExpiresAt, event.now)) {
    return { state: expiredGrant(grant, event), command: { _tag: 'Refuse', refusal: { _tag: 'CodeExpired' } } }
  }
  const parsed = parsedScope(grant.scope, event.parsed)
  const changed = firstRefusal(codeRegistrationRules, { ...presentation, side, parsed })
  if (changed !== null) {
    return {
      state: revokedGrant(grant, event, 'RegistrationChanged'),
      command: { _tag: 'Refuse', refusal: changed }
    }
  }
  return redeemed(policy, side, grant, event, parsed)
}

const activeOf = (grant: CodeIssued, event: GrantEventOf<'CodePresented'>): Active => ({
  _tag: 'Active',
  grantId: grant.grantId,
  clientId: grant.clientId,
  writeId: event.writeId,
  recordExpiresAt: grant.recordExpiresAt,
  clientType: grant.clientType,
  redirectUri: grant.redirectUri,
  scope: grant.scope,
  audience: grant.audience,
  codeChallenge: grant.codeChallenge,
  codeDigest: grant.codeDigest,
  nonce: grant.nonce,
  user: grant.user,
  context: grant.context,
  refresh: grant.refresh,
  endsAt: grant.endsAt,
  generation: 0,
  rotatedAt: event.now,
  wasRepeated: false,
  epoch: 0
})

/**
 * The active grant and its first tokens, within what the policy permits now. The policy is called before anything is
 * consumed; if it permits nothing, nothing is consumed.
 */
const redeemed = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  grant: CodeIssued,
  event: GrantEventOf<'CodePresented'>,
  parsed: ParsedScope
): GrantStep => {
  const { permission } = event
  const withheld = firstRefusal(accessPolicyRules, { policy, grant, parsed, permission })
  if (withheld !== null) return outcomeStep(grant, event, withheld)
  const granted = { scope: parsed, context: grant.context }
  const held = grantableNow(
    policy,
    side,
    granted,
    event.client,
    permission?._tag === 'Permitted' ? permission.scope : null
  )
  const mayStay = event.client.grantTypes.includes('refresh_token')
  const kept =
    Either.isLeft(held) || mayStay ? held : Either.right(printedScope(withoutRefreshScope(held.right.scopes)))
  const issued = Either.isLeft(kept) ? kept : fittingToken(policy, grant.scope, kept.right)
  if (Either.isLeft(issued)) return stay(grant, { _tag: 'Refuse', refusal: issued.left })
  const scope = issued.right
  const active = activeOf(grant, event)
  const tokens = tokensOf(active, scope, event, policy.accessTokenLifetimeSeconds, wantsIdToken(scope.text))
  const mayRefresh = refreshScopeIn(scope.text) !== null
  return {
    state: active,
    command: { _tag: 'IssueTokens', tokens: mayRefresh ? tokens : { ...tokens, generation: null } }
  }
}

/** A code that was redeemed before: a second valid presentation revokes the grant. */
export const onCodePresentedAgain = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'CodePresented'>
): GrantStep => {
  const presentation = { policy, grant, event }
  const notTheirs =
    firstRefusal(codeOwnershipRules, presentation) ??
    firstRefusal(codeCompletenessRules, presentation) ??
    firstRefusal(codeBindingRules, presentation)
  return notTheirs !== null
    ? stay(grant, { _tag: 'Refuse', refusal: notTheirs })
    : {
        state: revokedGrant(grant, event, 'CodeReplayed'),
        command: { _tag: 'Refuse', refusal: { _tag: 'CodeReplayed' } }
      }
}
