/**
 * CORS: answers preflights, and adds the header fields that let pages of registered apps read responses.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { Ports } from '../ports.js'
import type { CorsAudience } from '../../protocol/client/cors.js'
import { corsHeaders, isPreflight, preflightResponse } from '../../protocol/client/cors.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'

type Answerer = (request: PlainRequest) => Task.Task<PlainResponse>

/** Whether pages of a registered client come from an origin. False when the client registry is unavailable. */
const isRegistered = ({ clients }: Ports, sharing: CorsAudience, origin: string | undefined): Task.Task<boolean> =>
  origin === undefined || sharing === 'anyone'
    ? Task.of(false)
    : pipe(clients.isRegisteredOrigin(origin), Task.map(Either.getOrElse(() => false)))

/** Adds CORS to an endpoint. `methods` are its methods, separated by commas. */
export const withCors =
  (ports: Ports) =>
  (sharing: CorsAudience, methods: string, answer: Answerer): Answerer =>
  (request) => {
    const origin = headerOf(request, 'origin')
    if (isPreflight(request)) {
      return pipe(
        isRegistered(ports, sharing, origin),
        Task.map((known) => preflightResponse(sharing, methods, origin, known))
      )
    }
    // The request has no origin. Its response may be cached, and must not be reused for a request with one (`Vary`).
    if (origin === undefined) {
      return async () => withHeaders(await answer(request)(), corsHeaders(sharing, origin, false))
    }
    return pipe(
      Task.Do,
      Task.apS('known', isRegistered(ports, sharing, origin)),
      Task.apS('response', answer(request)),
      Task.map(({ known, response }) => withHeaders(response, corsHeaders(sharing, origin, known)))
    )
  }

const withHeaders = (response: PlainResponse, headers: Readonly<Record<string, string>>): PlainResponse => ({
  ...response,
  headers: { ...response.headers, ...headers }
})
