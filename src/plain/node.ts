/**
 * For Node's own `http` module, and every framework that exposes its `IncomingMessage` and `ServerResponse`.
 *
 * @module adapters/node
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { NodeHandlerOptions } from '../adapters/node.js'
import { nodeHandler } from '../adapters/node.js'
import type { PlainRequestHandler } from './request-handler.js'
import { engineHandler } from './request-handler.js'

export { guardedFetch } from '../adapters/fetch/guarded-fetch.js'
export type { GuardedFetchOptions } from '../adapters/fetch/guarded-fetch.js'
export type { DocumentFetch, FetchedDocument } from '../adapters/client-key-cache.js'
export type { NodeHandlerOptions } from '../adapters/node.js'
export type { HandlerOptions } from '../adapters/web.js'
export type { PlainRequestHandler } from './request-handler.js'

/**
 * A listener for `http.createServer`, and a middleware for frameworks that leave the address whole and the body unread:
 * register it before all body parsers. `signal` of a request is aborted if the client left before its response was
 * sent. Pipelined requests of one connection are handled one after the other.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { createNodeListener } from 'smart-app-launch/adapters/node'
 *
 * const server = createServer(createNodeListener(() => ({ status: 200, headers: {}, body: 'hello' })))
 * server.listening // => false
 * ```
 */
export const createNodeListener = (
  handler: PlainRequestHandler,
  options: NodeHandlerOptions = {}
): ((message: IncomingMessage, target: ServerResponse) => void) =>
  nodeHandler(engineHandler('createNodeListener', handler), options)
