/**
 * The scope language and the table of refusals.
 *
 * The other parts have entry points of their own: `smart-app-launch/server`, `/resource`, `/app`, `/adapters/…` and
 * `/testing`. `smart-app-launch/scopes` is the scope language alone.
 *
 * @module smart-app-launch
 */
export * from './plain/scopes.js'
export { errorUri } from './protocol/errors/refusal.js'
export type { ErrorAudience, OAuthError, Refusal, RefusalRow, RefusalTag } from './protocol/errors/refusal.js'
export { refusalTable } from './protocol/errors/refusal-table.js'
