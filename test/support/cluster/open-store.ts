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
import { Pool } from 'pg'
import postgres from 'postgres'
import type { ReferenceForm } from './reference-store.js'
import { referenceStore } from './reference-store.js'
import { redisClients } from '../engines/redis.js'
import { sqliteClients } from '../engines/sqlite.js'
import type { StoreRefusal } from '../../../src/adapters/stores/durability.js'
import { openEtcdStore } from '../../../src/adapters/stores/etcd.js'
import { openPostgresStore } from '../../../src/adapters/stores/postgres.js'
import { openRedisStore } from '../../../src/adapters/stores/redis.js'
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

const acceptedIn = (url: URL): ReadonlyArray<string> =>
  (url.searchParams.get('accept') ?? '').split(',').filter(Boolean)

const ignore = (): void => undefined

const openPostgres = (url: URL): Promise<Store> => {
  const where = {
    host: url.hostname,
    port: Number(url.port),
    database: url.pathname.slice(1)
  }
  const options = { timeoutMilliseconds, acceptUnsafe: acceptedIn(url) }
  if (url.protocol === 'postgres+pg:') {
    const pool = new Pool({ ...where, user: url.username, max: 8, connectionTimeoutMillis: timeoutMilliseconds })
    pool.on('error', ignore)
    return opened(() => openPostgresStore(pool, options))
  }
  const sql = postgres({ ...where, username: url.username, max: 8, connect_timeout: 2, onnotice: ignore })
  return opened(() => openPostgresStore(sql, options))
}

const openRedis = async (url: URL): Promise<Store> => {
  const [, name] = url.protocol.slice(0, -1).split('+')
  const clients = redisClients.find((one) => one.name === name)
  if (clients === undefined) throw new Error(`no client of Redis is called ${String(name)}`)
  const { client } = await clients.connect({ host: url.hostname, port: Number(url.port) })
  const acknowledgements = Number(url.searchParams.get('acknowledgements') ?? 0)
  const options = {
    timeoutMilliseconds,
    acceptUnsafe: acceptedIn(url),
    ...(acknowledgements === 0 ? {} : { replicas: { acknowledgements, timeoutMilliseconds: 500 } })
  }
  return opened(() => openRedisStore(client, options))
}

const openEtcd = (members: string): Promise<Store> => {
  const endpoints = members.split(',').map((member) => `http://${member}`)
  return opened(() => openEtcdStore({ endpoints }, { timeoutMilliseconds }))
}

/** Opens the store that an address names. */
export const openClusterStore = async (address: string): Promise<Store> => {
  const [, form, rest = ''] = /^reference\+(\w+):\/\/(.*)$/.exec(address) ?? []
  if (form !== undefined) return referenceStore(form as ReferenceForm, `http://${rest}`)
  if (address.startsWith('sqlite:')) return openSqlite(address.slice('sqlite:'.length))
  if (/^postgres\+(?:pg|postgres):/.test(address)) return openPostgres(new URL(address))
  if (/^redis\+(?:redis|ioredis):/.test(address)) return openRedis(new URL(address))
  if (address.startsWith('etcd://')) return openEtcd(address.slice('etcd://'.length))
  throw new Error(`no store is known by ${address}`)
}
