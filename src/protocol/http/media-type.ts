/**
 * Media types of bodies (RFC 9110, section 8.3.1).
 *
 * @module
 */
import type { PlainRequest } from './message.js'
import { headerOf } from './message.js'

/** Form encoding (HTML, URL-encoded form data). */
export const formType = 'application/x-www-form-urlencoded'

/** JSON (RFC 8259). */
export const jsonType = 'application/json'

/** FHIR resources as JSON (FHIR R4, http.html#mime-type). */
export const fhirJsonType = 'application/fhir+json'

/** FHIR resources as JSON in UTF-8, for the Content-Type of responses. */
export const fhirJsonUtf8Type = `${fhirJsonType}; charset=utf-8`

/** FHIR resources, one a line (Bulk Data Access, export.html). */
export const ndjsonType = 'application/fhir+ndjson'

/** JSON Patch (RFC 6902). */
export const jsonPatchType = 'application/json-patch+json'

/** The type and subtype of a Content-Type in lower case, without its parameters; empty when there is none. */
export const mediaTypeOf = (contentType: string | undefined): string =>
  (/^[ \t]*([^;]*?)[ \t]*(?:;|$)/.exec(contentType ?? '')?.[1] ?? '').toLowerCase()

const declares =
  (mediaType: string) =>
  (request: Pick<PlainRequest, 'headers'>): boolean =>
    mediaTypeOf(headerOf(request, 'content-type')) === mediaType

/** Whether the body is declared as form encoding; parameters such as a charset are accepted. */
export const isForm = declares(formType)

/** Whether the body is declared as JSON. */
export const isJsonBody = declares(jsonType)

/** Whether the body is declared as a JSON Patch. */
export const isJsonPatch = declares(jsonPatchType)
