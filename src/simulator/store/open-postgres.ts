/** Opens a store in PostgreSQL, with the package `pg`. */
import * as Either from 'fp-ts/lib/Either.js'
import type { ImportPackage } from './client-package.js'
import { packageNamed } from './client-package.js'
import type { StoreComplaint, StoreConnection } from './opened-store.js'
import { acceptedInAddress, clientMessage, connectTime, notInstalled, refusedSettings } from './opened-store.js'
import type { UrlAddress } from '../config/store-address.js'
import type { PostgresPool } from '../../adapters/stores/postgres.js'
import { openPostgresStore, postgresMigration } from '../../adapters/stores/postgres.js'

type Pool = PostgresPool & {
  query(statement: string): Promise<unknown>
  on(event: 'error', listener: () => void): unknown
  end(): Promise<void>
}

type PoolClass = new (options: {
  readonly connectionString: string
  readonly connectionTimeoutMillis: number
  /** An idle connection to a server that hangs does not keep a process that stops. */
  readonly allowExitOnIdle: boolean
}) => Pool

/** Makes the table if it is missing; the message of the server if that fails. */
const migrated = async (pool: Pool): Promise<string | null> => {
  try {
    await pool.query(postgresMigration)
    return null
  } catch (error) {
    return clientMessage(error)
  }
}

/** Opens the store at an address. The table is made if it is missing. */
export const openPostgres = async (
  { url, acceptUnsafe }: UrlAddress,
  importPackage?: ImportPackage
): Promise<Either.Either<StoreComplaint, StoreConnection>> => {
  const client = await packageNamed('pg', importPackage)
  if (client === null) return Either.left(notInstalled('the package pg', 'npm install pg'))
  const pool = new (client['Pool'] as PoolClass)({
    connectionString: url,
    connectionTimeoutMillis: connectTime,
    allowExitOnIdle: true
  })
  // The next request replaces an idle connection that was lost.
  pool.on('error', () => undefined)
  const close = (): Promise<void> => pool.end().catch(() => undefined)
  const failure = await migrated(pool)
  if (failure !== null) {
    await close()
    return Either.left({
      expected: 'a PostgreSQL server that answers and lets this role make a table',
      because: failure
    })
  }
  const store = await openPostgresStore(pool, { acceptUnsafe })()
  if (Either.isRight(store)) return Either.right({ store: store.right, close })
  await close()
  return Either.left(refusedSettings(store.left, acceptedInAddress))
}
