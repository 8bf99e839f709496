/**
 * The app's requests with the platform's own `fetch`, without redirects, cookies and caching, which could leak
 * credentials and tokens.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { withDeadline } from './deadline.js'
import { reasonOf } from '../error-message.js'
import { readLimitedText } from '../limited-body.js'
import type { Http } from '../../engine/app/ports.js'
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

/** What stands for a redirect that a browser hides. */
const hiddenRedirect: PlainResponse = { status: 302, headers: {}, body: '' }

/** The response to a redirect that a browser hides: it may be followed, if it ends in the same origin. */
const followed = async (request: OutgoingRequest, signal: AbortSignal): Promise<Response | null> => {
  if (request.redirects !== 'withinOrigin') return null
  const response = await fetch(request.url, initOf(request, 'follow', signal))
  return normalizedOriginOf(response.url) === normalizedOriginOf(request.url) ? response : null
}

const send = async (
  request: OutgoingRequest,
  options: FetchHttpOptions,
  signal: AbortSignal
): Promise<PlainResponse> => {
  const redirect = ownMember(request, 'redirects') === undefined ? 'error' : 'manual'
  const first = await fetch(request.url, initOf(request, redirect, signal))
  const response = first.type === 'opaqueredirect' ? await followed(request, signal) : first
  if (response === null) return hiddenRedirect
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readLimitedText(response, ownMember(options, 'bodyLimitBytes') ?? limits.appAnswer.default)
  }
}

/**
 * Follows no redirect, sends no cookie, caches nothing; time and body size are limited. In a browser a redirect of a
 * discovery document is followed if the request says so, and its response used if it comes from the same origin.
 */
export const fetchHttp =
  (options: FetchHttpOptions = {}): Http =>
  (request) =>
    TaskEither.tryCatch(
      () =>
        withDeadline(ownMember(options, 'timeoutMilliseconds') ?? limits.appRequestTime.default, undefined, (signal) =>
          send(request, options, signal)
        ),
      (error) => portUnavailable(reasonOf(error))
    )
