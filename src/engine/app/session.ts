/**
 * An app's session, run against its ports: a valid access token, and FHIR requests with it.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { SmartApp } from './context.js'
import { failureOf, orHostUnavailable, sessionKeyOf, signWith } from './context.js'
import type { ValidatedAppPorts } from './validated-ports.js'
import { changeRecord, loadState } from '../compare-and-swap.js'
import { clientProofRules, ownLaunchRules, unsignedProof } from '../../protocol/app/callback-rules.js'
import { firstRefusal } from '../../protocol/machine/rules.js'
import type { AppLaunchSettings } from '../../protocol/app/launch-state.js'
import type { AppSessionCommand, AppSessionEvent, AppSessionSettings } from '../../protocol/app/session.js'
import { appSessionMachine } from '../../protocol/app/session.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import type { Proof } from '../../protocol/app/requests.js'
import { tokenRequest } from '../../protocol/app/requests.js'
import { readingOptionsOf, readTokenResponse } from '../../protocol/app/token-response.js'
import { tolerancesOf } from '../../protocol/app/trust/tolerances.js'
import { fhirUrl } from '../../protocol/app/fhir-url.js'
import type { FhirRequest } from '../../protocol/app/fhir-request.js'
import { withToken } from '../../protocol/app/fhir-request.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { LaunchBinding, SessionFacts, StoredSession, Tokens } from '../../protocol/app/stored-app.js'
import { StoredSessionCodec } from '../../protocol/app/stored-app.js'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'
import type { CurrentToken, SessionTime, SignedOut, TokenRequestOptions } from './context.js'
import type { Sender } from './fhir-requests.js'
import { repeatingReads, sendWithToken, streamedAnswers, wholeAnswers } from './fhir-requests.js'
import { revokeTokens } from './revocation.js'

const pauseMilliseconds = 50

type Answer<A> = TaskEither.TaskEither<AppFailure, A>

/** The session part of an app. */
export const appSession = (
  settings: AppLaunchSettings & AppSessionSettings,
  ports: ValidatedAppPorts
): Pick<SmartApp, 'accessToken' | 'fhir' | 'remaining' | 'session' | 'signOut' | 'stream'> => {
  const { clock, http, pause, random, store, stream } = ports
  const change = changeRecord(store, StoredSessionCodec, appSessionMachine(settings))
  const load = loadState(store, StoredSessionCodec)

  const eventContext = () => ({ now: clock.now(), writeId: random.token() })

  const applyEvent =
    (
      key: string,
      event: AppSessionEvent
    ): Answer<{ readonly state: StoredSession; readonly command: AppSessionCommand | null }> =>
    async () => {
      const changed = await change(key, event)()
      if (Either.isLeft(changed)) return Either.left(failureOf(changed.left))
      return changed.right._tag === 'NotFound' ? Either.left({ _tag: 'SessionUnknown' }) : Either.right(changed.right)
    }

  const proofAt =
    (binding: LaunchBinding): Answer<Proof> =>
    async () => {
      const { assertionAudience, clientId, iss, method, signingAlgorithms } = binding
      const failure = firstRefusal(clientProofRules, { iss, method, trust: settings.trust })
      if (failure !== null) return Either.left(failure)
      const proof = unsignedProof(settings, binding)
      if (proof !== null) return Either.right(proof)
      const signed = await signWith(ports)({
        clientId,
        audience: assertionAudience,
        algorithms: signingAlgorithms ?? null
      })()
      return signed._tag === 'KeysUnavailable'
        ? Either.left(signed)
        : Either.right({ _tag: 'Assertion', assertion: signed.assertion })
    }

  const revoke = revokeTokens(settings, ports, proofAt)

  /** Sends the refresh request, and returns its result as an event. */
  const refresh = async (
    facts: SessionFacts,
    { holder, refreshToken, scope, tokens }: Extract<AppSessionCommand, { readonly _tag: 'Refresh' }>
  ): Promise<AppSessionEvent> => {
    const { binding } = facts
    const outcome = () => ({ ...eventContext(), holder, scope })
    const proof = await proofAt(binding)()
    if (Either.isLeft(proof)) return { _tag: 'RefreshRefused', ...outcome(), failure: proof.left }
    const answered = await http(
      tokenRequest(binding.tokenEndpoint, binding.clientId, proof.right, { _tag: 'Refresh', refreshToken, scope })
    )()
    const silence: AppFailure = { _tag: 'ServerUnavailable', reason: 'the refresh was not answered' }
    if (Either.isLeft(answered)) return { _tag: 'RefreshUnanswered', ...outcome(), failure: silence }
    const read = readTokenResponse(answered.right, readingOptionsOf(settings, tolerancesOf(binding)), clock.now())
    if (Either.isLeft(read) && read.left._tag === 'ServerBusy')
      return { _tag: 'RefreshUnanswered', ...outcome(), failure: read.left }
    if (answered.right.status >= 500) return { _tag: 'RefreshUnanswered', ...outcome(), failure: silence }
    return Either.isLeft(read)
      ? { _tag: 'RefreshRefused', ...outcome(), failure: read.left }
      : { _tag: 'RefreshAnswered', ...outcome(), generation: tokens.generation, tokens: read.right }
  }

  const obtain =
    (key: string, options: TokenRequestOptions): Answer<Tokens> =>
    async () => {
      const { isForced = false, scope } = ownMembers(options)
      let event: AppSessionEvent = { _tag: 'TokenRequested', ...eventContext(), scope: scope ?? null, isForced }
      const latest = clock.now() + 2 * settings.leaseSeconds
      for (let writes = 1; ;) {
        const changed = await applyEvent(key, event)()
        if (Either.isLeft(changed)) {
          // The response must be stored: if refresh tokens are rotated, the session would end without it.
          if (
            event._tag !== 'RefreshAnswered' ||
            changed.left._tag !== 'StoreUnavailable' ||
            writes >= limits.sessionWrites.default
          )
            return changed
          // If the host cannot pause, the write is repeated immediately, with the same number of tries.
          await orHostUnavailable(TaskEither.fromTask(pause(pauseMilliseconds * 2 ** writes)))()
          writes += 1
          continue
        }
        const { command } = changed.right
        switch (command?._tag) {
          case 'UseToken':
            return Either.right(command.tokens)
          case 'GiveUp':
            // The session ended while its tokens were refreshed: no caller will use the new ones.
            if (event._tag === 'RefreshAnswered' && command.failure._tag === 'SessionLost')
              await revoke(changed.right.state.facts.binding, event.tokens)
            return Either.left(command.failure)
          case 'Refresh':
            event = await refresh(changed.right.state.facts, command)
            break
          case 'Wait':
          case 'Revoke':
          case undefined:
            if (clock.now() > latest) return Either.left({ _tag: 'SessionBusy' })
            await pause(pauseMilliseconds)()
            // The result of the other caller's refresh is new enough for the callers that waited for it.
            event = { _tag: 'TokenRequested', ...eventContext(), scope: scope ?? null, isForced: false }
        }
      }
    }

  /** The state of a session of this app. */
  const loadOwn =
    (sessionId: string): Answer<StoredSession> =>
    async () => {
      const found = await load(await sessionKeyOf(ports, sessionId)())()
      if (Either.isLeft(found)) return Either.left(failureOf(found.left))
      if (Option.isNone(found.right)) return Either.left({ _tag: 'SessionUnknown' })
      const { state } = found.right.value
      const { binding } = state.facts
      const foreign = firstRefusal(ownLaunchRules, {
        binding,
        trust: settings.trust,
        otherwise: { _tag: 'SessionUnknown' }
      })
      return foreign === null ? Either.right(state) : Either.left(foreign)
    }

  const accessToken =
    (sessionId: string, options: TokenRequestOptions = {}): Answer<CurrentToken> =>
    async () => {
      const own = await loadOwn(sessionId)()
      if (Either.isLeft(own)) return own
      const tokens = await obtain(await sessionKeyOf(ports, sessionId)(), options)()
      return Either.map(({ accessToken: text, expiresAt, scope }: Tokens): CurrentToken => ({
        accessToken: text,
        scope,
        expiresAt
      }))(tokens)
    }

  /** The facts of a session. */
  const session = (sessionId: string): Answer<SessionFacts> =>
    TaskEither.map(({ facts }: StoredSession) => facts)(loadOwn(sessionId))

  const remaining =
    (sessionId: string): Answer<SessionTime> =>
    async () => {
      const own = await loadOwn(sessionId)()
      if (Either.isLeft(own)) return own
      if (own.right._tag === 'Lost') return Either.left({ _tag: 'SessionLost', error: own.right.error })
      const { recordExpiresAt, tokens } = own.right
      const now = clock.now()
      return Either.right({
        tokenSeconds: tokens.expiresAt === null ? null : Math.max(0, tokens.expiresAt - now),
        isRefreshable: tokens.refreshToken !== null,
        keptSeconds: Math.max(0, recordExpiresAt - now)
      })
    }

  /** Sends a FHIR request with the session's token. If the resource server refuses the token, it is refreshed once. */
  const sendAs =
    <Received extends Pick<PlainResponse, 'status' | 'headers'>>(sender: Sender<Received>) =>
    (sessionId: string, request: FhirRequest): Answer<Received> =>
    async () => {
      const facts = await session(sessionId)()
      if (Either.isLeft(facts)) return facts
      const url = fhirUrl(facts.right.binding.iss)(request.url)
      if (Either.isLeft(url)) return url
      const key = await sessionKeyOf(ports, sessionId)()
      let generation = 0
      const current: Answer<string> = async () => {
        const tokens = await obtain(key, {})()
        if (Either.isRight(tokens)) generation = tokens.right.generation
        return Either.map(({ accessToken: text }: Tokens) => text)(tokens)
      }
      const insteadOf = (): Answer<string> => async () => {
        await applyEvent(key, { _tag: 'TokenRejected', ...eventContext(), generation })()
        return current()
      }
      return sendWithToken(
        repeatingReads(ports, sender, settings.longestWaitSeconds),
        { current, insteadOf },
        (token) => withToken(request, url.right, token)
      )
    }

  /** Deletes the tokens of a session, and then revokes them at the server. */
  const signOut =
    (sessionId: string): Answer<SignedOut> =>
    async () => {
      const own = await loadOwn(sessionId)()
      if (Either.isLeft(own)) return own
      const key = await sessionKeyOf(ports, sessionId)()
      const changed = await applyEvent(key, { _tag: 'SignedOut', ...eventContext() })()
      if (Either.isLeft(changed)) return changed
      const { command, state } = changed.right
      return Either.right({
        revocation: command?._tag === 'Revoke' ? await revoke(state.facts.binding, command.tokens) : []
      })
    }

  const fhir = sendAs(wholeAnswers(ports))
  const streamed = sendAs(streamedAnswers({ stream }))
  return {
    accessToken: (sessionId, options) => orHostUnavailable(accessToken(sessionId, options)),
    fhir: (sessionId, request) => orHostUnavailable(fhir(sessionId, request)),
    stream: (sessionId, request) => orHostUnavailable(streamed(sessionId, request)),
    session: (sessionId) => orHostUnavailable(session(sessionId)),
    remaining: (sessionId) => orHostUnavailable(remaining(sessionId)),
    signOut: (sessionId) => orHostUnavailable(signOut(sessionId))
  }
}
