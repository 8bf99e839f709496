/**
 * The app's requests by the platform's own `fetch`, with what must not happen to credentials and tokens switched off.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import { reasonOf } from './failure-reason.js'
import type { Http } from '../engine/app-ports.js'
import type { Silence } from '../engine/ports.js'
import type { PlainResponse } from '../messages/http.js'
import type { OutgoingRequest } from '../messages/outgoing.js'

/** How long and large an answer may be. */
export interface FetchHttpOptions {
  /** The whole request, in milliseconds. Default: 15000. */
  readonly timeoutMilliseconds?: number
  /** The body, in bytes. Default: 16 MiB. */
  readonly bodyLimitBytes?: number
}

const readLimited = async (response: Response, limitBytes: number): Promise<string> => {
  const decoder = new TextDecoder()
  const reader: ReadableStreamDefaultReader<Uint8Array> | undefined = response.body?.getReader()
  if (reader === undefined) return ''
  let text = ''
  for (let size = 0; ;) {
    const chunk = await reader.read()
    if (chunk.done) return text + decoder.decode()
    size += chunk.value.length
    if (size > limitBytes) {
      await reader.cancel()
      throw new Error(`the answer is larger than ${String(limitBytes)} bytes`)
    }
    text += decoder.decode(chunk.value, { stream: true })
  }
}

const send = async ({ body, headers, method, url }: OutgoingRequest, options: FetchHttpOptions): Promise<PlainResponse> => {
  const init: RequestInit & { readonly cache: 'no-store' } = {
    method,
    headers: { ...headers },
    redirect: 'error',
    credentials: 'omit',
    // Browsers keep copies where they are not told; Node never does.
    cache: 'no-store',
    referrerPolicy: 'no-referrer',
    signal: AbortSignal.timeout(options.timeoutMilliseconds ?? 15000),
    ...(body === '' ? {} : { body })
  }
  const response = await fetch(url, init)
  return {
    status: response.status,
    headers: Object.fromEntries(response.headers),
    body: await readLimited(response, options.bodyLimitBytes ?? 16 * 1024 * 1024)
  }
}

/** No redirect is followed, no cookie sent, no copy kept; there is an end to waiting and to reading. */
export const fetchHttp = (options: FetchHttpOptions = {}): Http => (request) =>
  TaskEither.tryCatch(
    () => send(request, options),
    (error): Silence => ({ _tag: 'Silence', reason: reasonOf(error) })
  )
