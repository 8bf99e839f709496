/**
 * For every host that speaks the Fetch API: `Request` to `Promise<Response>`. Uses web standards only.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import { bufferedTokens } from './buffered-tokens.js'
import type { RequestHandler } from '../engine/server/http-handler.js'
import type { Clock, Random } from '../engine/ports.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { plainRefusal } from '../protocol/errors/refusal-table.js'
import { limits } from '../values/limits/limits.js'
import { pathOf } from '../values/urls.js'
import { ownMember, ownMembers } from '../values/own.js'

/** How a handler reads requests. */
export interface HandlerOptions {
  /** Bodies larger than this many bytes are refused with 413. Default 65536. */
  readonly bodyLimitBytes?: number
  /** Is told what a host's own code threw; the answer to the peer is a plain 500 without details. */
  readonly onDefect?: (defect: unknown) => void
}

/** The default of {@link HandlerOptions.bodyLimitBytes}. */
export const defaultBodyLimitBytes = limits.requestBody.standard

/** The answer when a host's own code threw: no details leave the server. */
export const defectResponse: PlainResponse = plainRefusal(null)

const tooLarge = (limitBytes: number): Either.Either<Refusal, never> =>
  Either.left({ _tag: 'BodyTooLarge', limitBytes })

/** UTF-8 text piece by piece, or nothing: a replacement character would be a silent repair. */
const decoded = (
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Uint8Array | undefined
): Either.Either<Refusal, string> =>
  Either.tryCatch(
    () => (bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true })),
    (): Refusal => ({ _tag: 'BodyNotText' })
  )

/**
 * The refusal of a body in a content coding; null where it has none. What is compressed is not read (RFC 9110, section
 * 8.4).
 */
export const refusedCoding = (contentEncoding: string | null | undefined): Refusal | null => {
  const coding = (contentEncoding ?? '')
    .split(',')
    .map((one) => one.trim().toLowerCase())
    .find((one) => one !== '' && one !== 'identity')
  return coding === undefined ? null : { _tag: 'BodyEncoded', coding: coding.slice(0, 64) }
}

/** Tells the host what its own code threw; what its telling throws is nobody's. */
export const tellDefect = (options: HandlerOptions, defect: unknown): void => {
  try {
    ownMember(options, 'onDefect')?.(defect)
  } catch {
    // The peer gets its answer all the same.
  }
}

/**
 * What is answered where a request could not be read or the host's own code threw (null), in the form that fits its
 * address where the host's answer knows one.
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

const readBody = async (request: Request, limitBytes: number): Promise<Either.Either<Refusal, string>> => {
  if (Number(request.headers.get('content-length') ?? 0) > limitBytes) return tooLarge(limitBytes)
  if (request.body === null) return Either.right('')
  const coded = refusedCoding(request.headers.get('content-encoding'))
  if (coded !== null) return Either.left(coded)
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  const reader: ReadableStreamDefaultReader<Uint8Array> = request.body.getReader()
  let text = ''
  let size = 0
  for (;;) {
    const chunk = await reader.read().catch(() => null)
    if (chunk === null) return Either.left({ _tag: 'BodyIncomplete' })
    const piece = decoded(decoder, chunk.done ? undefined : chunk.value)
    if (Either.isLeft(piece)) return piece
    text += piece.right
    if (chunk.done) return Either.right(text)
    size += chunk.value.length
    if (size > limitBytes) {
      reader.cancel().catch(() => undefined)
      return tooLarge(limitBytes)
    }
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
 * import { webHandler } from 'smart-app-launch/adapters/web'
 *
 * const handler = webHandler((request) => Task.of({ status: 200, headers: {}, body: `you asked for ${request.path}` }))
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

/** The machine's clock. */
export const systemClock: Clock = { now: () => Math.floor(Date.now() / 1000) }

const toBase64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '')

/** The platform's cryptographic random numbers, each used once. */
export const systemRandom: Random = { token: bufferedTokens(toBase64url) }

export { cachedClientKeys } from './client-key-cache.js'
export type { ClientKeysOptions, DocumentFetch, FetchedDocument } from './client-key-cache.js'
export { fhirUpstream } from './fhir-upstream.js'
export type { FhirUpstreamOptions } from './fhir-upstream.js'
