/**
 * HTTP requests of an app, as plain data.
 *
 * @module
 */
import { printForm } from './form.js'
import { formType, jsonType } from './media-type.js'

/** A request to an absolute URL. */
export interface OutgoingRequest {
  /** In upper case: `GET`, `POST`, … */
  readonly method: string
  /** Absolute, without fragment. */
  readonly url: string
  /** Header fields; names in lower case. */
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A GET request that accepts JSON. */
export const getJson = (url: string): OutgoingRequest => ({
  method: 'GET',
  url,
  headers: { accept: jsonType },
  body: ''
})

/** A POST request with a form body that accepts JSON. */
export const postForm = (
  url: string,
  pairs: ReadonlyArray<readonly [string, string]>,
  headers: Readonly<Record<string, string>> = {}
): OutgoingRequest => ({
  method: 'POST',
  url,
  headers: { accept: jsonType, 'content-type': formType, ...headers },
  body: printForm(pairs)
})
