/** The simulator in this process, behind a real server on a free port; and a server that stands for another origin. */
import type { IncomingMessage, Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import * as Either from 'fp-ts/lib/Either.js'
import { nodeHandler } from '../../../src/adapters/node.js'
import { readConfig } from '../../../src/simulator/config/config.js'
import { simulator } from '../../../src/simulator/simulator.js'

/** A server that listens. */
export interface Listening {
  readonly base: string
  readonly stop: () => void
}

type Answer = Parameters<typeof createServer>[1]

const listen = async (server: Server): Promise<Listening> => {
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve)
  })
  return {
    base: `http://127.0.0.1:${String((server.address() as AddressInfo).port)}`,
    stop: () => {
      server.close()
      server.closeAllConnections()
    }
  }
}

/** Starts the simulator with this configuration. */
export const listeningSimulator = async (config: object): Promise<Listening> => {
  const box: { handle?: Answer } = {}
  const server = createServer((request, response) => {
    box.handle?.(request, response)
  })
  const listening = await listen(server)
  const read = readConfig(JSON.stringify({ publicBaseUrl: listening.base, ...config }))
  if (Either.isLeft(read)) throw new Error(JSON.stringify(read.left))
  const built = await simulator(read.right)()
  if (Either.isLeft(built)) throw new Error(built.left.reason)
  box.handle = nodeHandler(built.right.answer)
  return listening
}

/** A request that arrived at the other origin. */
export interface Recorded {
  readonly line: string
  readonly authorization: string | undefined
  readonly body: string
}

/** Starts a server that stands for another origin. It answers as a token endpoint, so that a careless app goes on. */
export const foreignOrigin = async (): Promise<Listening & { readonly requests: Array<Recorded> }> => {
  const requests: Array<Recorded> = []
  const server = createServer((request: IncomingMessage, response) => {
    const chunks: Array<Buffer> = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      requests.push({
        line: `${request.method ?? ''} ${request.url ?? ''}`,
        authorization: request.headers.authorization,
        body: Buffer.concat(chunks).toString()
      })
      response
        .writeHead(200, { 'content-type': 'application/json', 'access-control-allow-origin': '*' })
        .end(JSON.stringify({ access_token: 'stolen', token_type: 'Bearer', expires_in: 3600 }))
    })
  })
  return { ...(await listen(server)), requests }
}
