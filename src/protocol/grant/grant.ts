/**
 * The grant: one authorization, from the app's request to the end of its last refresh token.
 *
 * Codes, access tokens and refresh tokens all name their grant, and their validity is stored in this one record.
 * Therefore a code replay or a reused refresh token moves the grant to `Revoked` in one step, and all its codes and
 * tokens become invalid at once.
 *
 * This file contains the transition table. The steps are in `conversation.ts` (the user's part), `code.ts` (the code),
 * `refresh.ts` (the refresh token) and `revocation.ts`. Source: app-launch; RFC 6749, sections 4.1.2, 5 and 6; RFC
 * 9700, section 4.14.
 *
 * @module
 */
import { onCodePresented, onCodePresentedAgain } from './code.js'
import {
  onConsentGiven,
  onContextChosen,
  onContextUnavailable,
  onPageNeeded,
  onUserDenied,
  onUserSignedIn
} from './conversation.js'
import type { GrantCommand, GrantEvent, GrantEventOf, GrantStep } from './events.js'
import { onRefreshTokenPresented } from './refresh.js'
import { nothingToRevoke, revokeByOwner, revokeGrant, onTokenRevocationRequested } from './revocation.js'
import type { Machine, Transition } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import type { Active, Backend, Grant } from './state.js'
import type { KnownResourceSide } from '../scope-policy/resource-side-check.js'
import { builtInSide } from '../scope-policy/resource-side-check.js'
import type { SmartPolicy } from '../policy/policy.js'
import type { Refusal } from '../errors/refusal.js'

type Same<From extends Grant> = Transition<Grant, GrantCommand, From, GrantEvent>

/** The event is expected in this state, changes nothing, and is refused. */
const refused = <From extends Grant>(state: From['_tag'], refusal: Refusal): Same<From> => ({
  to: [state],
  step: (grant) => stay<Grant, GrantCommand>(grant, { _tag: 'Refuse', refusal })
})

/**
 * An authentic token for a grant without active tokens means that the store was restored to an older state: the grant
 * ends if the token's owner revokes it.
 */
const revocable = <From extends Grant>(state: From['_tag']) => ({
  RevocationRequested: { to: ['Revoked'] as const, step: revokeGrant },
  TokenRevocationRequested: {
    to: [state, 'Revoked'] as const,
    step: (grant: From, event: GrantEventOf<'TokenRevocationRequested'>): GrantStep =>
      revokeByOwner(grant, event, revokeGrant)
  }
})

const revocableTokens = <From extends Active | Backend>(policy: SmartPolicy, state: From['_tag']) => ({
  RevocationRequested: { to: ['Revoked'] as const, step: revokeGrant },
  TokenRevocationRequested: {
    to: [state, 'Revoked'] as const,
    step: (grant: From, event: GrantEventOf<'TokenRevocationRequested'>): GrantStep =>
      onTokenRevocationRequested(policy, grant, event)
  }
})

const noCodeYet = <From extends Grant>(state: From['_tag']) => ({
  CodePresented: refused<From>(state, { _tag: 'CodeUnknown' }),
  RefreshTokenPresented: refused<From>(state, { _tag: 'RefreshTokenUnknown' })
})

const conversationOver = <From extends Grant>(state: From['_tag']) => ({
  UserSignedIn: refused<From>(state, { _tag: 'InteractionOver' }),
  ContextChosen: refused<From>(state, { _tag: 'InteractionOver' }),
  ContextUnavailable: refused<From>(state, { _tag: 'InteractionOver' }),
  PageNeeded: refused<From>(state, { _tag: 'InteractionOver' }),
  ConsentGiven: refused<From>(state, { _tag: 'InteractionOver' }),
  UserDenied: refused<From>(state, { _tag: 'InteractionOver' })
})

const ended = <From extends Grant>(state: From['_tag']) => ({
  ...conversationOver<From>(state),
  CodePresented: refused<From>(state, { _tag: 'GrantEnded' }),
  RefreshTokenPresented: refused<From>(state, { _tag: 'GrantEnded' }),
  RevocationRequested: { to: [state], step: nothingToRevoke },
  TokenRevocationRequested: {
    to: [state],
    step: (grant: From, event: GrantEventOf<'TokenRevocationRequested'>): GrantStep =>
      revokeByOwner(grant, event, nothingToRevoke)
  }
})

const outOfOrder = <From extends Grant>(state: From['_tag']) => refused<From>(state, { _tag: 'InteractionOutOfOrder' })

type In<Tag extends Grant['_tag']> = Extract<Grant, { readonly _tag: Tag }>

/** The grant machine under a policy and for a resource side. */
export const grantMachine = (
  policy: SmartPolicy,
  side: KnownResourceSide = builtInSide
): Machine<Grant, GrantEvent, GrantCommand> => ({
  name: 'grant',
  initial: ['AwaitingUser', 'Backend'],
  final: ['Denied', 'Revoked', 'Expired'],
  table: {
    AwaitingUser: {
      ...noCodeYet<In<'AwaitingUser'>>('AwaitingUser'),
      ...revocable<In<'AwaitingUser'>>('AwaitingUser'),
      UserSignedIn: {
        to: ['AwaitingUser', 'AwaitingContext', 'AwaitingConsent', 'Denied', 'Expired'],
        step: (grant, event) => onUserSignedIn(policy, grant, event, side)
      },
      ContextChosen: outOfOrder<In<'AwaitingUser'>>('AwaitingUser'),
      ContextUnavailable: outOfOrder<In<'AwaitingUser'>>('AwaitingUser'),
      PageNeeded: {
        to: ['AwaitingUser', 'Denied', 'Expired'],
        step: (grant, event) => onPageNeeded(policy, grant, event, side)
      },
      ConsentGiven: outOfOrder<In<'AwaitingUser'>>('AwaitingUser'),
      UserDenied: {
        to: ['AwaitingUser', 'Denied', 'Expired'],
        step: (grant, event) => onUserDenied(policy, grant, event, side)
      }
    },
    AwaitingContext: {
      ...noCodeYet<In<'AwaitingContext'>>('AwaitingContext'),
      ...revocable<In<'AwaitingContext'>>('AwaitingContext'),
      UserSignedIn: outOfOrder<In<'AwaitingContext'>>('AwaitingContext'),
      ContextChosen: {
        to: ['AwaitingContext', 'AwaitingConsent', 'Denied', 'Expired'],
        step: (grant, event) => onContextChosen(policy, grant, event, side)
      },
      ContextUnavailable: {
        to: ['AwaitingContext', 'AwaitingConsent', 'Denied', 'Expired'],
        step: (grant, event) => onContextUnavailable(policy, grant, event, side)
      },
      PageNeeded: {
        to: ['AwaitingContext', 'Denied', 'Expired'],
        step: (grant, event) => onPageNeeded(policy, grant, event, side)
      },
      ConsentGiven: outOfOrder<In<'AwaitingContext'>>('AwaitingContext'),
      UserDenied: {
        to: ['AwaitingContext', 'Denied', 'Expired'],
        step: (grant, event) => onUserDenied(policy, grant, event, side)
      }
    },
    AwaitingConsent: {
      ...noCodeYet<In<'AwaitingConsent'>>('AwaitingConsent'),
      ...revocable<In<'AwaitingConsent'>>('AwaitingConsent'),
      UserSignedIn: outOfOrder<In<'AwaitingConsent'>>('AwaitingConsent'),
      ContextChosen: outOfOrder<In<'AwaitingConsent'>>('AwaitingConsent'),
      ContextUnavailable: outOfOrder<In<'AwaitingConsent'>>('AwaitingConsent'),
      PageNeeded: {
        to: ['AwaitingConsent', 'Denied', 'Expired'],
        step: (grant, event) => onPageNeeded(policy, grant, event, side)
      },
      ConsentGiven: {
        to: ['AwaitingConsent', 'CodeIssued', 'Denied', 'Expired'],
        step: (grant, event) => onConsentGiven(policy, grant, event, side)
      },
      UserDenied: {
        to: ['AwaitingConsent', 'Denied', 'Expired'],
        step: (grant, event) => onUserDenied(policy, grant, event, side)
      }
    },
    CodeIssued: {
      ...conversationOver<In<'CodeIssued'>>('CodeIssued'),
      ...revocable<In<'CodeIssued'>>('CodeIssued'),
      CodePresented: {
        to: ['CodeIssued', 'Active', 'Revoked', 'Expired'],
        step: (grant, event) => onCodePresented(policy, grant, event, side)
      },
      RefreshTokenPresented: refused<In<'CodeIssued'>>('CodeIssued', { _tag: 'RefreshTokenUnknown' })
    },
    Active: {
      ...conversationOver<In<'Active'>>('Active'),
      ...revocableTokens<In<'Active'>>(policy, 'Active'),
      CodePresented: { to: ['Active', 'Revoked'], step: (grant, event) => onCodePresentedAgain(policy, grant, event) },
      RefreshTokenPresented: {
        to: ['Active', 'Revoked', 'Expired'],
        step: (grant, event) => onRefreshTokenPresented(policy, grant, event, side)
      }
    },
    Backend: {
      ...conversationOver<In<'Backend'>>('Backend'),
      ...noCodeYet<In<'Backend'>>('Backend'),
      ...revocableTokens<In<'Backend'>>(policy, 'Backend')
    },
    Denied: ended<In<'Denied'>>('Denied'),
    Revoked: ended<In<'Revoked'>>('Revoked'),
    Expired: ended<In<'Expired'>>('Expired')
  }
})
