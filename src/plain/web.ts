/**
 * For every host with the Fetch API: `Request` to `Promise<Response>`. Uses web standards only.
 *
 * @module adapters/web
 */
import type { ClientKeysOptions, DocumentFetch } from '../adapters/client-key-cache.js'
import { cachedClientKeys } from '../adapters/client-key-cache.js'
import type { FhirUpstreamOptions } from '../adapters/fhir-upstream.js'
import { fhirUpstream } from '../adapters/fhir-upstream.js'
import { systemClock } from '../adapters/system.js'
import type { HandlerOptions } from '../adapters/web.js'
import { webHandler } from '../adapters/web.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { orThrow } from './engine-ports.js'
import type { ServerPorts } from './ports.js'
import type { PlainRequestHandler } from './request-handler.js'
import { engineHandler } from './request-handler.js'

export type { ClientKeysOptions, DocumentFetch, FetchedDocument } from '../adapters/client-key-cache.js'
export type { FhirUpstreamOptions } from '../adapters/fhir-upstream.js'
export type { HandlerOptions } from '../adapters/web.js'
export type { PlainRequestHandler } from './request-handler.js'
export { systemClock, systemRandom } from '../adapters/system.js'

/**
 * A handler for the Fetch API.
 *
 * @example
 * ```ts
 * import { createFetchHandler } from 'smart-app-launch/adapters/web'
 *
 * const handler = createFetchHandler((request) => ({ status: 200, headers: {}, body: `you sent ${request.path}` }))
 * const response = await handler(new Request('http://127.0.0.1/here?not=this'))
 * await response.text() // => 'you sent /here'
 * ```
 */
export const createFetchHandler = (
  handler: PlainRequestHandler,
  options: HandlerOptions = {}
): ((request: Request) => Promise<Response>) => webHandler(engineHandler('createFetchHandler', handler), options)

/**
 * A FHIR server at another address, as a function. Paths are below its base (`/Observation/1`). It follows no redirect,
 * and forwards neither the access token nor cookies. The promise rejects when the server does not answer.
 *
 * @example
 * ```ts no-run
 * import { createFhirUpstream } from 'smart-app-launch/adapters/web'
 *
 * const fhir = createFhirUpstream('http://127.0.0.1:8080/fhir')
 * const { status } = await fhir({ method: 'GET', path: '/Patient/1', query: '', headers: {}, body: '' })
 * console.log(status)
 * ```
 */
export const createFhirUpstream = (
  base: string,
  options: FhirUpstreamOptions = {}
): ((request: PlainRequest) => Promise<PlainResponse>) & { readonly base: string } => {
  const upstream = fhirUpstream(base, options)
  return Object.assign((request: PlainRequest) => orThrow(upstream(request)), { base })
}

/**
 * The port `clientKeys`: keys that clients publish by URL, fetched when needed and cached as long as the response
 * allows. `guardedFetch` of `smart-app-launch/adapters/node` fetches safely. Default lifetime: 300 seconds.
 *
 * @example
 * ```ts no-run
 * import { createClientKeys } from 'smart-app-launch/adapters/web'
 * import { guardedFetch } from 'smart-app-launch/adapters/node'
 *
 * const clientKeys = createClientKeys(guardedFetch({}))
 * console.log(await clientKeys('https://app.example/jwks.json', false))
 * ```
 */
export const createClientKeys = (
  fetchDocument: DocumentFetch,
  options: Partial<ClientKeysOptions> = {}
): NonNullable<ServerPorts['clientKeys']> => {
  const keys = cachedClientKeys(fetchDocument, systemClock, { defaultTtlSeconds: 300, ...options })
  return (url, isFresh, signal) => orThrow(keys.keysAt(url, isFresh, signal))
}
