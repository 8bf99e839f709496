/**
 * A whole host in Koa 3.
 *
 * @module hosts/koa
 */
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { HostProcessOptions } from './connect.js'
import type { HostOrOptions } from './hosted.js'
import { answererFor, hostFrom, mountNotice, mountOf } from './hosted.js'
import { serveExchange, targetPath } from '../adapters/node-http/exchange.js'
import { keptBody } from '../adapters/node-http/request-body.js'
import type { PlainResponse } from '../protocol/http/message.js'

/** The part of a context of Koa that the host uses. */
export interface KoaContext {
  readonly req: IncomingMessage
  readonly res: ServerResponse
  readonly originalUrl: string
  readonly path: string
  readonly request: object
  status: number
  body: unknown
  /** Sets a header field of the response. */
  set(name: string, value: string | Array<string>): void
  /** Removes a header field of the response. */
  remove(name: string): void
}

const howToMount =
  'Use it without koa-mount: app.use(smartKoa(options)). It calls next() for requests that are not for it; its ' +
  'addresses follow from issuer and fhirBaseUrl.'
const howToKeep =
  'Put app.use(smartKoa(options)) before all body parsers, or use one that keeps the text of the body in ' +
  '`ctx.request.rawBody`, as @koa/bodyparser does.'

/** Koa sends the response when all middleware is done, so sessions can still set their cookies. */
const deliverBy =
  (context: KoaContext) =>
  ({ status, headers, body }: PlainResponse): void => {
    context.status = status
    context.body = body
    // Koa guesses a type from the body.
    context.remove('content-type')
    for (const [name, value] of Object.entries(headers))
      context.set(name, typeof value === 'string' ? value : [...value])
  }

/**
 * Middleware for Koa: `app.use(smartKoa(options))`. Put it behind the middleware of the session and before body
 * parsers. It calls `next` for requests that are not for the host.
 *
 * @example
 * ```ts
 * import Koa from 'koa'
 * import { smartKoa } from 'smart-app-launch/hosts/koa'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const app = new Koa()
 * app.use(
 *   smartKoa({
 *     issuer: 'http://127.0.0.1:4000',
 *     fhirBaseUrl: 'http://127.0.0.1:4000/fhir',
 *     store: createMemoryStore(),
 *     clients: [],
 *     permittedScopes: (_user, _client, requested) => requested,
 *     user: (_ctx: Koa.Context) => null,
 *     signIn: '/sign-in'
 *   })
 * )
 * ```
 */
export const smartKoa = <R extends KoaContext = KoaContext>(
  hostOrOptions: HostOrOptions<R>,
  options: HostProcessOptions = {}
): ((context: R, next: () => Promise<unknown>) => Promise<void>) => {
  const host = hostFrom(hostOrOptions)
  const noticeMount = mountNotice(host, 'smartKoa', howToMount)
  return async (context, next) => {
    const path = targetPath(context.originalUrl)
    noticeMount(mountOf(path, context.path))
    if (!host.handles(path)) {
      await next()
      return
    }
    const { body, rawBody }: { readonly rawBody?: unknown; readonly body?: unknown } = context.request
    await serveExchange(
      {
        message: context.req,
        target: context.res,
        url: context.originalUrl,
        kept: () => keptBody(rawBody, body),
        howToKeep,
        deliver: deliverBy(context)
      },
      answererFor(host, path, context),
      options
    )
  }
}

export type { HostProcessOptions } from './connect.js'
export * from './host-exports.js'
