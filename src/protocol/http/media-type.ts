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

/** The names of JSON for FHIR resources: those of R4, and older ones that clients still send. */
const jsonNames: ReadonlySet<string> = new Set([fhirJsonType, jsonType, 'application/json+fhir', 'text/json'])

/** The names of newline-delimited JSON, the format of Bulk Data files. */
const ndjsonNames: ReadonlySet<string> = new Set([
  'application/fhir+ndjson',
  'application/ndjson',
  'text/ndjson',
  'application/x-ndjson'
])

/** Whether a media type is JSON for FHIR resources. */
export const isFhirJson = (mediaType: string): boolean => jsonNames.has(mediaType)

/** Whether a media type is XML. */
export const isXml = (mediaType: string): boolean => /^[a-z]+\/(?:xml|xml\+fhir|[a-z0-9.-]+\+xml)$/.test(mediaType)

/** The quality of a media range: 0 to 1, and 0 for one that cannot be read (RFC 9110, section 12.4.2). */
const qualityOf = (parameters: ReadonlyArray<string>): number => {
  const given = parameters.map((one) => one.trim()).find((one) => /^q[ \t]*=/i.test(one))
  if (given === undefined) return 1
  const value = given.replace(/^q[ \t]*=[ \t]*/i, '')
  return /^(?:0(?:\.[0-9]{0,3})?|1(?:\.0{0,3})?)$/.test(value) ? Number(value) : 0
}

/** The value of a parameter of a media type, without quotation marks; null if it has no such parameter. */
const parameterIn = (parameters: ReadonlyArray<string>, name: string): string | null => {
  for (const one of parameters) {
    const [, found = '', quoted, value = ''] = /^[ \t]*([\w-]+)[ \t]*=[ \t]*(?:"([^"]*)"|(\S*))[ \t]*$/.exec(one) ?? []
    if (found.toLowerCase() === name.toLowerCase()) return quoted ?? value
  }
  return null
}

/**
 * Whether the parameters of a media type name no other FHIR version than that of the server: `fhirVersion=4.0` for
 * `4.0.1` (FHIR R4, http.html, 3.1.0.1.10.1).
 */
const isOfVersion = (parameters: ReadonlyArray<string>, version: string | null): boolean => {
  const named = parameterIn(parameters, 'fhirVersion')
  return named === null || version === null || named === version || named === version.replace(/\.[^.]*$/, '')
}

/** Whether a Content-Type names another FHIR version than that of the server. */
export const isOtherVersion = (contentType: string | undefined, version: string): boolean =>
  !isOfVersion((contentType ?? '').split(';').slice(1), version)

/** The charsets that are UTF-8, or a part of it. */
const utf8Names: ReadonlySet<string> = new Set(['utf-8', 'utf8', 'us-ascii'])

/** The charset of a Content-Type if it is another than UTF-8, which JSON must have (RFC 8259, section 8.1). */
export const otherCharset = (contentType: string | undefined): string | null => {
  const charset = parameterIn((contentType ?? '').split(';').slice(1), 'charset')
  return charset === null || utf8Names.has(charset.toLowerCase()) ? null : charset
}

/**
 * Whether an `Accept` field accepts one of some media types: the most specific range that fits a type decides, and the
 * quality 0 excludes it (RFC 9110, section 12.5.1). A missing or empty field accepts everything. Commas within quoted
 * parameters are not expected.
 */
const acceptsOneOf = (accept: string | undefined, types: Iterable<string>, version: string | null = null): boolean => {
  if (accept === undefined || accept.trim() === '') return true
  const qualities = new Map<string, number>()
  for (const one of accept.split(',')) {
    const [range = '', ...parameters] = one.split(';')
    const name = range.trim().toLowerCase()
    if (name !== '' && isOfVersion(parameters, version))
      qualities.set(name, Math.max(qualityOf(parameters), qualities.get(name) ?? 0))
  }
  for (const type of types) {
    const group = `${type.slice(0, type.indexOf('/'))}/*`
    if ((qualities.get(type) ?? qualities.get(group) ?? qualities.get('*/*') ?? 0) > 0) return true
  }
  return false
}

/**
 * Whether an `Accept` field accepts FHIR resources as JSON. A media range with a `fhirVersion` other than that of
 * `version` does not count; null is any.
 */
export const acceptsFhirJson = (accept: string | undefined, version: string | null = null): boolean =>
  acceptsOneOf(accept, jsonNames, version)

/** The names of formats of FHIR resources (FHIR R4, http.html#mime-type), also older ones. */
const fhirFormat = /^(?:application\/(?:fhir\+[a-z]+|xml\+fhir|json\+fhir)|text\/turtle)$/

/**
 * Whether an `Accept` field names a format other than those of FHIR resources, and does not exclude JSON: the client
 * wants the content of a Binary, and not a certain form of the resource (FHIR R4, binary.html#rest).
 */
export const acceptsContent = (accept: string | undefined): boolean => {
  const ranges = (accept ?? '').split(',').map((one) => {
    const [range = '', ...parameters] = one.split(';')
    return { name: range.trim().toLowerCase(), quality: qualityOf(parameters) }
  })
  return (
    ranges.some(({ name, quality }) => name.includes('/') && quality > 0 && !fhirFormat.test(name)) &&
    !ranges.some(({ name, quality }) => isFhirJson(name) && quality === 0)
  )
}

/** Whether an `Accept` field accepts newline-delimited JSON; `version` as in {@link acceptsFhirJson}. */
export const acceptsNdjson = (accept: string | undefined, version: string | null = null): boolean =>
  acceptsOneOf(accept, ndjsonNames, version)

/**
 * Whether a value of `_format` names JSON: `json`, or a media type (FHIR R4, http.html#parameters). A plus that was
 * decoded as a blank counts as a plus. A media type with a `fhirVersion` other than that of `version` does not count;
 * null is any.
 */
export const isJsonFormat = (format: string, version: string | null = null): boolean => {
  const name = mediaTypeOf(format).replaceAll(' ', '+')
  const isJson = name === 'json' || isFhirJson(name) || name === '*/*'
  return isJson && isOfVersion(format.split(';').slice(1), version)
}

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

/** Whether the body is declared as FHIR JSON, or as JSON, which FHIR servers take as the same (FHIR R4, http.html). */
export const isFhirJsonBody = (request: Pick<PlainRequest, 'headers'>): boolean =>
  declares(fhirJsonType)(request) || isJsonBody(request)
