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

/** Time and size limits of a response. */
export interface FetchHttpOptions {
  /** The limit for the whole request, in milliseconds. Default: 15000. */
  readonly timeoutMilliseconds?: number
  /** The limit for the body, in bytes. Default: 16 MiB. */
  readonly bodyLimitBytes?: number
}

const send = async (
  { body, headers, method, url }: OutgoingRequest,
  options: FetchHttpOptions,
  signal: AbortSignal
): Promise<PlainResponse> => {
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
  const response = await fetch(url, init)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readLimitedText(response, ownMember(options, 'bodyLimitBytes') ?? limits.appAnswer.default)
  }
}

/** Follows no redirect, sends no cookie, caches nothing; time and body size are limited. */
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
