/**
 * The requests of one connection, carried out one after the other.
 *
 * HTTP/1.1 lets a client send many requests before it reads an answer (pipelining), and answers go out in that order. Node hands out all
 * of them at once and gives those that wait no socket, so that nobody tells them that the client has left.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

interface Queue {
  /** Ends what is not answered yet. */
  readonly unanswered: Set<() => void>
  last: Promise<void>
}

const queues = new WeakMap<Socket, Queue>()

const queueOf = (socket: Socket): Queue => {
  const known = queues.get(socket)
  if (known !== undefined) return known
  const queue: Queue = { unanswered: new Set(), last: Promise.resolve() }
  queues.set(socket, queue)
  socket.once('close', () => { for (const end of [...queue.unanswered]) end() })
  return queue
}

/**
 * Begins `serve` once the answers to all requests before it on its connection were sent: who does not read holds one answer. `leave` is
 * called where the connection ends before the answer was sent, also while it waits.
 */
export const inTurn = (message: IncomingMessage, target: ServerResponse, leave: () => void, serve: () => Promise<void>): Promise<void> => {
  const queue = queueOf(message.socket)
  const before = queue.last
  queue.last = new Promise((resolve) => {
    const end = (): void => {
      queue.unanswered.delete(end)
      if (!target.writableFinished) leave()
      resolve()
    }
    queue.unanswered.add(end)
    target.once('close', end)
  })
  // The requests of HTTP/2 share a connection and do not wait for one another.
  return message.httpVersionMajor > 1 ? serve() : before.then(serve)
}
