/**
 * A whole host in Node's own `http` module, and in frameworks that are built like it.
 *
 * @module hosts/node
 */
import type { ServerResponse } from 'node:http'
import type { ConnectMessage, HostProcessOptions } from './connect.js'
import { connectMiddleware } from './connect.js'
import type { HostOrOptions } from './hosted.js'

const texts = {
  name: 'smartNode',
  howToMount: 'Call it for every path: it calls `next` for what is not for it.',
  howToKeep: 'Call smartNode before all body parsers, or keep the bytes of the body in `rawBody` of the message.'
}

/** The listener of a server whose only purpose is the host. */
export type HostListener<R> = (message: R, target: ServerResponse, next?: () => void) => void

const notFound = (target: ServerResponse): void => {
  target.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('There is nothing at this address.')
}

/**
 * A listener for `http.createServer`. Requests that are not for the host go to `next`; without it, they get a 404.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { smartNode } from 'smart-app-launch/hosts/node'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const smart = smartNode({
 *   issuer: 'http://127.0.0.1:4000',
 *   fhirBaseUrl: 'http://127.0.0.1:4000/fhir',
 *   store: createMemoryStore(),
 *   clients: [],
 *   permittedScopes: (_user, _client, requested) => requested,
 *   user: () => null,
 *   signIn: '/sign-in'
 * })
 * const server = createServer((message, target) => {
 *   smart(message, target, () => target.end('the pages of the site'))
 * })
 * server.listening // => false
 * ```
 */
export const smartNode = <R extends ConnectMessage = ConnectMessage>(
  hostOrOptions: HostOrOptions<R>,
  options: HostProcessOptions = {}
): HostListener<R> => {
  const middleware = connectMiddleware(hostOrOptions, options, texts)
  return (message, target, next) => {
    middleware(
      message,
      target,
      next ??
        (() => {
          notFound(target)
        })
    )
  }
}

export { keepRawBody } from './keep-raw-body.js'

export type { ConnectMessage, HostProcessOptions } from './connect.js'
export * from './host-exports.js'
