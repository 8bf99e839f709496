/**
 * Requests and responses as plain data: what every host framework can be translated from and to.
 *
 * @module
 */
import { ownMember } from '../../values/own.js'

/** An HTTP request. Bodies are text; the toolkit reads no binary ones. */
export interface PlainRequest {
  /** In upper case: `GET`, `POST`, … */
  readonly method: string
  /** The path as received: not decoded, without query. Begins with a slash. */
  readonly path: string
  /** The query as received, without its question mark; empty when there is none. */
  readonly query: string
  /** Header fields; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
  /** Aborted when the client has left: work that only its answer needs ends then. Absent where a host cannot tell. */
  readonly signal?: AbortSignal
  /**
   * Set by the gate: a server behind asks it before it keeps so many more characters of its answer in memory. After a
   * no, the answer is given without its body.
   */
  readonly hold?: (characters: number) => boolean
}

/** An HTTP response. */
export interface PlainResponse {
  readonly status: number
  /** Header fields; names in lower case. A header that occurs several times (`set-cookie`) has several values. */
  readonly headers: Readonly<Record<string, string | ReadonlyArray<string>>>
  readonly body: string
}

/** The value of a header field that a request or a response has itself; undefined where it has none. */
export const headerOf = <Value>(
  { headers }: { readonly headers: Readonly<Record<string, Value>> },
  name: string
): Value | undefined => ownMember(headers, name)

/** RFC 6749, section 5.1: nothing that answers about tokens may be stored by a cache. */
const neverStored = { 'cache-control': 'no-store', pragma: 'no-cache' }

const privateJson = { 'content-type': 'application/json;charset=UTF-8', ...neverStored }

/** A JSON response that no cache may keep. */
export const json = (status: number, body: unknown, headers?: Readonly<Record<string, string>>): PlainResponse => ({
  status,
  headers: headers === undefined ? { ...privateJson } : { ...privateJson, ...headers },
  body: JSON.stringify(body)
})

/** A success of which nothing is to be said. */
export const emptyOk: PlainResponse = { status: 200, headers: neverStored, body: '' }

/** A public JSON document (discovery, keys) that caches may keep for the given number of seconds. */
export const publicJson = (body: unknown, maxAgeSeconds: number): PlainResponse => ({
  status: 200,
  headers: { 'content-type': 'application/json', 'cache-control': `public, max-age=${String(maxAgeSeconds)}` },
  body: JSON.stringify(body)
})

/** Sends the browser on with GET: 303, never 307, so that no form body travels along (RFC 9700, section 4.12). */
export const seeOther = (location: string, headers: Readonly<Record<string, string>> = {}): PlainResponse => ({
  status: 303,
  headers: { location, ...neverStored, 'referrer-policy': 'no-referrer', ...headers },
  body: ''
})
