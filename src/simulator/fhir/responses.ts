/** Responses of the simulator's FHIR server. Source: FHIR R4, http.html. */
import type { ResourceVersion } from './records.js'
import { fhirJsonUtf8Type } from '../../protocol/http/media-type.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { bearerChallenge, refusalHeaders, refusalRow } from '../../protocol/errors/refusal-table.js'

/** A FHIR response as JSON that must not be cached. */
export const localFhirResponse = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): PlainResponse => ({
  status,
  headers: { 'content-type': fhirJsonUtf8Type, 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body)
})

/** An error response with an OperationOutcome. */
export const operationOutcome = (
  status: number,
  code: string,
  diagnostics: string,
  headers: Readonly<Record<string, string>> = {}
): PlainResponse =>
  localFhirResponse(
    status,
    { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code, diagnostics }] },
    headers
  )

/** The response to a refused access token (RFC 6750, section 3). */
export const tokenRefused = (refusal: Refusal): PlainResponse => {
  const row = refusalRow(refusal)
  const challenge: Readonly<Record<string, string>> =
    row.status === 401 || row.status === 400 ? { 'www-authenticate': bearerChallenge(refusal) } : {}
  const code = row.status === 401 ? 'login' : row.status === 503 ? 'transient' : 'exception'
  return operationOutcome(row.status, code, row.description, { ...challenge, ...refusalHeaders(refusal) })
}

/** The response if there is no such resource. */
export const resourceNotFound = (name: string): PlainResponse =>
  operationOutcome(404, 'not-found', `There is no ${name}.`)

/** The header fields for the version in a response. */
export const versionHeaders = ({ versionId, at }: ResourceVersion): Readonly<Record<string, string>> => ({
  etag: `W/"${versionId}"`,
  'last-modified': new Date(at).toUTCString()
})
