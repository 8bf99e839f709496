/**
 * The rules of sign-in and consent that are checked once the client's registration holds, one row each.
 *
 * @module
 */
import type { GrantEventOf } from './events.js'
import type { Rule } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import { asksForPatient } from '../scope-policy/scope-policy.js'
import type { Refusal } from '../errors/refusal.js'
import type { AwaitingUser } from './state.js'
import type { ScopeSet } from '../../scopes/scope.js'

/** The result of a broken rule of a sign-in. */
export interface SignInRefusal {
  /** Whether the grant is denied and the app is informed; otherwise the grant is unchanged. */
  readonly isFinal: boolean
  readonly refusal: Refusal
}

interface SignInFacts {
  readonly grant: AwaitingUser
  readonly event: GrantEventOf<'UserSignedIn'>
}

/** The rules of the user who signed in. */
export const signInRules: ReadonlyArray<Rule<SignInFacts, SignInRefusal>> = [
  {
    name: 'signed-in-recently',
    check: ({ grant, event }) =>
      event.user.authTime < grant.signedInSince ? { isFinal: false, refusal: { _tag: 'SignInTooOld' } } : null
  },
  {
    name: 'user-of-launch',
    check: ({ grant, event }) =>
      grant.launchedBy !== null && grant.launchedBy !== event.user.sub
        ? { isFinal: true, refusal: { _tag: 'LaunchOfAnotherUser' } }
        : null
  },
  {
    name: 'access-permitted',
    check: ({ event }) =>
      event.permission._tag === 'Ended' ? { isFinal: true, refusal: { _tag: 'AccessEndedByPolicy' } } : null
  }
]

interface ConsentFacts {
  readonly event: GrantEventOf<'ConsentGiven'>
}

/** The rules of a consent. A refusal denies the grant. */
export const consentRules: ReadonlyArray<Rule<ConsentFacts, Refusal>> = [
  { name: 'launch-valid', check: ({ event }) => event.launchRefusal },
  {
    name: 'access-permitted',
    check: ({ event }) => (event.permission._tag === 'Ended' ? { _tag: 'AccessEndedByPolicy' } : null)
  }
]

interface AvailableFacts {
  readonly policy: SmartPolicy
  /** The scopes of the grant. */
  readonly scopes: ScopeSet
  /** The scopes without those for context that is neither present nor can be chosen. */
  readonly available: ScopeSet
}

/** The rules of the context that the scopes need. A refusal denies the grant. */
export const availableContextRules: ReadonlyArray<Rule<AvailableFacts, Refusal>> = [
  {
    name: 'patient-available',
    check: ({ policy, scopes, available }) =>
      policy.noPatientAvailable === 'deny' && asksForPatient(scopes) && !asksForPatient(available)
        ? { _tag: 'NothingGranted' }
        : null
  }
]

interface ScopesToGrant {
  readonly policy: SmartPolicy
  readonly scopes: ScopeSet
}

/** The rules of the scopes that remain. A refusal denies the grant. */
export const remainingScopeRules: ReadonlyArray<Rule<ScopesToGrant, Refusal>> = [
  {
    name: 'grantable-not-empty',
    check: ({ policy, scopes }) =>
      scopes.length === 0 && policy.emptyGrant === 'invalid_scope' ? { _tag: 'NothingToGrant' } : null
  },
  {
    name: 'granted-not-empty',
    check: ({ policy, scopes }) =>
      scopes.length === 0 && policy.emptyGrant === 'access_denied' ? { _tag: 'NothingGranted' } : null
  }
]

interface ChosenContext {
  /** The context types that are still open. */
  readonly needs: ReadonlyArray<string>
}

/** The rules of the context that the user chose. */
export const chosenContextRules: ReadonlyArray<Rule<ChosenContext, Refusal>> = [
  { name: 'context-complete', check: ({ needs }) => (needs.length > 0 ? { _tag: 'ContextIncomplete' } : null) }
]
