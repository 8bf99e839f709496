/**
 * What the parts of an app share.
 *
 * @module
 */

import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AppPorts } from './ports.js'
import { answeredAnyway } from '../validated-ports.js'
import type { PortError } from '../ports.js'
import type { AppLaunchEvent } from '../../protocol/app/launch-state.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import type { Redirect } from '../../protocol/app/requests.js'
import { assertionClaims } from '../../protocol/app/requests.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { SessionFacts } from '../../protocol/app/stored-app.js'
import type { CallbackRequest, LaunchRequest } from '../../protocol/app/launch-state.js'
import type { FhirRequest } from '../../protocol/app/fhir-request.js'
/** An access token and what it is good for. */
export interface CurrentToken {
  readonly accessToken: string
  readonly scope: string
}

/** Which token is wanted. */
export interface TokenRequestOptions {
  /**
   * At most so much, for this one token: a narrower one is asked for where the session has another. Default: all that
   * was granted.
   */
  readonly scope?: string
  /** Ask the server even if the token is good. */
  readonly isForced?: boolean
}

/** Where the browser goes, and what it must bring back. */
export interface LaunchBegun {
  /** To be kept where only this browser has it: in its session storage, or in an HttpOnly cookie. It is a secret. */
  readonly launchId: string
  readonly redirect: Redirect
}

/** A launch that reached its session. */
export interface SessionOpened {
  /** To be kept where only this browser has it. It is a secret, and another one than the launch's. */
  readonly sessionId: string
  readonly facts: SessionFacts
}

/** Sends a request for a machine. */
export const sendTo =
  ({ http }: AppPorts) =>
  ({
    request
  }: {
    readonly request: OutgoingRequest
  }): Task.Task<Extract<AppLaunchEvent, { readonly _tag: 'Answered' | 'ServerUnavailable' }>> =>
    pipe(
      http(request),
      Task.map((answer: Either.Either<PortError, PlainResponse>) =>
        Either.isLeft(answer)
          ? { _tag: 'ServerUnavailable' as const, reason: answer.left.reason }
          : { _tag: 'Answered' as const, response: answer.right }
      )
    )

/** Signs an assertion for a machine, with a `jti` of its own. */
export const signWith =
  ({ clock, keys, random }: AppPorts) =>
  ({
    clientId,
    audience
  }: {
    readonly clientId: string
    readonly audience: string
  }): Task.Task<Extract<AppLaunchEvent, { readonly _tag: 'AssertionSigned' | 'KeysUnavailable' }>> =>
    pipe(
      Task.fromIO(() => assertionClaims(clientId, audience, clock.now(), random.token())),
      Task.chain(keys.signAssertion),
      Task.map((signed: Either.Either<PortError, string>) =>
        Either.isLeft(signed)
          ? { _tag: 'KeysUnavailable' as const, reason: signed.left.reason }
          : { _tag: 'AssertionSigned' as const, assertion: signed.right }
      )
    )

/** Where a session is kept: under the digest of its id. */
export const sessionKeyOf = ({ keys }: AppPorts, sessionId: string): Task.Task<string> =>
  pipe(
    keys.digest(`session ${sessionId}`),
    Task.map((digest) => `app-session:${digest}`)
  )

/** What the engine's own "no" is to an app. */
export const failureOf = (refusal: Refusal): AppFailure =>
  refusal._tag === 'UnexpectedEvent'
    ? { _tag: 'UnexpectedEvent', machine: refusal.machine, state: refusal.state, event: refusal.event }
    : { _tag: 'StoreUnavailable' }

/** What an app asked for; or that a port of its host failed which has no answer for its failure. */
export const orHostSilent = <Done>(
  work: TaskEither.TaskEither<AppFailure, Done>
): TaskEither.TaskEither<AppFailure, Done> =>
  answeredAnyway(
    () => work,
    (reason) => Either.left({ _tag: 'HostSilent', reason })
  )

/** An app. Every member returns a lazy value: nothing happens until it is called. */
export interface SmartApp {
  /** Begins a launch: judges the iss, asks the server about itself, and says where the browser goes. */
  readonly launch: (request: LaunchRequest) => TaskEither.TaskEither<AppFailure, LaunchBegun>
  /** Takes the browser back from the server, and opens the session. */
  readonly callback: (request: CallbackRequest) => TaskEither.TaskEither<AppFailure, SessionOpened>
  /** A token that is good now; refreshed when it is about to end, by one of all who ask. */
  readonly accessToken: (
    sessionId: string,
    wish?: TokenRequestOptions
  ) => TaskEither.TaskEither<AppFailure, CurrentToken>
  /** What the launch brought: context, user, granted scope and how it stands to what was asked. */
  readonly session: (sessionId: string) => TaskEither.TaskEither<AppFailure, SessionFacts>
  /** A FHIR request with the session's token, which never leaves the FHIR base URL. */
  readonly fhir: (sessionId: string, request: FhirRequest) => TaskEither.TaskEither<AppFailure, PlainResponse>
  /** Forgets the tokens. */
  readonly signOut: (sessionId: string) => TaskEither.TaskEither<AppFailure, 'signed out'>
}
