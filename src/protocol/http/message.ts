/**
 * HTTP requests and responses as plain data, independent of frameworks.
 *
 * @module
 */
import { ownMember } from '../../values/own.js'

/** An HTTP request with a text body. Binary bodies are not supported. */
export interface PlainRequest {
  /** In upper case: `GET`, `POST`, … */
  readonly method: string
  /** The path as received: not decoded, without the query. Begins with a slash. */
  readonly path: string
  /** The query as received, without the question mark; empty when there is none. */
  readonly query: string
  /** Header fields; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Aborted when the client disconnects; work for the response then stops. Absent if the host cannot tell. */
  readonly signal?: AbortSignal
  /**
   * Set by the gate: an upstream adapter calls it before it buffers that many more characters of a response. If it
   * returns false, the response is returned without its body. If a response exceeds the adapter's own limit, it is
   * called with `Infinity`.
   */
  readonly hold?: (characters: number) => boolean
}

/** An HTTP response. */
export interface PlainResponse {
  readonly status: number
  /** Header fields; names in lower case. A field that occurs several times (`set-cookie`) has an array of values. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly body: string
}

/**
 * The value of an own header field of a request or a response; undefined when there is none. Inherited members do not
 * count.
 */
export const headerOf = <Value>(
  { headers }: { readonly headers: Readonly<Record<string, Value>> },
  name: string
): Value | undefined => ownMember(headers, name)

/** RFC 6749, section 5.1: responses about tokens must not be cached. */
const neverStored = { 'cache-control': 'no-store', pragma: 'no-cache' }

const privateJson = { 'content-type': 'application/json;charset=UTF-8', ...neverStored }

/** A JSON response that must not be cached. */
export const json = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): PlainResponse => ({
  status,
  headers: headers === undefined ? { ...privateJson } : { ...privateJson, ...headers },
  body: JSON.stringify(body)
})

/** A success without a body. */
export const emptyOk: PlainResponse = { status: 200, headers: neverStored, body: '' }

/** A public JSON document (discovery, keys) that caches may keep for the given number of seconds. */
export const publicJson = (body: unknown, maxAgeSeconds: number): PlainResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': `public, max-age=${String(maxAgeSeconds)}` },
  body: JSON.stringify(body)
})

/** Redirects the browser with GET: 303, never 307, so that no form body is sent along (RFC 9700, section 4.12). */
export const seeOther = (location: string, headers: Readonly<Record<string, string>> = {}): PlainResponse => ({
  status: 303,
  headers: { location, ...neverStored, 'referrer-policy': 'no-referrer', ...headers },
  body: ''
})
