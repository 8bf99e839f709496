/**
 * A store in PostgreSQL, for any number of processes.
 *
 * @module fp-ts/stores/postgres
 */
export type { DurableStoreOptions, StoreRefusal, UnsafeSetting } from './durability.js'
export type {
  PostgresClient,
  PostgresPool,
  PostgresRow,
  PostgresSql,
  PostgresValue
} from './postgres/postgres-client.js'
export type { PostgresOptions, PostgresStoreOptions } from './postgres/postgres-store.js'
export { openPostgresStore, postgresMigration } from './postgres/postgres-store.js'
