/** The bounds of the simulator's connections. */
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import type { ShownLimit } from './shown.js'
import { boundedServer } from '../../src/cli/connections.js'

const served = async (
  work: (server: ReturnType<typeof boundedServer>, open: () => Socket) => Promise<string>,
  listener: RequestListener = () => undefined
): Promise<string> => {
  const server = boundedServer(listener, () => undefined).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sockets: Array<Socket> = []
  const { port } = server.address() as AddressInfo
  try {
    return await work(server, () => {
      const socket = connect(port, '127.0.0.1').on('error', () => undefined)
      sockets.push(socket)
      return socket
    })
  } finally {
    for (const socket of sockets) socket.destroy()
    server.closeAllConnections()
    server.close()
  }
}

/** Whether the server keeps a setting of Node's that ends what takes longer. */
const kept = (
  limit: ShownLimit['limit'],
  defaultValue: number,
  read: (server: ReturnType<typeof boundedServer>) => number
): ShownLimit => ({
  limit,
  sizes: [defaultValue, defaultValue + 1],
  peerResponse: 'ended',
  run: (size) => served((server) => Promise.resolve(size <= read(server) ? 'within' : 'ended'))
})

/** The bounds of the simulator's connections. */
export const connectionLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'simulatorConnections',
    run: (size) =>
      served(async (server, open) => {
        const first = open()
        await once(first, 'connect')
        for (let index = 1; index < size; index++) await once(open(), 'connect')
        await new Promise((resolve) => {
          server.getConnections(resolve)
        })
        await new Promise((resolve) => {
          setTimeout(resolve, 200)
        })
        return first.readyState === 'open' ? 'within' : 'closed'
      }),
    peerResponse: 'closed'
  },
  {
    limit: 'simulatorHead',
    run: (size) =>
      served(
        async (_server, open) => {
          const socket = open().setEncoding('utf8')
          socket.write(`GET ${'/'.padEnd(size - 'hosta'.length, 'x')} HTTP/1.1\r\nhost: a\r\n\r\n`)
          const [response] = (await once(socket, 'data')) as [string]
          return response.startsWith('HTTP/1.1 200 ') ? 'within' : response.replace(/ [A-Z].*/s, '')
        },
        (_message, response) => response.end()
      ),
    peerResponse: 'HTTP/1.1 431'
  },
  kept('simulatorHeadTime', 10_000, ({ headersTimeout }) => headersTimeout),
  kept('simulatorRequestTime', 30_000, ({ requestTimeout }) => requestTimeout),
  kept('simulatorIdleConnection', 120_000, ({ timeout }) => timeout)
]
