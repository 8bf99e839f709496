/**
 * The user's part of a grant: sign-in, choice of context, consent.
 *
 * Source: app-launch, "EHR decides whether to grant or deny access"; scopes-and-launch-context, "Scopes for requesting
 * context data"; RFC 6749, section 10.12 (request forgery).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { GrantEventOf, GrantStep, UserDecision } from './grant-events.js'
import { denied, expired } from './grant-events.js'
import type { Rule } from './kernel.js'
import { firstBroken, stay } from './kernel.js'
import type { RedirectTarget } from '../messages/authorization-request.js'
import type { LaunchContext } from '../messages/launch-context.js'
import type { SmartPolicy } from '../messages/policy.js'
import type { Refusal } from '../messages/refusal.js'
import type { AwaitingConsent, AwaitingContext, AwaitingUser } from '../messages/stored-grant.js'
import { format } from '../scopes/format.js'
import { parse } from '../scopes/parse.js'
import type { ScopeSet } from '../scopes/scope.js'
import { holdsText, isResourceScope } from '../scopes/scope.js'
import { intersect } from '../scopes/combine.js'
import { sameDigest } from '../values/secret.js'
import { hasPassed } from '../values/time.js'

type Conversing = AwaitingUser | AwaitingContext | AwaitingConsent

interface DecisionFacts {
  readonly grant: Conversing
  readonly event: UserDecision
}

/** What must hold before any decision of the user counts. */
const decisionRules: ReadonlyArray<Rule<DecisionFacts, Refusal>> = [
  {
    holds: ({ grant, event }) => sameDigest(grant.browserDigest, event.browserDigest),
    otherwise: () => ({ _tag: 'InteractionOfAnotherBrowser' })
  },
  {
    holds: ({ event }) => sameDigest(event.expectedFormToken, event.formToken),
    otherwise: () => ({ _tag: 'InteractionOfAnotherBrowser' })
  },
  {
    holds: ({ grant, event }) => !hasPassed(grant.interactionEndsAt, event.now),
    otherwise: () => ({ _tag: 'InteractionExpired' })
  }
]

/** The step that a broken decision rule leads to; null when none is broken. Only time ends the conversation. */
const refusedDecision = (grant: Conversing, event: UserDecision): GrantStep | null => {
  const refusal = firstBroken(decisionRules, { grant, event })
  if (refusal === null) return null
  const state = refusal._tag === 'InteractionExpired' ? expired(grant, event) : grant
  return { state, commands: [{ _tag: 'Refuse', refusal }] }
}

const targetOf = (grant: Conversing): RedirectTarget => ({ redirectUri: grant.redirectUri, state: grant.state })

const deniedBecause = (grant: Conversing, event: UserDecision, refusal: Refusal): GrantStep => ({
  state: denied(grant, event),
  commands: [{ _tag: 'RedirectWithRefusal', target: targetOf(grant), refusal }]
})

const asksForPatient = (scopes: ScopeSet): boolean =>
  holdsText(scopes, 'launch/patient') || scopes.some((scope) => isResourceScope(scope) && scope.level === 'patient')

/** What must still be chosen: a patient for `launch/patient` and for `patient/` scopes, an encounter for `launch/encounter`. */
const needsOf = (scopes: ScopeSet, context: LaunchContext): AwaitingContext['needs'] => [
  ...(asksForPatient(scopes) && context.patient === undefined ? ['patient' as const] : []),
  ...(holdsText(scopes, 'launch/encounter') && context.encounter === undefined ? ['encounter' as const] : [])
]

/** What the app is told of the context: nothing about a patient or an encounter that its granted scopes do not ask for. */
const contextFor = (scopes: ScopeSet, context: LaunchContext): LaunchContext => {
  const { patient, encounter, ...rest } = context
  const whole = holdsText(scopes, 'launch')
  return {
    ...rest,
    ...(patient !== undefined && (whole || asksForPatient(scopes)) ? { patient } : {}),
    ...(encounter !== undefined && (whole || holdsText(scopes, 'launch/encounter')) ? { encounter } : {})
  }
}

/** The members that every condition of the conversation has. */
const conversationOf = (grant: Conversing) => ({
  grantId: grant.grantId,
  clientId: grant.clientId,
  keepUntil: grant.keepUntil,
  redirectUri: grant.redirectUri,
  state: grant.state,
  audience: grant.audience,
  codeChallenge: grant.codeChallenge,
  nonce: grant.nonce,
  browserDigest: grant.browserDigest,
  interactionEndsAt: grant.interactionEndsAt,
  launchKey: grant.launchKey
})

/** The user signed in: go on to what is still open. */
export const userSignedIn = (grant: AwaitingUser, event: GrantEventOf<'UserSignedIn'>): GrantStep => {
  const refused = refusedDecision(grant, event)
  if (refused !== null) return refused
  if (grant.launchedBy !== null && grant.launchedBy !== event.user.sub) {
    return deniedBecause(grant, event, { _tag: 'LaunchOfAnotherUser' })
  }
  const permitted = intersect(parse(grant.scope), parse(event.permittedScope))
  if (Either.isLeft(permitted)) return deniedBecause(grant, event, { _tag: 'ScopeTooComplex' })
  const scopes = permitted.right
  if (scopes.length === 0) return deniedBecause(grant, event, { _tag: 'NothingGranted' })
  const next = {
    ...conversationOf(grant),
    attempt: event.attempt,
    scope: format(scopes),
    context: grant.context,
    user: event.user
  }
  const needs = needsOf(scopes, grant.context)
  return needs.length > 0
    ? { state: { _tag: 'AwaitingContext', ...next, needs }, commands: [{ _tag: 'AskForContext' }] }
    : { state: { _tag: 'AwaitingConsent', ...next }, commands: [{ _tag: 'AskForConsent' }] }
}

/** The user chose a patient or an encounter. What the EHR said already is not open to choice. */
export const contextChosen = (grant: AwaitingContext, event: GrantEventOf<'ContextChosen'>): GrantStep => {
  const refused = refusedDecision(grant, event)
  if (refused !== null) return refused
  const context: LaunchContext = { ...event.context, ...grant.context }
  if (needsOf(parse(grant.scope), context).length > 0) {
    return stay(grant, { _tag: 'Refuse', refusal: { _tag: 'ContextIncomplete' } })
  }
  return {
    state: {
      _tag: 'AwaitingConsent',
      ...conversationOf(grant),
      attempt: event.attempt,
      scope: grant.scope,
      user: grant.user,
      context
    },
    commands: [{ _tag: 'AskForConsent' }]
  }
}

const refreshOf = (scopes: ScopeSet): 'none' | 'offline' => (holdsText(scopes, 'offline_access') ? 'offline' : 'none')

/** The user agreed, in whole or in part: issue a code. */
export const consentGiven = (
  policy: SmartPolicy,
  grant: AwaitingConsent,
  event: GrantEventOf<'ConsentGiven'>
): GrantStep => {
  const refused = refusedDecision(grant, event)
  if (refused !== null) return refused
  if (event.launchRefusal !== null) return deniedBecause(grant, event, event.launchRefusal)
  const approved = intersect(parse(grant.scope), parse(event.approvedScope))
  if (Either.isLeft(approved)) return deniedBecause(grant, event, { _tag: 'ScopeTooComplex' })
  const scopes = approved.right
  if (scopes.length === 0) return deniedBecause(grant, event, { _tag: 'NothingGranted' })
  const refresh = refreshOf(scopes)
  const codeExpiresAt = event.now + policy.codeLifetimeSeconds
  const endsAt = refresh === 'none'
    ? codeExpiresAt + policy.accessTokenLifetimeSeconds
    : event.now + policy.refreshTokenLifetimeSeconds
  return {
    state: {
      _tag: 'CodeIssued',
      grantId: grant.grantId,
      clientId: grant.clientId,
      attempt: event.attempt,
      keepUntil: endsAt,
      redirectUri: grant.redirectUri,
      scope: format(scopes),
      audience: grant.audience,
      codeChallenge: grant.codeChallenge,
      codeDigest: event.codeDigest,
      codeExpiresAt,
      nonce: grant.nonce,
      user: grant.user,
      context: contextFor(scopes, grant.context),
      refresh,
      endsAt
    },
    commands: [{ _tag: 'RedirectWithCode', target: targetOf(grant) }]
  }
}

/** The user said no. */
export const userDenied = (grant: Conversing, event: GrantEventOf<'UserDenied'>): GrantStep =>
  refusedDecision(grant, event) ?? deniedBecause(grant, event, { _tag: 'UserDenied' })
