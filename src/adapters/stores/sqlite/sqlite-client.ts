/**
 * The parts of a connection to SQLite that the store uses, and what its errors say.
 *
 * @module
 */
import type { StoreError } from '../../../engine/ports.js'

/** A value in a statement of the store. */
export type SqliteValue = string | number | null

/** A prepared statement of `node:sqlite` or `better-sqlite3`. */
export interface SqliteStatement {
  /** The first row. */
  get(...values: Array<SqliteValue>): unknown
  /** Runs it, and says how many rows were changed. */
  run(...values: Array<SqliteValue>): { readonly changes: number | bigint }
}

/** A connection: `DatabaseSync` of `node:sqlite`, or `Database` of `better-sqlite3`. */
export interface SqliteDatabase {
  /** Runs statements that have no rows. */
  exec(sql: string): unknown
  /** Prepares a statement. */
  prepare(sql: string): SqliteStatement
  /** Whether a transaction is open, in `better-sqlite3`. */
  readonly inTransaction?: boolean
  /** Whether a transaction is open, in `node:sqlite`. */
  readonly isTransaction?: boolean
}

/** Errors after which nothing was written: busy, locked, read-only, full, cannot be opened, too big, constraint. */
const definite = new Map([
  ['SQLITE_BUSY', 5],
  ['SQLITE_LOCKED', 6],
  ['SQLITE_READONLY', 8],
  ['SQLITE_FULL', 13],
  ['SQLITE_CANTOPEN', 14],
  ['SQLITE_TOOBIG', 18],
  ['SQLITE_CONSTRAINT', 19]
])

/** The primary code of an extended result code: its last eight bits. */
const primaryCode = (code: number): number => code % 256

const codeOf = (error: object, name: 'code' | 'errcode'): unknown => (error as Readonly<Record<string, unknown>>)[name]

/**
 * Whether a write may have been applied after an error. An input or output error in the middle of a commit leaves that
 * open: the file may hold the commit, and show it after the next start.
 */
export const sqliteErrorApplied = (error: unknown): StoreError['applied'] => {
  if (typeof error !== 'object' || error === null) return 'unknown'
  // A closed connection, before anything is run.
  if (error instanceof TypeError || codeOf(error, 'code') === 'ERR_INVALID_STATE') return 'no'
  const number = codeOf(error, 'errcode')
  if (typeof number === 'number') return [...definite.values()].includes(primaryCode(number)) ? 'no' : 'unknown'
  const name = codeOf(error, 'code')
  return typeof name === 'string' && definite.has(name.split('_', 2).join('_')) ? 'no' : 'unknown'
}
