/**
 * The interpreter: machines run against ports. One namespace per file.
 *
 * @module
 */
export * as answer from './answer.js'
export * as app from './app.js'
export * as appPorts from './app-ports.js'
export * as backendService from './backend-service.js'
export * as bearer from './bearer.js'
export * as change from './change.js'
export * as conversation from './conversation.js'
export * as launch from './launch.js'
export * as ports from './ports.js'
export * as run from './run.js'
export * as server from './server.js'
export * as settings from './settings.js'
export * as sharing from './sharing.js'
