/** Limits the number and the duration of connections to the simulator. */
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http'
import { createServer } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Socket } from 'node:net'
import { limits } from '../values/limits/limits.js'
import { ownMember } from '../values/own.js'

/** The last request on a connection; null before the first one. */
type Last = { readonly message: IncomingMessage; readonly response: ServerResponse } | null

/** How long a connection is still read after the response to a request that Node cannot read. */
const lingerMilliseconds = 1000

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

/** The responses to requests that Node cannot read, by the code of its error; `null` stands for all other codes. */
const unreadable = {
  HPE_HEADER_OVERFLOW: [
    '431 Request Header Fields Too Large',
    'The address and the header fields of this request have more than ' +
      `${String(limits.simulatorHead.default)} bytes together, and this server reads no more. ` +
      'What is long goes into the body of a POST; cookies of other servers on this machine count too.'
  ],
  HPE_CHUNK_EXTENSIONS_OVERFLOW: ['413 Content Too Large', 'A chunk of the body has too many extensions.'],
  ERR_HTTP_REQUEST_TIMEOUT: ['408 Request Timeout', 'The request did not arrive in time.']
} as const

const notHttp = ['400 Bad Request', 'The request is not HTTP/1.1.'] as const

/** The response to a request that Node cannot read. */
const unreadableResponse = (code: string): string => {
  const [status, sentence] = ownMember(unreadable, code as keyof typeof unreadable) ?? notHttp
  return [
    `HTTP/1.1 ${status}`,
    'Connection: close',
    'Content-Type: text/plain; charset=utf-8',
    `Content-Length: ${String(Buffer.byteLength(sentence) + 1)}`,
    '',
    `${sentence}\n`
  ].join('\r\n')
}

/**
 * Answers a request that Node cannot read, once for each connection, and closes the connection. What the client still
 * sends is read for a short time: a connection that is closed with unread bytes is reset, and the client may lose the
 * response.
 */
const refuseUnreadable =
  (connections: ReadonlyMap<Duplex, Last>) =>
  (error: Error & { readonly code?: string }, socket: Duplex): void => {
    if (socket.writableEnded) return
    const last = connections.get(socket) ?? null
    if (!socket.writable || (last !== null && last.response.headersSent && !last.response.writableEnded)) {
      socket.destroy()
      return
    }
    socket.end(unreadableResponse(error.code ?? ''))
    const timer = setTimeout(() => socket.destroy(), lingerMilliseconds)
    socket.on('close', () => {
      clearTimeout(timer)
    })
  }

/**
 * An HTTP server with limits for connections. At the maximum number, the oldest connection that waits for no response
 * is closed. An error on accepting a connection does not end the process, but is given to `onError`.
 */
export const boundedServer = (listener: RequestListener, onError: (error: Error) => void): Server => {
  const server = createServer({
    // Node refuses a head that reaches its bound.
    maxHeaderSize: limits.simulatorHead.default + 1,
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
  server.on('clientError', refuseUnreadable(connections))
  server.on('request', (message, response) => {
    if (connections.has(message.socket)) connections.set(message.socket, { message, response })
    listener(message, response)
  })
  server.setTimeout(limits.simulatorIdleConnection.default)
  server.on('error', onError)
  return server
}
