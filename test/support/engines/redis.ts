/** Redis: servers, replicas and a cluster of primaries, and clients of `redis` and `ioredis` for them. */
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Cluster, Redis } from 'ioredis'
import { createClient, createCluster } from 'redis'
import type { AnyRedisClient } from '../../../src/adapters/stores/redis.js'
import { freePort } from './ports.js'
import type { ServerProcess } from './server-process.js'
import { missingProgram, serverProcess, until } from './server-process.js'

/** Why Redis is missing; null when it is there. */
export const redisMissing = missingProgram('redis-server')

/** The settings with which a store opens. */
export const safeSettings: Readonly<Record<string, string>> = { appendonly: 'yes', appendfsync: 'always' }

/** A server of Redis. */
export interface RedisServer extends ServerProcess {
  readonly host: string
  readonly port: number
  /** Sends a command as an operator does. */
  readonly command: (...args: ReadonlyArray<string>) => Promise<unknown>
  /** Ends the server, and removes its data. */
  readonly remove: () => Promise<void>
}

/** A command on a connection of its own. */
const commandOn =
  (port: number): RedisServer['command'] =>
  async (...args) => {
    const client = createClient({ socket: { host: '127.0.0.1', port, reconnectStrategy: false } })
    client.on('error', () => undefined)
    await client.connect()
    try {
      return await client.sendCommand([...args])
    } finally {
      client.destroy()
    }
  }

/** Starts a server of Redis. */
export const startRedis = async (
  settings: Readonly<Record<string, string>> = safeSettings,
  chosenPort?: number
): Promise<RedisServer> => {
  const folder = mkdtempSync(join(tmpdir(), 'smart-redis-'))
  const port = chosenPort ?? (await freePort())
  const given = {
    port: String(port),
    bind: '127.0.0.1',
    dir: folder,
    save: '',
    'repl-diskless-sync-delay': '0',
    ...settings
  }
  const args = Object.entries(given).flatMap(([name, value]) => [`--${name}`, ...value.split(' ')])
  const server = serverProcess('redis-server', args, port)
  const command = commandOn(port)
  const start = async (): Promise<void> => {
    await server.start()
    // A server that loads its file listens, and answers LOADING.
    await until('Redis answers', async () => (await command('PING')) === 'PONG')
  }
  await start()
  return {
    host: '127.0.0.1',
    port,
    kill: server.kill,
    start,
    command,
    remove: async () => {
      await server.kill()
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The servers of a cluster; each primary has the replica at the same place. */
export interface RedisServers {
  readonly primaries: ReadonlyArray<RedisServer>
  readonly replicas: ReadonlyArray<RedisServer>
}

/** The id of a server of a cluster. */
export const clusterId = async (server: RedisServer): Promise<string> => String(await server.command('CLUSTER', 'MYID'))

/** Starts a cluster of three primaries, each with a replica. */
export const startRedisCluster = async (): Promise<RedisServers> => {
  const settings = { ...safeSettings, 'cluster-enabled': 'yes', 'cluster-node-timeout': '1500' }
  const servers = await Promise.all(Array.from({ length: 6 }, () => startRedis(settings)))
  const [primaries, replicas] = [servers.slice(0, 3), servers.slice(3)]
  const slots = 16_384
  const [first] = servers
  for (const [index, server] of servers.entries()) {
    await server.command('CLUSTER', 'SET-CONFIG-EPOCH', String(index + 1))
    if (first !== undefined && server !== first) await server.command('CLUSTER', 'MEET', first.host, String(first.port))
  }
  for (const [index, server] of primaries.entries()) {
    const [from, to] = [index, index + 1].map((place) => Math.floor((place * slots) / primaries.length))
    await server.command('CLUSTER', 'ADDSLOTSRANGE', String(from), String((to ?? slots) - 1))
  }
  const says = (server: RedisServer, ...words: ReadonlyArray<string>) =>
    until(`the cluster says ${words.join(', ')}`, async () => {
      const info = `${String(await server.command('CLUSTER', 'INFO'))}${String(await server.command('INFO'))}`
      return words.every((word) => info.includes(word))
    })
  for (const server of servers) await says(server, 'cluster_state:ok', 'cluster_known_nodes:6')
  for (const [index, server] of replicas.entries()) {
    const primary = primaries[index]
    if (primary !== undefined) await server.command('CLUSTER', 'REPLICATE', await clusterId(primary))
  }
  for (const server of primaries) {
    await says(server, 'state=online')
    // A replica acknowledges a little after it is online.
    await until('a replica acknowledges', async () => Number(await server.command('WAIT', '1', '500')) > 0)
  }
  return { primaries, replicas }
}

/** A client that is connected, and its end. */
export interface ConnectedClient {
  readonly client: AnyRedisClient
  readonly close: () => void
}

/** Where a client connects. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
  readonly username?: string
  readonly password?: string
}

/** A package of clients. */
export interface RedisClients {
  readonly name: 'redis' | 'ioredis'
  /** Connects to a server; with a limit, a connection without answers is given up after so many milliseconds. */
  readonly connect: (address: RedisAddress, limitMilliseconds?: number) => Promise<ConnectedClient>
  readonly connectCluster: (addresses: ReadonlyArray<RedisAddress>) => Promise<ConnectedClient>
}

const quickly = 50

const ignore = (): void => undefined

/** Both packages, with the settings that they have when a host sets none, except for quick reconnection. */
export const redisClients: ReadonlyArray<RedisClients> = [
  {
    name: 'redis',
    connect: async ({ host, port, ...user }, limit) => {
      const socket = { host, port, reconnectStrategy: () => quickly }
      const client = createClient({
        ...user,
        ...(limit === undefined ? { socket } : { socket: { ...socket, socketTimeout: limit }, pingInterval: limit / 4 })
      })
      client.on('error', ignore)
      await client.connect()
      return {
        client,
        close: () => {
          client.destroy()
        }
      }
    },
    connectCluster: async (addresses) => {
      const rootNodes = addresses.map(({ host, port }) => ({ socket: { host, port } }))
      const cluster = createCluster({ rootNodes, defaults: { socket: { reconnectStrategy: () => quickly } } })
      cluster.on('error', ignore)
      await cluster.connect()
      return {
        client: cluster,
        close: () => {
          cluster.destroy()
        }
      }
    }
  },
  {
    name: 'ioredis',
    connect: (address, limit) => {
      const client = new Redis({ ...address, retryStrategy: () => quickly, socketTimeout: limit })
      client.on('error', ignore)
      return Promise.resolve({
        client,
        close: () => {
          client.disconnect()
        }
      })
    },
    connectCluster: (addresses) => {
      const cluster = new Cluster(addresses.map(({ host, port }) => ({ host, port })))
      cluster.on('error', ignore)
      return Promise.resolve({
        client: cluster,
        close: () => {
          cluster.disconnect()
        }
      })
    }
  }
]

/** A client that delivers each command twice, and gives the second answer. */
export const deliveringTwice = async (connecting: Promise<ConnectedClient>): Promise<ConnectedClient> => {
  const { client, close } = await connecting
  const twice = async (send: () => Promise<unknown>): Promise<unknown> => {
    await send().catch(ignore)
    return send()
  }
  if ('call' in client) {
    const call = (command: string, args: Array<string>) => twice(() => client.call(command, args))
    return { client: { call, pipeline: client.pipeline.bind(client), on: client.on.bind(client) }, close }
  }
  if ('masters' in client) throw new Error('for one server only')
  const sendCommand = (args: ReadonlyArray<string>) => twice(() => client.sendCommand(args))
  return { client: { sendCommand, multi: client.multi.bind(client) }, close }
}
