/**
 * A whole host in route handlers of Next.js (App Router).
 *
 * @module hosts/next
 */
import type { HostOrOptions } from './hosted.js'
import { answererFor, hostFrom } from './hosted.js'
import type { DefectOptions } from '../adapters/answerer.js'
import { plainReading, serveRequest } from '../adapters/fetch/request-exchange.js'

/** The part of a request of Next.js that the host uses. */
export type NextMessage = Request & {
  readonly nextUrl?: { readonly basePath: string }
}

/** A route handler. */
export type NextRouteHandler<R> = (request: R) => Promise<Response>

/** The route handlers of a route, by method. */
export type NextRouteHandlers<R> = Readonly<
  Record<'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'OPTIONS', NextRouteHandler<R>>
>

/** Next.js removes its `basePath` from some of its addresses. */
const pathIn = (path: string, basePath: string): string =>
  path === basePath || path.startsWith(`${basePath}/`) ? path : `${basePath}${path}`

/**
 * The route handlers of the host, for a route that catches all its paths: `app/[...smart]/route.ts`. Routes and pages
 * with a path of their own come first in Next.js, so the pages of the application stay as they are. Requests that reach
 * the route and are not for the host get a 404.
 *
 * @example
 * ```ts
 * import { smartNext } from 'smart-app-launch/hosts/next'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * export const { GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS } = smartNext({
 *   issuer: 'https://ehr.example',
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   store: createMemoryStore(),
 *   clients: [],
 *   permittedScopes: (_user, _client, requested) => requested,
 *   user: () => null,
 *   signIn: '/sign-in'
 * })
 * const response = await GET(new Request('https://ehr.example/fhir/.well-known/smart-configuration'))
 * response.status // => 200
 * ```
 */
export const smartNext = <R extends NextMessage = NextMessage>(
  hostOrOptions: HostOrOptions<R>,
  options: DefectOptions = {}
): NextRouteHandlers<R> => {
  const host = hostFrom(hostOrOptions)
  const handler: NextRouteHandler<R> = async (request) => {
    const reading = plainReading(request)
    const path = pathIn(reading.path, request.nextUrl?.basePath ?? '')
    return host.handles(path)
      ? serveRequest(request, { ...reading, path }, answererFor(host, path, request), options)
      : new Response('There is nothing at this address.', { status: 404 })
  }
  return {
    GET: handler,
    HEAD: handler,
    POST: handler,
    PUT: handler,
    PATCH: handler,
    DELETE: handler,
    OPTIONS: handler
  }
}

export * from './host-exports.js'
