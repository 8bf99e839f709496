/** PostgreSQL servers that are killed and started again, and a synchronous standby that is promoted. */
import type { ChildProcess } from 'node:child_process'
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { Client } from 'pg'
import { freePort } from '../engines/ports.js'
import { postgresPrograms, postgresUser } from '../engines/postgres.js'
import { postgresMigration } from '../../../src/adapters/stores/postgres.js'

/** A server whose data outlive it. */
export interface DurablePostgres {
  readonly port: number
  /** SIGKILL of the server and all its processes; resolves when they have ended. */
  readonly kill: () => Promise<void>
  /** Starts it on its data, and waits until it answers. */
  readonly start: () => Promise<void>
  readonly query: (statement: string) => Promise<ReadonlyArray<Readonly<Record<string, unknown>>>>
  /** Another server that follows this one; writes here wait for it from now on. */
  readonly startSynchronousStandby: () => Promise<DurablePostgres>
  /** Kills it and removes its data. */
  readonly remove: () => Promise<void>
}

const queryAt = async (port: number, statement: string) => {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'postgres',
    database: 'postgres',
    connectionTimeoutMillis: 2000
  })
  client.on('error', () => undefined)
  await client.connect()
  try {
    return (await client.query<Record<string, unknown>>(statement)).rows
  } finally {
    await client.end()
  }
}

const childrenOf = (pid: number): ReadonlyArray<number> => {
  try {
    const text = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    return text.split(' ').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

const killProcess = (pid: number): void => {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/** Waits until something succeeds. */
const until = async (attempt: () => Promise<unknown>, what: string): Promise<void> => {
  for (let tried = 0; tried < 400; tried++) {
    try {
      await attempt()
      return
    } catch {
      await pause(50)
    }
  }
  throw new Error(`not within 20 seconds: ${what}`)
}

const owner = () => postgresUser() ?? {}

/** Runs a program of PostgreSQL to its end. */
const run = (program: string, args: ReadonlyArray<string>, folder: string): void => {
  execFileSync(join(postgresPrograms() ?? '', program), [...args], { ...owner(), cwd: folder, stdio: 'pipe' })
}

const serverOn = async (folder: string, settings: Readonly<Record<string, string>>): Promise<DurablePostgres> => {
  const data = join(folder, 'data')
  const port = await freePort()
  let child: ChildProcess | null = null
  const own = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    shared_buffers: '16MB',
    max_connections: '60',
    ...settings
  }
  const parameters = Object.entries(own).flatMap(([name, value]) => ['-c', `${name}=${value}`])
  const query = (statement: string) => queryAt(port, statement)
  const kill = async (): Promise<void> => {
    const killed = child
    child = null
    if (killed?.pid === undefined || killed.exitCode !== null || killed.signalCode !== null) return
    const ended = once(killed, 'exit')
    const below = childrenOf(killed.pid)
    killProcess(killed.pid)
    for (const pid of below) killProcess(pid)
    await ended
  }
  const start = async (): Promise<void> => {
    const begun = spawn(join(postgresPrograms() ?? '', 'postgres'), ['-D', data, ...parameters], {
      ...owner(),
      cwd: folder,
      stdio: 'ignore'
    })
    child = begun
    const killAtExit = (): void => {
      if (begun.pid !== undefined) for (const pid of [begun.pid, ...childrenOf(begun.pid)]) killProcess(pid)
    }
    process.once('exit', killAtExit)
    begun.once('exit', () => {
      process.removeListener('exit', killAtExit)
    })
    await until(() => query('SELECT 1'), 'PostgreSQL answers')
  }
  return {
    port,
    kill,
    start,
    query,
    remove: async () => {
      await kill()
      rmSync(folder, { recursive: true, force: true })
    },
    startSynchronousStandby: async () => {
      const beside = newFolder()
      const from = ['-h', '127.0.0.1', '-p', String(port), '-U', 'postgres']
      run('pg_basebackup', [...from, '-D', join(beside, 'data'), '-R', '-X', 'stream', '-c', 'fast'], beside)
      const standby = await serverOn(beside, {
        ...settings,
        primary_conninfo: `host=127.0.0.1 port=${String(port)} user=postgres application_name=standby`
      })
      await standby.start()
      await query("ALTER SYSTEM SET synchronous_standby_names = 'standby'")
      await query('SELECT pg_reload_conf()')
      await until(async () => {
        const [row] = await query("SELECT sync_state FROM pg_stat_replication WHERE application_name = 'standby'")
        if (row?.['sync_state'] !== 'sync') throw new Error('not yet')
      }, 'the standby is synchronous')
      return standby
    }
  }
}

const newFolder = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'cluster-postgres-'))
  chmodSync(folder, 0o777)
  return folder
}

/** Starts a server with the table of the store. */
export const startDurablePostgres = async (
  settings: Readonly<Record<string, string>> = {}
): Promise<DurablePostgres> => {
  const folder = newFolder()
  run(
    'initdb',
    ['-D', join(folder, 'data'), '-U', 'postgres', '--auth=trust', '--no-sync', '--encoding=UTF8', '--locale=C'],
    folder
  )
  const server = await serverOn(folder, settings)
  await server.start()
  await server.query(postgresMigration)
  return server
}
