/**
 * A whole host in every runtime with the Fetch API: Deno, Bun, workers.
 *
 * @module hosts/fetch
 */
import type { HostOrOptions } from './hosted.js'
import { answererFor, hostFrom } from './hosted.js'
import type { DefectOptions } from '../adapters/answerer.js'
import { plainReading, serveRequest } from '../adapters/fetch/request-exchange.js'

/**
 * A function from a request to its response, or to null if the request is not for the host. Where the runtime has more
 * than the request (`env` of a worker), give it as second argument; the functions of the options then get that.
 *
 * @example
 * ```ts
 * import { smartFetch } from 'smart-app-launch/hosts/fetch'
 * import { createMemoryStore } from 'smart-app-launch/adapters/memory'
 *
 * const smart = smartFetch({
 *   issuer: 'https://ehr.example',
 *   fhirBaseUrl: 'https://ehr.example/fhir',
 *   store: createMemoryStore(),
 *   clients: [],
 *   permittedScopes: (_user, _client, requested) => requested,
 *   user: (_request: Request) => null,
 *   signIn: '/sign-in'
 * })
 * const serve = async (request: Request): Promise<Response> =>
 *   (await smart(request)) ?? new Response('the pages of the site')
 *
 * const response = await serve(new Request('https://ehr.example/fhir/.well-known/smart-configuration'))
 * response.status // => 200
 * ```
 */
export const smartFetch = <R = Request>(
  hostOrOptions: HostOrOptions<R>,
  options: DefectOptions = {}
): ((request: R extends Request ? R : Request, own?: R) => Promise<Response | null>) => {
  const host = hostFrom(hostOrOptions)
  return async (request, own) => {
    const reading = plainReading(request)
    if (!host.handles(reading.path)) return null
    return serveRequest(request, reading, answererFor(host, reading.path, own ?? (request as R)), options)
  }
}

export * from './host-exports.js'
