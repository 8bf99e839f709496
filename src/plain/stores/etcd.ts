/**
 * A store in etcd: for many processes, replicated with consensus.
 *
 * @module stores/etcd
 */
import type { EtcdClient } from '../../adapters/stores/etcd/etcd-gateway.js'
import type { EtcdStoreOptions } from '../../adapters/stores/etcd/open-etcd-store.js'
import { openEtcdStore as openEngineStore } from '../../adapters/stores/etcd/open-etcd-store.js'
import { isObject } from '../../values/object.js'
import { argumentIn } from '../arguments.js'
import type { PlainStore } from '../ports.js'
import type { PlainDurableStoreOptions } from './opened-store.js'
import { engineStoreOptions, openedStore } from './opened-store.js'

export type { EtcdClient, EtcdHeaders } from '../../adapters/stores/etcd/etcd-gateway.js'
export type { PlainDurableStoreOptions } from './opened-store.js'

/** The options of a store in etcd. */
export interface PlainEtcdStoreOptions extends PlainDurableStoreOptions, Pick<EtcdStoreOptions, 'prefix'> {}

/**
 * Opens a store in etcd 3.4 or later, over the HTTP gateway of its members. The promise is rejected with a
 * `SmartConfigurationError` that names what is unsafe: `alarms`, `unsafe-no-fsync` (from the metrics), and
 * `metrics-unreadable`.
 *
 * @example
 * ```ts no-run
 * import { openEtcdStore } from 'smart-app-launch/stores/etcd'
 *
 * const store = await openEtcdStore({ endpoints: ['http://127.0.0.1:2379'] })
 * await store.swap('a', null, '"first"', Math.floor(Date.now() / 1000) + 60) // => 'won'
 * ```
 */
export const openEtcdStore = async (client: EtcdClient, options: PlainEtcdStoreOptions = {}): Promise<PlainStore> => {
  argumentIn('openEtcdStore', 'client', 'an object such as { endpoints }', isObject, client)
  return openedStore('openEtcdStore', openEngineStore(client, engineStoreOptions(options)))
}
