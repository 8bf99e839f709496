/** Opens the store of the configuration. A store that cannot be used is an error of the configuration, in one line. */
import * as Either from 'fp-ts/lib/Either.js'
import type { ImportPackage } from './client-package.js'
import { openPostgres } from './open-postgres.js'
import { openEtcd } from './open-etcd.js'
import { openRedis } from './open-redis.js'
import { openSqlite } from './open-sqlite.js'
import type { OpenedStore, StoreComplaint, StoreConnection } from './opened-store.js'
import type { ConfigError } from '../config/file-types.js'
import type { StoreAddress } from '../config/store-address.js'
import { storeInWords } from '../config/store-address.js'
import { shown } from '../../values/shown-text.js'
import { limits } from '../../values/limits/limits.js'

const openedAt = (
  address: StoreAddress,
  importPackage?: ImportPackage
): Promise<Either.Either<StoreComplaint, StoreConnection>> => {
  switch (address._tag) {
    case 'Memory':
      return Promise.resolve(Either.right({ store: null, close: () => Promise.resolve() }))
    case 'Sqlite':
      return openSqlite(address, importPackage)
    case 'Postgres':
      return openPostgres(address, importPackage)
    case 'Redis':
      return openRedis(address, importPackage)
    case 'Etcd':
      return openEtcd(address)
  }
}

/** A message of a client: its first line, without passwords of the address. */
const cleaned = (message: string, address: StoreAddress): string => {
  const [line = ''] = message.split('\n')
  const secrets = 'secrets' in address ? address.secrets : []
  return shown(
    secrets.reduce((text, secret) => text.replaceAll(secret, '...'), line),
    limits.shownDetail.default
  )
}

/** The error of a store that cannot be used. Its path is `store`. */
const errorOf = (address: StoreAddress, { expected, because }: StoreComplaint): ConfigError => {
  const reason = because === null || because === '' ? '' : ` (${cleaned(because, address)})`
  return { path: 'store', expected, found: `${storeInWords(address)}${reason}` }
}

/**
 * Opens the store at an address; without one, everything is kept in the memory of the process. `importPackage` loads
 * the client of the database.
 */
export const openStore = async (
  address: StoreAddress,
  importPackage?: ImportPackage
): Promise<Either.Either<ConfigError, OpenedStore>> => {
  const opened = await openedAt(address, importPackage)
  return Either.isRight(opened)
    ? Either.right({ ...opened.right, inWords: storeInWords(address) })
    : Either.left(errorOf(address, opened.left))
}
