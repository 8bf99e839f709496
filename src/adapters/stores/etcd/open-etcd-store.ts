/**
 * Opens a store in etcd after its settings were checked.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Store } from '../../../engine/ports.js'
import { limits } from '../../../values/limits/limits.js'
import { ownMembers } from '../../../values/own.js'
import type { DurableStoreOptions, StoreRefusal } from '../durability.js'
import { checkedStoreOptions, refused, withoutAccepted, wrongSetting } from '../durability.js'
import { watchedStore } from '../settings-watch.js'
import type { EtcdClient } from './etcd-gateway.js'
import { etcdPost } from './etcd-gateway.js'
import { etcdLeases } from './etcd-leases.js'
import { etcdSettingNames, unsafeEtcdSettings } from './etcd-settings.js'
import { etcdStore } from './etcd-store.js'

/** The options of a store in etcd. */
export interface EtcdStoreOptions extends DurableStoreOptions {
  /** What stands before each key in etcd. Default: `smart/`. */
  readonly prefix?: string
}

const isHttpUrl = (text: unknown): boolean => typeof text === 'string' && /^https?:\/\/[^\s/?#]+\/?$/.test(text)

/**
 * Opens a store in etcd 3.4 or later, over the HTTP gateway of its members. Left with everything that is unsafe and
 * that `acceptUnsafe` does not name.
 */
export const openEtcdStore =
  (client: EtcdClient, options: EtcdStoreOptions = {}): TaskEither<StoreRefusal, Store> =>
  async () => {
    const checked = checkedStoreOptions(options, etcdSettingNames, ['prefix'])
    if (Either.isLeft(checked)) return checked
    const { prefix = 'smart/' } = ownMembers(options)
    if (typeof prefix !== 'string' || !prefix.isWellFormed())
      return refused([wrongSetting('prefix', typeof prefix, 'a text', 'the option would have no effect')])
    const own = ownMembers(client)
    if (!Array.isArray(own.endpoints) || own.endpoints.length === 0 || !own.endpoints.every(isHttpUrl)) {
      const required = 'a list of http or https URLs without path'
      return refused([wrongSetting('endpoints', JSON.stringify(own.endpoints), required, 'etcd cannot be reached')])
    }
    const { clock, timeoutMilliseconds } = checked.right
    const look = async () =>
      withoutAccepted(await unsafeEtcdSettings(own, prefix, AbortSignal.timeout(timeoutMilliseconds)), checked.right)
    const found = await look()
    if (found.length > 0) return refused(found)
    const post = etcdPost(own)
    const leases = etcdLeases(post, clock, timeoutMilliseconds)
    return Either.right(
      watchedStore(etcdStore({ post, leases, clock, prefix, timeoutMilliseconds }), {
        clock,
        seconds: limits.storeSettingsAge.default,
        look: async () => {
          const unsafe = await look()
          // A cluster that does not answer says nothing about its settings.
          if (unsafe.some(({ isAcceptable }) => !isAcceptable)) throw new Error('the settings cannot be read')
          return unsafe.length === 0
        }
      })
    )
  }
