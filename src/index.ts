/**
 * The scope language and the table of refusals.
 *
 * The other parts have entry points of their own: `smart-app-launch/server`, `/resource`, `/app`, `/adapters/…` and
 * `/testing`. `smart-app-launch/scopes` asks about scopes alone and is small; `/scopes/sets`, `/scopes/forms`,
 * `/scopes/explain` and `/scopes/certificates` are the rest of the scope language.
 *
 * @module smart-app-launch
 */
export * from './plain/scopes.js'
export * from './plain/scopes/certificates.js'
export * from './plain/scopes/explain.js'
export * from './plain/scopes/forms.js'
export * from './plain/scopes/sets.js'
export { errorUri } from './protocol/errors/refusal.js'
export type { ErrorAudience, OAuthError, Refusal, RefusalRow, RefusalTag } from './protocol/errors/refusal.js'
export { refusalTable } from './protocol/errors/refusal-table.js'
