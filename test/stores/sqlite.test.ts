/** The SQLite store keeps the contract of a store, on each client. */
import { join } from 'node:path'
import { afterAll, describe, it } from 'vitest'
import type { PlainStore } from '../../src/plain/ports.js'
import { openSqliteStore, sqlitePragmas } from '../../src/plain/stores/sqlite.js'
import type { ContractOptions, StoreTarget } from '../../src/testing.js'
import { storeContract } from '../../src/testing.js'
import { describeEngine } from '../support/engines/engine.js'
import type { SqliteClient, SqliteConnection } from '../support/engines/sqlite.js'
import { sqliteClients, temporaryFolder } from '../support/engines/sqlite.js'

const { folder, remove } = temporaryFolder()
afterAll(remove)

const withPragmas = (client: SqliteClient, file: string, ...pragmas: ReadonlyArray<string>): SqliteConnection => {
  const database = client.connect(file)
  for (const pragma of [sqlitePragmas, ...pragmas.map((one) => `PRAGMA ${one}`)]) database.exec(pragma)
  return database
}

const targetOf = (client: SqliteClient): StoreTarget => {
  const file = join(folder, `${client.name.replace(':', '-')}.db`)
  const connections = new WeakMap<PlainStore, SqliteConnection>()
  const openOn = async (database: SqliteConnection, options: Partial<ContractOptions>): Promise<PlainStore> => {
    const store = await openSqliteStore(database, options)
    connections.set(store, database)
    return store
  }
  const unsafe = (name: string, pragma: string) => ({
    name,
    open: () => openOn(withPragmas(client, join(folder, `${name}.db`), pragma), {})
  })
  return {
    open: (options) => openOn(withPragmas(client, file), options),
    close: (store) => connections.get(store)?.close(),
    deliveringTwice: (options) => {
      const database = withPragmas(client, file)
      const prepare = (sql: string) => {
        const statement = database.prepare(sql)
        return {
          get: (...values: Parameters<typeof statement.get>) => statement.get(...values) && statement.get(...values),
          run: (...values: Parameters<typeof statement.run>) => {
            statement.run(...values)
            return statement.run(...values)
          }
        }
      }
      return openSqliteStore({ exec: (sql) => database.exec(sql), prepare }, options)
    },
    unsafe: [
      { name: 'file', open: () => openOn(withPragmas(client, ':memory:'), {}) },
      unsafe('journal_mode', 'journal_mode = DELETE'),
      unsafe('synchronous', 'synchronous = NORMAL'),
      unsafe('synchronous', 'synchronous = OFF'),
      unsafe('busy_timeout', 'busy_timeout = 0'),
      unsafe('locking_mode', 'locking_mode = EXCLUSIVE'),
      unsafe('query_only', 'query_only = ON')
    ]
  }
}

describe.each(sqliteClients())('$name', (client) => {
  const suite = (): void => {
    for (const { title, run } of storeContract(targetOf(client))) it(title, run)
  }
  describeEngine(client.name, client.missing, suite, client.isRequired)
})
