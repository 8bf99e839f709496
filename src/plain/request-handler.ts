/**
 * A handler for all requests, as a plain function.
 *
 * @module
 */
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { ownMember } from '../values/own.js'
import type { Awaitable } from './result.js'

/** Answers a request. */
export interface PlainRequestHandler {
  (request: PlainRequest): Awaitable<PlainResponse>
  /**
   * The response for a request that the adapter could not read, or, if `because` is null, during which the host's code
   * threw. The request has an empty body. Default: JSON in the form of OAuth.
   */
  readonly refused?: (request: PlainRequest, because: Refusal | null) => Awaitable<PlainResponse>
}

/** The engine's form of a handler. */
export const engineHandler = (handler: PlainRequestHandler): RequestHandler => {
  const refused = ownMember(handler, 'refused')
  const answer = (request: PlainRequest) => async (): Promise<PlainResponse> => handler(request)
  return refused === undefined
    ? answer
    : Object.assign(answer, {
        refused: (request: PlainRequest, because: Refusal | null) => async (): Promise<PlainResponse> =>
          refused(request, because)
      })
}
