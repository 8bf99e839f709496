/**
 * A code is presented at the token endpoint.
 *
 * The order of the rules decides who can harm whom. The secret and the client come first: a stranger who guesses, or a
 * client that holds somebody else's code, changes nothing. Redirect URI and verifier come next: an authenticated client
 * that fails them has a stolen code, so the code dies. Only a request that passes all of these can be a replay.
 * Source: app-launch, "Obtain access token"; RFC 6749, sections 4.1.2 and 4.1.3; RFC 7636, section 4.6.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { isOfAnotherServer, matchesAudience } from './audience.js'
import type { GrantEventOf, GrantStep } from './events.js'
import { expiredGrant, revokedGrant, tokensOf } from './events.js'
import type { Rule } from '../machine/machine.js'
import { firstBroken, stay } from '../machine/machine.js'
import { clientTypeOf, isProtected, isRegisteredRedirectUri } from './registration-rules.js'
import type { KnownResourceSide } from '../scope-policy/resource-side.js'
import {
  grantableNow,
  isTooLongForToken,
  isWithin,
  refreshScopeIn,
  withoutRefreshScope
} from '../scope-policy/scope-policy.js'
import { wantsIdToken } from '../jwt/id-token-claims.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { Active, CodeIssued } from './state.js'
import { format } from '../../scopes/format.js'
import { parse } from '../../scopes/parse.js'
import { sameDigest } from '../../values/secret.js'
import { hasPassed } from '../../values/time.js'

interface Presentation {
  readonly policy: SmartPolicy
  readonly grant: CodeIssued | Active
  readonly event: GrantEventOf<'CodePresented'>
}

/** Whose code it is. A broken rule changes nothing: its owner can still use the code. */
const ownershipRules: ReadonlyArray<Rule<Presentation, Refusal>> = [
  {
    holds: ({ grant, event }) => sameDigest(grant.codeDigest, event.codeDigest),
    otherwise: () => ({ _tag: 'CodeUnknown' })
  },
  {
    holds: ({ grant, event }) => !isOfAnotherServer(grant, event.server),
    otherwise: () => ({ _tag: 'CodeUnknown' })
  },
  {
    holds: ({ grant, event }) => grant.clientId === event.client.clientId,
    otherwise: () => ({ _tag: 'CodeOfAnotherClient' })
  }
]

/** What the request must hold to be judged at all. A broken rule changes nothing. */
const completenessRules: ReadonlyArray<Rule<Presentation, Refusal>> = [
  {
    holds: ({ grant, event }) => grant.codeChallenge === null || event.challengeOfVerifier !== null,
    otherwise: () => ({ _tag: 'CodeVerifierMissing' })
  },
  {
    holds: ({ policy, grant, event }) => event.target === null || matchesAudience(policy, event.target, grant.audience),
    otherwise: ({ event }) => ({ _tag: 'TargetDiffers', target: event.target ?? '' })
  }
]

/** What binds the code to the request that it answers. */
const bindingRules: ReadonlyArray<Rule<Presentation, Refusal>> = [
  {
    holds: ({ grant, event }) => grant.redirectUri === event.redirectUri,
    otherwise: () => ({ _tag: 'RedirectUriDiffers' })
  },
  {
    // A verifier without a challenge is the sign of a challenge that was taken away (RFC 9700, section 4.8.2).
    holds: ({ policy, grant, event }) =>
      grant.codeChallenge === null
        ? policy.pkce !== 'required' && event.challengeOfVerifier === null
        : sameDigest(grant.codeChallenge, event.challengeOfVerifier ?? ''),
    otherwise: () => ({ _tag: 'CodeVerifierDiffers' })
  }
]

interface FirstPresentation extends Presentation {
  readonly side: KnownResourceSide
}

/**
 * What a code not yet redeemed needs of its client's registration besides. A broken rule revokes the grant: others may
 * hold the code.
 */
const registrationRules: ReadonlyArray<Rule<FirstPresentation, Refusal>> = [
  {
    holds: ({ policy, grant, event }) => isRegisteredRedirectUri(policy, event.client, grant.redirectUri),
    otherwise: ({ grant }) => ({ _tag: 'RedirectUriNoLongerRegistered', redirectUri: grant.redirectUri })
  },
  {
    holds: ({ grant, event }) => isProtected(grant, event.client),
    otherwise: () => ({ _tag: 'CodeUnprotected' })
  },
  {
    holds: ({ grant, event }) => grant.clientType === clientTypeOf(event.client),
    otherwise: ({ grant }) => ({ _tag: 'ClientTypeChanged', was: grant.clientType })
  },
  {
    holds: ({ policy, side, grant, event }) => isWithin(policy, side, parse(grant.scope), event.client.scope),
    otherwise: ({ grant }) => ({ _tag: 'CodeScopeNoLongerRegistered', scope: grant.scope })
  }
]

/** A code that was not redeemed yet. */
export const onCodePresented = (
  policy: SmartPolicy,
  grant: CodeIssued,
  event: GrantEventOf<'CodePresented'>,
  side: KnownResourceSide
): GrantStep => {
  const presentation = { policy, side, grant, event }
  const unjudged = firstBroken(ownershipRules, presentation) ?? firstBroken(completenessRules, presentation)
  if (unjudged !== null) return stay(grant, { _tag: 'Refuse', refusal: unjudged })
  const unbound = firstBroken(bindingRules, presentation)
  if (unbound !== null) {
    const state = policy.consumeCodeOnFailedBinding ? revokedGrant(grant, event, 'CodeBindingFailed') : grant
    return { state, commands: [{ _tag: 'Refuse', refusal: unbound }] }
  }
  if (hasPassed(grant.codeExpiresAt, event.now)) {
    return { state: expiredGrant(grant, event), commands: [{ _tag: 'Refuse', refusal: { _tag: 'CodeExpired' } }] }
  }
  const changed = firstBroken(registrationRules, presentation)
  if (changed !== null) {
    return {
      state: revokedGrant(grant, event, 'RegistrationChanged'),
      commands: [{ _tag: 'Refuse', refusal: changed }]
    }
  }
  return redeemed(policy, side, grant, event)
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
 * The grant as the code bought it, and the first tokens within what the policy permits now. The policy is asked before anything is spent, and where nothing may be given nothing is.
 */
const redeemed = (
  policy: SmartPolicy,
  side: KnownResourceSide,
  grant: CodeIssued,
  event: GrantEventOf<'CodePresented'>
): GrantStep => {
  const { permission } = event
  if (permission === null && policy.accessPolicyAsked === 'always') {
    return stay(grant, { _tag: 'AskPolicy', user: grant.user, scope: grant.scope })
  }
  if (permission?._tag === 'Ended') {
    return {
      state: revokedGrant(grant, event, 'PolicyEnded'),
      commands: [{ _tag: 'Refuse', refusal: { _tag: 'GrantEndedByPolicy' } }]
    }
  }
  const held = grantableNow(policy, side, grant, event.client, permission?.scope ?? null)
  if (Either.isLeft(held)) return stay(grant, { _tag: 'Refuse', refusal: held.left })
  const mayStay = event.client.grantTypes.includes('refresh_token')
  const scope = mayStay ? held.right : format(withoutRefreshScope(parse(held.right)))
  if (isTooLongForToken(policy, scope, scope !== grant.scope))
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'ScopeTooLongForToken' } })
  const active = activeOf(grant, event)
  const tokens = tokensOf(active, scope, event, policy.accessTokenLifetimeSeconds, wantsIdToken(scope))
  const mayRefresh = refreshScopeIn(scope) !== null
  return {
    state: active,
    commands: [{ _tag: 'IssueTokens', tokens: mayRefresh ? tokens : { ...tokens, generation: null } }]
  }
}

/** A code that was redeemed before: a second valid presentation revokes what the first one bought. */
export const onCodePresentedAgain = (
  policy: SmartPolicy,
  grant: Active,
  event: GrantEventOf<'CodePresented'>
): GrantStep => {
  const presentation = { policy, grant, event }
  const notTheirs =
    firstBroken(ownershipRules, presentation) ??
    firstBroken(completenessRules, presentation) ??
    firstBroken(bindingRules, presentation)
  return notTheirs !== null
    ? stay(grant, { _tag: 'Refuse', refusal: notTheirs })
    : {
        state: revokedGrant(grant, event, 'CodeReplayed'),
        commands: [{ _tag: 'Refuse', refusal: { _tag: 'CodeReplayed' } }]
      }
}
