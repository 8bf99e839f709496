/**
 * The app's requests with the platform's own `fetch`, without redirects, cookies and caching, which could leak
 * credentials and tokens.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { withDeadline } from './deadline.js'
import { reasonOf } from '../error-message.js'
import { readLimited, steady, utf8Text } from '../limited-body.js'
import type { Http, StreamHttp } from '../../engine/app/ports.js'
import { portUnavailable } from '../../engine/ports.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** Time and size limits of a response. */
export interface FetchHttpOptions {
  /** The limit for the whole request, in milliseconds. Default: 15000. */
  readonly timeoutMilliseconds?: number
  /** The limit for the body, in bytes. Default: 16 MiB. */
  readonly bodyLimitBytes?: number
}

const fetchOnce = ({ body, headers, method, url }: OutgoingRequest, signal: AbortSignal): Promise<Response> => {
  const init: RequestInit & { readonly cache: 'no-store' } = ownMembers({
    method,
    headers: ownMembers({ ...headers }),
    redirect: 'error' as const,
    credentials: 'omit' as const,
    // Browsers cache by default; Node never does.
    cache: 'no-store' as const,
    referrerPolicy: 'no-referrer' as const,
    signal,
    ...(body === '' ? {} : { body })
  })
  return fetch(url, init)
}

const timeOf = (options: FetchHttpOptions): number =>
  ownMember(options, 'timeoutMilliseconds') ?? limits.appRequestTime.default

const send = async (
  request: OutgoingRequest,
  options: FetchHttpOptions,
  signal: AbortSignal
): Promise<PlainResponse & { readonly bytes: Uint8Array }> => {
  const response = await fetchOnce(request, signal)
  const limit = ownMember(options, 'bodyLimitBytes') ?? limits.appAnswer.default
  const bytes = await readLimited(response, limit)
  if (bytes === null) throw new Error(`the answer is larger than ${String(limit)} bytes`)
  return { status: response.status, headers: Object.fromEntries(response.headers), body: utf8Text(bytes), bytes }
}

/** Like {@link fetchHttp}; the time limit is that of the header fields and of each part of the body. */
export const fetchStream =
  (options: FetchHttpOptions = {}): StreamHttp =>
  (request) =>
    TaskEither.tryCatch(
      async () => {
        const response = await withDeadline(timeOf(options), undefined, (signal) => fetchOnce(request, signal))
        return {
          status: response.status,
          headers: Object.fromEntries(response.headers),
          stream: steady(response.body ?? new Blob([]).stream(), timeOf(options))
        }
      },
      (error) => portUnavailable(reasonOf(error))
    )

/** Follows no redirect, sends no cookie, caches nothing; time and body size are limited. */
export const fetchHttp =
  (options: FetchHttpOptions = {}): Http =>
  (request) =>
    TaskEither.tryCatch(
      () => withDeadline(timeOf(options), undefined, (signal) => send(request, options, signal)),
      (error) => portUnavailable(reasonOf(error))
    )
