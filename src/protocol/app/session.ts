/**
 * An app's session: who may refresh, and what becomes of the tokens.
 *
 * Whoever exchanges the record for `Refreshing` makes the one network call; all others wait for the record or use the
 * token that is still good. A refresher that never comes back is replaced when its lease is over. The server's silence
 * loses nothing; the server's `invalid_grant` ends a session, and so does a refresh that names another patient. Source:
 * app-launch, "Refresh access token"; RFC 6749, section 6; RFC 9700, section 4.14.2.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Machine, Step } from '../machine/machine.js'
import { stay } from '../machine/machine.js'
import type { AppFailure } from './failure.js'
import type { ReceivedTokens } from './token-response.js'
import type { FreshSession, RefreshingSession, StaleSession, StoredSession, Tokens } from './stored-app.js'
import { parse } from '../../scopes/parse.js'
import { subsumes } from '../../scopes/subsumes.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'
import { ownMember } from '../../values/own.js'

/** When a session refreshes, in seconds. */
export interface AppSessionSettings {
  /** A token is exchanged so long before it ends. */
  readonly refreshAheadSeconds: number
  /**
   * How long a refresher is waited for: longer than a request may take (15 seconds with the adapters), or two refresh
   * at a time.
   */
  readonly leaseSeconds: number
  /** How long a session is kept without being used. */
  readonly sessionLifetimeSeconds: number
}

interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** What came of a refresh, told by whoever asked the server. */
interface Outcome extends EventContext {
  readonly holder: string
  /** The scope that was asked for; null for all that was granted. */
  readonly scope: string | null
}

/** What can happen to a session. */
export type AppSessionEvent =
  | (EventContext & {
      readonly _tag: 'TokenRequested'
      /** The scope of the token that is wanted; null for all that was granted. */
      readonly scope: string | null
      /** Ask the server even if the token is good. */
      readonly isForced: boolean
    })
  | (Outcome & { readonly _tag: 'RefreshAnswered'; readonly generation: number; readonly tokens: ReceivedTokens })
  | (Outcome & { readonly _tag: 'RefreshRefused'; readonly failure: AppFailure })
  | (Outcome & { readonly _tag: 'RefreshUnanswered' })
  /** A resource server took the token no more. */
  | (EventContext & { readonly _tag: 'TokenRejected'; readonly generation: number })
  | (EventContext & { readonly _tag: 'SignedOut' })

/** What must be done about it. */
export type AppSessionCommand =
  | { readonly _tag: 'UseToken'; readonly tokens: Tokens }
  | {
      readonly _tag: 'Refresh'
      readonly tokens: Tokens
      readonly refreshToken: string
      readonly scope: string | null
      readonly holder: string
    }
  | { readonly _tag: 'Wait'; readonly until: EpochSeconds }
  | { readonly _tag: 'GiveUp'; readonly failure: AppFailure }

type SessionStep = Step<StoredSession, AppSessionCommand>
type On<Tag extends AppSessionEvent['_tag']> = Extract<AppSessionEvent, { readonly _tag: Tag }>
type Asked = On<'TokenRequested'>

const isOver = ({ expiresAt }: Tokens, now: EpochSeconds): boolean => expiresAt !== null && hasPassed(expiresAt, now)

const isDue = ({ expiresAt }: Tokens, { refreshAheadSeconds }: AppSessionSettings, now: EpochSeconds): boolean =>
  expiresAt !== null && hasPassed(expiresAt - refreshAheadSeconds, now)

/**
 * Whether a token is the one that is wanted. What a server calls a scope may differ in spelling from what was asked
 * for.
 */
const serves = ({ asked, scope }: Tokens, wanted: string | null): boolean => wanted === asked || wanted === scope

/** Whether a scope permits nothing that another does not. What cannot be compared is not within. */
const isWithin = (scope: string, granted: string): boolean => {
  const answer = subsumes(parse(granted), parse(scope))
  return Either.isRight(answer) && answer.right
}

const lose = ({ facts, recordExpiresAt }: StoredSession, { writeId }: EventContext, error: string): SessionStep => ({
  state: { _tag: 'Lost', writeId, recordExpiresAt, facts, error },
  command: { _tag: 'GiveUp', failure: { _tag: 'SessionLost', error } }
})

const refresh = (
  settings: AppSessionSettings,
  { facts, tokens }: FreshSession | StaleSession | RefreshingSession,
  event: Asked,
  refreshToken: string,
  isUsable: boolean
): SessionStep => ({
  state: {
    _tag: 'Refreshing',
    writeId: event.writeId,
    recordExpiresAt: event.now + settings.sessionLifetimeSeconds,
    facts,
    tokens: { ...tokens, refreshToken },
    holder: event.writeId,
    leaseUntil: event.now + settings.leaseSeconds,
    isUsable
  },
  command: { _tag: 'Refresh', tokens, refreshToken, scope: event.scope, holder: event.writeId }
})

const giveUp = (session: StoredSession, failure: AppFailure): SessionStep =>
  stay<StoredSession, AppSessionCommand>(session, { _tag: 'GiveUp', failure })

/** Whether what is asked for can be had at all. */
const refusalOf = (
  { facts, tokens }: FreshSession | StaleSession | RefreshingSession,
  { scope, isForced }: Asked
): AppFailure | null => {
  if (scope !== null && !isWithin(scope, facts.grantedScope)) return { _tag: 'ScopeNotGranted', scope }
  const needsRefresh = isForced || !serves(tokens, scope)
  return needsRefresh && tokens.refreshToken === null ? { _tag: 'NotRefreshable' } : null
}

const useToken = (session: StoredSession, tokens: Tokens): SessionStep =>
  stay<StoredSession, AppSessionCommand>(session, { _tag: 'UseToken', tokens })

/** A session that is used is kept on; a write each time would be too many. */
const useAndKeep = (
  { sessionLifetimeSeconds }: AppSessionSettings,
  session: FreshSession,
  { writeId, now }: Asked
): SessionStep =>
  session.recordExpiresAt - now >= sessionLifetimeSeconds / 2
    ? useToken(session, session.tokens)
    : {
        state: { ...session, writeId, recordExpiresAt: now + sessionLifetimeSeconds },
        command: { _tag: 'UseToken', tokens: session.tokens }
      }

const askedWhileFresh = (settings: AppSessionSettings, session: FreshSession, event: Asked): SessionStep => {
  const refusal = refusalOf(session, event)
  if (refusal !== null) return giveUp(session, refusal)
  const { tokens } = session
  if (!event.isForced && serves(tokens, event.scope) && !isDue(tokens, settings, event.now))
    return useAndKeep(settings, session, event)
  if (tokens.refreshToken !== null)
    return refresh(settings, session, event, tokens.refreshToken, !isOver(tokens, event.now))
  return isOver(tokens, event.now) ? lose(session, event, 'expired') : useAndKeep(settings, session, event)
}

/** The token was rejected, or the last refresh was not answered. Without a refresh token that is the end. */
const askedWhileStale = (settings: AppSessionSettings, session: StaleSession, event: Asked): SessionStep => {
  const refusal = refusalOf(session, event)
  if (refusal !== null) return giveUp(session, refusal)
  const { refreshToken } = session.tokens
  return refreshToken === null
    ? lose(session, event, 'rejected')
    : refresh(settings, session, event, refreshToken, false)
}

/** Somebody refreshes: the old token while it is good, else patience, else in the refresher's place. */
const askedWhileRefreshing = (settings: AppSessionSettings, session: RefreshingSession, event: Asked): SessionStep => {
  const refusal = refusalOf(session, event)
  if (refusal !== null) return giveUp(session, refusal)
  const { tokens } = session
  const isPlain = !event.isForced && serves(tokens, event.scope)
  if (hasPassed(session.leaseUntil, event.now)) {
    return refresh(settings, session, event, tokens.refreshToken, session.isUsable && !isOver(tokens, event.now))
  }
  return isPlain && session.isUsable && !isOver(tokens, event.now)
    ? useToken(session, tokens)
    : stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
}

/** New tokens. A refresh token that was rotated replaces the old one; one that was not stays. */
const refreshAnswered = (
  settings: AppSessionSettings,
  session: RefreshingSession,
  event: On<'RefreshAnswered'>
): SessionStep => {
  // An answer to an earlier question: what is here is newer.
  if (event.generation !== session.tokens.generation)
    return stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
  const { accessToken, context, expiresIn, refreshToken, scope } = event.tokens
  const patient = ownMember(session.facts.context, 'patient')
  const changed = ownMember(context, 'patient')
  // Whoever looks at one patient must not find another's data under the same heading.
  if (changed !== undefined && changed !== patient) return lose(session, event, 'patient_changed')
  const tokens: Tokens = {
    accessToken,
    refreshToken: refreshToken ?? session.tokens.refreshToken,
    expiresAt: expiresIn === null ? null : event.now + expiresIn,
    scope: scope ?? event.scope ?? session.facts.grantedScope,
    asked: event.scope,
    generation: session.tokens.generation + 1
  }
  return {
    state: {
      _tag: 'Fresh',
      writeId: event.writeId,
      recordExpiresAt: event.now + settings.sessionLifetimeSeconds,
      // The context is that of the launch; a server may repeat it (app-launch, refresh).
      facts: session.facts,
      tokens
    },
    command: { _tag: 'UseToken', tokens }
  }
}

const rest = ({ facts, recordExpiresAt, tokens }: RefreshingSession, { writeId }: EventContext): StaleSession => ({
  _tag: 'Stale',
  writeId,
  recordExpiresAt,
  facts,
  tokens
})

/** Only `invalid_grant`, said to whoever refreshes now, ends the session. Any other refusal leaves it as it was. */
const refreshRefused = (session: RefreshingSession, event: On<'RefreshRefused'>): SessionStep => {
  if (event.holder !== session.holder)
    return stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
  const { failure } = event
  if (failure._tag === 'TokenRefused' && failure.error === 'invalid_grant') return lose(session, event, 'invalid_grant')
  return { state: backFrom(session, event), command: { _tag: 'GiveUp', failure } }
}

/** What a session is when a refresh came to nothing: the token may still be good. */
const backFrom = (session: RefreshingSession, event: EventContext): StoredSession => {
  const { writeId, facts, isUsable, recordExpiresAt, tokens } = { ...session, writeId: event.writeId }
  return isUsable && !isOver(tokens, event.now)
    ? { _tag: 'Fresh', writeId, recordExpiresAt, facts, tokens }
    : rest(session, event)
}

const refreshUnanswered = (session: RefreshingSession, event: On<'RefreshUnanswered'>): SessionStep => {
  if (event.holder !== session.holder)
    return stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
  const state = backFrom(session, event)
  return {
    state,
    command:
      state._tag === 'Fresh' && serves(state.tokens, event.scope)
        ? { _tag: 'UseToken', tokens: state.tokens }
        : { _tag: 'GiveUp', failure: { _tag: 'ServerUnavailable', reason: 'the refresh was not answered' } }
  }
}

const tokenRejected = (session: FreshSession, event: On<'TokenRejected'>): SessionStep =>
  event.generation === session.tokens.generation
    ? { state: { ...session, _tag: 'Stale', writeId: event.writeId }, command: null }
    : useToken(session, session.tokens)

const signedOut = (session: StoredSession, event: On<'SignedOut'>): SessionStep => lose(session, event, 'signed_out')

/** An answer for a question that somebody else's answer settled; whoever wanted another scope asks again. */
const settled = (session: FreshSession, { now, scope }: Outcome): SessionStep =>
  serves(session.tokens, scope)
    ? useToken(session, session.tokens)
    : stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: now })

const stillStale = (session: StaleSession): SessionStep =>
  giveUp(session, { _tag: 'ServerUnavailable', reason: 'the refresh was not answered' })

/** The machine of an app's session. */
export const appSessionMachine = (
  settings: AppSessionSettings
): Machine<StoredSession, AppSessionEvent, AppSessionCommand> => ({
  name: 'app-session',
  initial: ['Fresh'],
  final: ['Lost'],
  table: {
    Fresh: {
      TokenRequested: {
        to: ['Fresh', 'Refreshing', 'Lost'],
        step: (session, event) => askedWhileFresh(settings, session, event)
      },
      TokenRejected: { to: ['Fresh', 'Stale'], step: tokenRejected },
      RefreshAnswered: { to: ['Fresh'], step: settled },
      RefreshRefused: { to: ['Fresh'], step: settled },
      RefreshUnanswered: { to: ['Fresh'], step: settled },
      SignedOut: { to: ['Lost'], step: signedOut }
    },
    Stale: {
      TokenRequested: {
        to: ['Stale', 'Refreshing', 'Lost'],
        step: (session, event) => askedWhileStale(settings, session, event)
      },
      TokenRejected: { to: ['Stale'], step: (session) => stay(session) },
      RefreshAnswered: { to: ['Stale'], step: stillStale },
      RefreshRefused: { to: ['Stale'], step: stillStale },
      RefreshUnanswered: { to: ['Stale'], step: stillStale },
      SignedOut: { to: ['Lost'], step: signedOut }
    },
    Refreshing: {
      TokenRequested: { to: ['Refreshing'], step: (session, event) => askedWhileRefreshing(settings, session, event) },
      TokenRejected: {
        to: ['Refreshing'],
        step: (session, event) =>
          session.isUsable && event.generation === session.tokens.generation
            ? { state: { ...session, writeId: event.writeId, isUsable: false }, command: null }
            : stay(session)
      },
      RefreshAnswered: {
        to: ['Fresh', 'Refreshing', 'Lost'],
        step: (session, event) => refreshAnswered(settings, session, event)
      },
      RefreshRefused: { to: ['Fresh', 'Stale', 'Refreshing', 'Lost'], step: refreshRefused },
      RefreshUnanswered: { to: ['Fresh', 'Stale', 'Refreshing'], step: refreshUnanswered },
      SignedOut: { to: ['Lost'], step: signedOut }
    },
    Lost: {
      TokenRequested: {
        to: ['Lost'],
        step: (session) => giveUp(session, { _tag: 'SessionLost', error: session.error })
      },
      TokenRejected: { to: ['Lost'], step: (session) => stay(session) },
      RefreshAnswered: {
        to: ['Lost'],
        step: (session) => giveUp(session, { _tag: 'SessionLost', error: session.error })
      },
      RefreshRefused: {
        to: ['Lost'],
        step: (session) => giveUp(session, { _tag: 'SessionLost', error: session.error })
      },
      RefreshUnanswered: {
        to: ['Lost'],
        step: (session) => giveUp(session, { _tag: 'SessionLost', error: session.error })
      },
      SignedOut: { to: ['Lost'], step: (session) => stay(session) }
    }
  }
})
