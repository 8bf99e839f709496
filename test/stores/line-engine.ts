/**
 * A small engine for records over TCP, one JSON text a line, and a store on it: a correct one, and faults that are
 * planted in the engine or in the store.
 */
import type { Socket } from 'node:net'
import { connect, createServer } from 'node:net'
import { createInterface } from 'node:readline'
import { setTimeout as pause } from 'node:timers/promises'
import type { PlainStore } from '../../src/plain/ports.js'
import type { ServerAddress } from '../../src/testing.js'

interface Entry {
  /** The version that the writer sent: a second delivery of a write is recognized by it. */
  readonly writer: string
  readonly version: string
  readonly text: string
  readonly expiresAt: number
}

interface Request {
  readonly id: number
  readonly now: number
  readonly key: string
  /** Absent for a load. */
  readonly swap?: {
    readonly expected: string | null
    readonly version: string
    readonly text: string
    readonly expiresAt: number
  }
}

type Answer = { readonly version: string; readonly text: string } | 'won' | 'lost' | null

/** A fault, planted in one place. What is left out is correct. */
export interface Fault {
  /** The key under which a record is kept. */
  readonly keyOf?: (key: string) => string
  /** Whether a record counts as present. */
  readonly isPresent?: (entry: Entry, now: number) => boolean
  /** Whether a record counts as present for a swap, where that differs. */
  readonly isPresentForSwap?: (entry: Entry, now: number) => boolean
  /** A second delivery of a write is not recognized. */
  readonly isForgetful?: boolean
  /** The version of a write over the record that is present. */
  readonly version?: (fresh: string, earlier: Entry | undefined) => string
  /** Whether the write is allowed. */
  readonly mayWrite?: (found: string | null, expected: string | null) => boolean
  /** Waits between the check and the write, so that other requests come between. */
  readonly isTorn?: boolean
  /** `load` on another connection than the writer's answers from a copy that is behind. */
  readonly isStale?: boolean
  /** The text that is written. */
  readonly textOf?: (text: string) => string
  /** What the store does with a failure of a swap; `isSent` tells whether the request may have been sent. */
  readonly onFailure?: () => 'won' | 'lost' | 'not applied'
  /** What the store gives when a load fails. */
  readonly onLoadFailure?: () => null
  /** The time limit of a request is ignored. */
  readonly isPatient?: boolean
  /** The text and the version of a record are read one after the other. */
  readonly isReadInSteps?: boolean
  /** A swap whose connection was lost is sent again, on a new connection, with a new version. */
  readonly isRetrying?: boolean
  /** The time at which a record expires, as it is written. */
  readonly expiresAt?: (expiresAt: number, earlier: Entry | undefined) => number
  /** Whether a number is accepted. */
  readonly acceptsEveryNumber?: boolean
}

/** The engine. */
export interface LineEngine extends ServerAddress {
  readonly close: () => Promise<void>
}

const lineEnd = '\n'

/** How long a copy is behind, in milliseconds. */
const lagTime = 300

/** Starts the engine. */
export const startLineEngine = async (fault: Fault = {}): Promise<LineEngine> => {
  const entries = new Map<string, Entry>()
  const behind = new Map<string, { readonly earlier: Entry | undefined; readonly by: Socket; readonly at: number }>()
  const sockets = new Set<Socket>()
  const isPresent = fault.isPresent ?? (({ expiresAt }: Entry, now: number) => now < expiresAt)

  const answer = async ({ now, key, swap }: Request, socket: Socket): Promise<Answer> => {
    const at = fault.keyOf?.(key) ?? key
    if (swap === undefined) {
      const lag = behind.get(at)
      const isBehind = fault.isStale === true && lag !== undefined && lag.by !== socket && Date.now() < lag.at + lagTime
      const entry = isBehind ? lag.earlier : entries.get(at)
      return entry === undefined || !isPresent(entry, now) ? null : { version: entry.version, text: entry.text }
    }
    const earlier = entries.get(at)
    const present = earlier !== undefined && (fault.isPresentForSwap ?? isPresent)(earlier, now) ? earlier : undefined
    const found = present?.version ?? null
    const { expected, version } = swap
    const isOwn = earlier?.writer === version && fault.isForgetful !== true
    if (!(isOwn || (fault.mayWrite?.(found, expected) ?? found === expected))) return 'lost'
    if (fault.isTorn === true) await pause(2)
    behind.set(at, { earlier, by: socket, at: Date.now() })
    entries.set(at, {
      writer: version,
      version: isOwn ? earlier.version : (fault.version?.(version, present) ?? version),
      text: fault.textOf?.(swap.text) ?? swap.text,
      expiresAt: fault.expiresAt?.(swap.expiresAt, earlier) ?? swap.expiresAt
    })
    return 'won'
  }

  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => socket.destroy())
    createInterface({ input: socket })
      .on('error', () => undefined)
      .on('line', (line) => {
        const request = JSON.parse(line) as Request
        void answer(request, socket).then((result) => {
          if (!socket.destroyed) socket.write(JSON.stringify({ id: request.id, result }) + lineEnd)
        })
      })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || address === null) throw new Error('no address')
  return {
    host: '127.0.0.1',
    port: address.port,
    close: () =>
      new Promise((resolve) => {
        for (const socket of sockets) socket.destroy()
        server.close(() => {
          resolve()
        })
      })
  }
}

interface Connection {
  readonly send: (request: Omit<Request, 'id'>, timeoutMilliseconds: number) => Promise<Answer>
  readonly close: () => void
}

/** A connection that is made anew after it was lost; `twice` delivers every request twice. */
const connectionTo = ({ host, port }: ServerAddress, twice: boolean): Connection => {
  let socket: Socket | undefined
  let lastId = 0
  const waiting = new Map<number, { resolve: (answer: Answer) => void; reject: (error: Error) => void }>()

  const lose = (lost: Socket): void => {
    if (socket !== lost) return
    socket = undefined
    lost.destroy()
    for (const { reject } of waiting.values()) reject(new Error('the connection was lost'))
    waiting.clear()
  }

  const connected = (): Socket => {
    if (socket !== undefined) return socket
    const opened = connect(port, host)
    socket = opened
    opened.on('error', () => {
      lose(opened)
    })
    opened.on('close', () => {
      lose(opened)
    })
    createInterface({ input: opened })
      .on('error', () => undefined)
      .on('line', (line) => {
        try {
          const { id, result } = JSON.parse(line) as { readonly id: number; readonly result: Answer }
          waiting.get(id)?.resolve(result)
          waiting.delete(id)
        } catch {
          lose(opened)
        }
      })
    return opened
  }

  const once = (request: Omit<Request, 'id'>, timeoutMilliseconds: number): Promise<Answer> =>
    new Promise((resolve, reject) => {
      lastId += 1
      const id = lastId
      waiting.set(id, { resolve, reject })
      const at = connected()
      at.write(JSON.stringify({ ...request, id }) + lineEnd)
      setTimeout(() => {
        if (waiting.has(id)) lose(at)
      }, timeoutMilliseconds).unref()
    })

  return {
    send: async (request, timeoutMilliseconds) => {
      if (twice) await once(request, timeoutMilliseconds)
      return once(request, timeoutMilliseconds)
    },
    close: () => {
      if (socket !== undefined) lose(socket)
    }
  }
}

/** How a store on the engine is opened. */
export interface LineStoreOptions {
  readonly clock: () => number
  readonly timeoutMilliseconds?: number
  readonly twice?: boolean
}

/** A store on the engine, and its end. */
export const lineStore = (
  address: ServerAddress,
  { clock, timeoutMilliseconds = 5000, twice = false }: LineStoreOptions,
  fault: Fault = {}
): PlainStore & { readonly close: () => void } => {
  const { send, close } = connectionTo(address, twice)
  const limit = fault.isPatient === true ? 60_000 : timeoutMilliseconds
  const swapOnce = async (key: string, swap: NonNullable<Request['swap']>) =>
    (await send({ now: clock(), key, swap }, limit)) === 'won' ? 'won' : 'lost'
  return {
    close,
    load: async (key) => {
      try {
        const answer = await send({ now: clock(), key }, limit)
        const later = fault.isReadInSteps === true ? await send({ now: clock(), key }, limit) : answer
        return typeof answer === 'object' && answer !== null && typeof later === 'object' && later !== null
          ? { version: later.version, text: answer.text }
          : null
      } catch (error) {
        if (fault.onLoadFailure !== undefined) return fault.onLoadFailure()
        throw error
      }
    },
    swap: async (key, expected, text, expiresAt) => {
      if (!Number.isFinite(expiresAt) && fault.acceptsEveryNumber !== true)
        throw Object.assign(new Error('no finite number'), { applied: 'no' })
      const swap = () => ({ expected, version: crypto.randomUUID(), text, expiresAt })
      try {
        return await swapOnce(key, swap())
      } catch (error) {
        if (fault.isRetrying === true) return swapOnce(key, swap())
        const outcome = fault.onFailure?.()
        if (outcome === 'won' || outcome === 'lost') return outcome
        throw outcome === 'not applied' ? Object.assign(new Error('failed'), { applied: 'no' }) : error
      }
    }
  }
}
