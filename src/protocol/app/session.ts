/**
 * An app's session: which caller refreshes, and how the tokens change.
 *
 * The caller that swaps the record to `Refreshing` makes the only network request. All others wait for the record, or
 * use the token while it is valid. A refresher that does not finish is replaced when its lease has expired. A missing
 * response loses nothing. The server's `invalid_grant` ends a session, and so does a refresh response for another
 * patient. Source: app-launch, "Refresh access token"; RFC 6749, section 6; RFC 9700, section 4.14.2.
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
import { subsumption } from '../../scopes/subsumes.js'
import type { EpochSeconds } from '../../values/time.js'
import { hasPassed } from '../../values/time.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** The times of a session, in seconds. */
export interface AppSessionSettings {
  /** A token is refreshed this many seconds before it expires. */
  readonly refreshAheadSeconds: number
  /**
   * How long others wait for a refresher. It must exceed the duration of a request (15 seconds with the adapters),
   * otherwise two callers refresh at a time.
   */
  readonly leaseSeconds: number
  /**
   * A read that the server answers with 429 or 503 is repeated after the time of its `Retry-After` if that is at most
   * so long. Default: 10.
   */
  readonly longestWaitSeconds: number
  /** How long an unused session is kept. */
  readonly sessionLifetimeSeconds: number
}

interface EventContext {
  readonly now: EpochSeconds
  readonly writeId: string
}

/** The result of a refresh. */
interface Outcome extends EventContext {
  readonly holder: string
  /** The requested scope; null for everything that was granted. */
  readonly scope: string | null
}

/** The events of a session. */
export type AppSessionEvent =
  | (EventContext & {
      readonly _tag: 'TokenRequested'
      /** The scope of the wanted token; null for everything that was granted. */
      readonly scope: string | null
      /** Refresh even if the token is valid. */
      readonly isForced: boolean
    })
  | (Outcome & { readonly _tag: 'RefreshAnswered'; readonly generation: number; readonly tokens: ReceivedTokens })
  | (Outcome & { readonly _tag: 'RefreshRefused'; readonly failure: AppFailure })
  /** The server did not answer, or is too busy. */
  | (Outcome & { readonly _tag: 'RefreshUnanswered'; readonly failure: AppFailure })
  /** A resource server refused the token. */
  | (EventContext & { readonly _tag: 'TokenRejected'; readonly generation: number })
  | (EventContext & { readonly _tag: 'SignedOut' })

/** The commands of a session. */
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
  /** The user signed out: the tokens are revoked at the server. */
  | { readonly _tag: 'Revoke'; readonly tokens: Tokens }

type SessionStep = Step<StoredSession, AppSessionCommand>
type On<Tag extends AppSessionEvent['_tag']> = Extract<AppSessionEvent, { readonly _tag: Tag }>
type TokenRequested = On<'TokenRequested'>

const isOver = ({ expiresAt }: Tokens, now: EpochSeconds): boolean => expiresAt !== null && hasPassed(expiresAt, now)

const isDue = ({ expiresAt }: Tokens, { refreshAheadSeconds }: AppSessionSettings, now: EpochSeconds): boolean =>
  expiresAt !== null && hasPassed(expiresAt - refreshAheadSeconds, now)

/**
 * Whether a token is the wanted one. It is compared by the requested scope, because the server may spell a granted
 * scope differently.
 */
const serves = ({ asked: requestedScope, scope }: Tokens, wanted: string | null): boolean =>
  wanted === requestedScope || wanted === scope

/** Whether a scope permits nothing beyond another. False when the comparison exceeds the complexity limit. */
const isWithin = (scope: string, granted: string): boolean => {
  const answer = subsumption(parse(granted), parse(scope))
  return Either.isRight(answer) && answer.right
}

const sessionLost = (
  { facts, recordExpiresAt }: StoredSession,
  { writeId }: EventContext,
  error: string
): SessionStep => ({
  state: { _tag: 'Lost', writeId, recordExpiresAt, facts, error },
  command: { _tag: 'GiveUp', failure: { _tag: 'SessionLost', error } }
})

const refresh = (
  settings: AppSessionSettings,
  { facts, tokens }: FreshSession | StaleSession | RefreshingSession,
  event: TokenRequested,
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

/** The failure when the wanted token cannot be obtained; otherwise null. */
const refusalOf = (
  { facts, tokens }: FreshSession | StaleSession | RefreshingSession,
  { scope, isForced }: TokenRequested
): AppFailure | null => {
  if (scope !== null && !isWithin(scope, facts.grantedScope)) return { _tag: 'ScopeNotGranted', scope }
  const needsRefresh = isForced || !serves(tokens, scope)
  return needsRefresh && tokens.refreshToken === null ? { _tag: 'NotRefreshable' } : null
}

const useToken = (session: StoredSession, tokens: Tokens): SessionStep =>
  stay<StoredSession, AppSessionCommand>(session, { _tag: 'UseToken', tokens })

/** Extends the lifetime of a session that is used. It is not written at every use. */
const useAndKeep = (
  { sessionLifetimeSeconds }: AppSessionSettings,
  session: FreshSession,
  { writeId, now }: TokenRequested
): SessionStep =>
  session.recordExpiresAt - now >= sessionLifetimeSeconds / 2
    ? useToken(session, session.tokens)
    : {
        state: { ...session, writeId, recordExpiresAt: now + sessionLifetimeSeconds },
        command: { _tag: 'UseToken', tokens: session.tokens }
      }

const requestedWhileFresh = (
  settings: AppSessionSettings,
  session: FreshSession,
  event: TokenRequested
): SessionStep => {
  const refusal = refusalOf(session, event)
  if (refusal !== null) return giveUp(session, refusal)
  const { tokens } = session
  if (!event.isForced && serves(tokens, event.scope) && !isDue(tokens, settings, event.now))
    return useAndKeep(settings, session, event)
  if (tokens.refreshToken !== null)
    return refresh(settings, session, event, tokens.refreshToken, !isOver(tokens, event.now))
  return isOver(tokens, event.now) ? sessionLost(session, event, 'expired') : useAndKeep(settings, session, event)
}

/** The token was refused, or the last refresh got no response. Without a refresh token the session ends. */
const requestedWhileStale = (
  settings: AppSessionSettings,
  session: StaleSession,
  event: TokenRequested
): SessionStep => {
  const refusal = refusalOf(session, event)
  if (refusal !== null) return giveUp(session, refusal)
  const { refreshToken } = session.tokens
  return refreshToken === null
    ? sessionLost(session, event, 'rejected')
    : refresh(settings, session, event, refreshToken, false)
}

/**
 * Another caller is refreshing: uses the old token while it is valid, otherwise waits, or replaces a refresher whose
 * lease has expired.
 */
const requestedWhileRefreshing = (
  settings: AppSessionSettings,
  session: RefreshingSession,
  event: TokenRequested
): SessionStep => {
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

/** New tokens arrived. A new refresh token replaces the old one; otherwise the old one is kept. */
const refreshAnswered = (
  settings: AppSessionSettings,
  session: RefreshingSession,
  event: On<'RefreshAnswered'>
): SessionStep => {
  // A response to an earlier refresh: the stored tokens are newer.
  if (event.generation !== session.tokens.generation)
    return stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
  const { accessToken, context, expiresIn, refreshToken, scope } = event.tokens
  const patient = ownMember(session.facts.context, 'patient')
  const changed = ownMember(context, 'patient')
  // An app that shows one patient must not receive data of another one.
  if (changed !== undefined && patient !== undefined && changed !== patient)
    return sessionLost(session, event, 'patient_changed')
  // Some servers name the patient for the first time here. From then on it is the patient of the session.
  const isNamedFirst = changed !== undefined && patient === undefined
  const facts = isNamedFirst
    ? { ...session.facts, context: ownMembers({ ...context, ...session.facts.context }) }
    : session.facts
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
      // The context is otherwise that of the launch; a server may repeat it (app-launch, refresh).
      facts,
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

/**
 * Only an `invalid_grant` response to the current refresher ends the session. After any other refusal the session is
 * unchanged.
 */
const refreshRefused = (session: RefreshingSession, event: On<'RefreshRefused'>): SessionStep => {
  if (event.holder !== session.holder)
    return stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
  const { failure } = event
  if (failure._tag === 'TokenRefused' && failure.error === 'invalid_grant')
    return sessionLost(session, event, 'invalid_grant')
  return { state: afterRefresh(session, event), command: { _tag: 'GiveUp', failure } }
}

/** The session after a failed refresh: the token may still be valid. */
const afterRefresh = (session: RefreshingSession, event: EventContext): StoredSession => {
  const { writeId, facts, isUsable, recordExpiresAt, tokens } = { ...session, writeId: event.writeId }
  return isUsable && !isOver(tokens, event.now)
    ? { _tag: 'Fresh', writeId, recordExpiresAt, facts, tokens }
    : rest(session, event)
}

const refreshUnanswered = (session: RefreshingSession, event: On<'RefreshUnanswered'>): SessionStep => {
  if (event.holder !== session.holder)
    return stay<StoredSession, AppSessionCommand>(session, { _tag: 'Wait', until: session.leaseUntil })
  const state = afterRefresh(session, event)
  return {
    state,
    command:
      state._tag === 'Fresh' && serves(state.tokens, event.scope)
        ? { _tag: 'UseToken', tokens: state.tokens }
        : { _tag: 'GiveUp', failure: event.failure }
  }
}

const tokenRejected = (session: FreshSession, event: On<'TokenRejected'>): SessionStep =>
  event.generation === session.tokens.generation
    ? { state: { ...session, _tag: 'Stale', writeId: event.writeId }, command: null }
    : useToken(session, session.tokens)

const signedOut = (session: FreshSession | StaleSession | RefreshingSession, event: On<'SignedOut'>): SessionStep => ({
  state: sessionLost(session, event, 'signed_out').state,
  command: { _tag: 'Revoke', tokens: session.tokens }
})

/** The response to a refresh that another response has superseded. A caller that wanted another scope asks again. */
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
        step: (session, event) => requestedWhileFresh(settings, session, event)
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
        step: (session, event) => requestedWhileStale(settings, session, event)
      },
      TokenRejected: { to: ['Stale'], step: (session) => stay(session) },
      RefreshAnswered: { to: ['Stale'], step: stillStale },
      RefreshRefused: { to: ['Stale'], step: stillStale },
      RefreshUnanswered: { to: ['Stale'], step: stillStale },
      SignedOut: { to: ['Lost'], step: signedOut }
    },
    Refreshing: {
      TokenRequested: {
        to: ['Refreshing'],
        step: (session, event) => requestedWhileRefreshing(settings, session, event)
      },
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
