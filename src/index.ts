/**
 * SMART App Launch as pure functions and state machines: one namespace per layer.
 *
 * Import a narrower entry point where you need only a part: `smart-app-launch/scopes`, `/server`, `/resource`,
 * `/adapters/…`.
 *
 * @module
 */
export * as values from './values/index.js'
export * as scopes from './scopes/index.js'
export * as messages from './messages/index.js'
export * as machines from './machines/index.js'
export * as engine from './engine/index.js'
