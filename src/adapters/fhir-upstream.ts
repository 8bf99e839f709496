/**
 * An upstream FHIR server at another address, as a function from requests to responses. The gate forwards permitted
 * requests to it.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { withDeadline } from './fetch/deadline.js'
import { reasonOf } from './error-message.js'
import { readLimitedText } from './limited-body.js'
import type { UpstreamAnswer, UpstreamExchange } from './node-http/upstream-exchange.js'
import { nodeExchange } from './node-http/upstream-exchange.js'
import type { PortError } from '../engine/ports.js'
import { portUnavailable } from '../engine/ports.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { limits } from '../values/limits/limits.js'
import { below, leadsOut } from '../values/urls.js'
import { headerOf } from '../protocol/http/message.js'
import { ownMember, ownMembers } from '../values/own.js'

/** How requests to the upstream FHIR server are sent. */
export interface FhirUpstreamOptions {
  /** Header fields of every request, such as the credentials with which the gate authenticates. */
  readonly headers?: Readonly<Record<string, string>>
  /** The limit for the whole request, in milliseconds. Default: 30000. */
  readonly timeoutMilliseconds?: number
  /** The limit for the body of a response, in bytes. Default: 16 MiB. */
  readonly bodyLimitBytes?: number
  /**
   * The host's own `fetch`, such as one with a proxy or with certificates. Default: `node:http` and `node:https` on
   * Node 20.16 and later, and the `fetch` of the platform elsewhere.
   */
  readonly fetch?: typeof fetch
}

/** The forwarded header fields of a request. The access token is never forwarded: it is for the gate only. */
const requestHeaders = [
  'accept',
  'content-type',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-none-exist',
  'prefer'
] as const

/** The forwarded header fields of a response. */
const responseHeaders = [
  'content-type',
  'etag',
  'last-modified',
  'location',
  'content-location',
  'retry-after',
  'x-progress',
  'expires'
] as const

/** Whether a path leads outside the base, or holds a character that ends the path. */
const leavesBase = (path: string): boolean => leadsOut(path) || /[?#]/.test(path)

/** The exchange by `fetch`. A response that is a redirect has no body. */
const fetched =
  (send: typeof fetch) =>
  async ({ body, bodyLimitBytes, headers, hold, method, signal, url }: UpstreamExchange): Promise<UpstreamAnswer> => {
    const init = { method, redirect: 'manual' as const, signal, headers, ...(body === '' ? {} : { body }) }
    const response = await send(url, ownMembers(init))
    const isRedirect = response.status >= 300 && response.status < 400 && response.status !== 304
    // Without this the connection stays in use until the response is garbage-collected.
    if (isRedirect) response.body?.cancel().catch(() => undefined)
    return {
      status: response.status,
      header: (name) => response.headers.get(name),
      body: isRedirect ? '' : await readLimitedText(response, bodyLimitBytes, hold)
    }
  }

const send = async (
  base: string,
  request: PlainRequest,
  options: FhirUpstreamOptions,
  signal: AbortSignal
): Promise<PlainResponse> => {
  if (leavesBase(request.path)) throw new Error('the path leads out of the FHIR base')
  const given = ownMember(options, 'fetch')
  const exchange = given === undefined ? (nodeExchange() ?? fetched(fetch)) : fetched(given)
  const headers: Record<string, string> = Object.create(null) as Record<string, string>
  for (const name of requestHeaders) {
    const value = headerOf(request, name)
    if (value !== undefined) headers[name] = value
  }
  const { body, header, status } = await exchange({
    method: request.method,
    url: `${below(base, request.path.replace(/^\/+/, ''))}${request.query === '' ? '' : `?${request.query}`}`,
    headers: Object.assign(headers, ownMember(options, 'headers')),
    body: request.body,
    signal,
    bodyLimitBytes: ownMember(options, 'bodyLimitBytes') ?? limits.upstreamAnswer.default,
    hold: ownMember(request, 'hold')
  })
  if (status >= 300 && status < 400 && status !== 304) throw new Error('the answer is a redirect')
  const received: Record<string, string> = {}
  for (const name of responseHeaders) {
    const value = header(name)
    if (value !== null) received[name] = value
  }
  return { status, headers: received, body }
}

/**
 * A FHIR server at another address. Paths are below its base (`/Observation/1`). It follows no redirect, and forwards
 * neither the access token nor cookies. When the client has left (`signal` of the request), the request to the server
 * is aborted and the result is a `PortError`. If `hold` of the request refuses more memory, the response comes without
 * its body. The function has the address as `base`: the gate takes it for an alias of the public base.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { fhirUpstream } from 'smart-app-launch/fp-ts/adapters/web'
 *
 * const ask = fhirUpstream('http://127.0.0.1:1/fhir')
 * const answer = await ask({ method: 'GET', path: '/Patient/1', query: '', headers: {}, body: '' })()
 * Either.isLeft(answer) // => true
 * ```
 */
export const fhirUpstream = (
  base: string,
  options: FhirUpstreamOptions = {}
): ((request: PlainRequest) => TaskEither.TaskEither<PortError, PlainResponse>) & { readonly base: string } => {
  const answer = (request: PlainRequest): TaskEither.TaskEither<PortError, PlainResponse> =>
    TaskEither.tryCatch(
      () =>
        withDeadline(
          ownMember(options, 'timeoutMilliseconds') ?? limits.upstreamTime.default,
          ownMember(request, 'signal'),
          (signal) => send(base, request, options, signal)
        ),
      (error) => portUnavailable(reasonOf(error))
    )
  return Object.assign(answer, { base })
}
