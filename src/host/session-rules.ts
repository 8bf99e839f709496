/**
 * Whether the session of a browser is enough for a request: one rule per row.
 *
 * Source: OpenID Connect Core 1.0, section 3.1.2.1 (`prompt`, `max_age`); app-launch, "Launch App: EHR Launch".
 *
 * @module
 */
import type { ConsentDetails } from '../engine/server/interaction/conversation.js'
import type { PresentUser } from '../protocol/launch/launch-context.js'
import type { Rule } from '../protocol/machine/rules.js'
import { firstRefusal } from '../protocol/machine/rules.js'

/** Why a session is not enough. */
export type SessionUnsuitable = 'NoSession' | 'OfAnotherUser' | 'TooOld' | 'SignInRequested'

/** The facts about a request and the session of its browser. */
export interface SignInFacts {
  readonly details: Pick<ConsentDetails, 'launchedBy' | 'prompts' | 'signedInSince'>
  readonly user: PresentUser
  /** Whether the browser comes back from the sign-in page. */
  readonly isReturned: boolean
}

/** The rules for a session. */
export const sessionRules: ReadonlyArray<Rule<SignInFacts, SessionUnsuitable>> = [
  { name: 'signed-in', check: ({ user }) => (user === null ? 'NoSession' : null) },
  {
    name: 'launching-user',
    check: ({ details, user }) =>
      details.launchedBy === null || details.launchedBy === user?.sub ? null : 'OfAnotherUser'
  },
  { name: 'recent', check: ({ details, user }) => ((user?.authTime ?? 0) >= details.signedInSince ? null : 'TooOld') },
  {
    // A session of the same second satisfies the time, so the page itself must have been shown.
    name: 'sign-in-shown',
    check: ({ details, isReturned }) =>
      !isReturned && (details.prompts.includes('login') || details.prompts.includes('select_account'))
        ? 'SignInRequested'
        : null
  }
]

/** Why the session is not enough for the request; null if it is. */
export const sessionUnsuitable = (facts: SignInFacts): SessionUnsuitable | null => firstRefusal(sessionRules, facts)
