/** Answers of the simulator's FHIR server. Source: FHIR R4, http.html. */
import type { ResourceVersion } from './records.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import type { Refusal } from '../../protocol/errors/refusal.js'
import { bearerChallenge, refusalRow } from '../../protocol/errors/refusal-table.js'

/** A FHIR answer as JSON that no cache may keep. */
export const localFhirResponse = (
  status: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {}
): PlainResponse => ({
  status,
  headers: { 'content-type': 'application/fhir+json; charset=utf-8', 'cache-control': 'no-store', ...headers },
  body: JSON.stringify(body)
})

/** An answer that says what went wrong in FHIR's own way. */
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

/** A refused access token (RFC 6750, section 3). */
export const tokenRefused = (refusal: Refusal): PlainResponse => {
  const row = refusalRow(refusal)
  const challenge: Readonly<Record<string, string>> =
    row.status === 401 || row.status === 400 ? { 'www-authenticate': bearerChallenge(refusal) } : {}
  return operationOutcome(row.status, row.status === 401 ? 'login' : 'exception', row.description, challenge)
}

/** There is no such resource. */
export const resourceNotFound = (name: string): PlainResponse =>
  operationOutcome(404, 'not-found', `There is no ${name}.`)

/** The header fields that say which version an answer holds. */
export const versionHeaders = ({ versionId, at }: ResourceVersion): Readonly<Record<string, string>> => ({
  etag: `W/"${versionId}"`,
  'last-modified': new Date(at).toUTCString()
})
