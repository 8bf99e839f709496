/**
 * A store in an SQLite file: for one machine, with one process or several. It outlives the process.
 *
 * @module fp-ts/stores/sqlite
 */
export type { DurableStoreOptions, StoreRefusal, UnsafeSetting } from './durability.js'
export type { SqliteDatabase, SqliteStatement, SqliteValue } from './sqlite/sqlite-client.js'
export { sqlitePragmas } from './sqlite/sqlite-settings.js'
export { openSqliteStore, sqliteMigration } from './sqlite/sqlite-store.js'
