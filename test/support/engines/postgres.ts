/** A PostgreSQL server of its own on a loopback port, in a temporary folder, for one suite. */
import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'pg'
import { freePort } from './ports.js'

/** A server that runs. */
export interface PostgresServer {
  readonly host: '127.0.0.1'
  readonly port: number
  readonly user: 'postgres'
  readonly database: 'postgres'
  /** The folder of its data. */
  readonly data: string
  readonly process: ChildProcess
  /** Ends it and removes its data. */
  readonly stop: () => Promise<void>
}

const debianFolder = '/usr/lib/postgresql'

/** The folder of the programs of PostgreSQL; undefined when there is none. */
export const postgresPrograms = (): string | undefined =>
  [
    process.env['POSTGRES_BIN'],
    ...(existsSync(debianFolder) ? readdirSync(debianFolder).map((one) => join(debianFolder, one, 'bin')) : [])
  ].find((folder) => folder !== undefined && existsSync(join(folder, 'initdb')))

/** Why there is no PostgreSQL; null when there is one. */
export const missingPostgres = (): string | null =>
  postgresPrograms() === undefined ? 'no PostgreSQL: apt-get install postgresql, or set POSTGRES_BIN' : null

/** The number of the user `postgres`, as which the server runs for root: PostgreSQL refuses root. */
export const postgresUser = (): { readonly uid: number; readonly gid: number } | null => {
  if (process.getuid?.() !== 0) return null
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' }))
  return { uid: id('-u'), gid: id('-g') }
}

const untilReady = async (port: number, child: ChildProcess): Promise<void> => {
  const pool = new Pool({ host: '127.0.0.1', port, user: 'postgres', database: 'postgres', max: 1 })
  pool.on('error', () => undefined)
  try {
    for (;;) {
      try {
        await pool.query('SELECT 1')
        return
      } catch (error) {
        if (child.exitCode !== null) throw error
        await pause(50)
      }
    }
  } finally {
    await pool.end()
  }
}

/**
 * Starts a server. `settings` are parameters, such as `{ fsync: 'off' }`. The data are kept in memory or on a slow disk
 * as the temporary folder is.
 */
export const startPostgres = async (settings: Readonly<Record<string, string>> = {}): Promise<PostgresServer> => {
  const bin = postgresPrograms()
  if (bin === undefined) throw new Error(missingPostgres() ?? '')
  const folder = mkdtempSync(join(tmpdir(), 'smart-postgres-'))
  chmodSync(folder, 0o777)
  const data = join(folder, 'data')
  const as = postgresUser() ?? {}
  const initialize = ['-D', data, '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C']
  execFileSync(join(bin, 'initdb'), initialize, { ...as, cwd: folder, stdio: 'ignore' })
  const port = await freePort()
  const own = { listen_addresses: '127.0.0.1', port: String(port), unix_socket_directories: '', ...settings }
  const parameters = Object.entries(own).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const child = spawn(join(bin, 'postgres'), ['-D', data, ...parameters], { ...as, cwd: folder, stdio: 'ignore' })
  await untilReady(port, child)
  return {
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    data,
    process: child,
    stop: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve))
        // An immediate shutdown: the data are removed anyway.
        child.kill('SIGQUIT')
        await ended
      }
      rmSync(folder, { recursive: true, force: true })
    }
  }
}
