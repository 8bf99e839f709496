/** Opens a store in an SQLite file, with `node:sqlite` where it exists, else with the package `better-sqlite3`. */
import { closeSync, openSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import type { ImportPackage } from './client-package.js'
import { packageNamed } from './client-package.js'
import type { StoreConnection, StoreComplaint } from './opened-store.js'
import { clientMessage, notInstalled, refusedSettings } from './opened-store.js'
import type { SqliteAddress } from '../config/store-address.js'
import type { SqliteDatabase } from '../../adapters/stores/sqlite.js'
import { openSqliteStore, sqlitePragmas } from '../../adapters/stores/sqlite.js'

interface Connection extends SqliteDatabase {
  close(): unknown
}

type Connect = new (file: string) => Connection

/** `node:sqlite`, without the warning of some releases that it is experimental; undefined where it does not exist. */
const nodeSqlite = (): { readonly DatabaseSync: Connect } | undefined => {
  const emitWarning = process.emitWarning.bind(process)
  process.emitWarning = () => undefined
  try {
    return process.getBuiltinModule('node:sqlite') as unknown as { readonly DatabaseSync: Connect } | undefined
  } finally {
    process.emitWarning = emitWarning
  }
}

/** The class of connections; null if there is none. */
const connections = async (importPackage?: ImportPackage): Promise<Connect | null> => {
  const node = nodeSqlite()
  if (node !== undefined) return node.DatabaseSync
  const better = await packageNamed('better-sqlite3', importPackage)
  return (better?.['default'] as Connect | undefined) ?? null
}

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true

/** Opens the file, and makes it if it is missing: readable for its owner only, because it contains the keys. */
const opened = async (Connection: Connect, file: string): Promise<Either.Either<StoreComplaint, StoreConnection>> => {
  closeSync(openSync(file, 'a', 0o600))
  const database = new Connection(file)
  const close = (): Promise<void> => {
    database.close()
    return Promise.resolve()
  }
  try {
    database.exec(sqlitePragmas)
    const store = await openSqliteStore(database)()
    if (Either.isRight(store)) return Either.right({ store: store.right, close })
    await close()
    return Either.left(refusedSettings(store.left, () => 'another file'))
  } catch (error) {
    await close()
    throw error
  }
}

/** Opens the store in a file. */
export const openSqlite = async (
  { file }: SqliteAddress,
  importPackage?: ImportPackage
): Promise<Either.Either<StoreComplaint, StoreConnection>> => {
  const Connection = await connections(importPackage)
  if (Connection === null) {
    return Either.left({
      ...notInstalled('Node 22.13 or later, or the package better-sqlite3', 'npm install better-sqlite3'),
      because: `this is Node ${process.versions.node}, without the package`
    })
  }
  try {
    if (!isFolder(dirname(file))) return Either.left({ expected: 'a file in a folder that exists', because: null })
    if (isFolder(file)) return Either.left({ expected: 'a file, not a folder', because: null })
    return await opened(Connection, file)
  } catch (error) {
    return Either.left({ expected: 'an SQLite database that can be written', because: clientMessage(error) })
  }
}
