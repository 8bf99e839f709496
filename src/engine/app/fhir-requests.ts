/**
 * FHIR requests with a token: reads are repeated when a busy server says when to come again, and a refused token is
 * replaced once.
 *
 * Source: RFC 6585, section 4; RFC 9110, sections 9.2.1 and 10.2.3; RFC 6750, section 3.1.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AppPorts } from './ports.js'
import { bytesOf } from './validated-ports.js'
import type { PortError } from '../ports.js'
import type { AppFailure } from '../../protocol/app/failure.js'
import type { FhirResponse, StreamedResponse } from '../../protocol/app/fhir-request.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import { isBusy, retryAfterOf } from '../../protocol/http/retry-after.js'
import { limits } from '../../values/limits/limits.js'

/** A response whose status and header fields have arrived. */
type Arrived = Pick<PlainResponse, 'status' | 'headers'>

/** Sends a request, and drops a response that is not used. */
export interface Sender<Answer extends Arrived> {
  readonly send: (request: OutgoingRequest) => TaskEither.TaskEither<PortError, Answer>
  readonly drop: (answer: Answer) => void
}

/** Responses with their whole body. */
export const wholeAnswers = ({ http }: AppPorts): Sender<FhirResponse> => ({
  send: (request) => async () => {
    const answer = await http(request)()
    return Either.isLeft(answer) ? answer : Either.right({ ...answer.right, bytes: bytesOf(answer.right) })
  },
  drop: () => undefined
})

/** Responses whose body is read while it arrives. */
export const streamedAnswers = ({ stream }: Pick<Required<AppPorts>, 'stream'>): Sender<StreamedResponse> => ({
  send: stream,
  drop: (answer) => {
    answer.stream.cancel().catch(() => undefined)
  }
})

/** Repeats reads after the time that a busy server states, if that is at most so many seconds. */
export const repeatingReads = <Answer extends Arrived>(
  { clock, pause }: AppPorts,
  { drop, send }: Sender<Answer>,
  longestWaitSeconds: number
): Sender<Answer> => ({
  drop,
  send: (request) => async () => {
    const isRead = request.method === 'GET' || request.method === 'HEAD'
    for (let repeats = 0; ; repeats += 1) {
      const answer = await send(request)()
      if (Either.isLeft(answer) || !isRead || !isBusy(answer.right)) return answer
      const seconds = retryAfterOf(answer.right, clock.now())
      if (seconds === null || seconds > longestWaitSeconds || repeats >= limits.busyRepeats.default) return answer
      drop(answer.right)
      await pause(seconds * 1000)()
    }
  }
})

/** The tokens of a request: the current one, and the one that replaces a refused one. */
export interface TokenSource {
  readonly current: TaskEither.TaskEither<AppFailure, string>
  readonly insteadOf: (refused: string) => TaskEither.TaskEither<AppFailure, string>
}

const unavailable = ({ reason }: PortError): AppFailure => ({ _tag: 'ServerUnavailable', reason })

/** Sends a request with the current token. If the resource server refuses the token, it is replaced once. */
export const sendWithToken = async <Answer extends Arrived>(
  { drop, send }: Sender<Answer>,
  tokens: TokenSource,
  requestWith: (token: string) => OutgoingRequest
): Promise<Either.Either<AppFailure, Answer>> => {
  const first = await tokens.current()
  if (Either.isLeft(first)) return first
  const answer = await send(requestWith(first.right))()
  if (Either.isLeft(answer)) return Either.left(unavailable(answer.left))
  if (answer.right.status !== 401) return answer
  const second = await tokens.insteadOf(first.right)()
  drop(answer.right)
  return Either.isLeft(second) ? second : Either.mapLeft(unavailable)(await send(requestWith(second.right))())
}
