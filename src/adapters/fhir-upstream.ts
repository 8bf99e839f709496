/**
 * A FHIR server at another address, as a function from requests to responses: what stands in front of it hands on what
 * it decided to let through.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { withDeadline } from './fetch/deadline.js'
import { reasonOf } from './error-message.js'
import { readLimitedText } from './limited-body.js'
import type { PortError } from '../engine/ports.js'
import type { PlainRequest, PlainResponse } from '../protocol/http/message.js'
import { limits } from '../values/limits/limits.js'
import { below } from '../values/urls.js'
import { headerOf } from '../protocol/http/message.js'
import { ownMember, ownMembers } from '../values/own.js'

/** How a FHIR server at another address is asked. */
export interface FhirUpstreamOptions {
  /** Header fields that every request carries, such as the credentials of the one who asks on behalf of all apps. */
  readonly headers?: Readonly<Record<string, string>>
  /** The whole request, in milliseconds. Default: 30000. */
  readonly timeoutMilliseconds?: number
  /** The body of an answer, in bytes. Default: 16 MiB. */
  readonly bodyLimitBytes?: number
}

/** What is handed on of a request. Never its access token: that is between the app and who stands in front. */
const requestHeaders = [
  'accept',
  'content-type',
  'if-match',
  'if-none-match',
  'if-modified-since',
  'if-none-exist',
  'prefer'
] as const

/** What is handed back of an answer. */
const responseHeaders = ['content-type', 'etag', 'last-modified', 'location', 'content-location'] as const

/**
 * Whether a path would lead elsewhere: by a segment of dots, in any spelling that `fetch` undoes; by a character that
 * ends the path; or by one that `fetch` leaves out, so that it hides dots.
 */
const leavesBase = (path: string): boolean => /(?:^|\/)(?:\.|%2e){1,2}(?:\/|$)|[\\?#\x00-\x20\x7f]/i.test(path)

const send = async (
  base: string,
  request: PlainRequest,
  options: FhirUpstreamOptions,
  signal: AbortSignal
): Promise<PlainResponse> => {
  if (leavesBase(request.path)) throw new Error('the path leads out of the FHIR base')
  const query = request.query === '' ? '' : `?${request.query}`
  const response = await fetch(
    `${below(base, request.path.replace(/^\/+/, ''))}${query}`,
    ownMembers({
      method: request.method,
      redirect: 'manual' as const,
      signal,
      headers: ownMembers({
        ...Object.fromEntries(
          requestHeaders.flatMap((name) => {
            const value = headerOf(request, name)
            return value === undefined ? [] : [[name, value]]
          })
        ),
        ...ownMember(options, 'headers')
      }),
      ...(request.body === '' ? {} : { body: request.body })
    })
  )
  if (response.status >= 300 && response.status < 400 && response.status !== 304) {
    // Without this the connection stays taken until nobody remembers the answer.
    response.body?.cancel().catch(() => undefined)
    throw new Error('the answer is a redirect')
  }
  return {
    status: response.status,
    headers: Object.fromEntries(
      responseHeaders.flatMap((name) => {
        const value = response.headers.get(name)
        return value === null ? [] : [[name, value]]
      })
    ),
    body: await readLimitedText(
      response,
      ownMember(options, 'bodyLimitBytes') ?? limits.upstreamAnswer.standard,
      ownMember(request, 'hold')
    )
  }
}

/**
 * A FHIR server at another address. Paths are below its base (`/Observation/1`). It follows no redirect, and hands on
 * neither the access token nor cookies. When the client has left (`signal` of the request), the request to the server
 * ends too, and the answer is a `PortError`. Where no more of an answer may be held in memory (`hold` of the request), it
 * comes without its body.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { fhirUpstream } from 'smart-app-launch/adapters/web'
 *
 * const ask = fhirUpstream('http://127.0.0.1:1/fhir')
 * const answer = await ask({ method: 'GET', path: '/Patient/1', query: '', headers: {}, body: '' })()
 * Either.isLeft(answer) // => true
 * ```
 */
export const fhirUpstream =
  (base: string, options: FhirUpstreamOptions = {}) =>
  (request: PlainRequest): TaskEither.TaskEither<PortError, PlainResponse> =>
    TaskEither.tryCatch(
      () =>
        withDeadline(
          ownMember(options, 'timeoutMilliseconds') ?? limits.upstreamTime.standard,
          ownMember(request, 'signal'),
          (signal) => send(base, request, options, signal)
        ),
      (error): PortError => ({ _tag: 'Unavailable', reason: reasonOf(error) })
    )
