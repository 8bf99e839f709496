/**
 * For every host with the Fetch API: `Request` to `Promise<Response>`. Uses web standards only.
 *
 * @module fp-ts/adapters/web
 */
import * as Task from 'fp-ts/lib/Task.js'
import type { Answerer, DefectOptions } from './answerer.js'
import { plainReading, serveRequest } from './fetch/request-exchange.js'
import type { LoadOptions } from './process/load.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { plainRefusal } from '../protocol/errors/refusal-table.js'
import { limits } from '../values/limits/limits.js'
import { ownMember } from '../values/own.js'

/** The options of a handler. */
export interface HandlerOptions extends DefectOptions, LoadOptions {
  /** Larger bodies are refused with 413. Default: 65536. */
  readonly bodyLimitBytes?: number
}

/** The default of {@link HandlerOptions.bodyLimitBytes}. */
export const defaultBodyLimitBytes = limits.requestBody.default

/** The response when the host's own code threw; it has no details. */
export const defectResponse: PlainResponse = plainRefusal(null)

/**
 * The response to a request that could not be read, or when the host's own code threw (`because` is null); in the
 * format of its address if the host's `refused` gives one.
 */
export const refusedFor = async (
  answer: RequestHandler,
  request: PlainRequest,
  because: Refusal | null
): Promise<PlainResponse> => {
  try {
    return await (ownMember(answer, 'refused')?.(request, because) ?? Task.of(plainRefusal(because)))()
  } catch {
    return plainRefusal(because)
  }
}

/** A request handler in the form that serves requests. */
export const answererOf = (answer: RequestHandler, options: HandlerOptions): Answerer => ({
  answer: async (request) => answer(request)(),
  refused: (request, because) => refusedFor(answer, request, because),
  bodyLimitBytes: ownMember(options, 'bodyLimitBytes') ?? defaultBodyLimitBytes
})

/**
 * A handler for the Fetch API.
 *
 * @example
 * ```ts
 * import * as Task from 'fp-ts/lib/Task.js'
 * import { webHandler } from 'smart-app-launch/fp-ts/adapters/web'
 *
 * const handler = webHandler((request) =>
 *   Task.of({ status: 200, headers: {}, body: `you requested ${request.path}` })
 * )
 * const response = await handler(new Request('http://127.0.0.1/here?not=this'))
 * await response.text() // => 'you requested /here'
 * ```
 */
export const webHandler = (
  answer: RequestHandler,
  options: HandlerOptions = {}
): ((request: Request) => Promise<Response>) => {
  const answerer = answererOf(answer, options)
  return (request) => serveRequest(request, plainReading(request), answerer, options)
}

export { cachedClientKeys } from './client-key-cache.js'
export type { ClientKeysOptions, DocumentFetch, FetchedDocument } from './client-key-cache.js'
export { fhirUpstream } from './fhir-upstream.js'
export type { FhirUpstreamOptions } from './fhir-upstream.js'
export { systemClock, systemRandom } from './system.js'
export { reportDefect } from './answerer.js'
export type { Answerer, DefectOptions } from './answerer.js'
