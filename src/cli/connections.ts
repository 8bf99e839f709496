/** What strangers may do to the sockets of the simulator: how many there are, and how long they may take. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Socket } from 'node:net'
import { limits } from '../values/limits/limits.js'

/** The last request over a connection; null before its first one. */
type Last = { readonly message: IncomingMessage; readonly response: ServerResponse } | null

/** Whether a connection waits for an answer to a request that has come whole. */
const isAnswering = (last: Last): boolean => last !== null && last.message.complete && !last.response.writableEnded

/** Closes the connection that was opened first among those that wait for no answer; tells whether there was one. */
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
 * An HTTP server on which connections end in time. When there are too many, the oldest one that waits for no answer
 * makes room; a connection that could not be taken is no reason to end the process, and is told to `onError`.
 */
export const boundedServer = (listener: RequestListener, onError: (error: Error) => void): Server => {
  const server = createServer({
    headersTimeout: limits.simulatorHeadTime.standard,
    requestTimeout: limits.simulatorRequestTime.standard,
    connectionsCheckingInterval: limits.simulatorHeadTime.standard / 10
  })
  const connections = new Map<Socket, Last>()
  server.on('connection', (socket) => {
    if (connections.size >= limits.simulatorConnections.standard && !closeOldest(connections)) {
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
  server.setTimeout(limits.simulatorSilence.standard)
  server.on('error', onError)
  return server
}
