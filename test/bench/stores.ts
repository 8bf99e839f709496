/**
 * `load` and `swap` of each store over the bare statement on the same client. An engine that is not there is said and
 * left out.
 */
import { Pool } from 'pg'
import postgres from 'postgres'
import type { PlainStore } from '../../src/plain/ports.js'
import type { PostgresClient } from '../../src/plain/stores/postgres.js'
import { openPostgresStore, postgresMigration } from '../../src/plain/stores/postgres.js'
import { openEtcdStore } from '../../src/plain/stores/etcd.js'
import { openRedisStore } from '../../src/plain/stores/redis.js'
import { swapScript } from '../../src/adapters/stores/redis/redis-script.js'
import { frameRecord } from '../../src/adapters/stores/framed-record.js'
import { openSqliteStore, sqlitePragmas } from '../../src/plain/stores/sqlite.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'
import { etcdMissing, startEtcd } from '../support/engines/etcd.js'
import { freePort } from '../support/engines/ports.js'
import { redisClients, redisMissing, startRedis } from '../support/engines/redis.js'
import { sqliteClients, temporaryFolder } from '../support/engines/sqlite.js'
import type { Row } from './harness.js'

/** The most that a store may cost over the bare statement. */
export const storeTarget = 1.15

/** An engine whose rows are measured. */
export interface MeasuredEngine {
  readonly name: string
  readonly missing: string | null
  readonly start: () => Promise<{ readonly rows: ReadonlyArray<Row>; readonly stop: () => Promise<void> }>
}

/** About the size of the record of a grant. */
const text = JSON.stringify({ grant: 'x'.repeat(1000) })

const until = Math.floor(Date.now() / 1000) + 86_400

/** The statements of a store, without the store. */
interface Bare {
  readonly load: (key: string) => Promise<unknown>
  /** Replaces the record; gives the new version. */
  readonly swap: (key: string, version: string) => Promise<string>
}

const rowsOf = async (name: string, store: PlainStore, bare: Bare, jobs: number): Promise<ReadonlyArray<Row>> => {
  for (const key of ['bare', 'store']) await store.swap(key, null, text, until)
  let version = (await store.load('bare'))?.version ?? ''
  let expected = ''
  return [
    {
      title: `${name}: load`,
      jobsPerRound: jobs,
      opponents: [
        { name: 'the bare statement', job: () => bare.load('store') },
        { name: 'the store', job: async () => store.load('store') }
      ]
    },
    {
      title: `${name}: load and swap`,
      jobsPerRound: jobs,
      opponents: [
        {
          name: 'the bare statements',
          job: async () => {
            await bare.load('bare')
            version = await bare.swap('bare', version)
          }
        },
        {
          name: 'the store',
          job: async () => {
            expected = (await store.load('store'))?.version ?? expected
            await store.swap('store', expected, text, until)
          }
        }
      ]
    }
  ]
}

const loading = 'SELECT version, text FROM smart_record WHERE key = $1 AND expires_at > $2'
const replacing =
  'UPDATE smart_record SET version = $2, text = $3, expires_at = $4 WHERE key = $1 AND version = $5 AND expires_at > $6'

const seconds = (): number => Math.floor(Date.now() / 1000)

type Send = (sql: string, values: Array<string | number>) => Promise<unknown>

const bareOn = (send: Send): Bare => ({
  load: (key) => send(loading, [key, seconds()]),
  swap: async (key, version) => {
    const next = crypto.randomUUID()
    await send(replacing, [key, next, text, until, version, seconds()])
    return next
  }
})

const postgresEngine = (
  name: string,
  connect: (port: number) => { client: PostgresClient; send: Send; end: () => Promise<void> }
): MeasuredEngine => ({
  name,
  missing: missingPostgres(),
  start: async () => {
    const server = await startPostgres()
    const { client, send, end } = connect(server.port)
    await send(postgresMigration, [])
    const store = await openPostgresStore(client)
    return {
      rows: await rowsOf(name, store, bareOn(send), 20),
      stop: async () => {
        await end()
        await server.stop()
      }
    }
  }
})

const address = { host: '127.0.0.1', user: 'postgres', database: 'postgres', max: 1 }

const framed = (version: string): string => frameRecord({ version, expiresAt: until, text })

/** The time of the disk would hide the difference: this server keeps nothing on disk. */
const redisEngine = ({ name, connect }: (typeof redisClients)[number]): MeasuredEngine => ({
  name: `Redis through ${name}`,
  missing: redisMissing,
  start: async () => {
    const server = await startRedis({ appendonly: 'no' })
    const { client, close } = await connect(server)
    const send = async (...args: Array<string>): Promise<unknown> => {
      const [command = '', ...others] = args
      if ('call' in client) return client.call(command, others)
      return 'masters' in client ? null : client.sendCommand(args)
    }
    const store = await openRedisStore(client, { prefix: '', acceptUnsafe: ['appendonly'] })
    const digest = String(await send('SCRIPT', 'LOAD', swapScript))
    const now = String(seconds()).padStart(16, '0')
    const bare: Bare = {
      load: (key) => send('GETEX', key),
      swap: async (key, version) => {
        const next = crypto.randomUUID()
        await send('EVALSHA', digest, '1', key, version, next, now, framed(next), '90000')
        return next
      }
    }
    return {
      rows: await rowsOf(`Redis through ${name}`, store, bare, 300),
      stop: async () => {
        close()
        await server.remove()
      }
    }
  }
})

const etcdEngine: MeasuredEngine = {
  name: 'etcd',
  missing: etcdMissing,
  start: async () => {
    const [member] = await startEtcd([await freePort()])
    if (member === undefined) throw new Error('no member')
    const send = async (path: string, body: object): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(member.endpoint + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return response.json()
    }
    const { ID } = (await send('/v3/lease/grant', { TTL: '90000' })) as { readonly ID: string }
    const store = await openEtcdStore({ endpoints: [member.endpoint] }, { prefix: '' })
    const revisionOf = (answer: unknown): string =>
      (answer as { readonly header: { readonly revision: string } }).header.revision
    const bare: Bare = {
      load: (key) => send('/v3/kv/range', { key: btoa(key) }),
      swap: async (name, version) => {
        const key = btoa(name)
        const [revision = ''] = version.split('.')
        return revisionOf(
          await send('/v3/kv/txn', {
            compare: [{ key, target: 'MOD', result: 'EQUAL', mod_revision: revision }],
            success: [{ request_put: { key, value: btoa(framed(crypto.randomUUID())), lease: ID } }],
            failure: [{ request_range: { key } }]
          })
        )
      }
    }
    return { rows: await rowsOf('etcd', store, bare, 100), stop: () => member.remove() }
  }
}

/** The engines, in the order in which they are measured. */
export const measuredEngines = (): ReadonlyArray<MeasuredEngine> => [
  postgresEngine('PostgreSQL through pg', (port) => {
    const pool = new Pool({ ...address, port })
    return { client: pool, send: (sql, values) => pool.query(sql, values), end: () => pool.end() }
  }),
  postgresEngine('PostgreSQL through postgres', (port) => {
    const sql = postgres({ ...address, port })
    return {
      client: sql,
      send: async (statement, values) => sql.unsafe(statement, values),
      end: () => sql.end({ timeout: 1 })
    }
  }),
  ...redisClients.map(redisEngine),
  etcdEngine,
  ...sqliteClients().map(({ name, missing, connect }): MeasuredEngine => ({
    name: `SQLite through ${name}`,
    missing,
    start: async () => {
      const { folder, remove } = temporaryFolder()
      const database = connect(`${folder}/bench.db`)
      database.exec(sqlitePragmas)
      const store = await openSqliteStore(database)
      const load = database.prepare(loading.replaceAll(/\$\d/g, '?'))
      const swap = database.prepare(
        'UPDATE smart_record SET version = ?, text = ?, expires_at = ? WHERE key = ? AND version = ? AND expires_at > ?'
      )
      const bare: Bare = {
        load: (key) => Promise.resolve(load.get(key, seconds())),
        swap: (key, version) => {
          const next = crypto.randomUUID()
          swap.run(next, text, until, key, version, seconds())
          return Promise.resolve(next)
        }
      }
      return {
        rows: await rowsOf(`SQLite through ${name}`, store, bare, 60),
        stop: () => {
          database.close()
          remove()
          return Promise.resolve()
        }
      }
    }
  }))
]
