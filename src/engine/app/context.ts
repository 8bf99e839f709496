/**
 * The common types and functions of an app.
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
import type { FhirRequest, FhirResponse, StreamedResponse } from '../../protocol/app/fhir-request.js'
import type { TrustedServer } from '../../protocol/app/trusted-server.js'
import type { EpochSeconds } from '../../values/time.js'

/** An access token with its scope and expiry. */
export interface CurrentToken {
  readonly accessToken: string
  readonly scope: string
  /** When it expires, in seconds since the epoch; null when the server did not say. */
  readonly expiresAt: EpochSeconds | null
}

/** How long a session lasts. */
export interface SessionTime {
  /** The seconds until the access token expires, 0 when it has; null when the server did not say. */
  readonly tokenSeconds: number | null
  /** Whether the session has a refresh token. Without one, it ends with its access token. */
  readonly isRefreshable: boolean
  /** The seconds until the session is deleted if it is not used. */
  readonly keptSeconds: number
}

/** What became of a token at the server after signing out. */
export interface RevokedToken {
  readonly token: 'refresh_token' | 'access_token'
  /** Why the server may still accept the token; null when it has revoked it. */
  readonly failure: AppFailure | null
}

/** A session that has ended. Its tokens are deleted in any case. */
export interface SignedOut {
  /** What became of the tokens at the server; empty when the server has no revocation endpoint. */
  readonly revocation: ReadonlyArray<RevokedToken>
}

/** The wanted token. */
export interface TokenRequestOptions {
  /**
   * The scope of this one token: if the session's token has another scope, a token with this narrower scope is
   * requested. Default: everything that was granted.
   */
  readonly scope?: string
  /** Refresh even if the token is valid. */
  readonly isForced?: boolean
}

/** The redirect of the browser, and the id of the launch. */
export interface LaunchBegun {
  /** A secret. Store it where only this browser can access it: in its session storage, or in an HttpOnly cookie. */
  readonly launchId: string
  /** The public name of the launch: no secret. It may name a cookie, or stand in an address. */
  readonly handle: string
  readonly redirect: Redirect
}

/** A completed launch. `facts` say which one it was: server and app (`binding`), kind and the app's data (`launch`). */
export interface SessionOpened {
  /** The launch that matched, of those that were given to the callback. */
  readonly launchId: string
  /** The public name of the launch and of its session: no secret. */
  readonly handle: string
  /** A secret, different from the launch id. Store it where only this browser can access it. */
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

/** Signs an assertion for a machine, with a new `jti`. */
export const signWith =
  ({ clock, keys, random }: AppPorts) =>
  ({
    clientId,
    audience,
    algorithms
  }: {
    readonly clientId: string
    readonly audience: string
    readonly algorithms: ReadonlyArray<string> | null
  }): Task.Task<Extract<AppLaunchEvent, { readonly _tag: 'AssertionSigned' | 'KeysUnavailable' }>> =>
    pipe(
      Task.fromIO(() => assertionClaims(clientId, audience, clock.now(), random.token())),
      Task.chain((claims) => keys.signAssertion(claims, algorithms)),
      Task.map((signed: Either.Either<PortError, string>) =>
        Either.isLeft(signed)
          ? { _tag: 'KeysUnavailable' as const, reason: signed.left.reason }
          : { _tag: 'AssertionSigned' as const, assertion: signed.right }
      )
    )

/** The store key of a session: the digest of its id. */
export const sessionKeyOf = ({ keys }: AppPorts, sessionId: string): Task.Task<string> =>
  pipe(
    keys.digest(`session ${sessionId}`),
    Task.map((digest) => `app-session:${digest}`)
  )

/** The public name of a launch: 128 bits, derived from its secret id. */
export const handleOf = ({ keys }: AppPorts, launchId: string): Task.Task<string> =>
  pipe(
    keys.digest(`handle ${launchId}`),
    Task.map((digest) => digest.slice(0, 22))
  )

/** The app failure for a refusal of the engine. */
export const failureOf = (refusal: Refusal): AppFailure =>
  refusal._tag === 'UnexpectedEvent'
    ? { _tag: 'UnexpectedEvent', machine: refusal.machine, state: refusal.state, event: refusal.event }
    : { _tag: 'StoreUnavailable' }

/** The result of an operation; a failure if a port without a failure type failed in it. */
export const orHostUnavailable = <Done>(
  work: TaskEither.TaskEither<AppFailure, Done>
): TaskEither.TaskEither<AppFailure, Done> =>
  answeredAnyway(
    () => work,
    (reason) => Either.left({ _tag: 'HostUnavailable', reason })
  )

/** An app. Every member returns a lazy value: nothing happens until it is run. */
export interface SmartApp {
  /** Begins a launch: validates `iss`, performs discovery, and returns the redirect for the browser. */
  readonly launch: (request: LaunchRequest) => TaskEither.TaskEither<AppFailure, LaunchBegun>
  /** The server and the registration that a launch would use. Nothing is sent. */
  readonly serverOf: (request: LaunchRequest) => Either.Either<AppFailure, TrustedServer>
  /**
   * Handles the redirect from the server, and opens the session. The same redirect in the same browser, loaded again,
   * leads to the same session; the code is sent once.
   */
  readonly callback: (request: CallbackRequest) => TaskEither.TaskEither<AppFailure, SessionOpened>
  /** A valid token. If it is about to expire, one of all concurrent callers refreshes it. */
  readonly accessToken: (
    sessionId: string,
    options?: TokenRequestOptions
  ) => TaskEither.TaskEither<AppFailure, CurrentToken>
  /** The facts of the session: context, user, granted scope, and its comparison with the requested scope. */
  readonly session: (sessionId: string) => TaskEither.TaskEither<AppFailure, SessionFacts>
  /** How long the session and its token last. */
  readonly remaining: (sessionId: string) => TaskEither.TaskEither<AppFailure, SessionTime>
  /**
   * Sends a FHIR request with the session's token, only to URLs below the FHIR base URL. A read that the server answers
   * with `Retry-After` is repeated after that time, if it is short.
   */
  readonly fhir: (sessionId: string, request: FhirRequest) => TaskEither.TaskEither<AppFailure, FhirResponse>
  /** Like `fhir`, for bodies of any size: the body is read while it arrives. */
  readonly stream: (sessionId: string, request: FhirRequest) => TaskEither.TaskEither<AppFailure, StreamedResponse>
  /** Deletes the tokens, and revokes them at the server if it has a revocation endpoint. */
  readonly signOut: (sessionId: string) => TaskEither.TaskEither<AppFailure, SignedOut>
}
