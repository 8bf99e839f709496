/**
 * The settings of a connection to SQLite that decide whether an acknowledged write outlives the process and the power.
 *
 * @module
 */
import type { SettingText, UnsafeSetting } from '../durability.js'
import type { SqliteDatabase } from './sqlite-client.js'

/** What a host sets on a connection before the store is opened. */
export const sqlitePragmas = 'PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA busy_timeout = 5000'

interface SettingCheck {
  readonly setting: string
  readonly required: string
  readonly risk: string
  /** The statement whose first row tells the value, and the name of its column. */
  readonly sql: string
  readonly column: string
  readonly isSafe: (value: string) => boolean
  /** The value in words. */
  readonly shown?: (value: string) => string
}

const synchronousNames = ['OFF', 'NORMAL', 'FULL', 'EXTRA']

const checks: ReadonlyArray<SettingCheck> = [
  {
    setting: 'file',
    required: 'a file',
    risk: 'every record is lost when the process ends, and no other process sees it',
    sql: 'PRAGMA database_list',
    column: 'file',
    isSafe: (value) => value !== '',
    shown: (value) => (value === '' ? ':memory:' : value)
  },
  {
    setting: 'journal_mode',
    required: 'wal',
    risk: 'readers and writers block each other, and a commit can be lost when the power fails',
    sql: 'PRAGMA journal_mode',
    column: 'journal_mode',
    isSafe: (value) => value === 'wal'
  },
  {
    setting: 'synchronous',
    required: 'FULL or EXTRA',
    risk: 'the last acknowledged writes are lost when the power fails: a code could be redeemed again',
    sql: 'PRAGMA synchronous',
    column: 'synchronous',
    isSafe: (value) => value === '2' || value === '3',
    shown: (value) => synchronousNames[Number(value)] ?? value
  },
  {
    setting: 'busy_timeout',
    required: 'more than 0 milliseconds, such as 5000',
    risk: 'a write fails at once when another process is writing',
    sql: 'PRAGMA busy_timeout',
    column: 'timeout',
    isSafe: (value) => Number(value) > 0
  },
  {
    setting: 'locking_mode',
    required: 'normal',
    risk: 'no other process can use the file',
    sql: 'PRAGMA locking_mode',
    column: 'locking_mode',
    isSafe: (value) => value === 'normal'
  },
  {
    setting: 'query_only',
    required: '0',
    risk: 'nothing can be stored',
    sql: 'PRAGMA query_only',
    column: 'query_only',
    isSafe: (value) => value === '0'
  }
]

/** The settings that are checked. */
export const sqliteSettingTexts: ReadonlyArray<SettingText> = checks.map((rule) => ({ ...rule, isAcceptable: true }))

/** The settings that `acceptUnsafe` may name. */
export const acceptableSqliteSettings: ReadonlyArray<string> = checks.map(({ setting }) => setting)

/** The unsafe settings of a connection. */
export const unsafeSqliteSettings = (database: SqliteDatabase): ReadonlyArray<UnsafeSetting> =>
  checks.flatMap(({ setting, required, risk, sql, column, isSafe, shown }) => {
    const row = database.prepare(sql).get() as Readonly<Record<string, unknown>> | undefined
    const value = String((row?.[column] as string | number | bigint | null | undefined) ?? '')
    // A database in memory has the journal mode `memory`, and that is no second complaint.
    return isSafe(value) ? [] : [{ setting, found: shown?.(value) ?? value, required, risk, isAcceptable: true }]
  })
