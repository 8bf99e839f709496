/**
 * A store in an SQLite file, through a connection that the host opened: `DatabaseSync` of `node:sqlite` (Node 22 and
 * later) or `Database` of `better-sqlite3`. Several processes may open the same file.
 *
 * Give the store a connection of its own. A read that the host has not finished on the same connection would show the
 * store an older state of the file.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Store, StoreError } from '../../../engine/ports.js'
import { messageOf } from '../../error-message.js'
import type { DurableStoreOptions, StoreRefusal } from '../durability.js'
import {
  checkedStoreOptions,
  freshVersion,
  refused,
  storeUnavailable,
  unstorable,
  unwritable,
  withoutAccepted,
  wrongSetting
} from '../durability.js'
import type { SqliteDatabase, SqliteStatement } from './sqlite-client.js'
import { sqliteErrorApplied } from './sqlite-client.js'
import { acceptableSqliteSettings, unsafeSqliteSettings } from './sqlite-settings.js'

/** The table of an SQLite store. `openSqliteStore` creates it when it is missing. */
export const sqliteMigration = `CREATE TABLE IF NOT EXISTS smart_record (
  key TEXT NOT NULL PRIMARY KEY COLLATE BINARY,
  version TEXT NOT NULL,
  text TEXT NOT NULL,
  expires_at REAL NOT NULL
) STRICT`

const loading = 'SELECT version, text FROM smart_record WHERE key = ? AND expires_at > ?'

const replacing =
  'UPDATE smart_record SET version = ?, text = ?, expires_at = ? ' +
  'WHERE key = ? AND ((version = ? AND expires_at > ?) OR version = ?)'

const creating =
  'INSERT INTO smart_record (key, version, text, expires_at) VALUES (?, ?, ?, ?) ON CONFLICT (key) DO UPDATE ' +
  'SET version = excluded.version, text = excluded.text, expires_at = excluded.expires_at ' +
  'WHERE smart_record.expires_at <= ? OR smart_record.version = excluded.version'

const inTransaction = storeUnavailable('no', 'the connection has an open transaction; give the store its own')

/** Whether the host has begun a transaction on the connection: the write would end with that transaction. */
const isInTransaction = (database: SqliteDatabase): boolean =>
  database.inTransaction === true || database.isTransaction === true

const failed = (error: unknown): StoreError => storeUnavailable(sqliteErrorApplied(error), messageOf(error))

const storeOn = (
  database: SqliteDatabase,
  [load, replace, create]: readonly [SqliteStatement, SqliteStatement, SqliteStatement],
  now: () => number
): Store => ({
  load: (key) => () => {
    const refusal = unstorable(key)
    if (refusal !== null) return Promise.resolve(Either.left(refusal))
    try {
      const row = load.get(key, now()) as { readonly version: string; readonly text: string } | null | undefined
      return Promise.resolve(
        Either.right(
          row === undefined || row === null ? Option.none : Option.some({ version: row.version, text: row.text })
        )
      )
    } catch (error) {
      return Promise.resolve(Either.left(storeUnavailable('no', messageOf(error))))
    }
  },
  swap: (key, expected, text, expiresAt) => () => {
    const refusal = isInTransaction(database) ? inTransaction : unwritable(key, text, expiresAt)
    if (refusal !== null) return Promise.resolve(Either.left(refusal))
    const version = freshVersion()
    try {
      const { changes } = Option.isNone(expected)
        ? create.run(key, version, text, expiresAt, now())
        : replace.run(version, text, expiresAt, key, expected.value, now(), version)
      return Promise.resolve(Either.right(Number(changes) === 1 ? 'won' : 'lost'))
    } catch (error) {
      return Promise.resolve(Either.left(failed(error)))
    }
  }
})

/**
 * Opens a store in an SQLite file. Before that, the host sets what is durable (`sqlitePragmas`):
 * `PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000`. A connection with unsafe settings
 * is refused, with the name of each: `file` (a database in memory), `journal_mode`, `synchronous`, `busy_timeout`,
 * `locking_mode`. With the option `timeoutMilliseconds`, the store sets `busy_timeout` itself.
 *
 * @example
 * ```ts no-run
 * import { DatabaseSync } from 'node:sqlite'
 * import { openSqliteStore, sqlitePragmas } from 'smart-app-launch/fp-ts/stores/sqlite'
 *
 * const database = new DatabaseSync('grants.db')
 * database.exec(sqlitePragmas)
 * const store = await openSqliteStore(database)()
 * ```
 */
export const openSqliteStore =
  (database: SqliteDatabase, options: DurableStoreOptions = {}): TaskEither.TaskEither<StoreRefusal, Store> =>
  // eslint-disable-next-line @typescript-eslint/require-await -- the connection is synchronous, the form is not
  async () => {
    const checked = checkedStoreOptions(options, acceptableSqliteSettings, [])
    if (Either.isLeft(checked)) return checked
    try {
      if (options.timeoutMilliseconds !== undefined)
        database.exec(`PRAGMA busy_timeout = ${String(checked.right.timeoutMilliseconds)}`)
      const unsafe = withoutAccepted(unsafeSqliteSettings(database), checked.right)
      if (unsafe.length > 0) return refused(unsafe)
      database.exec(sqliteMigration)
      const statements = [database.prepare(loading), database.prepare(replacing), database.prepare(creating)] as const
      return Either.right(storeOn(database, statements, () => checked.right.clock.now()))
    } catch (error) {
      const found = messageOf(error)
      return refused([wrongSetting('table', found, 'the table of `sqliteMigration`', 'nothing can be stored')])
    }
  }
