/**
 * The user's part of a grant: sign-in, choice of context, consent.
 *
 * Source: app-launch, "EHR decides whether to grant or deny access"; scopes-and-launch-context, "Scopes for requesting
 * context data"; RFC 6749, section 10.12 (request forgery).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { isOfAnotherServer } from './audience.js'
import {
  availableContextRules,
  chosenContextRules,
  consentRules,
  remainingScopeRules,
  signInRules
} from './conversation-rules.js'
import type { GrantEventOf, GrantStep, UserDecision } from './events.js'
import { deniedGrant, expiredGrant } from './events.js'
import type { GrantInConversation } from './registration-rules.js'
import { presentUserRules, scopesStillRegistered } from './registration-rules.js'
import type { Rule } from '../machine/rules.js'
import { stay } from '../machine/machine.js'
import { firstRefusal } from '../machine/rules.js'
import type { PolicyDecision } from '../scope-policy/policy-decision.js'
import { parsedScope } from '../scope-policy/parsed-scope.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import {
  withinContext,
  asksForPatient,
  scopeOptions,
  scopesWithin,
  dropFhirUserWithoutOpenid
} from '../scope-policy/scope-policy.js'
import { requestedContextTypes, contextUnderScopes } from './granted-context.js'
import type { RedirectTarget } from '../http/redirect-target.js'
import type { LaunchContext, PresentUser, SignedInUser } from '../launch/launch-context.js'
import { isRepresented, launchTypeOf } from '../launch/launch-context.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { AwaitingConsent, AwaitingContext, AwaitingUser } from './state.js'
import { format } from '../../scopes/format.js'
import type { ScopeSet } from '../../scopes/scope.js'
import { holdsText, isResourceScope } from '../../scopes/scope.js'
import { narrowed } from '../../scopes/set-operations.js'
import { sameDigest } from '../../values/secret.js'
import { hasPassed } from '../../values/time.js'
import { ownMember, ownMembers } from '../../values/own.js'

interface DecisionFacts {
  readonly grant: GrantInConversation
  readonly event: UserDecision
}

/** The rules for every decision of the user. */
export const decisionRules: ReadonlyArray<Rule<DecisionFacts, Refusal>> = [
  {
    name: 'server-matches',
    check: ({ grant, event }) => (isOfAnotherServer(grant, event.server) ? { _tag: 'InteractionUnknown' } : null)
  },
  {
    name: 'browser-matches',
    check: ({ grant, event }) =>
      sameDigest(grant.browserDigest, event.browserDigest) ? null : { _tag: 'InteractionOfAnotherBrowser' }
  },
  {
    name: 'form-token-matches',
    check: ({ event }) =>
      sameDigest(event.expectedFormToken, event.formToken) ? null : { _tag: 'InteractionOfAnotherBrowser' }
  },
  {
    name: 'in-time',
    check: ({ grant, event }) => (hasPassed(grant.interactionEndsAt, event.now) ? { _tag: 'InteractionExpired' } : null)
  }
]

/** A conversation that continues, with its scopes. */
interface Continuing<From> {
  readonly grant: From
  readonly scopes: ScopeSet
}

/**
 * The grant, if its client is registered for all of it now; otherwise the step to which a refusal leads. An expired
 * conversation ends. So does one whose registration was removed or narrowed: then nothing is sent to the app, because
 * its redirect URI may belong to another party.
 */
const withinCurrentRegistration = <From extends GrantInConversation>(
  policy: SmartPolicy,
  side: KnownResourceSide,
  grant: From,
  event: UserDecision
): Either.Either<GrantStep, Continuing<From>> => {
  const refusal =
    firstRefusal(decisionRules, { grant, event }) ?? firstRefusal(presentUserRules, { grant, present: event.present })
  if (refusal !== null) {
    const state = refusal._tag === 'InteractionExpired' ? expiredGrant(grant, event) : grant
    return Either.left({ state, command: { _tag: 'Refuse', refusal } })
  }
  const { scopes } = parsedScope(grant.scope, event.parsed)
  const left = scopesStillRegistered(policy, side, event.methods, grant, event.client, scopes)
  return Either.isLeft(left)
    ? Either.left({ state: deniedGrant(grant, event), command: { _tag: 'Refuse', refusal: left.left } })
    : Either.right({ grant, scopes: left.right })
}

const targetOf = (grant: GrantInConversation): RedirectTarget => ({
  redirectUri: grant.redirectUri,
  state: grant.state
})

const denyGrant = (grant: GrantInConversation, event: UserDecision, refusal: Refusal): GrantStep => ({
  state: deniedGrant(grant, event),
  command: { _tag: 'RedirectWithRefusal', target: targetOf(grant), refusal }
})

/** Patient and Encounter have their own members; in a role other than `launch` they are entries of `fhirContext`. */
const isInContext = (scopes: ScopeSet, context: LaunchContext, type: string): boolean => {
  const isAmongEntries = ownMember(context, 'fhirContext')?.some((entry) => launchTypeOf(entry) === type) === true
  if (type === 'patient')
    return ownMember(context, 'patient') !== undefined || (isAmongEntries && !asksForPatient(scopes))
  if (type === 'encounter')
    return ownMember(context, 'encounter') !== undefined || (isAmongEntries && !holdsText(scopes, 'launch/encounter'))
  return isAmongEntries
}

/** The context types that must still be chosen. */
const needsOf = (scopes: ScopeSet, context: LaunchContext): AwaitingContext['needs'] =>
  requestedContextTypes(scopes).filter((type) => !isInContext(scopes, context, type))

/** The scopes without those for context that is neither present nor can be chosen. */
const withoutUnavailable = (scopes: ScopeSet, context: LaunchContext, choosable: ReadonlyArray<string>): ScopeSet => {
  const isThere = (type: string): boolean => isInContext(scopes, context, type) || choosable.includes(type)
  return scopes.filter((scope) =>
    scope._tag === 'LaunchScope' && scope.type !== null
      ? isThere(scope.type)
      : !(isResourceScope(scope) && scope.level === 'patient') || isThere('patient')
  )
}

/** The members that every state of the conversation has. */
const conversationOf = (grant: GrantInConversation) => ({
  grantId: grant.grantId,
  clientId: grant.clientId,
  recordExpiresAt: grant.recordExpiresAt,
  clientType: grant.clientType,
  redirectUri: grant.redirectUri,
  state: grant.state,
  audience: grant.audience,
  codeChallenge: grant.codeChallenge,
  nonce: grant.nonce,
  prompts: grant.prompts,
  signedInSince: grant.signedInSince,
  browserDigest: grant.browserDigest,
  interactionEndsAt: grant.interactionEndsAt,
  launchKey: grant.launchKey
})

/** The user is known: continues with the choice of context, or with consent. */
const advance = (
  policy: SmartPolicy,
  grant: GrantInConversation,
  event: UserDecision,
  user: SignedInUser,
  scopes: ScopeSet
): GrantStep => {
  const refusal = firstRefusal(remainingScopeRules, { policy, scopes })
  if (refusal !== null) return denyGrant(grant, event, refusal)
  const next = {
    ...conversationOf(grant),
    writeId: event.writeId,
    scope: format(scopes),
    context: grant.context,
    user
  }
  const needs = needsOf(scopes, grant.context)
  return needs.length > 0
    ? { state: { _tag: 'AwaitingContext', ...next, needs }, command: { _tag: 'AskForContext', scopes } }
    : { state: { _tag: 'AwaitingConsent', ...next }, command: { _tag: 'AskForConsent', scopes } }
}

/** What the policy permits; nothing when it ended the access. */
const permittedScopes = (permission: PolicyDecision): ScopeSet =>
  permission._tag === 'Permitted' ? permission.scope.scopes : []

/** The user signed in: continues with what is still open. */
export const onUserSignedIn = (
  policy: SmartPolicy,
  from: AwaitingUser,
  event: GrantEventOf<'UserSignedIn'>,
  side: KnownResourceSide
): GrantStep => {
  const found = withinCurrentRegistration(policy, side, from, event)
  if (Either.isLeft(found)) return found.left
  const { grant, scopes } = found.right
  const broken = firstRefusal(signInRules, { grant, event })
  if (broken !== null) {
    return broken.isFinal
      ? denyGrant(grant, event, broken.refusal)
      : stay(from, { _tag: 'Refuse', refusal: broken.refusal })
  }
  const permitted = narrowed(scopes, permittedScopes(event.permission), scopeOptions(policy, side))
  const representable = isRepresented(policy.specVersion, event.user)
    ? permitted
    : permitted.filter(({ text }) => text !== 'fhirUser')
  const available = withoutUnavailable(representable, grant.context, event.choosable)
  const lacking = firstRefusal(availableContextRules, { policy, scopes: representable, available })
  return lacking === null
    ? advance(policy, grant, event, event.user, dropFhirUserWithoutOpenid(available))
    : denyGrant(grant, event, lacking)
}

/** The context with the user's choice. What the EHR has set cannot be changed. */
const contextWith = (context: LaunchContext, chosen: LaunchContext): LaunchContext => {
  const entries = [...(ownMember(context, 'fhirContext') ?? []), ...(ownMember(chosen, 'fhirContext') ?? [])]
  return ownMembers({ ...chosen, ...context, ...(entries.length > 0 ? { fhirContext: entries } : {}) })
}

/** The user chose a context. */
export const onContextChosen = (
  policy: SmartPolicy,
  from: AwaitingContext,
  event: GrantEventOf<'ContextChosen'>,
  side: KnownResourceSide
): GrantStep => {
  const found = withinCurrentRegistration(policy, side, from, event)
  if (Either.isLeft(found)) return found.left
  const { grant, scopes } = found.right
  const context = contextWith(grant.context, event.context)
  const incomplete = firstRefusal(chosenContextRules, { needs: needsOf(scopes, context) })
  if (incomplete !== null) return stay(from, { _tag: 'Refuse', refusal: incomplete })
  return {
    state: {
      _tag: 'AwaitingConsent',
      ...conversationOf(grant),
      writeId: event.writeId,
      scope: format(scopes),
      user: grant.user,
      context
    },
    command: { _tag: 'AskForConsent', scopes }
  }
}

/** Nothing can be chosen for the open types: the scopes that need them are omitted, or the request is denied. */
export const onContextUnavailable = (
  policy: SmartPolicy,
  from: AwaitingContext,
  event: GrantEventOf<'ContextUnavailable'>,
  side: KnownResourceSide
): GrantStep => {
  const found = withinCurrentRegistration(policy, side, from, event)
  if (Either.isLeft(found)) return found.left
  const { grant, scopes } = found.right
  const context = contextWith(grant.context, event.context)
  const available = withoutUnavailable(scopes, context, [])
  const lacking = firstRefusal(availableContextRules, { policy, scopes, available })
  return lacking === null
    ? advance(policy, { ...grant, context }, event, grant.user, available)
    : denyGrant(grant, event, lacking)
}

/** The errors of OpenID Connect Core 1.0, section 3.1.2.6, when a page would be needed. */
const pageRefusals = {
  AwaitingUser: 'LoginRequired',
  AwaitingContext: 'InteractionRequired',
  AwaitingConsent: 'ConsentRequired'
} as const

/** A page is needed, but the app requested none. */
export const onPageNeeded = (
  policy: SmartPolicy,
  grant: GrantInConversation,
  event: GrantEventOf<'PageNeeded'>,
  side: KnownResourceSide
): GrantStep =>
  Either.match(
    (refused: GrantStep) => refused,
    () => denyGrant(grant, event, { _tag: pageRefusals[grant._tag] })
  )(withinCurrentRegistration(policy, side, grant, event))

const refreshOf = (scopes: ScopeSet): 'none' | 'offline' | 'online' =>
  holdsText(scopes, 'offline_access') ? 'offline' : holdsText(scopes, 'online_access') ? 'online' : 'none'

/** The user with the session in which they consent. They may have signed in again since the conversation began. */
const inSessionOf = (user: SignedInUser, present: PresentUser): SignedInUser => {
  const { authTime, sessionId } = ownMembers(present ?? user)
  return sessionId === undefined || sessionId === ownMember(user, 'sessionId')
    ? user
    : ownMembers({ ...user, authTime, sessionId })
}

/** The user consented to all or some scopes: issues a code. */
export const onConsentGiven = (
  policy: SmartPolicy,
  from: AwaitingConsent,
  event: GrantEventOf<'ConsentGiven'>,
  side: KnownResourceSide
): GrantStep => {
  const found = withinCurrentRegistration(policy, side, from, event)
  if (Either.isLeft(found)) return found.left
  const { grant } = found.right
  const broken = firstRefusal(consentRules, { event })
  if (broken !== null) return denyGrant(grant, event, broken)
  const permitted = scopesWithin(policy, side, found.right.scopes, permittedScopes(event.permission))
  const approved = narrowed(permitted, event.approvedScope.scopes, scopeOptions(policy, side))
  // If `user/` covers `patient/`, the user may have reduced one to the other, so that no patient is requested any more.
  const scopes = dropFhirUserWithoutOpenid(withinContext(side, approved, grant.context))
  const nothing = firstRefusal(remainingScopeRules, { policy, scopes })
  if (nothing !== null) return denyGrant(grant, event, nothing)
  const refresh = refreshOf(scopes)
  const codeExpiresAt = event.now + policy.codeLifetimeSeconds
  const endsAt =
    refresh === 'none'
      ? codeExpiresAt + policy.accessTokenLifetimeSeconds
      : event.now + policy.refreshTokenLifetimeSeconds
  return {
    state: {
      _tag: 'CodeIssued',
      grantId: grant.grantId,
      clientId: grant.clientId,
      writeId: event.writeId,
      recordExpiresAt: Math.max(endsAt, ownMember(event, 'storedUntil') ?? endsAt),
      clientType: grant.clientType,
      redirectUri: grant.redirectUri,
      scope: format(scopes),
      audience: grant.audience,
      codeChallenge: grant.codeChallenge,
      codeDigest: event.codeDigest,
      codeExpiresAt,
      nonce: grant.nonce,
      user: inSessionOf(grant.user, event.present),
      context: contextUnderScopes(scopes, grant.context),
      refresh,
      endsAt
    },
    command: { _tag: 'RedirectWithCode', target: targetOf(grant) }
  }
}

/** The user denied the request. */
export const onUserDenied = (
  policy: SmartPolicy,
  grant: GrantInConversation,
  event: GrantEventOf<'UserDenied'>,
  side: KnownResourceSide
): GrantStep =>
  Either.match(
    (refused: GrantStep) => refused,
    () => denyGrant(grant, event, { _tag: 'UserDenied' })
  )(withinCurrentRegistration(policy, side, grant, event))
