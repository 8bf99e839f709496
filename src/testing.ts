/**
 * For tests of whoever handles scopes: fast-check arbitraries. Needs `fast-check` beside it, an optional peer
 * dependency.
 *
 * @module testing
 */
export { accesses, clauses, narrowerThan, resourceScopes, scopes, scopeSets, widerThan } from './testing/arbitraries.js'
export type { Access, Clause, ResourceScope, Scope, ScopeSet } from './scopes/index.js'
