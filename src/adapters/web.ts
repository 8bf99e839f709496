/**
 * For every host with the Fetch API: `Request` to `Promise<Response>`. Uses web standards only.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { plainRefusal } from '../protocol/errors/refusal-table.js'
import { limits } from '../values/limits/limits.js'
import { pathOf } from '../values/urls.js'
import { ownMember, ownMembers } from '../values/own.js'
import { readBody } from './request-body.js'

/** The options of a handler. */
export interface HandlerOptions {
  /** Larger bodies are refused with 413. Default: 65536. */
  readonly bodyLimitBytes?: number
  /** Called with errors thrown by the host's own code; the peer gets a plain 500 without details. */
  readonly onDefect?: (defect: unknown) => void
}

/** The default of {@link HandlerOptions.bodyLimitBytes}. */
export const defaultBodyLimitBytes = limits.requestBody.standard

/** The response when the host's own code threw; it has no details. */
export const defectResponse: PlainResponse = plainRefusal(null)

/** Reports an error thrown by the host's own code; errors thrown by `onDefect` are ignored. */
export const tellDefect = (options: HandlerOptions, defect: unknown): void => {
  try {
    ownMember(options, 'onDefect')?.(defect)
  } catch {
    // The peer gets its response all the same.
  }
}

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

const plainRequest = (request: Request, body: string): PlainRequest => {
  const question = request.url.indexOf('?')
  return {
    method: request.method,
    path: pathOf(request.url),
    query: question === -1 ? '' : request.url.slice(question + 1).replace(/#.*$/s, ''),
    headers: Object.fromEntries(request.headers),
    body,
    signal: request.signal
  }
}

const webResponse = (response: PlainResponse, method: string): Response => {
  const headers = new Headers()
  for (const [name, value] of Object.entries(response.headers)) {
    for (const one of typeof value === 'string' ? [value] : value) headers.append(name, one)
  }
  const empty = method === 'HEAD' || response.status === 204 || response.status === 304
  return new Response(empty ? null : response.body, ownMembers({ status: response.status, headers }))
}

/**
 * A handler for the Fetch API.
 *
 * @example
 * ```ts
 * import * as Task from 'fp-ts/lib/Task.js'
 * import { webHandler } from 'smart-app-launch/fp-ts/adapters/web'
 *
 * const handler = webHandler((request) =>
 *   Task.of({ status: 200, headers: {}, body: `you asked for ${request.path}` })
 * )
 * const response = await handler(new Request('http://127.0.0.1/here?not=this'))
 * await response.text() // => 'you asked for /here'
 * ```
 */
export const webHandler =
  (answer: RequestHandler, options: HandlerOptions = {}) =>
  async (request: Request): Promise<Response> => {
    const refused = async (because: Refusal | null): Promise<Response> =>
      webResponse(await refusedFor(answer, plainRequest(request, ''), because), request.method)
    try {
      const body = await readBody(request, ownMember(options, 'bodyLimitBytes') ?? defaultBodyLimitBytes)
      if (Either.isLeft(body)) return await refused(body.left)
      return webResponse(await answer(plainRequest(request, body.right))(), request.method)
    } catch (defect) {
      tellDefect(options, defect)
      return refused(null)
    }
  }

export { cachedClientKeys } from './client-key-cache.js'
export type { ClientKeysOptions, DocumentFetch, FetchedDocument } from './client-key-cache.js'
export { fhirUpstream } from './fhir-upstream.js'
export type { FhirUpstreamOptions } from './fhir-upstream.js'
export { systemClock, systemRandom } from './system.js'
