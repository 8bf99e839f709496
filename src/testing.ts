/**
 * For tests of users: fast-check arbitraries for code that handles scopes, and the contract of a store. Needs
 * `fast-check`, an optional peer dependency.
 *
 * @module testing
 */
export {
  accesses,
  clauses,
  faultyScopes,
  narrowerThan,
  resourceScopes,
  scopes,
  scopeSets,
  widerThan
} from './testing/arbitraries.js'
export { storeContract } from './testing/store-contract/contract.js'
export { faultProxy } from './testing/store-contract/fault-proxy.js'
export type { Fault, FaultProxy, ServerAddress } from './testing/store-contract/fault-proxy.js'
export type {
  ContractOptions,
  ProxiedOptions,
  StoreCheck,
  StoreTarget,
  UnsafeTarget
} from './testing/store-contract/target.js'
export type { Access, Clause, MalformedScope, ResourceScope, Scope, ScopeSet } from './scopes/index.js'
