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
  /**
   * What is done with a redirect. Default: it is an error. `answer`: it is the response, so that its reader decides; in
   * a browser, which hides the location, the response has the status 302 and no header field. `withinOrigin`: the same,
   * but a browser, which does not know the location, follows it and refuses the response of another origin.
   */
  readonly redirects?: 'answer' | 'withinOrigin'
}

/** A GET request that accepts JSON. */
export const getJson = (url: string): OutgoingRequest => ({
  method: 'GET',
  url,
  headers: { accept: jsonType },
  body: ''
})

/** A GET request for a discovery document, whose redirects are responses. */
export const getDocument = (url: string, followsRedirects: boolean): OutgoingRequest => ({
  ...getJson(url),
  redirects: followsRedirects ? 'withinOrigin' : 'answer'
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
