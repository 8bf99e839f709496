/**
 * Limits the work in progress, in total and for each peer, and the work that waits for its turn.
 *
 * @module
 */
import { limits } from '../../values/limits/limits.js'

/** The limits for work in progress. */
export interface TurnSettings {
  readonly atOnce: number
  readonly atOncePerPeer: number
}

interface Waiting {
  readonly peer: string
  readonly begin: () => void
}

/**
 * Runs work when its turn comes; rejects if too much work waits already, or if the signal is aborted before the turn.
 */
export type Turns = <A>(peer: string, signal: AbortSignal, work: () => Promise<A>) => Promise<A>

/** The number of waiting entries for one peer. */
const waitingFor = (queue: ReadonlyArray<Waiting>, peer: string): number =>
  queue.filter((one) => one.peer === peer).length

/**
 * Runs work in turns. Peers whose work has succeeded before have priority over unknown peers, so deliberately slow
 * peers do not delay them.
 */
export const turns = ({ atOnce, atOncePerPeer }: TurnSettings): Turns => {
  const underway = new Map<string, number>()
  const known = new Set<string>()
  const queues: Readonly<Record<'known' | 'unknown', Array<Waiting>>> = { known: [], unknown: [] }
  let total = 0

  const hasRoom = (peer: string): boolean => total < atOnce && (underway.get(peer) ?? 0) < atOncePerPeer

  const remember = (peer: string): void => {
    known.delete(peer)
    known.add(peer)
    const [oldest] = known
    if (known.size > limits.knownKeyHosts.default && oldest !== undefined) known.delete(oldest)
  }

  const begin = (peer: string): void => {
    total += 1
    underway.set(peer, (underway.get(peer) ?? 0) + 1)
  }

  const end = (peer: string): void => {
    total -= 1
    const left = (underway.get(peer) ?? 1) - 1
    if (left === 0) underway.delete(peer)
    else underway.set(peer, left)
    for (const queue of [queues.known, queues.unknown]) {
      const next = queue.findIndex((one) => hasRoom(one.peer))
      if (next === -1) continue
      queue.splice(next, 1)[0]?.begin()
      return
    }
  }

  /** Waits for a turn; the result is a function that releases the turn, which may be called twice. */
  const turn = (peer: string, signal: AbortSignal): Promise<() => void> =>
    new Promise((resolve, reject) => {
      const take = (): void => {
        begin(peer)
        let isOver = false
        resolve(() => {
          if (!isOver) end(peer)
          isOver = true
        })
      }
      if (hasRoom(peer)) {
        take()
        return
      }
      const queue = queues[known.has(peer) ? 'known' : 'unknown']
      if (
        queue.length >= limits.keyRequestsWaiting.default ||
        waitingFor(queue, peer) >= limits.keyRequestsWaitingPerHost.default
      ) {
        reject(new Error('too many requests wait already'))
        return
      }
      const leave = (): void => {
        const place = queue.indexOf(waiting)
        if (place !== -1) queue.splice(place, 1)
        reject(signal.reason as Error)
      }
      const waiting: Waiting = {
        peer,
        begin: () => {
          signal.removeEventListener('abort', leave)
          take()
        }
      }
      signal.addEventListener('abort', leave, { once: true })
      queue.push(waiting)
    })

  return async (peer, signal, work) => {
    const done = await turn(peer, signal)
    // Work that ignores its signal releases its turn all the same.
    signal.addEventListener('abort', done, { once: true })
    try {
      const result = await work()
      remember(peer)
      return result
    } finally {
      signal.removeEventListener('abort', done)
      done()
    }
  }
}
