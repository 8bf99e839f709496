/**
 * The requests of one connection, carried out one after the other.
 *
 * HTTP/1.1 lets a client send many requests before it reads an answer (pipelining), and answers go out in that order.
 * Node hands out all of them at once and gives those that wait no socket, so that nobody tells them that the client has
 * left. So many may wait; then nothing more is read from the connection until one was answered.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** How many requests may wait behind others. */
export interface QueueLimits {
  /** On one connection, besides those that came with the same piece of data. */
  readonly waitingRequests: number
  /** On all connections of the process together. */
  readonly waitingRequestsInAll: number
}

interface Queue {
  readonly socket: Socket
  /** Ends what is not answered yet. */
  readonly unanswered: Set<() => void>
  last: Promise<void>
  /** Whether nothing is read because too many wait. */
  isFull: boolean
}

const queues = new WeakMap<Socket, Queue>()

/** How many wait on each connection on which one does. The memory is the process's: all handlers share the account. */
const waiting = new Map<Queue, number>()
let waitingInAll = 0

/** The first request is answered and does not wait. */
const count = (queue: Queue): number => {
  const [before, now] = [waiting.get(queue) ?? 0, Math.max(0, queue.unanswered.size - 1)]
  waitingInAll += now - before
  if (now === 0) waiting.delete(queue)
  else waiting.set(queue, now)
  return now
}

/** Closes the connection on which most requests wait. */
const closeFullest = (): void => {
  let [fullest, most]: [Queue | null, number] = [null, 0]
  for (const [queue, number] of waiting) if (number > most) [fullest, most] = [queue, number]
  if (fullest === null) return
  waiting.delete(fullest)
  waitingInAll -= most
  fullest.socket.destroy()
}

const queueOf = (socket: Socket): Queue => {
  const known = queues.get(socket)
  if (known !== undefined) return known
  const queue: Queue = { socket, unanswered: new Set(), last: Promise.resolve(), isFull: false }
  queues.set(socket, queue)
  socket.once('close', () => {
    for (const end of [...queue.unanswered]) end()
  })
  // Node reads on after each answer.
  socket.on('resume', () => {
    if (queue.isFull) socket.pause()
  })
  return queue
}

/**
 * Begins `serve` once the answers to all requests before it on its connection were sent: who does not read holds one
 * answer. `leave` is called where the connection ends before the answer was sent, also while it waits.
 */
export const inOrder = (
  message: IncomingMessage,
  target: ServerResponse,
  limits: QueueLimits,
  leave: () => void,
  serve: () => Promise<void>
): Promise<void> => {
  const queue = queueOf(message.socket)
  // The requests of HTTP/2 share a connection and do not wait for one another.
  const waits = message.httpVersionMajor === 1
  const before = queue.last
  queue.last = new Promise((resolve) => {
    const end = (): void => {
      queue.unanswered.delete(end)
      if (waits && count(queue) <= limits.waitingRequests && queue.isFull) {
        queue.isFull = false
        queue.socket.resume()
      }
      if (!target.writableFinished) leave()
      resolve()
    }
    queue.unanswered.add(end)
    target.once('close', end)
  })
  if (!waits) return serve()
  if (count(queue) > limits.waitingRequests && !queue.isFull) {
    queue.isFull = true
    queue.socket.pause()
  }
  if (waitingInAll > limits.waitingRequestsInAll) closeFullest()
  return before.then(serve)
}
