/**
 * A FHIR request of an app, sent with an access token.
 *
 * Source: app-launch, step 6 ("Access FHIR API"); RFC 6750, section 2.1; FHIR R4, http.html, 3.1.0.1.11.
 *
 * @module
 */
import { fhirJsonType } from '../http/media-type.js'
import type { PlainResponse } from '../http/message.js'
import type { OutgoingRequest } from '../http/outgoing-request.js'
import { noMembers, ownMembers } from '../../values/own.js'

/** A FHIR request of the app. */
export interface FhirRequest {
  /** Default: `GET`. */
  readonly method?: string
  /** Relative to the FHIR base URL (`Patient/123`), or absolute and below it. */
  readonly url: string
  /**
   * Header fields; `authorization` is set by the session only. Default of `accept`, and of `content-type` if there is a
   * body: `application/fhir+json`.
   */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** An answer with its body as bytes. */
export interface FhirResponse extends PlainResponse {
  /** The body as text; empty when it is no text: when its bytes are not UTF-8. */
  readonly body: string
  /** The body as it was received, byte for byte: a PDF, an image, a text in another encoding. */
  readonly bytes: Uint8Array
}

/** An answer whose body is read while it arrives. */
export interface StreamedResponse extends Pick<PlainResponse, 'status' | 'headers'> {
  /** The body as it arrives, without a size limit. Who does not read it to its end must cancel it. */
  readonly stream: ReadableStream<Uint8Array>
}

/** The HTTP request with a token. */
export const withToken = (request: FhirRequest, url: string, accessToken: string): OutgoingRequest => {
  const { body = '', headers = noMembers, method = 'GET' } = ownMembers(request)
  return {
    method,
    url,
    headers: {
      accept: fhirJsonType,
      ...(body === '' ? {} : { 'content-type': fhirJsonType }),
      ...Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value])),
      authorization: `Bearer ${accessToken}`
    },
    body
  }
}
