/** Two processes on one SQLite file: increments that won are counted once, and a killed process loses none. */
import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { openSqliteStore, sqlitePragmas } from '../../src/plain/stores/sqlite.js'
import { describeEngine } from '../support/engines/engine.js'
import { sqliteClients, temporaryFolder } from '../support/engines/sqlite.js'

const root = join(import.meta.dirname, '..', '..')
const { folder, remove } = temporaryFolder()
afterAll(remove)

/** Runs the counting process; gives the number of increments that it said it won, also when it was killed. */
const counting = (file: string, client: string, killAfter: number | null): Promise<number> =>
  new Promise((resolve) => {
    const script = join(import.meta.dirname, 'counting-process.ts')
    const child = spawn(process.execPath, ['--import', 'tsx', script, file, client], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit']
    })
    let won = 0
    child.stdout.on('data', (data: Buffer) => {
      won += data.length
      if (killAfter !== null && won >= killAfter) child.kill('SIGKILL')
    })
    child.once('close', () => {
      resolve(won)
    })
  })

describe.each(sqliteClients())('two processes through $name', ({ name, missing, isRequired, connect }) => {
  const suite = (): void => {
    it('lose no acknowledged write, also when one is killed', { timeout: 60_000 }, async () => {
      const file = join(folder, `${name.replace(':', '-')}.db`)
      const database = connect(file)
      database.exec(sqlitePragmas)
      const store = await openSqliteStore(database)
      await store.swap('counter', null, '0', Math.floor(Date.now() / 1000) + 3600)
      const [one, other] = await Promise.all([counting(file, name, null), counting(file, name, 20)])
      const counted = Number((await store.load('counter'))?.text)
      console.log(`${name}: ${String(one)} and ${String(other)} acknowledged writes, ${String(counted)} stored`)
      database.close()
      expect(one).toBe(200)
      expect(other).toBeGreaterThanOrEqual(20)
      // The killed process may have written once without saying so.
      expect([one + other, one + other + 1]).toContain(counted)
    })
  }
  describeEngine(name, missing, suite, isRequired)
})
