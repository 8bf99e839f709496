/**
 * Load shedding, and the metrics of requests. A process that has too much to do answers 503 at once with `Retry-After`,
 * so that the requests that it accepted are still answered in time.
 *
 * @module
 */
import type { Metrics } from './metrics.js'
import { metricNames, recordCount, recordDuration } from './metrics.js'
import type { Answerer } from '../answerer.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'

/** When requests are shed, and who receives the metrics. */
export interface LoadOptions {
  /**
   * The number of requests that the process answers at the same time; beyond, a request is answered with status 503 and
   * `Retry-After`. Default: 1000.
   */
  readonly requestsAtOnce?: number
  /**
   * The delay of the event loop, in milliseconds, from which on requests are shed in the same way. Default: requests
   * are not shed for it.
   */
  readonly eventLoopDelayMilliseconds?: number
  /** Receives the duration of each request. Default: nothing is measured. */
  readonly metrics?: Metrics
}

/** The requests that are being answered. Time and memory belong to the process, so all handlers share this number. */
let inProgress = 0

/** The time between two looks at the clock. */
const lookEveryMilliseconds = 20

let loopDelay: (() => number) | null = null

/** Tells when the client of a request has left: calls the function then. */
export type WhenLeft = (left: () => void) => void

/** Tells it by the signal of a request. */
const bySignal =
  (signal: AbortSignal | undefined): WhenLeft =>
  (left) => {
    if (signal?.aborted === true) left()
    else signal?.addEventListener('abort', left, { once: true })
  }

/**
 * Counts a request until the function that it gives is called, or until the client has left: what the host does for a
 * client that has left may never end.
 */
const beginRequest = (whenLeft: WhenLeft): (() => void) => {
  let isCounted = true
  inProgress += 1
  const end = (): void => {
    if (isCounted) inProgress -= 1
    isCounted = false
  }
  whenLeft(end)
  return end
}

/** How late the event loop was, in milliseconds, when it last looked. */
const eventLoopDelay = (): number => {
  if (loopDelay === null) {
    let [last, late] = [performance.now(), 0]
    const timer: unknown = setInterval(() => {
      const now = performance.now()
      late = Math.max(0, now - last - lookEveryMilliseconds)
      last = now
    }, lookEveryMilliseconds)
    // In Node, a timer would keep the process alive.
    ;(timer as { readonly unref?: () => void }).unref?.()
    loopDelay = () => late
  }
  return loopDelay()
}

const isOverloaded = (options: LoadOptions): boolean => {
  const delay = ownMember(options, 'eventLoopDelayMilliseconds')
  return (
    inProgress >= (ownMember(options, 'requestsAtOnce') ?? limits.requestsAtOnce.default) ||
    (delay !== undefined && eventLoopDelay() > delay)
  )
}

/** The last segments of paths that are worth a name of their own in the metrics. */
const namedRoutes = new Set([
  'authorize',
  'introspect',
  'jwks',
  'manage',
  'metadata',
  'oauth-authorization-server',
  'openid-configuration',
  'register',
  'revoke',
  'smart-configuration',
  'token',
  'userinfo'
])

/** The route of a request, out of few: paths contain identifiers of patients. */
const routeOf = (path: string): string => {
  const last = path.slice(path.lastIndexOf('/') + 1)
  return namedRoutes.has(last) ? last : 'other'
}

const methods = new Set(['DELETE', 'GET', 'HEAD', 'OPTIONS', 'PATCH', 'POST', 'PUT'])

/** Has a request answered, or sheds it. */
export const answerUnderLoad = async (
  answerer: Answerer,
  request: PlainRequest,
  options: LoadOptions,
  whenLeft: WhenLeft = bySignal(request.signal)
): Promise<PlainResponse> => {
  const metrics = ownMember(options, 'metrics')
  const start = metrics === undefined ? 0 : performance.now()
  const isShed = isOverloaded(options)
  let status = 500
  const end = isShed ? () => undefined : beginRequest(whenLeft)
  try {
    const response = await (isShed ? answerer.refused(request, { _tag: 'Overloaded' }) : answerer.answer(request))
    status = response.status
    return response
  } finally {
    end()
    if (metrics !== undefined) {
      const attributes = {
        'http.request.method': methods.has(request.method) ? request.method : '_OTHER',
        'http.route': routeOf(request.path)
      }
      if (isShed) recordCount(metrics, metricNames.shed, attributes)
      recordDuration(metrics, metricNames.request, start, { ...attributes, 'http.response.status_code': status })
    }
  }
}
