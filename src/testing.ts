/**
 * fast-check arbitraries for tests of code that handles scopes. Needs `fast-check`, an optional peer dependency.
 *
 * @module testing
 */
export { accesses, clauses, narrowerThan, resourceScopes, scopes, scopeSets, widerThan } from './testing/arbitraries.js'
export type { Access, Clause, ResourceScope, Scope, ScopeSet } from './scopes/index.js'
