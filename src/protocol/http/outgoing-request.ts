/**
 * Requests that an app sends, as plain data.
 *
 * @module
 */
import { printForm } from './form.js'

/** A request to an absolute address. */
export interface OutgoingRequest {
  /** In upper case: `GET`, `POST`, … */
  readonly method: string
  /** Absolute, without fragment. */
  readonly url: string
  /** Header fields; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** What is asked for as JSON. */
export const getJson = (url: string): OutgoingRequest => ({
  method: 'GET',
  url,
  headers: { accept: 'application/json' },
  body: ''
})

/** A form that is posted, and answered as JSON. */
export const postForm = (
  url: string,
  pairs: ReadonlyArray<readonly [string, string]>,
  headers: Readonly<Record<string, string>> = {}
): OutgoingRequest => ({
  method: 'POST',
  url,
  headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded', ...headers },
  body: printForm(pairs)
})
