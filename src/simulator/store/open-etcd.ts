/** Opens a store in etcd, over the HTTP gateway of its members. */
import * as Either from 'fp-ts/lib/Either.js'
import type { StoreComplaint, StoreConnection } from './opened-store.js'
import { acceptedInAddress, refusedSettings } from './opened-store.js'
import type { EtcdAddress } from '../config/store-address.js'
import { openEtcdStore } from '../../adapters/stores/etcd.js'

/** Opens the store of a cluster. */
export const openEtcd = async ({
  endpoints,
  acceptUnsafe
}: EtcdAddress): Promise<Either.Either<StoreComplaint, StoreConnection>> => {
  const store = await openEtcdStore({ endpoints }, { acceptUnsafe })()
  return Either.isRight(store)
    ? Either.right({ store: store.right, close: () => Promise.resolve() })
    : Either.left(refusedSettings(store.left, acceptedInAddress))
}
