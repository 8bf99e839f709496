/**
 * Token requests per second: two engine processes on a store, against one in memory. All run on this machine, as does
 * what sends the requests, so the figures are for comparison only.
 */
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Connection } from './authorization-server/connection.js'
import { get, open, post } from './authorization-server/connection.js'
import { postgresMigration } from '../../src/plain/stores/postgres.js'
import { appSecret, newClusterKeys } from '../support/cluster/cluster-world.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'
import { redisMissing, startRedis } from '../support/engines/redis.js'
import { sqliteClients, temporaryFolder } from '../support/engines/sqlite.js'
import { redirectUri, verifier } from '../support/server-fixture.js'
import { printForm } from '../../src/protocol/http/form.js'
import { Pool } from 'pg'

const rounds = 5
const millisecondsPerRound = 2000
const connectionsPerProcess = 16
const authorization = `Basic ${Buffer.from(`app:${appSecret}`).toString('base64')}`

/** The processes on one store; each connection refreshes a grant of its own. */
interface Contender {
  readonly name: string
  readonly children: ReadonlyArray<ChildProcess>
  readonly connections: ReadonlyArray<Connection>
  readonly tokens: Array<string>
  readonly perSecond: Array<number>
  readonly stop: () => Promise<void>
}

const refreshed = async (connection: Connection, form: ReadonlyArray<readonly [string, string]>): Promise<string> => {
  const body = await connection.ask(post('/token', authorization, printForm(form)))
  return String((JSON.parse(body) as { readonly refresh_token?: unknown }).refresh_token)
}

const start = async (
  name: string,
  address: string,
  keys: string,
  processes: number,
  stop: () => Promise<void>
): Promise<Contender> => {
  const children: Array<ChildProcess> = []
  const connections: Array<Connection> = []
  for (let started = 0; started < processes; started++) {
    const child = fork(join(import.meta.dirname, 'engine-process.ts'), [address, keys], {
      execArgv: ['--import', 'tsx'],
      env: { ...process.env, NODE_ENV: 'production' }
    })
    const [port] = (await once(child, 'message')) as [number]
    children.push(child)
    connections.push(...(await Promise.all(Array.from({ length: connectionsPerProcess }, () => open(port)))))
  }
  console.log(`  ${name}: started`)
  const tokens: Array<string> = []
  for (const connection of connections) {
    const { code } = JSON.parse(await connection.ask(get('/test/code'))) as { readonly code: string }
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, code_verifier: verifier }
    tokens.push(await refreshed(connection, Object.entries(form)))
  }
  return { name, children, connections, tokens, perSecond: [], stop }
}

/** One round: the requests per second. */
const round = async ({ connections, tokens }: Contender): Promise<number> => {
  let requests = 0
  const begin = performance.now()
  await Promise.all(
    connections.map(async (connection, index) => {
      while (performance.now() - begin < millisecondsPerRound) {
        const form = { grant_type: 'refresh_token', refresh_token: tokens[index] ?? '' }
        tokens[index] = await refreshed(connection, Object.entries(form))
        requests += 1
      }
    })
  )
  return (requests * 1000) / (performance.now() - begin)
}

/** The engines that are there, each with an address. */
const engines = async (): Promise<ReadonlyArray<readonly [string, string, () => Promise<void>]>> => {
  const found: Array<readonly [string, string, () => Promise<void>]> = []
  const said = (missing: string | null): boolean => {
    if (missing !== null) console.log(`left out: ${missing}`)
    return missing === null
  }
  if (said(missingPostgres())) {
    const { user, host, port, database, stop } = await startPostgres()
    const pool = new Pool({ user, host, port, database })
    await pool.query(postgresMigration)
    await pool.end()
    found.push(['PostgreSQL', `postgres+pg://${user}@${host}:${String(port)}/${database}`, stop])
  }
  if (said(redisMissing)) {
    const server = await startRedis()
    const address = `redis+redis://${server.host}:${String(server.port)}`
    found.push(['Redis, appendfsync always', address, server.remove])
  }
  if (said(sqliteClients().some(({ missing }) => missing === null) ? null : 'no client of SQLite')) {
    const { folder, remove } = temporaryFolder()
    found.push([
      'SQLite',
      `sqlite:${join(folder, 'bench.db')}`,
      () => {
        remove()
        return Promise.resolve()
      }
    ])
  }
  return found
}

const median = (values: ReadonlyArray<number>): number =>
  [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? 0

/** Measures and prints. */
export const measureProcesses = async (): Promise<void> => {
  const { folder, remove } = temporaryFolder()
  const keys = join(folder, 'keys.json')
  writeFileSync(keys, JSON.stringify(await newClusterKeys()))
  const contenders = [await start('one process, memory', 'memory', keys, 1, () => Promise.resolve())]
  try {
    for (const [name, address, stop] of await engines())
      contenders.push(await start(`two processes, ${name}`, address, keys, 2, stop))
    for (let done = -1; done < rounds; done++) {
      for (const contender of contenders) {
        const perSecond = await round(contender)
        if (done >= 0) contender.perSecond.push(perSecond)
      }
    }
    console.log(`\nRefreshes per second (${String(rounds)} rounds of ${String(millisecondsPerRound / 1000)} s)`)
    const first = contenders[0]?.perSecond ?? []
    for (const { name, perSecond } of contenders) {
      const ratios = perSecond.map((one, index) => one / (first[index] ?? one))
      const [least, most] = [Math.min(...ratios), Math.max(...ratios)]
      console.log(
        `  ${name.padEnd(48)} ${median(perSecond).toFixed(0).padStart(7)}/s  ratio ${median(ratios).toFixed(2)}` +
          `  (${least.toFixed(2)} to ${most.toFixed(2)})`
      )
    }
  } finally {
    for (const { children, connections, stop } of contenders) {
      for (const connection of connections) connection.close()
      await Promise.all(
        children.map(async (child) => {
          const exit = once(child, 'exit')
          child.kill()
          await exit
        })
      )
      await stop()
    }
    remove()
  }
}
