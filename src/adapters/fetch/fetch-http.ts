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
import { normalizedOriginOf } from '../../values/urls.js'

/** Time and size limits of a response. */
export interface FetchHttpOptions {
  /** The limit for the whole request, in milliseconds. Default: 15000. */
  readonly timeoutMilliseconds?: number
  /** The limit for the body, in bytes. Default: 16 MiB. */
  readonly bodyLimitBytes?: number
}

const initOf = (
  { body, headers, method }: OutgoingRequest,
  redirect: 'error' | 'manual' | 'follow',
  signal: AbortSignal
): RequestInit => {
  const init: RequestInit & { readonly cache: 'no-store' } = ownMembers({
    method,
    headers: ownMembers({ ...headers }),
    redirect,
    credentials: 'omit' as const,
    // Browsers cache by default; Node never does.
    cache: 'no-store' as const,
    referrerPolicy: 'no-referrer' as const,
    signal,
    ...(body === '' ? {} : { body })
  })
  return init
}

const fetchOnce = (request: OutgoingRequest, signal: AbortSignal): Promise<Response> =>
  fetch(request.url, initOf(request, 'error', signal))

/** What stands for a redirect that a browser hides. */
const hiddenRedirect: PlainResponse & { readonly bytes: Uint8Array } = {
  status: 302,
  headers: {},
  body: '',
  bytes: new Uint8Array()
}

/** The response to a redirect that a browser hides: it may be followed, if it ends in the same origin. */
const followed = async (request: OutgoingRequest, signal: AbortSignal): Promise<Response | null> => {
  if (request.redirects !== 'withinOrigin') return null
  const response = await fetch(request.url, initOf(request, 'follow', signal))
  return normalizedOriginOf(response.url) === normalizedOriginOf(request.url) ? response : null
}

const timeOf = (options: FetchHttpOptions): number =>
  ownMember(options, 'timeoutMilliseconds') ?? limits.appRequestTime.default

const send = async (
  request: OutgoingRequest,
  options: FetchHttpOptions,
  signal: AbortSignal
): Promise<PlainResponse & { readonly bytes: Uint8Array }> => {
  const redirect = ownMember(request, 'redirects') === undefined ? 'error' : 'manual'
  const first = await fetch(request.url, initOf(request, redirect, signal))
  const response = first.type === 'opaqueredirect' ? await followed(request, signal) : first
  if (response === null) return hiddenRedirect
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

/**
 * Follows no redirect, sends no cookie, caches nothing; time and body size are limited. In a browser a redirect of a
 * discovery document is followed if the request says so, and its response used if it comes from the same origin.
 */
export const fetchHttp =
  (options: FetchHttpOptions = {}): Http =>
  (request) =>
    TaskEither.tryCatch(
      () => withDeadline(timeOf(options), undefined, (signal) => send(request, options, signal)),
      (error) => portUnavailable(reasonOf(error))
    )
