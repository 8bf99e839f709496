/**
 * The gate over HTTP, over a bare proxy that passes the same page on: processor time of the process that serves. The
 * ratios are over the proxy by `fetch`; the leaner one by `node:http` shows what of them is the client. The opponents
 * take
 * turns, round by round.
 */
import type { ChildProcess } from 'node:child_process'
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { tokens } from './pages.js'
import type { GateRole } from './serve.js'
import type { Connection } from '../authorization-server/connection.js'
import { get, open } from '../authorization-server/connection.js'
import { printRow, summarizeLeast } from '../harness.js'

const connectionsPerServer = 4
const requestsPerRound = 120
const warmUpRounds = 8

interface Served {
  readonly child: ChildProcess
  readonly port: number
}

const received = async (child: ChildProcess): Promise<number> => {
  const [said] = (await once(child, 'message')) as [number]
  return said
}

const start = async (role: GateRole, upstreamPort = 0, scope = ''): Promise<Served> => {
  const child = fork(join(import.meta.dirname, 'serve.ts'), [role, String(upstreamPort), scope], {
    execArgv: ['--import', 'tsx'],
    env: { ...process.env, NODE_ENV: 'production' }
  })
  return { child, port: await received(child) }
}

const round = async (child: ChildProcess, connections: ReadonlyArray<Connection>, path: string): Promise<number> => {
  const count = Math.ceil(requestsPerRound / connections.length)
  child.send('begin')
  await received(child)
  await Promise.all(
    connections.map(async (connection) => {
      for (let done = 0; done < count; done += 1) await connection.ask(get(path))
    })
  )
  child.send('end')
  return (await received(child)) / (count * connections.length)
}

const pagePath = '/fhir/Observation?_count=50'
const readPath = '/fhir/Observation/observation-1'

/** What is compared: the path of the requests, and the largest permitted ratio of each token. */
const rows: ReadonlyArray<readonly [title: string, path: string, targets: ReadonlyArray<number>]> = [
  ['A page of 50 Observations', pagePath, [1.3, 2, 2.5]],
  ['A single read', readPath, [1.3, 1.3, 1.3]]
]

/** Runs the comparison and prints it. */
export const measureOverHttp = async (rounds: number): Promise<void> => {
  const upstream = await start('upstream')
  const proxy = await start('proxy', upstream.port)
  const nodeProxy = await start('node-proxy', upstream.port)
  const gates: Array<Served> = []
  for (const [, scope] of tokens) gates.push(await start('gate', upstream.port, scope))
  const served = [proxy, nodeProxy, ...gates]
  const names = ['bare proxy (fetch)', 'bare proxy (node:http)', ...tokens.map(([name]) => `createFhirGate: ${name}`)]
  try {
    for (const [title, path, targets] of rows) {
      const measured = names.map((name) => ({ name, times: new Array<number>() }))
      const all = await Promise.all(
        served.map(({ port }) => Promise.all(Array.from({ length: connectionsPerServer }, () => open(port))))
      )
      for (let turn = -warmUpRounds; turn < rounds; turn += 1) {
        for (const [place, { child }] of served.entries()) {
          const time = await round(child, all[place] ?? [], path)
          if (turn >= 0) measured[place]?.times.push(time)
        }
      }
      for (const connection of all.flat()) connection.close()
      printRow(
        `${title} over HTTP: processor time per request, the least of ${String(rounds)} rounds`,
        summarizeLeast(measured)
      )
      console.log(`  targets of this project: ratios ${targets.map((one) => one.toFixed(1)).join(', ')} at most`)
    }
  } finally {
    for (const { child } of [...served, upstream]) child.disconnect()
  }
}
