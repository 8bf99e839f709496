/**
 * Handles the requests of one connection one after the other.
 *
 * HTTP/1.1 lets a client send many requests before it reads a response (pipelining), and responses go out in the order
 * of requests. Node emits all pipelined requests at once, and a waiting response has no socket, so it gets no notice
 * when the client leaves. This queue limits the waiting requests; at the limit it stops reading from the connection
 * until a request was answered.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** The limits for waiting requests. */
export interface QueueLimits {
  /** On one connection, in addition to those in the same chunk of data. */
  readonly waitingRequests: number
  /** On all connections of the process. */
  readonly waitingRequestsInAll: number
}

interface Queue {
  readonly socket: Socket
  /** Abort functions of the unanswered requests. */
  readonly unanswered: Set<() => void>
  last: Promise<void>
  /** Whether reading is paused because too many requests wait. */
  isFull: boolean
}

const queues = new WeakMap<Socket, Queue>()

/**
 * The number of waiting requests for each connection that has any. Memory belongs to the process, so all handlers share
 * this map.
 */
const waiting = new Map<Queue, number>()
let waitingInAll = 0

/** The first request is being answered and does not wait. */
const count = (queue: Queue): number => {
  const [before, now] = [waiting.get(queue) ?? 0, Math.max(0, queue.unanswered.size - 1)]
  waitingInAll += now - before
  if (now === 0) waiting.delete(queue)
  else waiting.set(queue, now)
  return now
}

/** Closes the connection with the most waiting requests. */
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
  // Node resumes reading after each response.
  socket.on('resume', () => {
    if (queue.isFull) socket.pause()
  })
  return queue
}

/**
 * Calls `serve` once the responses to all earlier requests of the connection were sent, so a client that does not read
 * keeps only one response in memory. `leave` is called if the connection ends before the response was sent, also while
 * the request waits.
 */
export const inOrder = (
  message: IncomingMessage,
  target: ServerResponse,
  limits: QueueLimits,
  leave: () => void,
  serve: () => Promise<void>
): Promise<void> => {
  const queue = queueOf(message.socket)
  // HTTP/2 requests share a connection and do not wait for one another.
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
