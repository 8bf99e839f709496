/** A process that increments the record `counter` of an SQLite file 200 times, and writes one byte for each. */
import { writeSync } from 'node:fs'
import { openSqliteStore, sqlitePragmas } from '../../src/plain/stores/sqlite.js'
import { sqliteClients } from '../support/engines/sqlite.js'

const [, , file = '', name = ''] = process.argv

const main = async (): Promise<void> => {
  const database = sqliteClients()
    .find((client) => client.name === name)
    ?.connect(file)
  if (database === undefined) throw new Error(`no ${name}`)
  database.exec(sqlitePragmas)
  const store = await openSqliteStore(database)
  for (let wins = 0; wins < 200;) {
    const found = await store.load('counter')
    if (found === null) throw new Error('no counter')
    const next = String(Number(found.text) + 1)
    if ((await store.swap('counter', found.version, next, Math.floor(Date.now() / 1000) + 3600)) !== 'won') continue
    wins += 1
    writeSync(1, '.')
  }
}

main().catch((error: unknown) => {
  console.error(error)
  process.exitCode = 1
})
