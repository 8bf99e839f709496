/**
 * For Node's own `http` module, and every framework that exposes its `IncomingMessage` and `ServerResponse`.
 *
 * @module fp-ts/adapters/node
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeLimits } from './node-http/exchange.js'
import { originalTarget, serveExchange } from './node-http/exchange.js'
import { keptBody } from './node-http/request-body.js'
import type { HandlerOptions } from './web.js'
import { answererOf } from './web.js'
import type { RequestHandler } from '../engine/server/http-handler.js'

/** The limits of a Node handler. */
export interface NodeHandlerOptions extends HandlerOptions, NodeLimits {}

/** What frameworks add to a message. */
type FrameworkMessage = IncomingMessage & {
  readonly originalUrl?: unknown
  readonly rawBody?: unknown
  readonly body?: unknown
}

const howToKeep =
  'Register the handler before all body parsers, or keep the bytes in `rawBody` of the message: ' +
  'express.urlencoded({ verify: keepRawBody }).'

/**
 * A listener for `http.createServer`, and a middleware for frameworks that leave the address whole and the body unread:
 * register it before all body parsers. `signal` of a request is aborted if the client left before its response was
 * sent. Pipelined requests of one connection are handled one after the other.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import * as Task from 'fp-ts/lib/Task.js'
 * import { nodeHandler } from 'smart-app-launch/fp-ts/adapters/node'
 *
 * const server = createServer(nodeHandler(() => Task.of({ status: 200, headers: {}, body: 'hello' })))
 * server.listening // => false
 * ```
 */
export const nodeHandler = (
  answer: RequestHandler,
  options: NodeHandlerOptions = {}
): ((message: IncomingMessage, target: ServerResponse) => void) => {
  const answerer = answererOf(answer, options)
  return (message: FrameworkMessage, target) => {
    const url = originalTarget(message)
    void serveExchange(
      { message, target, url, kept: () => keptBody(message.rawBody, message.body), howToKeep },
      answerer,
      options
    )
  }
}

export { guardedFetch } from './fetch/guarded-fetch.js'
export type { GuardedFetchOptions } from './fetch/guarded-fetch.js'

export { appPorts as nodeAppPorts } from './app-ports.js'
export type { AppPortsOptions } from './app-ports.js'
export type { AppSigningKey, AppSigningKeys } from './jose-app.js'
export type { FetchHttpOptions } from './fetch/fetch-http.js'
