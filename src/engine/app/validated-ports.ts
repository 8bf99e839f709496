/**
 * Validates the ports of an app, like those of a server.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { AppPorts } from './ports.js'
import type { PortError } from '../ports.js'
import type { StreamedResponse } from '../../protocol/app/fhir-request.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import {
  isBoolean,
  isResponse,
  isText,
  validated,
  validatedClock,
  validatedDigest,
  validatedRandom,
  validatedStore
} from '../validated-ports.js'
import { ownMember } from '../../values/own.js'

const isStream = (answer: unknown): answer is StreamedResponse =>
  typeof answer === 'object' &&
  answer !== null &&
  'status' in answer &&
  Number.isInteger(answer.status) &&
  'stream' in answer &&
  answer.stream instanceof ReadableStream

/** The body of a response as bytes. */
export const bytesOf = (response: PlainResponse & { readonly bytes?: Uint8Array }): Uint8Array =>
  ownMember(response, 'bytes') ?? new TextEncoder().encode(response.body)

/** A response as a stream; of its whole body if the host has no port for streams. */
const streamed = (ports: AppPorts, request: OutgoingRequest): TaskEither.TaskEither<PortError, StreamedResponse> => {
  const { stream } = ports
  if (stream !== undefined) return validated(() => stream(request), isStream)
  return TaskEither.map((answer: PlainResponse): StreamedResponse => ({
    status: answer.status,
    headers: answer.headers,
    stream: new ReadableStream({
      start: (controller) => {
        controller.enqueue(bytesOf(answer))
        controller.close()
      }
    })
  }))(validated(() => ports.http(request), isResponse))
}

/** The ports of an app, with one for streams. */
export type ValidatedAppPorts = AppPorts & Required<Pick<AppPorts, 'stream'>>

/** The ports of an app, each of which returns values of the right form or fails as its type says. */
export const validatedAppPorts = (ports: AppPorts): ValidatedAppPorts => ({
  store: validatedStore(ports.store),
  clock: validatedClock(ports.clock),
  random: validatedRandom(ports.random),
  http: (request) => validated(() => ports.http(request), isResponse),
  stream: (request) => streamed(ports, request),
  keys: {
    digest: validatedDigest(ports.keys),
    signAssertion: (claims, algorithms) => validated(() => ports.keys.signAssertion(claims, algorithms), isText),
    verifySignature: (key, alg, text) => validated(() => ports.keys.verifySignature(key, alg, text), isBoolean),
    ...(ports.keys.algorithms === undefined ? {} : { algorithms: ports.keys.algorithms })
  },
  pause: (milliseconds) => async () => {
    await ports.pause(milliseconds)()
  }
})
