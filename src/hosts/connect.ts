/**
 * Middleware in the form that Express, Nest and many others use: message, response, `next`.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HostOrOptions } from './hosted.js'
import { answererFor, hostFrom, mountNotice, mountOf } from './hosted.js'
import type { DefectOptions } from '../adapters/answerer.js'
import type { NodeLimits } from '../adapters/node-http/exchange.js'
import { originalTarget, serveExchange, targetPath } from '../adapters/node-http/exchange.js'
import { keptBody } from '../adapters/node-http/request-body.js'

/** Limits of the process, and where errors of the host's own code go. */
export interface HostProcessOptions extends NodeLimits, DefectOptions {}

/** A message of Node, with what frameworks and body parsers add to it. */
export type ConnectMessage = IncomingMessage & {
  readonly originalUrl?: string
  readonly rawBody?: unknown
  readonly body?: unknown
}

/** Middleware: `next` is called for requests that are not for the host. */
export type ConnectMiddleware<R> = (message: R, target: ServerResponse, next: () => void) => void

/** What the middleware says of itself on the console. */
export interface MiddlewareTexts {
  readonly name: string
  /** What to do about a wrong mount path. */
  readonly howToMount: string
  /** What to do about a body that was read before. */
  readonly howToKeep: string
}

/** The middleware over a host. */
export const connectMiddleware = <R extends ConnectMessage>(
  given: HostOrOptions<R>,
  options: HostProcessOptions,
  { howToKeep, howToMount, name }: MiddlewareTexts
): ConnectMiddleware<R> => {
  const host = hostFrom(given)
  const noticeMount = mountNotice(host, name, howToMount)
  return (message, target, next) => {
    const url = originalTarget(message)
    const path = targetPath(url)
    noticeMount(mountOf(path, targetPath(message.url ?? '/')))
    if (!host.handles(path)) {
      next()
      return
    }
    void serveExchange(
      { message, target, url, kept: () => keptBody(message.rawBody, message.body), howToKeep },
      answererFor(host, path, message),
      options
    )
  }
}
