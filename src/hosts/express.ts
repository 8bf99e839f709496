/**
 * A whole host in Express 5.
 *
 * @module hosts/express
 */
import type { ConnectMessage, ConnectMiddleware, HostProcessOptions } from './connect.js'
import { connectMiddleware } from './connect.js'
import type { HostOrOptions } from './hosted.js'

const texts = {
  name: 'smartExpress',
  howToMount:
    'Mount it without a path: app.use(smartExpress(options)). It calls next() for requests that are not for it; its ' +
    'addresses follow from issuer and fhirBaseUrl.',
  howToKeep:
    'Put app.use(smartExpress(options)) before all body parsers, or let each keep the bytes: ' +
    'app.use(express.urlencoded({ verify: keepRawBody })), with keepRawBody of smart-app-launch/hosts/express.'
}

/**
 * Middleware for Express: `app.use(smartExpress(options))`. Put it behind the middleware of the session, so that `user`
 * finds it in the request, and before body parsers. It calls `next` for requests that are not for the host.
 *
 * Mount it without a path. At a path, the address that RFC 8414 puts in front of the issuer's path
 * (`/.well-known/oauth-authorization-server/…`) does not reach it.
 *
 * @example
 * ```ts
 * import express from 'express'
 * import { smartExpress } from 'smart-app-launch/hosts/express'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const app = express()
 * app.use(
 *   smartExpress({
 *     issuer: 'http://127.0.0.1:4000',
 *     fhirBaseUrl: 'http://127.0.0.1:4000/fhir',
 *     store: createMemoryStore(),
 *     clients: [],
 *     permittedScopes: (_user, _client, requested) => requested,
 *     user: (_request: express.Request) => null,
 *     signIn: '/sign-in'
 *   })
 * )
 * ```
 */
export const smartExpress = <R extends ConnectMessage = ConnectMessage>(
  hostOrOptions: HostOrOptions<R>,
  options: HostProcessOptions = {}
): ConnectMiddleware<R> => connectMiddleware(hostOrOptions, options, texts)

export { keepRawBody } from './keep-raw-body.js'

export type { ConnectMessage, ConnectMiddleware, HostProcessOptions } from './connect.js'
export * from './host-exports.js'
