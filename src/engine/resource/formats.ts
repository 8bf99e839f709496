/**
 * Formats: responses and bodies are JSON, and a request for another format is refused by name, with 406 or 415.
 *
 * The formats are checked after the access token and before everything else: a client without a valid token learns
 * nothing, and the answer depends on nothing but the header fields and `_format`, so it tells nothing about data.
 * Source: FHIR R4, http.html, 3.1.0.1.10 and 3.1.0.6; RFC 9110, sections 15.5.7 and 15.5.16.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { GateResponse } from './responses.js'
import { insufficientScope, refusalBy, withoutRule } from './responses.js'
import type { FhirInteraction } from '../../protocol/access/fhir-interaction.js'
import type { PatchUncertain } from '../../protocol/access/fhirpath/fhirpath-patch.js'
import type { PatchError } from '../../protocol/access/json-patch.js'
import { namesParameter } from '../../protocol/access/search/query.js'
import type { PatchReads } from '../../protocol/access/unread-patch.js'
import { readForm } from '../../protocol/http/form.js'
import {
  acceptsContent,
  acceptsFhirJson,
  acceptsNdjson,
  fhirJsonType,
  formType,
  isFhirJson,
  isForm,
  isJsonFormat,
  isOtherVersion,
  isXml,
  jsonPatchType,
  mediaTypeOf,
  otherCharset
} from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { headerOf } from '../../protocol/http/message.js'
import { quoted } from '../../values/shown-text.js'

/** The values of `_format` in a query or form; none if it cannot be read. */
const formatsIn = (text: string): ReadonlyArray<string> => {
  if (!namesParameter(text, '_format')) return []
  const form = readForm(text)
  return Either.isLeft(form) ? [] : [...(form.right.get('_format') ?? [])]
}

/** Interactions whose responses are resources. Others may answer with files of newline-delimited JSON. */
const answeredByResources: ReadonlySet<string> = new Set([
  'Capabilities',
  'Read',
  'VersionRead',
  'History',
  'Search',
  'Create',
  'Update',
  'Patch',
  'Delete',
  'Batch'
])

/** Whether a request is for a Binary, which is answered as a resource also where the client wants its content. */
const isBinaryRead = (interaction: FhirInteraction): boolean =>
  (interaction._tag === 'Read' || interaction._tag === 'VersionRead') && interaction.type === 'Binary'

const inWords = (found: string): string => (isXml(found) ? 'XML' : 'another format')

/** The refusal of a request whose response must not be JSON; null for others. `_format` is stronger than `Accept`. */
const unacceptable = (
  request: PlainRequest,
  interaction: FhirInteraction,
  version: string | null
): GateResponse | null => {
  const formats = [...formatsIn(request.query), ...(isForm(request) ? formatsIn(request.body) : [])]
  const accept = headerOf(request, 'accept')
  const isServed =
    formats.length > 0
      ? formats.every((one) => isJsonFormat(one, version))
      : acceptsFhirJson(accept, version) ||
        (isBinaryRead(interaction) && acceptsContent(accept)) ||
        (!answeredByResources.has(interaction._tag) && acceptsNdjson(accept, version))
  if (isServed) return null
  if (version !== null && (formats.length > 0 ? formats.every((one) => isJsonFormat(one)) : acceptsFhirJson(accept)))
    return refusalBy(
      'answer-format',
      406,
      'not-supported',
      `Responses are resources of FHIR ${version}: accept ${fhirJsonType} without fhirVersion, or with this version.`
    )
  const requested = formats.find((one) => !isJsonFormat(one, version)) ?? accept ?? ''
  const isAboutXml = /\bxml\b/i.test(requested)
  return refusalBy(
    'answer-format',
    406,
    'not-supported',
    `Responses are JSON only: accept ${fhirJsonType}.${isAboutXml ? ' XML is not served.' : ''}`
  )
}

const wrongBody = (found: string, expected: string): GateResponse =>
  refusalBy('body-format', 415, 'not-supported', `The body must be ${expected}; it is labeled as ${inWords(found)}.`)

/** Searches by POST have a form. */
const isPostedSearch = ({ method, path }: PlainRequest): boolean => method === 'POST' && /\/_search\/?$/.test(path)

/**
 * The refusal of a body that is labeled as another format than the gate reads; null for others. A body without a label
 * is read as JSON. A patch has formats of its own, of which only XML is refused here; so is the body of an operation
 * that is no form.
 */
const unreadableBody = (
  request: PlainRequest,
  interaction: FhirInteraction,
  version: string | null
): GateResponse | null => {
  const label = headerOf(request, 'content-type')
  const type = mediaTypeOf(label)
  if (request.body === '' || type === '' || !['POST', 'PUT', 'PATCH'].includes(request.method)) return null
  if (isPostedSearch(request)) return type === formType ? null : wrongBody(type, formType)
  if (isXml(type)) return wrongBody(type, fhirJsonType)
  const charset = type.includes('json') ? otherCharset(label) : null
  if (charset !== null)
    return refusalBy(
      'body-format',
      415,
      'not-supported',
      `The body must be UTF-8; it is labeled as ${quoted(charset)}.`
    )
  if (version !== null && isOtherVersion(label, version))
    return refusalBy(
      'body-format',
      415,
      'not-supported',
      `The body must be a resource of FHIR ${version}; its label names another fhirVersion.`
    )
  if (request.method === 'PATCH' || interaction._tag === 'Operation') return null
  return isFhirJson(type) ? null : wrongBody(type, fhirJsonType)
}

/**
 * The refusal of a request for a format, or in one, that is not JSON in UTF-8 of the server's FHIR version; null for
 * others. `version` is that of the release, or null if it is not known.
 */
export const formatRefusal = (
  request: PlainRequest,
  interaction: FhirInteraction,
  version: string | null
): GateResponse | null => unacceptable(request, interaction, version) ?? unreadableBody(request, interaction, version)

/** The same for a request to `/metadata`, which needs no token. The response has no rule for an audit event. */
export const metadataFormatRefusal = (request: PlainRequest, version: string | null): PlainResponse | null => {
  const refusal = formatRefusal(request, { _tag: 'Capabilities' }, version)
  return refusal === null ? null : withoutRule(refusal)
}

/** The refusal of a patch in another format than those that the gate applies. */
export const patchFormatRefused = (): GateResponse =>
  refusalBy(
    'patch-format',
    415,
    'not-supported',
    `A patch must be a JSON Patch (${jsonPatchType}) or a FHIRPath Patch (Parameters as ${fhirJsonType}).`
  )

/**
 * The response to a patch that does not apply, or that depends on the content of a resource which the token must not
 * read.
 */
export const unpatched = (error: PatchError | PatchReads | PatchUncertain): PlainResponse => {
  if (error._tag === 'PatchUncertain')
    return refusalBy(
      'patch-format',
      415,
      'not-supported',
      `FHIRPath Patch: the effect of operation ${String(error.operation)} is not certain, whose path is ` +
        `${quoted(error.path)}.`
    )
  if (error._tag === 'PatchReads') return insufficientScope([], 'patch-without-reading')
  if (error.because === 'too-large')
    return refusalBy('patch-applies', 413, 'too-costly', 'The patch asks for too much.')
  return refusalBy(
    'patch-applies',
    error.because === 'malformed' ? 400 : 422,
    'processing',
    `The patch does not apply: operation ${String(error.operation)}.`
  )
}
