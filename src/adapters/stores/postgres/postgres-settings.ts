/**
 * The settings of PostgreSQL that decide whether an acknowledged write outlives the process, the power and a failover.
 *
 * @module
 */
import type { SettingText, UnsafeSetting } from '../durability.js'
import type { PostgresRow, PostgresStatement } from './postgres-client.js'

/** Asks for everything that the checks below look at, in one row of texts. */
export const askingForSettings: PostgresStatement = {
  name: 'smart_settings',
  text: `SELECT
  pg_is_in_recovery()::text AS recovery,
  current_setting('fsync', true) AS fsync,
  current_setting('full_page_writes', true) AS pages,
  current_setting('synchronous_commit', true) AS commit,
  coalesce(current_setting('synchronous_standby_names', true), '') AS standbys,
  current_setting('default_transaction_read_only', true) AS readonly,
  record.relpersistence::text AS persistence,
  (SELECT string_agg(attname || ' ' || format_type(atttypid, atttypmod), ', ' ORDER BY attname)
    FROM pg_attribute WHERE attrelid = record.oid AND attnum > 0 AND NOT attisdropped) AS columns,
  EXISTS (SELECT FROM pg_index JOIN pg_attribute ON attrelid = indrelid AND attnum = indkey[0]
    WHERE indrelid = record.oid AND indisunique AND indisvalid AND indnatts = 1 AND indpred IS NULL
    AND attname = 'key')::text AS unique,
  (has_table_privilege(record.oid, 'SELECT') AND has_table_privilege(record.oid, 'INSERT')
    AND has_table_privilege(record.oid, 'UPDATE'))::text AS privileges
FROM (SELECT 1) AS one LEFT JOIN pg_class AS record ON record.oid = to_regclass('smart_record')`
}

const columnsNeeded = 'expires_at double precision, key text, text text, version text'

/** The values of the settings; `null` where the server does not know the setting. */
type Found = Readonly<Record<string, string | null>>

interface SettingCheck {
  readonly setting: string
  /** Whether a host may accept another value: without the others, the store does not work. */
  readonly isAcceptable: boolean
  readonly required: string
  readonly risk: string
  readonly isSafe: (found: Found) => boolean
  readonly shown: (found: Found) => string
}

const isOn = (name: string) => ({
  isSafe: (found: Found) => found[name] === 'on',
  shown: (found: Found) => found[name] ?? 'not known'
})

const hasTable = ({ persistence }: Found): boolean => typeof persistence === 'string'

const checks: ReadonlyArray<SettingCheck> = [
  {
    setting: 'pg_is_in_recovery',
    isAcceptable: false,
    required: 'false: the primary (pg: a host list with target_session_attrs=read-write)',
    risk: 'a standby is behind the primary: a revoked token would be active, and nothing can be stored',
    isSafe: ({ recovery }) => recovery === 'false',
    shown: ({ recovery }) => `${recovery ?? 'not known'}: a standby`
  },
  {
    setting: 'fsync',
    isAcceptable: true,
    required: 'on',
    risk: 'acknowledged writes and the whole database can be lost when the power fails',
    ...isOn('fsync')
  },
  {
    setting: 'full_page_writes',
    isAcceptable: true,
    required: 'on',
    risk: 'pages that were written in part when the power fails stay damaged',
    ...isOn('pages')
  },
  {
    setting: 'synchronous_commit',
    isAcceptable: true,
    required: 'on, remote_apply or remote_write; local only without synchronous standbys',
    risk: 'acknowledged writes are lost in a crash (off) or at a failover (local): a code could be redeemed again',
    isSafe: ({ commit, standbys }) =>
      commit === 'on' ||
      commit === 'remote_apply' ||
      commit === 'remote_write' ||
      (commit === 'local' && standbys === ''),
    shown: ({ commit, standbys }) =>
      standbys === '' ? (commit ?? 'not known') : `${commit ?? 'not known'} with synchronous standbys`
  },
  {
    setting: 'default_transaction_read_only',
    isAcceptable: false,
    required: 'off',
    risk: 'nothing can be stored',
    isSafe: ({ readonly }) => readonly === 'off',
    shown: ({ readonly }) => readonly ?? 'not known'
  },
  {
    setting: 'smart_record',
    isAcceptable: false,
    required:
      'the table of docs/migrations/postgres.sql (also the text `postgresMigration`) in the search_path of the role',
    risk: 'nothing can be stored',
    isSafe: (found) => hasTable(found) && found['columns'] === columnsNeeded && found['unique'] === 'true',
    shown: (found) =>
      !hasTable(found)
        ? 'no such table'
        : found['columns'] === columnsNeeded
          ? 'no primary key or unique index on key'
          : `the columns ${found['columns'] ?? ''}`
  },
  {
    setting: 'unlogged',
    isAcceptable: true,
    required: 'a permanent table',
    risk: 'the table is emptied after a crash, or ends with its session',
    isSafe: (found) => !hasTable(found) || found['persistence'] === 'p',
    shown: ({ persistence }) => (persistence === 'u' ? 'an unlogged table' : 'a temporary table')
  },
  {
    setting: 'privileges',
    isAcceptable: false,
    required: 'SELECT, INSERT and UPDATE on smart_record',
    risk: 'nothing can be stored',
    isSafe: (found) => !hasTable(found) || found['privileges'] === 'true',
    shown: () => 'at least one is missing'
  }
]

/** The settings that are checked. */
export const postgresSettingTexts: ReadonlyArray<SettingText> = checks

/** The settings that `acceptUnsafe` may name. */
export const acceptablePostgresSettings: ReadonlyArray<string> = checks.flatMap(({ setting, isAcceptable }) =>
  isAcceptable ? [setting] : []
)

/** The unsafe settings in the row that {@link askingForSettings} gave. */
export const unsafePostgresSettings = (row: PostgresRow): ReadonlyArray<UnsafeSetting> => {
  const found: Found = Object.fromEntries(
    Object.entries(row).map(([name, value]) => [name, typeof value === 'string' ? value : null])
  )
  return checks.flatMap(({ setting, isAcceptable, required, risk, isSafe, shown }) =>
    isSafe(found) ? [] : [{ setting, found: shown(found), required, risk, isAcceptable }]
  )
}
