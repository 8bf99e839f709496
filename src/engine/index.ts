/**
 * The interpreter: runs machines against ports. One namespace per file.
 *
 * @module
 */
export * as answer from './server/http-handler.js'
export * as app from './app/smart-app.js'
export * as appPorts from './app/ports.js'
export * as backendService from './app/backend-service.js'
export * as bearer from './server/bearer-token.js'
export * as change from './compare-and-swap.js'
export * as conversation from './server/interaction/conversation.js'
export * as launch from './server/interaction/offer-launch.js'
export * as ports from './ports.js'
export * as run from './run.js'
export * as server from './server/authorization-server.js'
export * as settings from './server/settings.js'
export * as sharing from './server/cors.js'
