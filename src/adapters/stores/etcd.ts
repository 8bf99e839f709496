/**
 * A store in etcd: for many processes, replicated with consensus.
 *
 * @module fp-ts/stores/etcd
 */
export type { DurableStoreOptions, StoreRefusal, UnsafeSetting } from './durability.js'
export type { EtcdClient, EtcdHeaders } from './etcd/etcd-gateway.js'
export type { EtcdStoreOptions } from './etcd/open-etcd-store.js'
export { openEtcdStore } from './etcd/open-etcd-store.js'
