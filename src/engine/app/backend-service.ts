/**
 * A backend service, built on its ports.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { failureOf, orHostUnavailable, sendTo, signWith } from './context.js'
import type { AppPorts } from './ports.js'
import type { CurrentToken } from './context.js'
import type { Sender } from './fhir-requests.js'
import { repeatingReads, sendWithToken, streamedAnswers, wholeAnswers } from './fhir-requests.js'
import { recordText } from '../stored-record.js'
import { loadState, swapRecord } from '../compare-and-swap.js'
import { validatedAppPorts } from './validated-ports.js'
import { run } from '../run.js'
import type { BackendEvent, BackendServiceSettings } from '../../protocol/app/backend-service.js'
import { backendServiceMachine, beginBackend } from '../../protocol/app/backend-service.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import { serviceUrl } from '../../protocol/app/fhir-url.js'
import type { FhirRequest, FhirResponse, StreamedResponse } from '../../protocol/app/fhir-request.js'
import { withToken } from '../../protocol/app/fhir-request.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { BackendTokenCodec } from '../../protocol/app/stored-app.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'

/** The settings of a backend service: those without a default are required. */
export type BackendSettings = Pick<BackendServiceSettings, 'server' | 'scope'> & Partial<BackendServiceSettings>

/** A backend service. Nothing happens until a value is run. */
export interface BackendService {
  /**
   * The current token, or a new one if that is about to expire. One process requests one token at a time; several
   * processes may each request one.
   */
  readonly accessToken: TaskEither.TaskEither<AppFailure, CurrentToken>
  /**
   * Sends a FHIR request with a token, only to URLs below the FHIR base URL. If the resource server refuses the token,
   * it is replaced once.
   */
  readonly fhir: (request: FhirRequest) => TaskEither.TaskEither<AppFailure, FhirResponse>
  /** Like `fhir`, for bodies of any size: the body is read while it arrives. */
  readonly stream: (request: FhirRequest) => TaskEither.TaskEither<AppFailure, StreamedResponse>
}

/** A backend service that obtains its tokens with signed assertions and stores them until they are about to expire. */
export const backendService = (given: BackendSettings, givenPorts: AppPorts): BackendService => {
  const ports = validatedAppPorts(givenPorts)
  const settings: BackendServiceSettings = {
    refreshAheadSeconds: 30,
    retries: 2,
    defaultLifetimeSeconds: 60,
    longestWaitSeconds: limits.retryAfter.default,
    ...given
  }
  const { server, scope } = settings
  const load = loadState(ports.store, BackendTokenCodec)
  const keyOf = async (): Promise<string> =>
    `app-backend:${await ports.keys.digest(JSON.stringify([server.fhirBaseUrl, server.clientId, scope]))()}`

  const perform = run(backendServiceMachine(settings), {
    LoadToken: () => async (): Promise<BackendEvent> => {
      const found = await load(await keyOf())()
      return Either.isRight(found) && Option.isSome(found.right)
        ? { _tag: 'TokenFound', token: found.right.value.state }
        : { _tag: 'TokenNotFound' }
    },
    Send: sendTo(ports),
    SignAssertion: signWith(ports),
    Pause:
      ({ seconds, tries }) =>
      async () => {
        await ports.pause(Math.max((seconds ?? 0) * 1000, Math.min(250 * 2 ** tries, limits.servicePause.default)))()
        return { _tag: 'Paused' as const }
      },
    SaveToken:
      ({ token }) =>
      async () => {
        const write = { text: recordText(token), recordExpiresAt: token.recordExpiresAt }
        await swapRecord(ports.store, {
          // A token that cannot be read counts as absent. If the swap is lost, another process has stored a valid
          // token.
          load: (key) => async () => {
            const found = await load(key)()
            return Either.isLeft(found) ? Either.right(Option.none) : found
          },
          decide: () => Either.right({ answer: 'saved', write }),
          tries: 1,
          recognize: null
        })(await keyOf())()
        return { _tag: 'TokenSaved' as const }
      }
  })

  const obtain = (rejected: string | null): TaskEither.TaskEither<AppFailure, CurrentToken> =>
    orHostUnavailable(async () => {
      const call = {
        now: ports.clock.now(),
        writeId: ports.random.token(),
        rejected,
        algorithms: ports.keys.algorithms ?? null
      }
      const ended = await perform(beginBackend(settings, call))()
      if (Either.isLeft(ended)) return Either.left(failureOf(ended.left))
      const state = ended.right
      return state._tag === 'Ready'
        ? Either.right({
            accessToken: state.token.accessToken,
            scope: state.token.scope,
            expiresAt: state.token.expiresAt
          })
        : Either.left(state.failure)
    })

  const running = new Map<string | null, Promise<Either.Either<AppFailure, CurrentToken>>>()
  /** All concurrent callers in this process wait for one request. */
  const obtainTogether =
    (rejected: string | null): TaskEither.TaskEither<AppFailure, CurrentToken> =>
    () => {
      const begun =
        running.get(rejected) ??
        obtain(rejected)().finally(() => {
          running.delete(rejected)
        })
      running.set(rejected, begun)
      return begun
    }

  const sendAs =
    <Received extends Pick<PlainResponse, 'status' | 'headers'>>(sender: Sender<Received>) =>
    (request: FhirRequest): TaskEither.TaskEither<AppFailure, Received> =>
    async () => {
      const url = serviceUrl(server, { method: ownMember(request, 'method') ?? 'GET', url: request.url })
      if (Either.isLeft(url)) return url
      const token = (rejected: string | null): TaskEither.TaskEither<AppFailure, string> =>
        TaskEither.map(({ accessToken }: CurrentToken) => accessToken)(obtainTogether(rejected))
      return sendWithToken(
        repeatingReads(ports, sender, settings.longestWaitSeconds),
        { current: token(null), insteadOf: token },
        (text) => withToken(request, url.right, text)
      )
    }

  return {
    accessToken: obtainTogether(null),
    fhir: sendAs(wholeAnswers(ports)),
    stream: sendAs(streamedAnswers(ports))
  }
}
