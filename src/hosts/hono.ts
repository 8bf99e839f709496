/**
 * A whole host in Hono 4, on every runtime.
 *
 * @module hosts/hono
 */
import type { HostOrOptions } from './hosted.js'
import { answererFor, hostFrom, mountNotice } from './hosted.js'
import type { DefectOptions } from '../adapters/answerer.js'
import { serveRequest } from '../adapters/fetch/request-exchange.js'
import { pathOf } from '../values/urls.js'

/** The part of a context of Hono that the host uses. */
export interface HonoContext {
  readonly req: {
    readonly raw: Request
    readonly routePath: string
    readonly bodyCache: object
  }
}

const howToMount =
  'Use it on the whole application: app.use(smartHono(options)). It calls next() for requests that are not for it; ' +
  'its addresses follow from issuer and fhirBaseUrl.'
const howToKeep =
  'Put app.use(smartHono(options)) before middleware that reads the body, or let that read it by c.req.text(), ' +
  'c.req.json() or c.req.parseBody(), which keep it.'

/** What Hono keeps of a body that was read by its own functions. */
const kept = async ({ bodyCache }: HonoContext['req']): Promise<Uint8Array | string | null> => {
  const { arrayBuffer, text }: { readonly arrayBuffer?: unknown; readonly text?: unknown } = bodyCache
  const bytes: unknown = await arrayBuffer
  if (bytes instanceof ArrayBuffer) return new Uint8Array(bytes)
  const whole: unknown = await text
  return typeof whole === 'string' ? whole : null
}

/**
 * Middleware for Hono: `app.use(smartHono(options))`. Put it behind the middleware of the session. It calls `next` for
 * requests that are not for the host.
 *
 * @example
 * ```ts
 * import { Hono } from 'hono'
 * import type { Context } from 'hono'
 * import { smartHono } from 'smart-app-launch/hosts/hono'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const app = new Hono()
 * app.use(
 *   smartHono({
 *     issuer: 'https://ehr.example',
 *     fhirBaseUrl: 'https://ehr.example/fhir',
 *     store: createMemoryStore(),
 *     clients: [],
 *     permittedScopes: (_user, _client, requested) => requested,
 *     user: (_c: Context) => null,
 *     signIn: '/sign-in'
 *   })
 * )
 * const response = await app.request('https://ehr.example/fhir/.well-known/smart-configuration')
 * response.status // => 200
 * ```
 */
export const smartHono = <R extends HonoContext = HonoContext>(
  hostOrOptions: HostOrOptions<R>,
  options: DefectOptions = {}
): ((context: R, next: () => Promise<void>) => Promise<Response | undefined>) => {
  const host = hostFrom(hostOrOptions)
  const noticeMount = mountNotice(host, 'smartHono', howToMount)
  return async (context, next) => {
    const { raw, routePath } = context.req
    noticeMount(/^(.*?)\/?(?:\*|$)/.exec(routePath)?.[1] ?? '')
    const path = pathOf(raw.url)
    if (host.handles(path)) {
      const reading = { path, kept: () => kept(context.req), howToKeep }
      return serveRequest(raw, reading, answererFor(host, path, context), options)
    }
    await next()
    return undefined
  }
}

export * from './host-exports.js'
