/**
 * A store in PostgreSQL, through a client that the host passes in: a pool of `pg`, or `sql` of `postgres`.
 *
 * Each operation is one statement on one row, and a transaction of its own. Nothing depends on a session, so a pooler
 * in transaction mode may stand between.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Store, StoreError } from '../../../engine/ports.js'
import { ownMember } from '../../../values/own.js'
import { messageOf } from '../../error-message.js'
import type { DurableStoreOptions, StoreRefusal } from '../durability.js'
import {
  checkedStoreOptions,
  freshVersion,
  lateFailure,
  refused,
  settledWithin,
  storeUnavailable,
  unstorable,
  unwritable,
  withoutAccepted,
  wrongSetting
} from '../durability.js'
import type { PostgresClient, PostgresRow, PostgresSender, PostgresStatement } from './postgres-client.js'
import { postgresErrorApplied, postgresSender } from './postgres-client.js'
import { acceptablePostgresSettings, askingForSettings, unsafePostgresSettings } from './postgres-settings.js'

/**
 * The table of a PostgreSQL store; the same text is the file docs/migrations/postgres.sql. It may be run again. The
 * times are seconds since the epoch.
 */
export const postgresMigration = `CREATE TABLE IF NOT EXISTS smart_record (
  key text COLLATE "C" PRIMARY KEY,
  version text COLLATE "C" NOT NULL,
  text text NOT NULL,
  expires_at double precision NOT NULL
);
`

/** The options of a PostgreSQL store. */
export interface PostgresOptions {
  /**
   * Keeps statements prepared on each connection, which saves their planning. Default: false, as a pooler in
   * transaction mode may not support it.
   */
  readonly preparedStatements?: boolean
}

/** The options of a PostgreSQL store, in the engine's form. */
export interface PostgresStoreOptions extends DurableStoreOptions, PostgresOptions {}

/** Gives the record, on a primary. It is planned as fast as a statement that does not look at the server's role. */
const finding: PostgresStatement = {
  name: 'smart_find',
  text: 'SELECT version, text FROM smart_record WHERE key = $1 AND expires_at > $2 AND NOT pg_is_in_recovery()'
}

/** Gives one row always: whether the server is a standby, and the record if there is one. */
const loading: PostgresStatement = {
  name: 'smart_load',
  text:
    'SELECT pg_is_in_recovery()::text AS standby, record.version, record.text FROM (SELECT 1) AS one ' +
    'LEFT JOIN smart_record AS record ON record.key = $1 AND record.expires_at > $2'
}

const replacing: PostgresStatement = {
  name: 'smart_replace',
  text:
    'UPDATE smart_record SET version = $2, text = $3, expires_at = $4 ' +
    'WHERE key = $1 AND ((version = $5 AND expires_at > $6) OR version = $2) RETURNING 1 AS won'
}

const creating: PostgresStatement = {
  name: 'smart_create',
  text:
    'INSERT INTO smart_record AS record (key, version, text, expires_at) VALUES ($1, $2, $3, $4) ' +
    'ON CONFLICT (key) DO UPDATE ' +
    'SET version = excluded.version, text = excluded.text, expires_at = excluded.expires_at ' +
    'WHERE record.expires_at <= $5 OR record.version = excluded.version RETURNING 1 AS won'
}

const standby = storeUnavailable('no', 'the answer came from a standby, which may be behind the primary')

const failed = (error: unknown): StoreError => storeUnavailable(postgresErrorApplied(error), messageOf(error))

const foundIn = ([row]: ReadonlyArray<PostgresRow>): LoadedRecord | null => {
  if (row === undefined) return null
  const { version, text } = row
  return typeof version === 'string' && typeof text === 'string' ? { version, text } : null
}

const recordIn = (rows: ReadonlyArray<PostgresRow>): Either.Either<StoreError, Option.Option<LoadedRecord>> => {
  const [row] = rows
  if (row === undefined || row['standby'] !== 'false') return Either.left(standby)
  return Either.right(Option.fromNullable(foundIn(rows)))
}

interface LoadedRecord {
  readonly version: string
  readonly text: string
}

const storeThrough = (send: PostgresSender, timeoutMilliseconds: number, now: () => number): Store => ({
  load: (key) => async () => {
    const refusal = unstorable(key)
    if (refusal !== null) return Either.left(refusal)
    // Without a row, the record is absent or the server is a standby: the second statement alone gives the answer.
    const settled = await settledWithin(timeoutMilliseconds, async () => {
      const found = foundIn(await send(finding, [key, now()]))
      return found === null ? recordIn(await send(loading, [key, now()])) : Either.right(Option.some(found))
    })
    if (settled._tag === 'Late') return Either.left(lateFailure)
    return settled._tag === 'Failed' ? Either.left(failed(settled.error)) : settled.answer
  },
  swap: (key, expected, text, expiresAt) => async () => {
    const refusal = unwritable(key, text, expiresAt)
    if (refusal !== null) return Either.left(refusal)
    const record = [key, freshVersion(), text, expiresAt]
    const settled = await settledWithin(timeoutMilliseconds, () =>
      Option.isNone(expected) ? send(creating, [...record, now()]) : send(replacing, [...record, expected.value, now()])
    )
    if (settled._tag === 'Late') return Either.left(lateFailure)
    if (settled._tag === 'Failed') return Either.left(failed(settled.error))
    return Either.right(settled.answer.length === 1 ? 'won' : 'lost')
  }
})

const isPostgresClient = (client: unknown): boolean =>
  client !== null &&
  (typeof client === 'object' || typeof client === 'function') &&
  ['unsafe', 'query'].some((name) => typeof (client as Readonly<Record<string, unknown>>)[name] === 'function')

/**
 * Opens a store in PostgreSQL. The table of `postgresMigration` must be there. A server with unsafe settings is
 * refused, with the name of each: `pg_is_in_recovery` (a standby), `fsync`, `full_page_writes`, `synchronous_commit`,
 * `default_transaction_read_only`, `smart_record` (the table), `unlogged`, `privileges`. `load` refuses the answer of a
 * standby later, too.
 *
 * A pool of `pg` needs a listener for its event `error`, as without the store.
 *
 * @example
 * ```ts no-run
 * import { Pool } from 'pg'
 * import { openPostgresStore } from 'smart-app-launch/fp-ts/stores/postgres'
 *
 * const pool = new Pool({ connectionString: 'postgres://smart@db.example/smart' })
 * pool.on('error', (error) => console.error(error))
 * const store = await openPostgresStore(pool)() // a store, or the refusal
 * const isOpen = store._tag === 'Right'
 * void isOpen
 * ```
 */
export const openPostgresStore =
  (client: PostgresClient, options: PostgresStoreOptions = {}): TaskEither.TaskEither<StoreRefusal, Store> =>
  async () => {
    const checked = checkedStoreOptions(options, acceptablePostgresSettings, ['preparedStatements'])
    if (Either.isLeft(checked)) return checked
    const nothing = 'nothing can be stored'
    if (!isPostgresClient(client))
      return refused([wrongSetting('client', typeof client, 'a pool of `pg`, or `sql` of `postgres`', nothing)])
    const { timeoutMilliseconds, clock } = checked.right
    const send = postgresSender(client, timeoutMilliseconds, ownMember(options, 'preparedStatements') === true)
    const settled = await settledWithin(timeoutMilliseconds, () => send(askingForSettings, []))
    if (settled._tag !== 'Answered') {
      const found = settled._tag === 'Late' ? 'no answer in time' : messageOf(settled.error)
      return refused([wrongSetting('connection', found, 'an answer of the server', nothing)])
    }
    const unsafe = withoutAccepted(unsafePostgresSettings(settled.answer[0] ?? {}), checked.right)
    return unsafe.length > 0
      ? refused(unsafe)
      : Either.right(storeThrough(send, timeoutMilliseconds, () => clock.now()))
  }
