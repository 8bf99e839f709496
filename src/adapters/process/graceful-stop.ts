/**
 * Stops a Node server without losing a request that it accepted.
 *
 * @module
 */
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { ProcessHealth } from './health.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'

/** How a server stops. */
export interface StopOptions {
  /** The time for the requests in progress; connections that are open after it are closed. Default: 10000 milliseconds. */
  readonly graceMilliseconds?: number
  /**
   * The time from the signal until no more connections are accepted, in which a load balancer notices that the process
   * is not ready. Default: 0 milliseconds.
   */
  readonly announceMilliseconds?: number
  /** The health of the process: it is not ready from the signal on. */
  readonly health?: Pick<ProcessHealth, 'markStopping'>
}

/** A server that can be stopped. */
export interface StoppableServer {
  /**
   * Stops: no new connections, `Connection: close` on the responses in progress. The promise resolves when all
   * connections are closed, with the number of requests that were cut off because the time was over.
   */
  readonly stop: () => Promise<number>
  /** The number of requests in progress. */
  readonly inProgress: () => number
}

const after = (milliseconds: number): Promise<void> =>
  new Promise((resolve) => {
    if (milliseconds === 0) resolve()
    else setTimeout(resolve, milliseconds)
  })

/** The responses in progress of each connection, the oldest first. */
type Connections = Map<Socket, Array<ServerResponse>>

/** Lets the connection end after its last response in progress, and not before. */
const closeAfterLast = (responses: ReadonlyArray<ServerResponse>): void => {
  responses.forEach((response, place) => {
    if (response.headersSent) return
    if (place === responses.length - 1) response.setHeader('connection', 'close')
    else response.removeHeader('connection')
  })
}

/**
 * A server that finishes the requests that it accepted before it stops. Call it before the server gets requests.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { gracefulStop } from 'smart-app-launch/adapters/process'
 *
 * const server = createServer((_message, response) => response.end('hello'))
 * const { stop } = gracefulStop(server)
 * await new Promise((resolve) => server.listen(0, '127.0.0.1', () => resolve(null)))
 * await stop() // => 0
 * server.listening // => false
 * ```
 */
export const gracefulStop = (server: Server, options: StopOptions = {}): StoppableServer => {
  const connections: Connections = new Map()
  /** The open connections. Node does not count those as idle that never sent anything. */
  const open = new Set<Socket>()
  let stopped: Promise<number> | null = null
  let isClosing = false

  const inProgress = (): number => [...connections.values()].reduce((sum, { length }) => sum + length, 0)

  const forget = (socket: Socket, response: ServerResponse): void => {
    const left = (connections.get(socket) ?? []).filter((one) => one !== response)
    if (left.length > 0) connections.set(socket, left)
    else connections.delete(socket)
    if (isClosing) server.closeIdleConnections()
  }
  const closeIdle = (): void => {
    server.closeIdleConnections()
    for (const socket of open) if (socket.bytesRead === 0) socket.destroy()
  }
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => {
      open.delete(socket)
    })
  })
  server.prependListener('request', ({ socket }: IncomingMessage, response: ServerResponse) => {
    const responses = [...(connections.get(socket) ?? []), response]
    connections.set(socket, responses)
    response.once('close', () => {
      forget(socket, response)
    })
    if (isClosing) closeAfterLast(responses)
  })

  const stop = async (): Promise<number> => {
    ownMember(options, 'health')?.markStopping()
    await after(ownMember(options, 'announceMilliseconds') ?? 0)
    isClosing = true
    for (const responses of connections.values()) closeAfterLast(responses)
    let cut = 0
    await new Promise<void>((resolve) => {
      const timer = setTimeout(
        () => {
          cut = inProgress()
          server.closeAllConnections()
        },
        ownMember(options, 'graceMilliseconds') ?? limits.stopTime.default
      )
      server.close(() => {
        clearTimeout(timer)
        resolve()
      })
      closeIdle()
    })
    return cut
  }
  return { stop: () => (stopped ??= stop()), inProgress }
}

const signals = ['SIGTERM', 'SIGINT'] as const

/**
 * Stops a server on the first `SIGTERM` or `SIGINT`, then calls `afterwards` (close the pool of the database there).
 * A second signal ends the process at once, as if nothing were registered.
 *
 * @example
 * ```ts no-run
 * import { createServer } from 'node:http'
 * import { processHealth, stopOnSignals } from 'smart-app-launch/adapters/process'
 *
 * const health = processHealth()
 * const server = createServer((_message, response) => response.end('hello'))
 * stopOnSignals(server, { health, announceMilliseconds: 5000 }, (cut) => {
 *   console.log(`${String(cut)} requests were cut off`)
 * })
 * server.listen(4000)
 * ```
 */
export const stopOnSignals = (
  server: Server,
  options: StopOptions = {},
  afterwards: (cut: number) => unknown = () => undefined
): StoppableServer => {
  const stoppable = gracefulStop(server, options)
  const onSignal = (): void => {
    for (const signal of signals) process.off(signal, onSignal)
    void stoppable.stop().then(afterwards)
  }
  for (const signal of signals) process.on(signal, onSignal)
  return stoppable
}
