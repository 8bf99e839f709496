/**
 * What one request of a client may cost at the gate: requests to the server behind, and what is held in memory. All
 * entries of a batch or transaction share it.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { FhirServer, PortError } from '../ports.js'
import type { PatchLimits } from '../../protocol/access/json-patch.js'
import { standardPatchLimits } from '../../protocol/access/json-patch.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'

/** The bounds of the gate that a host may set; what each bounds, and its default, stands in `docs/limits.md`. */
export interface GateLimits extends PatchLimits {
  readonly bundleEntries: number
  readonly upstreamRequests: number
  readonly upstreamAnswer: number
  readonly held: number
  readonly heldInAll: number
  readonly pages: number
  readonly searchEntries: number
  readonly narrowedRequests: number
  readonly includes: number
}

/** What holds where a host says nothing else. */
export const standardGateLimits: GateLimits = {
  ...standardPatchLimits,
  bundleEntries: limits.fhirBundleEntries.standard,
  upstreamRequests: limits.fhirUpstreamRequests.standard,
  upstreamAnswer: limits.fhirUpstreamAnswer.standard,
  held: limits.fhirHeld.standard,
  heldInAll: limits.fhirHeldInAll.standard,
  pages: limits.fhirPages.standard,
  searchEntries: limits.fhirSearchEntries.standard,
  narrowedRequests: limits.fhirNarrowedRequests.standard,
  includes: limits.fhirIncludes.standard
}

/** Why a request is not carried on: the server behind is silent, it costs too much, or nobody waits for its answer. */
export type StopReason =
  | PortError
  | { readonly _tag: 'TooCostly'; readonly because: 'requests' | 'answer' | 'held' }
  /** All requests of the process together hold too much. */
  | { readonly _tag: 'Busy' }
  | { readonly _tag: 'ClientLeft' }

/** Why no more can be held: this request holds too much, or all requests of the process together do. */
export type MemoryExceeded = 'held' | 'heldInAll'

/** What one request of a client has cost so far. */
export interface RequestBudget {
  readonly limits: GateLimits
  /** Whether no request to the server behind is left. */
  readonly isSpent: () => boolean
  /** Whether the client has left. */
  readonly isLeft: () => boolean
  /**
   * Counts characters that are held; where they are too many, nothing is counted, and it is said why. Null where they
   * are not.
   */
  readonly hold: (characters: number) => MemoryExceeded | null
  /** Counts what a task holds only until it ends. */
  readonly whileHolding: <E, A>(task: TaskEither.TaskEither<E, A>) => TaskEither.TaskEither<E, A>
  /** Ends the account: nothing is held any more. */
  readonly end: () => void
  /** Asks the server behind, within the bounds. */
  readonly ask: (server: FhirServer) => SendUpstream
}

/**
 * Asks the server behind. A request that `writes` can change what is stored: it is not given up once it was sent, lest
 * nobody know what came of it. Where that is not said, its method says it.
 */
export type SendUpstream = (request: PlainRequest, writes?: boolean) => TaskEither.TaskEither<StopReason, PlainResponse>

/** Whether a request writes by its method. */
const writesByMethod = ({ method, path }: PlainRequest): boolean =>
  method !== 'GET' && method !== 'HEAD' && !(method === 'POST' && path.endsWith('/_search'))

/** What all requests hold. The memory is the process's, and so is the account: no host can forget to share it. */
const inAll = { held: 0 }

/** What the answer holds while it is read. */
interface Reading {
  readonly hold: (characters: number) => boolean
  readonly isCut: () => boolean
  readonly end: () => void
}

/** What one answer of the server behind holds while it is read; where no more can be held it is cut. */
const newReading = (bounds: GateLimits): Reading => {
  let [held, isCut, isOver] = [0, false, false]
  return {
    hold: (characters) => {
      if (isOver || isCut || inAll.held + characters > bounds.heldInAll) {
        isCut = true
        return false
      }
      held += characters
      inAll.held += characters
      return true
    },
    isCut: () => isCut,
    end: () => {
      isOver = true
      inAll.held -= held
    }
  }
}

/** The answer of the server behind, and whether it was cut. */
const answerOf = async (server: FhirServer, request: PlainRequest, reading: Reading) => {
  try {
    const outcome = await server.answer(request)()
    return { outcome, isCut: reading.isCut() }
  } finally {
    reading.end()
  }
}

/** A new account of one request of a client. `signal` tells that the client has left. */
export const newRequestBudget = (bounds: GateLimits, signal: AbortSignal | undefined): RequestBudget => {
  let asked = 0
  let held = 0
  const isLeft = (): boolean => signal?.aborted === true
  const releaseTo = (before: number): void => {
    inAll.held -= held - before
    held = before
  }
  return {
    limits: bounds,
    isSpent: () => asked >= bounds.upstreamRequests,
    isLeft,
    hold: (characters) => {
      if (held + characters > bounds.held) return 'held'
      if (inAll.held + characters > bounds.heldInAll) return 'heldInAll'
      held += characters
      inAll.held += characters
      return null
    },
    whileHolding: (task) => async () => {
      const before = held
      const outcome = await task()
      releaseTo(before)
      return outcome
    },
    end: () => {
      releaseTo(0)
    },
    ask:
      (server) =>
      (request, writes = writesByMethod(request)) =>
      async () => {
        if (isLeft()) return Either.left<StopReason>({ _tag: 'ClientLeft' })
        if (asked >= bounds.upstreamRequests) return Either.left<StopReason>({ _tag: 'TooCostly', because: 'requests' })
        asked += 1
        const reading = newReading(bounds)
        const asking = { ...request, hold: reading.hold, ...(signal === undefined || writes ? {} : { signal }) }
        const { outcome, isCut } = await answerOf(server, asking, reading)
        if (Either.isLeft(outcome)) return Either.left<StopReason>(isLeft() ? { _tag: 'ClientLeft' } : outcome.left)
        if (!isCut && outcome.right.body.length <= bounds.upstreamAnswer) return outcome
        // What was written is written, and said so, if not shown.
        if (writes && !request.path.includes('$')) return Either.right({ ...outcome.right, body: '' })
        return Either.left<StopReason>(isCut && !writes ? { _tag: 'Busy' } : { _tag: 'TooCostly', because: 'answer' })
      }
  }
}
