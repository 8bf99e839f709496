/** Simulators on a store: as processes, or in this process; and a proxy that sends each request to the next of them. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as Either from 'fp-ts/lib/Either.js'
import { nodeHandler } from '../../../src/adapters/node.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { simulator } from '../../../src/simulator/simulator.js'
import type { JsonFile } from './json-store.js'
import { jsonStore } from './json-store.js'
import { startSimulator } from './simulator-process.js'

/** A simulator that answers at a port. */
export interface StoredSimulator {
  readonly base: string
  /** The initial access token for registration that it uses. */
  readonly initialAccessToken: string
  readonly stop: () => Promise<unknown>
}

/** Starts a simulator with a configuration at a port of the loopback interface. */
export type StartStored = (config: object, port: number) => Promise<StoredSimulator>

const listening = (server: Server, port = 0): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, '127.0.0.1', () => {
      resolve((server.address() as AddressInfo).port)
    })
  })

const closed = (server: Server): Promise<void> =>
  new Promise((resolve) => {
    server.close(() => {
      resolve()
    })
    server.closeAllConnections()
  })

/** A port that nothing uses now. */
export const unusedPort = async (): Promise<number> => {
  const server = createServer()
  const port = await listening(server)
  await closed(server)
  return port
}

/** A simulator in this process, on a store that is one JSON text. */
export const startOnJson =
  (file: JsonFile): StartStored =>
  async (config, port) => {
    const read = readConfig(JSON.stringify(config), `http://127.0.0.1:${String(port)}`)
    if (Either.isLeft(read)) throw new Error(JSON.stringify(read.left))
    const built = await simulator(read.right, {
      store: jsonStore(file),
      initialAccessToken: globalThis.crypto.randomUUID()
    })()
    if (Either.isLeft(built)) throw new Error(built.left.reason)
    const server = createServer(nodeHandler(built.right.answer))
    await listening(server, port)
    return {
      base: `http://127.0.0.1:${String(port)}`,
      initialAccessToken: built.right.initialAccessToken ?? '',
      stop: async () => {
        await closed(server)
        await built.right.settled()
      }
    }
  }

/** A simulator as a process, on the store at an address: given as a flag, or in the configuration. */
export const startAt =
  (store: string, isFlag: boolean): StartStored =>
  async (config, port) => {
    const folder = mkdtempSync(join(tmpdir(), 'smart-stored-'))
    const file = join(folder, 'config.json')
    writeFileSync(file, JSON.stringify(isFlag ? config : { ...config, store }))
    try {
      const args = ['--config', file, '--port', String(port), ...(isFlag ? ['--store', store] : [])]
      // There `better-sqlite3` is found on releases of Node without `node:sqlite`.
      const running = await startSimulator(args, [], process.env['BETTER_SQLITE3'])
      return {
        base: `http://127.0.0.1:${String(port)}`,
        initialAccessToken: /initial access token (\S+)/.exec(running.printed())?.[1] ?? '',
        stop: running.stop
      }
    } finally {
      rmSync(folder, { recursive: true })
    }
  }

/** A proxy that sends each request to the next port. */
export const roundRobin = async (
  ports: ReadonlyArray<number>
): Promise<{
  readonly base: string
  readonly sent: ReadonlyMap<number, number>
  readonly stop: () => Promise<void>
}> => {
  let turn = 0
  const sent = new Map<number, number>()
  const server = createServer((incoming, response) => {
    const port = ports[turn++ % ports.length] ?? 0
    sent.set(port, (sent.get(port) ?? 0) + 1)
    const { method = 'GET', url = '/', headers } = incoming
    const onward = request({ host: '127.0.0.1', port, method, path: url, headers, agent: false }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.rawHeaders)
      answer.pipe(response)
    })
    onward.on('error', () => {
      response.destroy()
    })
    incoming.pipe(onward)
  })
  const port = await listening(server)
  return { base: `http://127.0.0.1:${String(port)}`, sent, stop: () => closed(server) }
}
