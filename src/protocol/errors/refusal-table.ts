/**
 * The table of all refusals, and the responses that are made from it.
 *
 * @module
 */
import type { PlainResponse } from '../http/message.js'
import { json } from '../http/message.js'
import type { Refusal, RefusalRow, RefusalTag } from './refusal.js'
import { errorUri } from './refusal.js'
import { authorizationRefusals } from './authorization.js'
import { clientRefusals } from './client.js'
import { introspectionRefusals } from './introspection.js'
import { launchRefusals } from './launch.js'
import { requestRefusals } from './request.js'
import { resourceRefusals } from './resource.js'
import { tokenRefusals } from './token.js'

/** The row of each refusal. A tag without a row does not compile. */
export const refusalTable: Readonly<Record<RefusalTag, RefusalRow>> = {
  ...requestRefusals,
  ...authorizationRefusals,
  ...launchRefusals,
  ...clientRefusals,
  ...tokenRefusals,
  ...introspectionRefusals,
  ...resourceRefusals
}

/** The row of a refusal. */
export const refusalRow = (refusal: Refusal): RefusalRow => refusalTable[refusal._tag]

/**
 * The header fields of a refusal, also if a page shows it: `Allow` (RFC 9110, section 15.5.6), `Accept-Encoding`
 * (section 15.5.16), `Retry-After`.
 */
export const refusalHeaders = (refusal: Refusal): Readonly<Record<string, string>> => {
  if (refusal._tag === 'MethodNotAllowed') return { allow: refusal.allowed }
  if (refusal._tag === 'BodyEncoded') return { 'accept-encoding': 'identity' }
  if (refusal._tag === 'RegistrationsTooMany') return { 'retry-after': String(refusal.retryAfterSeconds) }
  return refusalRow(refusal).status === 503 ? { 'retry-after': '1' } : {}
}

/** The challenge of the token, introspection and revocation endpoints. */
const basicChallenge = 'Basic realm="token"'

/**
 * The description of a refusal for the client. A refused registration names the member and what is expected of it: all
 * of the metadata came from the client (RFC 7591, section 3.2.2). For a misspelled scope, it names the one that is
 * probably meant.
 */
export const refusalDescription = (refusal: Refusal): string => {
  const { description } = refusalRow(refusal)
  switch (refusal._tag) {
    case 'ClientMetadataUnacceptable':
      return `${description} ${refusal.member === '' ? 'The body' : refusal.member}: expected ${refusal.expected}.`
    case 'RedirectUriUnacceptable':
      return `${description} redirect_uris: expected ${refusal.expected}.`
    case 'NothingToGrant':
    case 'ScopeMalformed':
    case 'ScopeNotRegistered':
    case 'ScopeOpensNothing':
      return refusal.likely === undefined ? description : `${description} Did you mean ${refusal.likely}?`
    default:
      return description
  }
}

/**
 * A refusal as the token, introspection and revocation endpoints send it (RFC 6749, section 5.2). A 401 must have
 * `WWW-Authenticate` (RFC 9110, section 15.5.2); the only HTTP scheme that these endpoints support is Basic.
 *
 * @example
 * ```ts
 * import { refusalJson } from './refusal-table.js'
 *
 * const response = refusalJson({ _tag: 'CodeExpired' })
 * response.status // => 400
 * JSON.parse(response.body).error // => 'invalid_grant'
 * ```
 */
export const refusalJson = (refusal: Refusal): PlainResponse => describedJson(refusal, refusalDescription(refusal))

/**
 * Like {@link refusalJson}, and a failed client authentication says its reason.
 *
 * @example
 * ```ts
 * import { detailedRefusalJson } from './refusal-table.js'
 *
 * const response = detailedRefusalJson({ _tag: 'AuthenticationMethodDiffers', registered: 'none' })
 * JSON.parse(response.body).error_description
 * // => 'Client authentication failed. The client uses another method than the one that it registered: none.'
 * ```
 */
export const detailedRefusalJson = (refusal: Refusal): PlainResponse =>
  describedJson(refusal, `${refusalDescription(refusal)}${reasonOf(refusal)}`)

/** Why a client authentication failed, after a space; empty for other refusals. */
const reasonOf = (refusal: Refusal): string => {
  const { advice, error } = refusalRow(refusal)
  if (error !== 'invalid_client') return ''
  return refusal._tag === 'AuthenticationMethodDiffers'
    ? ` ${advice.replace(/\.$/, '')}: ${refusal.registered}.`
    : ` ${advice}`
}

const describedJson = (refusal: Refusal, description: string): PlainResponse => {
  const row = refusalRow(refusal)
  return json(
    row.status,
    { error: row.error, error_description: description, error_uri: errorUri(row) },
    { ...refusalHeaders(refusal), ...(row.status === 401 ? { 'www-authenticate': basicChallenge } : {}) }
  )
}

/** The response of an adapter: it cannot read the request, or, for null, the host's own code threw. Without details. */
export const plainRefusal = (because: Refusal | null): PlainResponse =>
  because === null ? json(500, { error: 'server_error' }) : refusalJson(because)

/** The parameters with which a refusal is sent to the app by redirect (RFC 6749, section 4.1.2.1). */
export const refusalParameters = (refusal: Refusal): ReadonlyArray<readonly [string, string]> => {
  const row = refusalRow(refusal)
  return [
    ['error', row.error],
    ['error_description', refusalDescription(refusal)],
    ['error_uri', errorUri(row)]
  ]
}

/** The challenge of a resource server that refuses an access token (RFC 6750, section 3). */
export const bearerChallenge = (refusal: Refusal): string => {
  const row = refusalRow(refusal)
  if (refusal._tag === 'AccessTokenMissing') return 'Bearer realm="fhir"'
  return `Bearer realm="fhir", error="${row.error}", error_description="${row.description}"`
}

/** A refused access token outside FHIR, as JSON with its challenge (RFC 6750, section 3.1). */
export const bearerRefusalJson = (refusal: Refusal): PlainResponse => {
  const response = refusalJson(refusal)
  return response.status === 503
    ? response
    : { ...response, headers: { ...response.headers, 'www-authenticate': bearerChallenge(refusal) } }
}
