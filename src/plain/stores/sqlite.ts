/**
 * A store in an SQLite file: for one machine, with one process or several. It outlives the process.
 *
 * @module stores/sqlite
 */
import type { SqliteDatabase } from '../../adapters/stores/sqlite/sqlite-client.js'
import { openSqliteStore as openEngineStore } from '../../adapters/stores/sqlite/sqlite-store.js'
import { functionsIn } from '../arguments.js'
import type { PlainStore } from '../ports.js'
import type { PlainDurableStoreOptions } from './opened-store.js'
import { engineStoreOptions, openedStore } from './opened-store.js'

export type { SqliteDatabase, SqliteStatement, SqliteValue } from '../../adapters/stores/sqlite/sqlite-client.js'
export { sqlitePragmas } from '../../adapters/stores/sqlite/sqlite-settings.js'
export { sqliteMigration } from '../../adapters/stores/sqlite/sqlite-store.js'
export type { PlainDurableStoreOptions } from './opened-store.js'

/**
 * Opens a store in an SQLite file, on a connection of its own: `DatabaseSync` of `node:sqlite` or `Database` of
 * `better-sqlite3`. `sqlitePragmas` makes the connection durable; without it, the promise is rejected with a
 * `SmartConfigurationError` that names each unsafe setting (`file`, `journal_mode`, `synchronous`, `busy_timeout`,
 * `locking_mode`, `query_only`). The table is created when it is missing.
 *
 * With `timeoutMilliseconds`, the store sets `busy_timeout`, the longest wait for the write of another process.
 *
 * @example
 * ```ts no-run
 * import { DatabaseSync } from 'node:sqlite'
 * import { openSqliteStore, sqlitePragmas } from 'smart-app-launch/stores/sqlite'
 *
 * const database = new DatabaseSync('grants.db')
 * database.exec(sqlitePragmas)
 * const store = await openSqliteStore(database)
 * await store.swap('a', null, '"first"', Math.floor(Date.now() / 1000) + 60) // => 'won'
 * ```
 */
export const openSqliteStore = async (
  database: SqliteDatabase,
  options: PlainDurableStoreOptions = {}
): Promise<PlainStore> => {
  functionsIn('openSqliteStore', 'database', 'an open database with prepare and exec', ['prepare', 'exec'], database)
  return openedStore('openSqliteStore', openEngineStore(database, engineStoreOptions(options)))
}
