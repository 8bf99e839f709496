/** Stores of the simulator that cannot be used: one line each, without a password. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { afterAll, describe, expect, it } from 'vitest'
import { printConfigError } from '../../../src/simulator/config/config.js'
import { readStoreAddress } from '../../../src/simulator/config/store-address.js'
import type { ImportPackage } from '../../../src/simulator/store/client-package.js'
import { openStore } from '../../../src/simulator/store/open-store.js'
import { temporaryFolder } from '../../support/engines/sqlite.js'
import { describeEngine } from '../../support/engines/engine.js'

const { folder, remove } = temporaryFolder()
afterAll(remove)

const hasNodeSqlite = (process.getBuiltinModule('node:sqlite') as unknown) !== undefined

/** The line about a store that cannot be opened. */
const lineOf = async (text: string, importPackage?: ImportPackage): Promise<string> => {
  const address = readStoreAddress(text)
  if (Either.isLeft(address)) return 'no address'
  const opened = await openStore(address.right, importPackage)
  if (Either.isLeft(opened)) return printConfigError('c.json', opened.left)
  await opened.right.close()
  return 'opened'
}

const notThere: ImportPackage = (name) =>
  Promise.reject(Object.assign(new Error(`Cannot find package '${name}'`), { code: 'ERR_MODULE_NOT_FOUND' }))

describe('a client that is not installed is named with the command that installs it', () => {
  it.each([
    ['postgres://u:hidden@127.0.0.1/x', 'the package pg (npm install pg), found postgres://127.0.0.1/x'],
    ['rediss://:hidden@127.0.0.1:1', 'the package redis (npm install redis), found rediss://127.0.0.1:1']
  ])('%s', async (text, line) => {
    expect(await lineOf(text, notThere)).toBe(`c.json: store: expected ${line}`)
  })

  it.skipIf(hasNodeSqlite)('sqlite', async () => {
    expect(await lineOf(`sqlite:${folder}/a.db`, notThere)).toBe(
      'c.json: store: expected Node 22.13 or later, or the package better-sqlite3 (npm install better-sqlite3), ' +
        `found sqlite:${folder}/a.db (this is Node ${process.versions.node}, without the package)`
    )
  })
})

describeEngine(
  'a file',
  hasNodeSqlite ? null : `Node ${process.versions.node} has no node:sqlite`,
  () => {
    it.each([
      ['missing/a.db', 'a file in a folder that exists', ''],
      ['folder.db', 'a file, not a folder', ''],
      ['text.db', 'an SQLite database that can be written', ' (file is not a database)']
    ])('%s', async (name, expected, because) => {
      const file = join(folder, name)
      mkdirSync(join(folder, 'folder.db'), { recursive: true })
      writeFileSync(join(folder, 'text.db'), 'This is a text, and no database.'.repeat(100))
      expect(await lineOf(`sqlite:${file}`)).toBe(`c.json: store: expected ${expected}, found sqlite:${file}${because}`)
    })

    it('whose name is too long', async () => {
      expect(await lineOf(`sqlite:${join(folder, 'a'.repeat(300))}`)).toMatch(/ \(ENAMETOOLONG: [^\n]*\)$/)
    })

    it('that can be used is opened', async () => {
      expect(await lineOf(`sqlite:${join(folder, 'new.db')}`)).toBe('opened')
    })
  },
  hasNodeSqlite
)

describe('a message of a client', () => {
  it('is one line, without the passwords of the address', async () => {
    const saying: ImportPackage = () =>
      Promise.resolve({
        createClient: () => ({
          on: () => null,
          destroy: () => null,
          connect: () => Promise.reject(new Error('WRONGPASS of u:hid%20den, hid den\n    at somewhere'))
        })
      })
    expect(await lineOf('redis://u:hid%20den@127.0.0.1:1', saying)).toBe(
      'c.json: store: expected a Redis server that answers, found redis://127.0.0.1:1 (WRONGPASS of u:..., ...)'
    )
  })

  it.each([
    ['redis://127.0.0.1:1/no-number', 'redis://127.0.0.1:1/no-number (Invalid pathname)'],
    ['redis://u:%zz@127.0.0.1:1', 'redis://127.0.0.1:1 (URI malformed)']
  ])('about an address that it cannot read: %s', async (text, found) => {
    expect(await lineOf(text)).toBe(`c.json: store: expected a Redis server that answers, found ${found}`)
  })
})

it('a Redis client closes a connection on which no answer comes any more, and pings one that is not used', async () => {
  let options: Readonly<Record<string, unknown>> = {}
  const saying: ImportPackage = () =>
    Promise.resolve({
      createClient: (given: typeof options) => {
        options = given
        return { on: () => null, destroy: () => null, connect: () => Promise.reject(new Error('no')) }
      }
    })
  await lineOf('redis://127.0.0.1:1', saying)
  expect(options).toMatchObject({ pingInterval: 1250, socket: { socketTimeout: 5000 } })
})

it('idle connections of the PostgreSQL pool do not keep a process that stops', async () => {
  let options: unknown
  class Pool {
    on = () => null
    end = () => Promise.resolve()
    query = () => Promise.reject(new Error('no'))
    constructor(given: unknown) {
      options = given
    }
  }
  await lineOf('postgres://127.0.0.1:1/x', () => Promise.resolve({ Pool }))
  expect(options).toMatchObject({ allowExitOnIdle: true })
})
