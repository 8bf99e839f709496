/**
 * The app's requests by the platform's own `fetch`, with what must not happen to credentials and tokens switched off.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { withDeadline } from './deadline.js'
import { reasonOf } from '../error-message.js'
import { readLimitedText } from '../limited-body.js'
import type { Http } from '../../engine/app/ports.js'
import type { PortError } from '../../engine/ports.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { OutgoingRequest } from '../../protocol/http/outgoing-request.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember, ownMembers } from '../../values/own.js'

/** How long and large an answer may be. */
export interface FetchHttpOptions {
  /** The whole request, in milliseconds. Default: 15000. */
  readonly timeoutMilliseconds?: number
  /** The body, in bytes. Default: 16 MiB. */
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
    // Browsers keep copies where they are not told; Node never does.
    cache: 'no-store' as const,
    referrerPolicy: 'no-referrer' as const,
    signal,
    ...(body === '' ? {} : { body })
  })
  const response = await fetch(url, init)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readLimitedText(response, ownMember(options, 'bodyLimitBytes') ?? limits.appAnswer.standard)
  }
}

/** No redirect is followed, no cookie sent, no copy kept; there is an end to waiting and to reading. */
export const fetchHttp =
  (options: FetchHttpOptions = {}): Http =>
  (request) =>
    TaskEither.tryCatch(
      () =>
        withDeadline(ownMember(options, 'timeoutMilliseconds') ?? limits.appRequestTime.standard, undefined, (signal) =>
          send(request, options, signal)
        ),
      (error): PortError => ({ _tag: 'Unavailable', reason: reasonOf(error) })
    )
