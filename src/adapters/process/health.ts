/**
 * The addresses at which an orchestrator or a load balancer reads the state of the process: whether it runs, and
 * whether it is ready for requests.
 *
 * @module
 */
import { json } from '../../protocol/http/message.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'

/** What a process needs to be ready. */
export interface HealthOptions {
  /**
   * Checks by name; a check that throws, rejects or takes too long fails. Default: none. The response names the check,
   * and not its error.
   */
  readonly checks?: Readonly<Record<string, () => unknown>>
  /** The time for all checks. Default: 2000 milliseconds. */
  readonly timeoutMilliseconds?: number
  /** The path of both addresses. Default: `/health`. */
  readonly path?: string
}

/** The state of the process. */
export interface ProcessHealth {
  /** Whether a path is one of the two addresses. */
  readonly handles: (path: string) => boolean
  /**
   * Answers GET and HEAD of `/health/live` with 200 as long as the process answers at all, and of `/health/ready` with
   * 200 if all checks pass and the process is not stopping, otherwise 503. Every other path is answered with 404.
   */
  readonly answer: (request: { readonly method: string; readonly path: string }) => Promise<PlainResponse>
  /** From now on the process is not ready. */
  readonly markStopping: () => void
}

/** The time for which the result of the checks is used again, so that frequent requests put no load on the store. */
const reuseMilliseconds = 1000

type Checked = Readonly<Record<string, 'pass' | 'fail'>>

/** The result of a check; it is also a failure if it takes longer than the given time. */
const checked = (check: () => unknown, milliseconds: number): Promise<'pass' | 'fail'> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve('fail')
    }, milliseconds)
    const end = (result: 'pass' | 'fail') => (): void => {
      clearTimeout(timer)
      resolve(result)
    }
    Promise.resolve().then(check).then(end('pass'), end('fail'))
  })

const response = (checks: Checked, isReady: boolean): PlainResponse =>
  json(isReady ? 200 : 503, { status: isReady ? 'pass' : 'fail', checks }, isReady ? {} : { 'retry-after': '1' })

/**
 * The health of a process.
 *
 * @example
 * ```ts
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 * import { processHealth } from 'smart-app-launch/adapters/process'
 *
 * const store = createMemoryStore()
 * const health = processHealth({ checks: { store: () => store.load('health') } })
 * const ready = await health.answer({ method: 'GET', path: '/health/ready' })
 * ready.body // => '{"status":"pass","checks":{"store":"pass"}}'
 * health.markStopping()
 * const stopping = await health.answer({ method: 'GET', path: '/health/ready' })
 * stopping.status // => 503
 * health.handles('/token') // => false
 * ```
 */
export const processHealth = (options: HealthOptions = {}): ProcessHealth => {
  const path = ownMember(options, 'path') ?? '/health'
  const checks = Object.entries(ownMember(options, 'checks') ?? {})
  const milliseconds = ownMember(options, 'timeoutMilliseconds') ?? limits.healthCheckTime.default
  let isStopping = false
  let latest: { readonly at: number; readonly checked: Promise<Checked> } | null = null

  const run = async (): Promise<Checked> =>
    Object.fromEntries(
      await Promise.all(checks.map(async ([name, check]) => [name, await checked(check, milliseconds)] as const))
    )
  const recent = (): Promise<Checked> => {
    const now = performance.now()
    if (latest === null || now - latest.at >= reuseMilliseconds) latest = { at: now, checked: run() }
    return latest.checked
  }
  const ready = async (): Promise<PlainResponse> => {
    const results = await recent()
    return response(results, !isStopping && Object.values(results).every((result) => result === 'pass'))
  }
  const handles = (requested: string): boolean => requested === `${path}/live` || requested === `${path}/ready`
  return {
    handles,
    answer: async ({ method, path: requested }) => {
      if (!handles(requested)) return json(404, { status: 'fail' })
      if (method !== 'GET' && method !== 'HEAD') return json(405, { status: 'fail' }, { allow: 'GET, HEAD' })
      return requested === `${path}/live` ? json(200, { status: 'pass' }) : ready()
    },
    markStopping: () => {
      isStopping = true
    }
  }
}
