/**
 * The cost limits of one client request at the gate: upstream requests, and memory. All entries of a batch or
 * transaction share them.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { FhirServer, PortError } from '../ports.js'
import type { PatchLimits } from '../../protocol/access/json-patch.js'
import { defaultPatchLimits } from '../../protocol/access/json-patch.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'

/** The limits of the gate that a host may set; `docs/limits.md` says what each limits, and its default. */
export interface GateLimits extends PatchLimits {
  readonly bundleEntries: number
  readonly upstreamRequests: number
  readonly upstreamAnswer: number
  readonly held: number
  readonly heldInAll: number
  readonly pageRequests: number
  readonly pageEntries: number
  readonly narrowedRequests: number
  readonly includes: number
}

/** The default limits. */
export const defaultGateLimits: GateLimits = {
  ...defaultPatchLimits,
  bundleEntries: limits.fhirBundleEntries.default,
  upstreamRequests: limits.fhirUpstreamRequests.default,
  upstreamAnswer: limits.fhirUpstreamAnswer.default,
  held: limits.fhirHeld.default,
  heldInAll: limits.fhirHeldInAll.default,
  pageRequests: limits.fhirPageRequests.default,
  pageEntries: limits.fhirPageEntries.default,
  narrowedRequests: limits.fhirNarrowedRequests.default,
  includes: limits.fhirIncludes.default
}

/**
 * Why a request is stopped: the upstream server is unavailable or failed, the request costs too much, or the client has
 * left.
 */
export type StopReason =
  | PortError
  /** The upstream server failed where its answer decides about the response to another request. */
  | { readonly _tag: 'UpstreamFailed'; readonly response: PlainResponse }
  | { readonly _tag: 'TooCostly'; readonly because: 'requests' | 'answer' | 'held' }
  /** All requests of the process together hold too much memory. */
  | { readonly _tag: 'Busy' }
  | { readonly _tag: 'ClientLeft' }

/** Which memory limit was exceeded: that of this request, or that of all requests of the process together. */
export type MemoryExceeded = 'held' | 'heldInAll'

/** The cost of one client request so far. */
export interface RequestBudget {
  readonly limits: GateLimits
  /** Whether no more upstream requests are allowed. */
  readonly isExhausted: () => boolean
  /** Whether the client has left. */
  readonly isLeft: () => boolean
  /**
   * Counts characters in memory. Returns null on success; returns the exceeded limit, and counts nothing, if they are
   * too many.
   */
  readonly hold: (characters: number) => MemoryExceeded | null
  /**
   * The same for what was looked up to open other resources. It is counted by itself, so that its size changes no other
   * response.
   */
  readonly holdLookup: (characters: number) => MemoryExceeded | null
  /** Counts the memory of a task only until the task ends. */
  readonly whileHolding: <E, A>(task: TaskEither.TaskEither<E, A>) => TaskEither.TaskEither<E, A>
  /** Releases all memory. */
  readonly end: () => void
  /** Sends requests to the upstream server, within the limits. */
  readonly ask: (server: FhirServer) => SendUpstream
}

/**
 * Sends a request to the upstream server. A request with `writes` can change stored data: it is not aborted after it
 * was sent, because its outcome would be unknown. Default for `writes`: by method.
 */
export type SendUpstream = (request: PlainRequest, writes?: boolean) => TaskEither.TaskEither<StopReason, PlainResponse>

/** Whether the method of a request is one that writes. */
const writesByMethod = ({ method, path }: PlainRequest): boolean =>
  method !== 'GET' && method !== 'HEAD' && !(method === 'POST' && path.endsWith('/_search'))

/** The memory of all requests. Memory belongs to the process, so all gates share this counter. */
const inAll = { held: 0 }

/** Why a response was cut off: by its own size, or by the memory of all requests together. */
type Cut = 'answer' | 'heldInAll'

/** The memory of one upstream response while it is read. */
interface Reading {
  readonly hold: (characters: number) => boolean
  readonly cut: () => Cut | null
  readonly end: () => void
}

/** Counts one upstream response while it is read; the response is cut off at the memory limit. */
const newReading = (bounds: GateLimits): Reading => {
  let [held, isOver]: [number, boolean] = [0, false]
  let cut: Cut | null = null
  return {
    hold: (characters) => {
      if (isOver || cut !== null) return false
      if (inAll.held + characters > bounds.heldInAll) {
        cut = held + characters > bounds.heldInAll ? 'answer' : 'heldInAll'
        return false
      }
      held += characters
      inAll.held += characters
      return true
    },
    cut: () => cut,
    end: () => {
      isOver = true
      inAll.held -= held
    }
  }
}

/**
 * A response without the byte order mark that a server may write before JSON, which has no meaning there (RFC 8259,
 * section 8.1). In any other text it stays.
 */
const withoutMark = (response: PlainResponse): PlainResponse =>
  /^\uFEFF\s*[{[]/.test(response.body) ? { ...response, body: response.body.slice(1) } : response

/** The upstream response, and whether it was cut off. */
const answerOf = async (server: FhirServer, request: PlainRequest, reading: Reading) => {
  try {
    const outcome = await server.answer(request)()
    return { outcome, cut: reading.cut() }
  } finally {
    reading.end()
  }
}

/** A new budget for one client request. `signal` is aborted when the client has left. */
export const newRequestBudget = (bounds: GateLimits, signal: AbortSignal | undefined): RequestBudget => {
  let requests = 0
  let [held, lookedUp] = [0, 0]
  const isLeft = (): boolean => signal?.aborted === true
  const releaseTo = (before: number, lookedUpBefore: number): void => {
    inAll.held -= held - before + lookedUp - lookedUpBefore
    held = before
    lookedUp = lookedUpBefore
  }
  return {
    limits: bounds,
    isExhausted: () => requests >= bounds.upstreamRequests,
    isLeft,
    hold: (characters) => {
      if (held + characters > bounds.held) return 'held'
      if (inAll.held + characters > bounds.heldInAll) return 'heldInAll'
      held += characters
      inAll.held += characters
      return null
    },
    holdLookup: (characters) => {
      if (lookedUp + characters > bounds.held || held + lookedUp + characters > bounds.heldInAll) return 'held'
      if (inAll.held + characters > bounds.heldInAll) return 'heldInAll'
      lookedUp += characters
      inAll.held += characters
      return null
    },
    whileHolding: (task) => async () => {
      const [before, lookedUpBefore] = [held, lookedUp]
      const outcome = await task()
      releaseTo(before, lookedUpBefore)
      return outcome
    },
    end: () => {
      releaseTo(0, 0)
    },
    ask:
      (server) =>
      (request, writes = writesByMethod(request)) =>
      async () => {
        if (isLeft()) return Either.left<StopReason>({ _tag: 'ClientLeft' })
        if (requests >= bounds.upstreamRequests)
          return Either.left<StopReason>({ _tag: 'TooCostly', because: 'requests' })
        requests += 1
        const reading = newReading(bounds)
        const limited = { ...request, hold: reading.hold, ...(signal === undefined || writes ? {} : { signal }) }
        const { outcome, cut } = await answerOf(server, limited, reading)
        if (Either.isLeft(outcome)) return Either.left<StopReason>(isLeft() ? { _tag: 'ClientLeft' } : outcome.left)
        if (cut === null && outcome.right.body.length <= bounds.upstreamAnswer)
          return Either.right(withoutMark(outcome.right))
        // The write took effect, so it is reported, without its body.
        if (writes && !request.path.includes('$')) return Either.right({ ...outcome.right, body: '' })
        return Either.left<StopReason>(
          cut === 'heldInAll' && !writes ? { _tag: 'Busy' } : { _tag: 'TooCostly', because: 'answer' }
        )
      }
  }
}
