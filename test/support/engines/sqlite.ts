/**
 * The clients of SQLite that are here: `node:sqlite` from Node 22 on, and `better-sqlite3` in the folder that
 * `BETTER_SQLITE3` names (`.ci/better-sqlite3` builds it there).
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createRequire } from 'node:module'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { SqliteDatabase } from '../../../src/adapters/stores/sqlite.js'

/** A connection, as both clients have it. */
export interface SqliteConnection extends SqliteDatabase {
  close(): unknown
}

/** A client of SQLite. */
export interface SqliteClient {
  readonly name: 'node:sqlite' | 'better-sqlite3'
  /** Why it is missing; null when it is there. */
  readonly missing: string | null
  /** Whether this release of Node must have it, or the run has built it. */
  readonly isRequired: boolean
  /** Opens a connection to a file. */
  readonly connect: (file: string) => SqliteConnection
}

interface NodeSqlite {
  readonly DatabaseSync: new (file: string) => SqliteConnection
}

const nodeSqlite = (): NodeSqlite | undefined =>
  process.getBuiltinModule('node:sqlite') as unknown as NodeSqlite | undefined

/** The class `Database` of `better-sqlite3`. */
type BetterSqlite = new (file: string) => SqliteConnection

const betterSqlite = (): BetterSqlite | undefined => {
  const folder = process.env['BETTER_SQLITE3']
  if (folder === undefined) return undefined
  try {
    const loaded = createRequire(join(folder, 'package.json'))('better-sqlite3') as BetterSqlite
    // The module loads its native part when the first connection is opened.
    new loaded(':memory:').close()
    return loaded
  } catch (error) {
    console.warn(`better-sqlite3 in ${folder} cannot be loaded: ${error instanceof Error ? error.message : ''}`)
    return undefined
  }
}

const required = <Value>(value: Value | undefined): Value => {
  if (value === undefined) throw new Error('this client is missing')
  return value
}

/** The clients of SQLite. */
export const sqliteClients = (): ReadonlyArray<SqliteClient> => {
  const [node, better] = [nodeSqlite(), betterSqlite()]
  return [
    {
      name: 'node:sqlite',
      missing: node === undefined ? `Node ${process.versions.node} has no node:sqlite` : null,
      isRequired: Number(process.versions.node.split('.')[0]) >= 22,
      connect: (file) => new (required(node).DatabaseSync)(file)
    },
    {
      name: 'better-sqlite3',
      missing: better === undefined ? 'BETTER_SQLITE3 names no folder with it; .ci/better-sqlite3 builds one' : null,
      isRequired: process.env['BETTER_SQLITE3'] !== undefined,
      connect: (file) => new (required(better))(file)
    }
  ]
}

/** A new folder for files of databases, and its removal. */
export const temporaryFolder = (): { readonly folder: string; readonly remove: () => void } => {
  const folder = mkdtempSync(join(tmpdir(), 'smart-store-'))
  return {
    folder,
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
