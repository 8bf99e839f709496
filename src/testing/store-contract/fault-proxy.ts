/**
 * A TCP proxy before a server, on a loopback port, that disturbs what passes through it. Needs Node.
 *
 * @module
 */
import type { Server, Socket } from 'node:net'

/** Where a server listens. */
export interface ServerAddress {
  readonly host: string
  readonly port: number
}

/**
 * What a proxy does with what it receives from now on, on all its connections:
 *
 * - `none`: passes everything on.
 * - `delay`: passes everything on, each piece after so many milliseconds, in order.
 * - `drop-answers`: passes on what the client sends, and nothing that the server sends. Connections stay open.
 * - `cut-answers`: closes a connection after so many bytes of the server's next answer; with `times`, only so often.
 * - `half-open`: passes on nothing, in either direction. Connections stay open, and remain so without answers.
 * - `refuse`: closes every connection, and each new one at once.
 */
export type Fault =
  | { readonly kind: 'none' | 'drop-answers' | 'half-open' | 'refuse' }
  | { readonly kind: 'delay'; readonly milliseconds: number }
  | { readonly kind: 'cut-answers'; readonly afterBytes: number; readonly times?: number }

/** A proxy that disturbs. */
export interface FaultProxy extends ServerAddress {
  /** Changes the fault. A connection that was half-open or lost an answer never works again, as in a network. */
  readonly setFault: (fault: Fault) => void
  /** The number of open connections of clients. */
  readonly connections: () => number
  /** The pieces of data that a fault has disturbed until now. */
  readonly disturbed: () => number
  /** Closes the proxy and its connections. */
  readonly close: () => Promise<void>
}

type Direction = 'toClient' | 'toServer'

interface Delayed {
  readonly data: Buffer
  /** When it may be passed on: milliseconds on the clock of the process. */
  readonly due: number
}

interface Pair {
  readonly client: Socket
  readonly server: Socket
  /** Whether data was withheld: the stream has a gap, and nothing may follow it. */
  hasGap: { toClient: boolean; toServer: boolean }
  /** Pieces that are delayed; whatever comes later waits behind them, because a stream keeps its order. */
  readonly delayed: Readonly<Record<Direction, Array<Delayed>>>
}

const listening = (server: Server): Promise<number> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (typeof address === 'object' && address !== null) resolve(address.port)
    })
  })

/**
 * Starts a proxy before a server. It passes everything on until a fault is set.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:net'
 * import { faultProxy } from 'smart-app-launch/testing'
 *
 * const server = createServer().listen(0, '127.0.0.1')
 * await new Promise((resolve) => server.once('listening', resolve))
 * const { port } = server.address() as { port: number }
 * const proxy = await faultProxy({ host: '127.0.0.1', port })
 * proxy.setFault({ kind: 'drop-answers' })
 * proxy.connections() // => 0
 * await proxy.close()
 * server.close()
 * ```
 */
export const faultProxy = async (target: ServerAddress): Promise<FaultProxy> => {
  const { connect, createServer } = await import('node:net')
  const pairs = new Set<Pair>()
  let fault: Fault = { kind: 'none' }
  let disturbed = 0
  /** How often answers were cut since the fault was set. */
  let cuts = 0

  const destroy = ({ client, server }: Pair): void => {
    client.destroy()
    server.destroy()
  }

  const pass = (to: Socket, data: Buffer): void => {
    if (to.writable) to.write(data)
  }

  /** Passes on what is due, in order. */
  const passDue = (to: Socket, delayed: Array<Delayed>): void => {
    for (let next = delayed[0]; next !== undefined; next = delayed[0]) {
      const left = next.due - performance.now()
      if (left > 0) {
        setTimeout(passDue, Math.ceil(left), to, delayed)
        return
      }
      delayed.shift()
      pass(to, next.data)
    }
  }

  const delay = (to: Socket, delayed: Array<Delayed>, data: Buffer, milliseconds: number): void => {
    const due = Math.max(performance.now() + milliseconds, delayed.at(-1)?.due ?? 0)
    delayed.push({ data, due })
    if (delayed.length === 1) passDue(to, delayed)
  }

  const received = (pair: Pair, direction: Direction, data: Buffer): void => {
    const to = direction === 'toClient' ? pair.client : pair.server
    const isWithheld =
      pair.hasGap[direction] ||
      fault.kind === 'half-open' ||
      (fault.kind === 'drop-answers' && direction === 'toClient')
    if (fault.kind !== 'none') disturbed += 1
    if (isWithheld) pair.hasGap[direction] = true
    else if (fault.kind === 'refuse') destroy(pair)
    else if (fault.kind === 'delay') delay(to, pair.delayed[direction], data, fault.milliseconds)
    else if (fault.kind === 'cut-answers' && direction === 'toClient') {
      if (pair.delayed.toClient.length === 0) pass(to, data.subarray(0, fault.afterBytes))
      pair.hasGap.toClient = true
      pair.client.end()
      pair.server.destroy()
      cuts += 1
      if (cuts === fault.times) fault = { kind: 'none' }
    } else if (pair.delayed[direction].length > 0) delay(to, pair.delayed[direction], data, 0)
    else pass(to, data)
  }

  const proxy = createServer((client) => {
    if (fault.kind === 'refuse') {
      disturbed += 1
      client.destroy()
      return
    }
    const server = connect(target)
    const pair: Pair = {
      client,
      server,
      hasGap: { toClient: false, toServer: false },
      delayed: { toClient: [], toServer: [] }
    }
    pairs.add(pair)
    for (const socket of [client, server]) {
      socket.setNoDelay(true)
      socket.on('error', () => {
        destroy(pair)
      })
      socket.on('close', () => {
        if (client.closed && server.closed) pairs.delete(pair)
        // A fault that leaves connections open hides from each side that the other one has gone.
        if (pair.hasGap.toClient && socket === server && fault.kind !== 'cut-answers') return
        destroy(pair)
      })
    }
    client.on('data', (data: Buffer) => {
      received(pair, 'toServer', data)
    })
    server.on('data', (data: Buffer) => {
      received(pair, 'toClient', data)
    })
  })
  const port = await listening(proxy)

  return {
    host: '127.0.0.1',
    port,
    setFault: (next) => {
      fault = next
      cuts = 0
      if (next.kind === 'refuse') for (const pair of pairs) destroy(pair)
    },
    connections: () => pairs.size,
    disturbed: () => disturbed,
    close: () =>
      new Promise((resolve) => {
        proxy.close(() => {
          resolve()
        })
        for (const pair of pairs) destroy(pair)
      })
  }
}
