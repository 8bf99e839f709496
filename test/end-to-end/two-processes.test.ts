/** The command of `docs/deploying.md` that starts two processes on one store. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import { describeEngine } from '../support/engines/engine.js'
import { freePort } from '../support/engines/ports.js'
import { missingPostgres } from '../support/engines/postgres.js'

const script = join(import.meta.dirname, '..', 'setup', 'two-processes.ts')

const start = (args: ReadonlyArray<string>) => {
  const child = spawn(process.execPath, ['--import', 'tsx', script, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
  let printed = ''
  const exit = once(child, 'exit')
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      printed += chunk.toString()
    })
  }
  return { child, exit, printed: () => printed }
}

const isRunning = (pid: number): boolean => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

const missing = process.getBuiltinModule('node:sqlite') === undefined ? missingPostgres() : null

describeEngine('two processes by one command', missing, () => {
  it('serve as one, also after one of them was killed, and end together', { timeout: 60_000 }, async () => {
    const port = await freePort()
    const base = `http://127.0.0.1:${String(port)}`
    const { child, exit, printed } = start(['--port', String(port)])
    try {
      while (!printed().includes('Ctrl+C')) {
        if (child.exitCode !== null) throw new Error(printed())
        await pause(50)
      }
      const pids = (/Processes +(.+)/.exec(printed())?.[1] ?? '').split(', ').map(Number)
      const answers = async (): Promise<ReadonlyArray<string>> => {
        const texts = [1, 2, 3, 4].map(async () => (await fetch(`${base}/jwks`)).text())
        return [...new Set(await Promise.all(texts))]
      }
      const keys = await answers()
      expect([pids.length, keys.length, JSON.parse(keys[0] ?? '')]).toMatchObject([2, 1, { keys: [{}, {}] }])
      process.kill(pids[0] ?? 0, 'SIGKILL')
      expect(await answers()).toEqual(keys)
      child.kill('SIGINT')
      expect(await exit).toEqual([0, null])
      expect(pids.filter(isRunning)).toEqual([])
    } finally {
      child.kill('SIGTERM')
      await exit
    }
  })

  it('says in one line what is wrong with the store', { timeout: 60_000 }, async () => {
    const { exit, printed } = start(['--port', String(await freePort()), '--store', 'mysql://127.0.0.1/x'])
    expect(await exit).toEqual([1, null])
    expect(printed()).toMatch(/^[^\n]*--store[^\n]*mysql[^\n]*\n$/)
  })
})
