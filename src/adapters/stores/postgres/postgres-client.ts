/**
 * The parts of a PostgreSQL client that the store uses, and what its errors say.
 *
 * @module
 */
import type { StoreError } from '../../../engine/ports.js'

/** A row of an answer: every value is requested as text. */
export type PostgresRow = Readonly<Record<string, unknown>>

/** A parameter of a statement. */
export type PostgresValue = string | number

/** A pool of the package `pg`. */
export interface PostgresPool {
  /** Runs one statement. */
  query(statement: {
    readonly text: string
    readonly values: Array<PostgresValue>
    readonly name?: string
    readonly query_timeout: number
  }): PromiseLike<{ readonly rows: ReadonlyArray<PostgresRow> }>
}

/** The function `sql` of the package `postgres`. */
export interface PostgresSql {
  /** Runs one statement, whose text is not a template. */
  unsafe(
    text: string,
    values: Array<PostgresValue>,
    options: { readonly prepare: boolean }
  ): PromiseLike<ReadonlyArray<PostgresRow>>
}

/** A client of PostgreSQL: a pool of `pg`, or `sql` of `postgres`. */
export type PostgresClient = PostgresPool | PostgresSql

/** A statement, and the name under which it is prepared where the host chose prepared statements. */
export interface PostgresStatement {
  readonly name: string
  readonly text: string
}

/** Sends statements through either client. */
export type PostgresSender = (
  statement: PostgresStatement,
  values: Array<PostgresValue>
) => PromiseLike<ReadonlyArray<PostgresRow>>

/** Sends each statement in one request; `isPrepared` keeps it prepared on its connection. */
export const postgresSender = (
  client: PostgresClient,
  timeoutMilliseconds: number,
  isPrepared: boolean
): PostgresSender => {
  if ('unsafe' in client) return ({ text }, values) => client.unsafe(text, values, { prepare: isPrepared })
  // `query_timeout` makes the pool close a connection whose answer is late, instead of waiting for it for ever.
  const timed = { query_timeout: timeoutMilliseconds }
  return async ({ name, text }, values) =>
    (await client.query(isPrepared ? { text, values, name, ...timed } : { text, values, ...timed })).rows
}

/**
 * Beginnings of the error codes (SQLSTATE) after which nothing is stored: a store's statement is a transaction of its
 * own, and these errors come before its commit. Not among them: a lost connection (08), an ended server process
 * (57P01, 57P02), a statement whose completion is unknown (40003), and internal errors (XX).
 */
const definiteCodes: ReadonlyArray<string> = [
  ...['0A', '22', '23', '25', '26', '28', '3D', '3F', '42', '53', '54', '55'],
  ...['40001', '40P01', '57014', '57P03']
]

/** Errors of connecting, before a statement is sent. */
const connectingCodes: ReadonlySet<unknown> = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN'])

/** Whether a write may have been applied after an error of the client or the server. */
export const postgresErrorApplied = (error: unknown): StoreError['applied'] => {
  if (typeof error !== 'object' || error === null) return 'unknown'
  const { code, syscall, errors } = error as Readonly<Record<'code' | 'syscall' | 'errors', unknown>>
  // Node tried several addresses of one name.
  if (Array.isArray(errors) && errors.length > 0)
    return errors.every((one) => postgresErrorApplied(one) === 'no') ? 'no' : 'unknown'
  if (syscall === 'connect' || connectingCodes.has(code)) return 'no'
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && definiteCodes.some((one) => code.startsWith(one))
    ? 'no'
    : 'unknown'
}
