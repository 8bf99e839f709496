/**
 * A handler for all requests, as a plain function.
 *
 * @module
 */
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { ownMember } from '../values/own.js'
import { argumentIn } from './arguments.js'
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

const expected = 'a function (request) that gives the response; `smartNode` and `smartFetch` take a host'

/** The engine's form of a handler that was given to the called function. */
export const engineHandler = (called: string, handler: PlainRequestHandler): RequestHandler => {
  argumentIn(called, 'handler', expected, (given) => typeof given === 'function', handler)
  const refused = ownMember(handler, 'refused')
  const answer = (request: PlainRequest) => async (): Promise<PlainResponse> => handler(request)
  return refused === undefined
    ? answer
    : Object.assign(answer, {
        refused: (request: PlainRequest, because: Refusal | null) => async (): Promise<PlainResponse> =>
          refused(request, because)
      })
}
