import { createServer, request as sendRequest } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { connect } from 'node:net'
import * as Task from 'fp-ts/lib/Task.js'
import { nodeHandler } from '../../src/adapters/node.js'
import { webHandler } from '../../src/adapters/web.js'
import type { ShownLimit } from './shown.js'

const answer = () => Task.of({ status: 200, headers: {}, body: '' })

const statusOf = (status: number): string => (status === 200 ? 'within' : String(status))

const request = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'

const moment = (): Promise<void> =>
  new Promise((resolve) => {
    setTimeout(resolve, 200)
  })

interface Pipelined {
  /** How many requests have come. */
  readonly come: () => number
  /** A connection over which so many requests were sent at once, and have come. */
  readonly open: (requests: number) => Promise<Socket>
}

/** A server that answers nothing, and connections over which many requests are sent. */
const pipelined = async (work: (given: Pipelined) => Promise<string>): Promise<string> => {
  let come = 0
  const handle = nodeHandler(() => () => new Promise(() => undefined))
  const server = createServer((message, target) => {
    come += 1
    handle(message, target)
  })
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  const { port } = server.address() as AddressInfo
  const clients: Array<Socket> = []
  const open = async (requests: number): Promise<Socket> => {
    const before = come
    const client = connect(port, '127.0.0.1')
      .on('error', () => undefined)
      .resume()
    clients.push(client)
    client.write(request.repeat(requests))
    while (come < before + requests)
      await new Promise((resolve) => {
        setTimeout(resolve, 2)
      })
    return client
  }
  try {
    return await work({ come: () => come, open })
  } finally {
    for (const client of clients) client.destroy()
    server.closeAllConnections()
    server.close()
    await moment()
  }
}

/** The bounds that the adapters for hosts keep. */
export const httpLimits: ReadonlyArray<ShownLimit> = [
  {
    limit: 'requestBody',
    at: 'nodeHandler',
    run: async (size) => {
      const server = createServer(nodeHandler(answer))
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve)
      })
      const { port } = server.address() as AddressInfo
      const status = await new Promise<number>((resolve, reject) => {
        sendRequest({ host: '127.0.0.1', port, method: 'POST', path: '/' }, (response) => {
          response.resume()
          resolve(response.statusCode ?? 0)
        })
          .on('error', reject)
          .end('x'.repeat(size))
      })
      server.closeAllConnections()
      server.close()
      return statusOf(status)
    },
    peerResponse: '413'
  },
  {
    limit: 'unsentAnswers',
    run: async (size) => {
      const lengths = [Math.floor(size / 2), Math.ceil(size / 2)]
      const server = createServer(
        nodeHandler(() => Task.of({ status: 200, headers: {}, body: 'x'.repeat(lengths.shift() ?? 0) }))
      )
      await new Promise<void>((resolve) => {
        server.listen(0, '127.0.0.1', resolve)
      })
      const { port } = server.address() as AddressInfo
      const accepted: Array<Socket> = []
      server.on('connection', (socket: Socket) => {
        accepted.push(socket)
      })
      const clients: Array<Socket> = []
      for (const left of [1, 0]) {
        clients.push(
          connect(port, '127.0.0.1')
            .on('error', () => undefined)
            .pause()
        )
        clients.at(-1)?.write('GET / HTTP/1.1\r\nhost: a\r\n\r\n')
        while (lengths.length > left)
          await new Promise((resolve) => {
            setTimeout(resolve, 5)
          })
        await new Promise((resolve) => {
          setTimeout(resolve, 300)
        })
      }
      const closed = accepted.map(({ destroyed }) => destroyed)
      for (const client of clients) client.destroy()
      server.closeAllConnections()
      server.close()
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
      return closed[1] === true ? 'the new one is closed' : closed[0] === true ? 'closed' : 'within'
    },
    peerResponse: 'closed'
  },
  {
    limit: 'waitingRequests',
    run: (size) =>
      pipelined(async ({ come, open }) => {
        const client = await open(1 + size)
        client.write(request)
        await moment()
        return come() === 2 + size ? 'within' : 'not read'
      }),
    peerResponse: 'not read'
  },
  {
    limit: 'waitingRequestsInAll',
    run: (size) =>
      pipelined(async ({ open }) => {
        const clients = [await open(2)]
        for (let left = size - 1; left > 0; left -= 90) clients.push(await open(1 + Math.min(left, 90)))
        await moment()
        const closed = clients.filter(({ destroyed }) => destroyed)
        return closed.length === 0 ? 'within' : `${String(closed.length)} closed`
      }),
    peerResponse: '1 closed'
  },
  {
    limit: 'requestBody',
    at: 'webHandler',
    run: async (size) =>
      statusOf(
        (await webHandler(answer)(new Request('https://ehr.example/', { method: 'POST', body: 'x'.repeat(size) })))
          .status
      ),
    peerResponse: '413'
  }
]
