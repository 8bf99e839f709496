/**
 * The clients of Redis and Valkey that hosts use, and how a command is sent through each of them.
 *
 * `redis` rejects a command whose answer did not come, and never sends it twice. `ioredis` sends it again after it
 * reconnected (`autoResendUnfulfilledCommands`; a cluster does so too). Each write is therefore idempotent, and an
 * answer after a lost connection is not taken as the answer to the first delivery: see {@link RedisConnection.losses}.
 *
 * @module
 */

/** What is used of a client of `redis` (`createClient`, `createClientPool`, `createSentinel`). */
export interface RedisClient {
  /** Sends one command. */
  sendCommand(args: ReadonlyArray<string>, options?: { readonly abortSignal?: AbortSignal }): Promise<unknown>
  /** Commands that are sent together. */
  multi(): object
  /** Whether commands are written at once; otherwise they wait in the queue of the client. */
  readonly isReady?: boolean
}

/** What is used of a cluster of `redis` (`createCluster`). */
export interface RedisCluster {
  /** Sends one command to the server of a key. */
  sendCommand(
    firstKey: string | undefined,
    isReadonly: boolean | undefined,
    args: Array<string>,
    options?: { readonly abortSignal?: AbortSignal }
  ): Promise<unknown>
  /** Commands that are sent together to the server of a key. */
  multi(routing?: string): object
  readonly masters: ReadonlyArray<unknown>
  /** The client of one server. */
  nodeClient(master: never): Promise<{
    /** Sends one command. */
    sendCommand(args: ReadonlyArray<string>): Promise<unknown>
  }>
}

/** What is used of `Redis` of `ioredis`. */
export interface IoRedis {
  /** Sends one command. */
  call(command: string, args: Array<string>): Promise<unknown>
  /** Commands that are sent together. */
  pipeline(commands: Array<Array<unknown>>): {
    /** Sends them. */
    exec(): Promise<Array<[error: Error | null, result: unknown]> | null>
  }
  /** Listens to an event of the connection. */
  on(event: string, listener: (...values: Array<unknown>) => void): unknown
}

/** What is used of `Cluster` of `ioredis`. */
export interface IoRedisCluster extends IoRedis {
  /** The clients of the primaries. */
  nodes(role: 'master'): ReadonlyArray<IoRedis>
}

/** A client of Redis or Valkey. */
export type AnyRedisClient = RedisClient | RedisCluster | IoRedis | IoRedisCluster

/** Sends one command to one server. */
export type SendToServer = (args: ReadonlyArray<string>) => Promise<unknown>

/** How commands reach the server of a key. */
export interface RedisConnection {
  /** Sends one command about a key. With the signal, a client that can do so withdraws what it has not sent. */
  readonly send: (key: string, args: ReadonlyArray<string>, signal: () => AbortSignal) => Promise<unknown>
  /** Sends a command about a key, and a second command after it on the same connection. */
  readonly sendBoth: (
    key: string,
    first: ReadonlyArray<string>,
    second: ReadonlyArray<string>
  ) => Promise<readonly [first: unknown, second: unknown]>
  /** All primaries: one, or those of a cluster. */
  readonly primaries: () => Promise<ReadonlyArray<SendToServer>>
  /** How many connections were lost after which the client may have sent a command a second time. */
  readonly losses: () => number
}

const pairFrom = (replies: ReadonlyArray<unknown>): readonly [unknown, unknown] => [replies[0], replies[1]]

/** The commands that a client of `redis` sends together: the part that the types of the package describe at length. */
interface Pipeline {
  sendCommand(args: ReadonlyArray<string>, options?: { firstKey: string; isReadonly: boolean }): unknown
  execAsPipeline(): Promise<ReadonlyArray<unknown>>
}

const overRedisClient = (client: RedisClient): RedisConnection => ({
  send: (_key, args, signal) =>
    client.isReady === true ? client.sendCommand(args) : client.sendCommand(args, { abortSignal: signal() }),
  sendBoth: async (_key, first, second) => {
    const pipeline = client.multi() as Pipeline
    pipeline.sendCommand(first)
    pipeline.sendCommand(second)
    return pairFrom(await pipeline.execAsPipeline())
  },
  primaries: () => Promise.resolve([(args) => client.sendCommand(args)]),
  losses: () => 0
})

const overRedisCluster = (cluster: RedisCluster): RedisConnection => ({
  send: (key, args, signal) => cluster.sendCommand(key, false, [...args], { abortSignal: signal() }),
  sendBoth: async (firstKey, first, second) => {
    const pipeline = cluster.multi(firstKey) as Pipeline
    pipeline.sendCommand(first, { firstKey, isReadonly: false })
    pipeline.sendCommand(second, { firstKey, isReadonly: false })
    return pairFrom(await pipeline.execAsPipeline())
  },
  primaries: async () =>
    Promise.all(
      cluster.masters.map(async (master) => {
        const client = await cluster.nodeClient(master as never)
        return (args) => client.sendCommand(args)
      })
    ),
  losses: () => 0
})

const overIoRedis = (client: IoRedis | IoRedisCluster): RedisConnection => {
  let losses = 0
  const watch = (one: IoRedis): void => {
    one.on('close', () => {
      losses += 1
    })
  }
  watch(client)
  if ('nodes' in client) {
    for (const node of client.nodes('master')) watch(node)
    client.on('+node', (node) => {
      watch(node as IoRedis)
    })
  }
  const call =
    (one: IoRedis): SendToServer =>
    ([command = '', ...args]) =>
      one.call(command, args)
  return {
    send: (_key, args) => call(client)(args),
    sendBoth: async (_key, first, second) => {
      const replies = await client.pipeline([first, second].map((args) => ['call', ...args])).exec()
      const [[error, reply] = [null, null], [secondError, secondReply] = [null, null]] = replies ?? []
      if (error !== null) throw error
      return [reply, secondError ?? secondReply]
    },
    primaries: () => Promise.resolve(('nodes' in client ? client.nodes('master') : [client]).map(call)),
    losses: () => losses
  }
}

/** How commands are sent through a client. */
export const redisConnection = (client: AnyRedisClient): RedisConnection => {
  if ('call' in client) return overIoRedis(client)
  return 'masters' in client ? overRedisCluster(client) : overRedisClient(client)
}

/** The answers of a server that refused a command: the first word of the message. */
const refusals: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'ASK',
  'BUSY',
  'CLUSTERDOWN',
  'CROSSSLOT',
  'FOREIGN',
  'LOADING',
  'MASTERDOWN',
  'MISCONF',
  'MOVED',
  'NOAUTH',
  'NOPERM',
  'NOREPLICAS',
  'NOSCRIPT',
  'OOM',
  'READONLY',
  'TRYAGAIN',
  'WRONGTYPE'
])

/** The messages of clients that did not send a command. */
const notSent: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'The command was aborted',
  'The client is closed',
  'The client is offline',
  "Stream isn't writeable and enableOfflineQueue options is false"
])

/** The message of an error; empty when it is none. */
export const redisMessage = (error: unknown): string => (error instanceof Error ? error.message : '')

/** The first word of a server's error. Before version 7, an error inside a script has its place before it. */
export const redisErrorCode = (error: unknown): string =>
  /^(?:ERR Error running script .*@user_script: ?\d+: -?)?([A-Z]+)\b/.exec(redisMessage(error))?.[1] ?? ''

/** Whether an error says that the command had no effect. */
export const hadNoEffect = (error: unknown): boolean =>
  refusals.has(redisErrorCode(error)) || notSent.has(redisMessage(error))
