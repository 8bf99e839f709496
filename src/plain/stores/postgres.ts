/**
 * A store in PostgreSQL, for any number of processes.
 *
 * @module stores/postgres
 */
import type { PostgresClient } from '../../adapters/stores/postgres/postgres-client.js'
import type { PostgresOptions } from '../../adapters/stores/postgres/postgres-store.js'
import { openPostgresStore as openEngineStore } from '../../adapters/stores/postgres/postgres-store.js'
import type { PlainStore } from '../ports.js'
import type { PlainDurableStoreOptions } from './opened-store.js'
import { engineStoreOptions, openedStore } from './opened-store.js'

export type {
  PostgresClient,
  PostgresPool,
  PostgresRow,
  PostgresSql,
  PostgresValue
} from '../../adapters/stores/postgres/postgres-client.js'
export type { PostgresOptions } from '../../adapters/stores/postgres/postgres-store.js'
export { postgresMigration } from '../../adapters/stores/postgres/postgres-store.js'
export type { PlainDurableStoreOptions } from './opened-store.js'

/** The options of a PostgreSQL store. */
export interface PlainPostgresStoreOptions extends PlainDurableStoreOptions, PostgresOptions {}

/**
 * Opens a store in PostgreSQL, through a pool of `pg` or `sql` of `postgres`. The table of `postgresMigration` must be
 * there. A server with unsafe settings is refused: the promise is rejected with a `SmartConfigurationError` that names
 * each (`pg_is_in_recovery`, `fsync`, `full_page_writes`, `synchronous_commit`, `default_transaction_read_only`,
 * `smart_record`, `unlogged`, `privileges`).
 *
 * Each operation is one statement, and none depends on a session: a pooler in transaction mode may stand between. An
 * answer of a standby is refused, also when the server became one later. A pool of `pg` needs a listener for its event
 * `error`, as without the store.
 *
 * @example
 * ```ts no-run
 * import { Pool } from 'pg'
 * import { openPostgresStore } from 'smart-app-launch/stores/postgres'
 *
 * const pool = new Pool({ connectionString: 'postgres://smart@db.example/smart' })
 * pool.on('error', (error) => console.error(error))
 * const store = await openPostgresStore(pool)
 * await store.swap('a', null, '"first"', Math.floor(Date.now() / 1000) + 60) // => 'won'
 * ```
 */
export const openPostgresStore = (
  client: PostgresClient,
  options: PlainPostgresStoreOptions = {}
): Promise<PlainStore> => openedStore('openPostgresStore', openEngineStore(client, engineStoreOptions(options)))
