/**
 * The health of a process over Node's `http`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ProcessHealth } from './health.js'
import { originalTarget, targetPath } from '../node-http/exchange.js'
import { nodeHandler } from '../node.js'

/** A listener of Node's `http`. */
export type NodeListener = (message: IncomingMessage, target: ServerResponse) => void

/**
 * A listener that answers the two addresses of a process's health, and gives all other requests to another listener.
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http'
 * import { healthListener, processHealth } from 'smart-app-launch/adapters/process'
 *
 * const health = processHealth()
 * const server = createServer(healthListener(health, (_message, response) => response.end('hello')))
 * server.listening // => false
 * ```
 */
export const healthListener = (
  health: Pick<ProcessHealth, 'handles' | 'answer'>,
  listener: NodeListener
): NodeListener => {
  const answerHealth = nodeHandler((request) => () => health.answer(request), {
    requestsAtOnce: Number.POSITIVE_INFINITY
  })
  return (message, target) => {
    const isHealth = health.handles(targetPath(originalTarget(message)))
    ;(isHealth ? answerHealth : listener)(message, target)
  }
}
