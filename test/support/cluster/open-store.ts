/**
 * The stores of a cluster, by address:
 *
 * - `reference+<form>://<host>:<port>`
 * - `sqlite:<file>`
 * - `redis+<client>://<host>:<port>`, the client being `redis` or `ioredis`
 * - `postgres+<client>://<user>@<host>:<port>/<database>`, the client being `pg` or `postgres`
 * - `etcd://<host>:<port>,<host>:<port>,...`
 *
 * The query may have `accept` (names for `acceptUnsafe`) and `acknowledgements` (of replicas of Redis).
 */
import { setTimeout as pause } from 'node:timers/promises'
import * as Either from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { ReferenceForm } from './reference-store.js'
import { referenceStore } from './reference-store.js'
import { sqliteClients } from '../engines/sqlite.js'
import type { StoreRefusal } from '../../../src/adapters/stores/durability.js'
import { openSqliteStore, sqlitePragmas } from '../../../src/adapters/stores/sqlite.js'
import type { Store } from '../../../src/engine/ports.js'

/** How long one operation may take, in milliseconds. */
const timeoutMilliseconds = 1500

/** How often an engine that starts looks for its store, while nothing but the connection is missing. */
const mostTries = 100

/** Opens a store; while it cannot be reached, it is opened again. Unsafe settings are an error. */
const opened = async (open: () => TaskEither<StoreRefusal, Store>): Promise<Store> => {
  for (let tried = 0; ; tried++) {
    const store = await open()()
    if (Either.isRight(store)) return store.right
    const isUnsafe = store.left.settings.some(({ isAcceptable }) => isAcceptable)
    if (isUnsafe || tried >= mostTries) {
      const settings = store.left.settings.map(({ setting, found }) => `${setting} = ${found}`)
      throw new Error(`the store was refused: ${settings.join(', ')}`)
    }
    await pause(100)
  }
}

const openSqlite = (file: string): Promise<Store> => {
  const client = sqliteClients().find(({ missing }) => missing === null)
  if (client === undefined) throw new Error('no client of SQLite')
  const database = client.connect(file)
  database.exec(sqlitePragmas)
  return opened(() => openSqliteStore(database))
}

/** Opens the store that an address names. */
export const openClusterStore = async (address: string): Promise<Store> => {
  const [, form, rest = ''] = /^reference\+(\w+):\/\/(.*)$/.exec(address) ?? []
  if (form !== undefined) return referenceStore(form as ReferenceForm, `http://${rest}`)
  if (address.startsWith('sqlite:')) return openSqlite(address.slice('sqlite:'.length))
  throw new Error(`no store is known by ${address}`)
}
