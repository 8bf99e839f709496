/** Limits the number and the duration of connections to the simulator. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { limits } from '../values/limits/limits.js'

/** The last request on a connection; null before the first one. */
type Last = { readonly message: IncomingMessage; readonly response: ServerResponse } | null

/** Whether a connection waits for the response to a complete request. */
const isAnswering = (last: Last): boolean => last !== null && last.message.complete && !last.response.writableEnded

/** Closes the oldest connection that waits for no response; returns whether there was one. */
const closeOldest = (connections: Map<Socket, Last>): boolean => {
  for (const [socket, last] of connections) {
    if (isAnswering(last)) continue
    connections.delete(socket)
    socket.destroy()
    return true
  }
  return false
}

/**
 * An HTTP server with limits for connections. At the maximum number, the oldest connection that waits for no response
 * is closed. An error on accepting a connection does not end the process, but is given to `onError`.
 */
export const boundedServer = (listener: RequestListener, onError: (error: Error) => void): Server => {
  const server = createServer({
    headersTimeout: limits.simulatorHeadTime.default,
    requestTimeout: limits.simulatorRequestTime.default,
    connectionsCheckingInterval: limits.simulatorHeadTime.default / 10
  })
  const connections = new Map<Socket, Last>()
  server.on('connection', (socket) => {
    if (connections.size >= limits.simulatorConnections.default && !closeOldest(connections)) {
      socket.destroy()
      return
    }
    connections.set(socket, null)
    socket.on('error', () => undefined)
    socket.on('close', () => {
      connections.delete(socket)
    })
  })
  server.on('request', (message, response) => {
    if (connections.has(message.socket)) connections.set(message.socket, { message, response })
    listener(message, response)
  })
  server.setTimeout(limits.simulatorIdleConnection.default)
  server.on('error', onError)
  return server
}
