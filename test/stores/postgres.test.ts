/** The PostgreSQL store keeps the contract of a store, on each client, and names every unsafe setting. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Pool } from 'pg'
import postgres from 'postgres'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlainStore } from '../../src/plain/ports.js'
import type { PlainPostgresStoreOptions, PostgresClient } from '../../src/plain/stores/postgres.js'
import { openPostgresStore, postgresMigration } from '../../src/plain/stores/postgres.js'
import type { ServerAddress, StoreTarget } from '../../src/testing.js'
import { storeContract } from '../../src/testing.js'
import { describeEngine } from '../support/engines/engine.js'
import type { PostgresServer } from '../support/engines/postgres.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'

interface Connected {
  readonly client: PostgresClient
  readonly end: () => Promise<void>
}

type Connecting = (address: ServerAddress, role?: string) => Connected

const withPg: Connecting = ({ host, port }, user = 'postgres') => {
  const pool = new Pool({ host, port, user, database: 'postgres', max: 4 })
  pool.on('error', () => undefined)
  return { client: pool, end: () => pool.end() }
}

const withPostgres: Connecting = ({ host, port }, user = 'postgres') => {
  const sql = postgres({ host, port, user, database: 'postgres', max: 4, onnotice: () => undefined })
  return { client: sql, end: () => sql.end({ timeout: 1 }) }
}

let server: PostgresServer
const admin = async (text: string): Promise<void> => {
  const pool = new Pool({ ...server, max: 1 })
  try {
    await pool.query(text)
  } finally {
    await pool.end()
  }
}

/** Delivers every statement twice, and gives the second answer. */
const twice = (client: PostgresClient): PostgresClient =>
  'unsafe' in client
    ? {
        unsafe: async (...call) => {
          await client.unsafe(...call)
          return client.unsafe(...call)
        }
      }
    : {
        query: async (statement) => {
          await client.query(statement)
          return client.query(statement)
        }
      }

const roles: ReadonlyArray<readonly [name: string, role: string, sql: string]> = [
  ['synchronous_commit', 'r_commit', 'ALTER ROLE r_commit SET synchronous_commit = off'],
  ['default_transaction_read_only', 'r_only', 'ALTER ROLE r_only SET default_transaction_read_only = on'],
  ['smart_record', 'r_table', 'ALTER ROLE r_table SET search_path = pg_catalog'],
  ['privileges', 'r_rights', 'REVOKE ALL ON smart_record FROM r_rights'],
  [
    'unlogged',
    'r_unlogged',
    `CREATE SCHEMA u; CREATE UNLOGGED TABLE u.smart_record (LIKE public.smart_record INCLUDING ALL);
     ALTER SCHEMA u OWNER TO r_unlogged; ALTER TABLE u.smart_record OWNER TO r_unlogged;
     ALTER ROLE r_unlogged SET search_path = u`
  ]
]

const targetOf = (connecting: Connecting, preparedStatements: boolean): StoreTarget => {
  const ends = new WeakMap<PlainStore, () => Promise<void>>()
  const open = async (
    address: ServerAddress,
    options: PlainPostgresStoreOptions,
    change: (client: PostgresClient) => PostgresClient = (client) => client,
    role?: string
  ): Promise<PlainStore> => {
    const { client, end } = connecting(address, role)
    try {
      const store = await openPostgresStore(change(client), { ...options, preparedStatements })
      ends.set(store, end)
      return store
    } catch (error) {
      await end()
      throw error
    }
  }
  return {
    open: (options) => open(server, options),
    close: (store) => ends.get(store)?.(),
    address: () => server,
    throughProxy: (address, options) => open(address, options),
    deliveringTwice: (options) => open(server, options, twice),
    unsafe: roles.map(([name, role]) => ({ name, open: () => open(server, {}, undefined, role) }))
  }
}

describeEngine('PostgreSQL', missingPostgres(), () => {
  beforeAll(async () => {
    server = await startPostgres()
    await admin(postgresMigration)
    for (const [, role, sql] of roles) {
      await admin(`CREATE ROLE ${role} LOGIN; GRANT ALL ON smart_record TO ${role}`)
      await admin(sql)
    }
  })
  afterAll(() => server.stop())

  describe.each([
    ['pg', withPg, false],
    ['pg with prepared statements', withPg, true],
    ['postgres', withPostgres, false],
    ['postgres with prepared statements', withPostgres, true]
  ] as const)('%s', (_name, connecting, isPrepared) => {
    for (const { title, run } of storeContract(targetOf(connecting, isPrepared))) it(title, run)
  })

  it('is the migration of docs/migrations/postgres.sql, and may be run again', async () => {
    const file = join(import.meta.dirname, '..', '..', 'docs', 'migrations', 'postgres.sql')
    expect(readFileSync(file, 'utf8')).toContain(postgresMigration)
    await admin(readFileSync(file, 'utf8'))
  })
})
