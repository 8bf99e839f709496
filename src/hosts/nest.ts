/**
 * A whole host in NestJS, over Express and over Fastify.
 *
 * @module hosts/nest
 */
import type { ConnectMessage, ConnectMiddleware, HostProcessOptions } from './connect.js'
import { connectMiddleware } from './connect.js'
import type { HostOrOptions } from './hosted.js'

const texts = {
  name: 'smartNest',
  howToMount:
    'Mount it without a path: app.use(smartNest(options)) in main.ts. It calls next() for requests that are not for ' +
    'it; its addresses follow from issuer and fhirBaseUrl.',
  howToKeep:
    'Call app.use(smartNest(options)) before app.init() and app.listen(), which register the body parsers, or keep ' +
    'the bytes: NestFactory.create(AppModule, { rawBody: true }).'
}

/**
 * Middleware for NestJS, for applications that do not use {@link SmartModule}: `app.use(smartNest(options))` in
 * `main.ts`, after the middleware of the session and before `app.listen`. Services of the application are at hand by
 * `app.get(…)`. Over Fastify, the request is the message of Node; `app.register(smartFastify, options)` gives the
 * request of Fastify.
 *
 * @example
 * ```ts
 * import 'reflect-metadata'
 * import { Module } from '@nestjs/common'
 * import { NestFactory } from '@nestjs/core'
 * import type { Request } from 'express'
 * import { smartNest } from 'smart-app-launch/hosts/nest'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * class AppModule {}
 * Module({})(AppModule)
 *
 * const app = await NestFactory.create(AppModule, { logger: false })
 * app.use(
 *   smartNest({
 *     issuer: 'http://127.0.0.1:4000',
 *     fhirBaseUrl: 'http://127.0.0.1:4000/fhir',
 *     store: createMemoryStore(),
 *     clients: [],
 *     permittedScopes: (_user, _client, requested) => requested,
 *     user: (_request: Request) => null,
 *     signIn: '/sign-in'
 *   })
 * )
 * ```
 */
export const smartNest = <R extends ConnectMessage = ConnectMessage>(
  hostOrOptions: HostOrOptions<R>,
  options: HostProcessOptions = {}
): ConnectMiddleware<R> => connectMiddleware(hostOrOptions, options, texts)

export { SmartModule, smartHostToken } from './nest-module.js'
export type { NestConsumer, SmartDynamicModule, SmartModuleFactory, SmartModuleProvided } from './nest-module.js'
export { keepRawBody } from './keep-raw-body.js'

export type { ConnectMessage, ConnectMiddleware, HostProcessOptions } from './connect.js'
export * from './host-exports.js'
