/**
 * One request and its response as the Fetch API has them.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Answerer, DefectOptions } from '../answerer.js'
import { readBefore, reportDefect } from '../answerer.js'
import type { LoadOptions } from '../process/load.js'
import { answerUnderLoad } from '../process/load.js'
import { readBody } from '../request-body.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { ownMembers } from '../../values/own.js'
import { pathOf } from '../../values/urls.js'

/** How a request is read. */
export interface RequestReading {
  /** The path as the process received it. */
  readonly path: string
  /** What a body parser that ran before kept of the body; null if nothing. It is called only if the body was read. */
  readonly kept: () => Promise<Uint8Array | string | null>
  /** How the body's bytes are kept in this framework, in a sentence for the log. */
  readonly howToKeep: string
}

/** A request as it came, in a runtime without a framework. */
export const plainReading = (request: Request): RequestReading => ({
  path: pathOf(request.url),
  kept: () => Promise.resolve(null),
  howToKeep: 'Call the handler before other code reads the body, or give the handler `request.clone()`.'
})

const plainRequest = (request: Request, path: string, body: string): PlainRequest => {
  const question = request.url.indexOf('?')
  return {
    method: request.method,
    path,
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
  const empty = method === 'HEAD' || response.status === 204 || response.status === 304 || response.body === ''
  // A text would get a content type that the response does not have.
  const body = empty ? null : new TextEncoder().encode(response.body)
  return new Response(body, ownMembers({ status: response.status, headers }))
}

/** Reads the request, has it answered, and makes the response. It never rejects. */
export const serveRequest = async (
  request: Request,
  reading: RequestReading,
  answerer: Answerer,
  options: DefectOptions & LoadOptions
): Promise<Response> => {
  const refused = async (because: Refusal | null): Promise<Response> =>
    webResponse(await answerer.refused(plainRequest(request, reading.path, ''), because), request.method)
  try {
    const body = await readBody(request, answerer.bodyLimitBytes, reading.kept)
    if (Either.isLeft(body)) {
      if (body.left._tag === 'BodyReadBefore') reportDefect(options, readBefore(reading.howToKeep))
      return await refused(body.left)
    }
    const read = plainRequest(request, reading.path, body.right)
    return webResponse(await answerUnderLoad(answerer, read, options), request.method)
  } catch (defect) {
    reportDefect(options, defect)
    return refused(null)
  }
}
