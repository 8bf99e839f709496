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
import type { AppPorts } from './ports.js'
import { changeRecord, loadState } from '../compare-and-swap.js'
import { clientProofRules, unsignedProof } from '../../protocol/app/callback-rules.js'
import { firstRefusal } from '../../protocol/machine/rules.js'
import type { AppLaunchSettings } from '../../protocol/app/launch-state.js'
import type { AppSessionCommand, AppSessionEvent, AppSessionSettings } from '../../protocol/app/session.js'
import { appSessionMachine } from '../../protocol/app/session.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import type { Proof } from '../../protocol/app/requests.js'
import { tokenRequest } from '../../protocol/app/requests.js'
import { readingOptionsOf, readTokenResponse } from '../../protocol/app/token-response.js'
import { tolerancesOf } from '../../protocol/app/tolerances.js'
import { fhirUrl } from '../../protocol/app/fhir-url.js'
import type { FhirRequest } from '../../protocol/app/fhir-request.js'
import { withToken } from '../../protocol/app/fhir-request.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { LaunchBinding, SessionFacts, StoredSession, Tokens } from '../../protocol/app/stored-app.js'
import { StoredSessionCodec } from '../../protocol/app/stored-app.js'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'
import type { CurrentToken, TokenRequestOptions } from './context.js'

const pauseMilliseconds = 50

type Answer<A> = TaskEither.TaskEither<AppFailure, A>

/** The session part of an app. */
export const appSession = (
  settings: AppLaunchSettings & AppSessionSettings,
  ports: AppPorts
): Pick<SmartApp, 'accessToken' | 'fhir' | 'session' | 'signOut'> => {
  const { clock, http, pause, random, store } = ports
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
      const { assertionAudience, clientId, iss, method } = binding
      const failure = firstRefusal(clientProofRules, { iss, method, trust: settings.trust })
      if (failure !== null) return Either.left(failure)
      const proof = unsignedProof(settings, binding)
      if (proof !== null) return Either.right(proof)
      const signed = await signWith(ports)({ clientId, audience: assertionAudience })()
      return signed._tag === 'KeysUnavailable'
        ? Either.left(signed)
        : Either.right({ _tag: 'Assertion', assertion: signed.assertion })
    }

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
    if (Either.isLeft(answered) || answered.right.status >= 500) return { _tag: 'RefreshUnanswered', ...outcome() }
    const read = readTokenResponse(answered.right, readingOptionsOf(settings, tolerancesOf(binding)))
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
            return Either.left(command.failure)
          case 'Refresh':
            event = await refresh(changed.right.state.facts, command)
            break
          case 'Wait':
          case undefined:
            if (clock.now() > latest) return Either.left({ _tag: 'SessionBusy' })
            await pause(pauseMilliseconds)()
            // The result of the other caller's refresh is new enough for the callers that waited for it.
            event = { _tag: 'TokenRequested', ...eventContext(), scope: scope ?? null, isForced: false }
        }
      }
    }

  const accessToken =
    (sessionId: string, options: TokenRequestOptions = {}): Answer<CurrentToken> =>
    async () => {
      const tokens = await obtain(await sessionKeyOf(ports, sessionId)(), options)()
      return Either.map(({ accessToken: text, scope }: Tokens): CurrentToken => ({ accessToken: text, scope }))(tokens)
    }

  /** The facts of a session. */
  const session =
    (sessionId: string): Answer<SessionFacts> =>
    async () => {
      const found = await load(await sessionKeyOf(ports, sessionId)())()
      if (Either.isLeft(found)) return Either.left(failureOf(found.left))
      return Option.isSome(found.right)
        ? Either.right(found.right.value.state.facts)
        : Either.left({ _tag: 'SessionUnknown' })
    }

  const send = async (request: FhirRequest, url: string, { accessToken: token }: Tokens) =>
    http(withToken(request, url, token))()

  /** Sends a FHIR request with the session's token. If the resource server refuses the token, it is refreshed once. */
  const fhir =
    (sessionId: string, request: FhirRequest): Answer<PlainResponse> =>
    async () => {
      const facts = await session(sessionId)()
      if (Either.isLeft(facts)) return facts
      const url = fhirUrl(facts.right.binding.iss)(request.url)
      if (Either.isLeft(url)) return url
      const key = await sessionKeyOf(ports, sessionId)()
      const first = await obtain(key, {})()
      if (Either.isLeft(first)) return first
      const answer = await send(request, url.right, first.right)
      if (Either.isLeft(answer)) return Either.left({ _tag: 'ServerUnavailable', reason: answer.left.reason })
      if (answer.right.status !== 401) return answer
      await applyEvent(key, { _tag: 'TokenRejected', ...eventContext(), generation: first.right.generation })()
      const second = await obtain(key, {})()
      if (Either.isLeft(second)) return second
      return Either.mapLeft(({ reason }: { readonly reason: string }): AppFailure => ({
        _tag: 'ServerUnavailable',
        reason
      }))(await send(request, url.right, second.right))
    }

  /** Deletes the tokens of a session. */
  const signOut =
    (sessionId: string): Answer<'signed out'> =>
    async () => {
      const changed = await applyEvent(await sessionKeyOf(ports, sessionId)(), {
        _tag: 'SignedOut',
        ...eventContext()
      })()
      return Either.map(() => 'signed out' as const)(changed)
    }

  return {
    accessToken: (sessionId, options) => orHostUnavailable(accessToken(sessionId, options)),
    fhir: (sessionId, request) => orHostUnavailable(fhir(sessionId, request)),
    session: (sessionId) => orHostUnavailable(session(sessionId)),
    signOut: (sessionId) => orHostUnavailable(signOut(sessionId))
  }
}
