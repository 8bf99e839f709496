/**
 * `load` and `swap` of each store over the bare statement on the same client. An engine that is not there is said and
 * left out.
 */
import { Pool } from 'pg'
import postgres from 'postgres'
import type { PlainStore } from '../../src/plain/ports.js'
import type { PostgresClient } from '../../src/plain/stores/postgres.js'
import { openPostgresStore, postgresMigration } from '../../src/plain/stores/postgres.js'
import { openSqliteStore, sqlitePragmas } from '../../src/plain/stores/sqlite.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'
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
      rows: await rowsOf(name, store, bareOn(send), 100),
      stop: async () => {
        await end()
        await server.stop()
      }
    }
  }
})

const address = { host: '127.0.0.1', user: 'postgres', database: 'postgres', max: 1 }

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
  ...sqliteClients().map(
    ({ name, missing, connect }): MeasuredEngine => ({
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
          rows: await rowsOf(`SQLite through ${name}`, store, bare, 300),
          stop: () => {
            database.close()
            remove()
            return Promise.resolve()
          }
        }
      }
    })
  )
]
