/**
 * The responses to requests that the decision denies.
 *
 * A challenge names scopes that would have permitted the request. What no scope would permit, because the request is
 * wrong or this server does not serve it, is no matter of the token: 400, 404 or 405, without a challenge.
 *
 * @module
 */
import type { GateResponse } from '../responses.js'
import { insufficientScope, refusalBy } from '../responses.js'
import { accessRefusalOf } from '../../../protocol/access/access-refusals.js'
import type { Denial, DenyReason } from '../../../protocol/access/decision-types.js'
import type { FhirInteraction, MalformedRequestReason } from '../../../protocol/access/fhir-interaction.js'
import { interactionOf } from '../../../protocol/access/read-interaction.js'
import type { FhirRelease } from '../../../protocol/access/release.js'
import type { PlainRequest } from '../../../protocol/http/message.js'

/** Descriptions of why a request cannot be read. */
const unreadable: Readonly<Partial<Record<DenyReason, string>>> & Readonly<Record<MalformedRequestReason, string>> = {
  'path-encoding': 'its path is not encoded as it must be',
  query: 'its query, form or condition is not one that can be searched by, or too long a one',
  'not-json': 'its body is no JSON, which is the only format here',
  'too-deep': 'its body is nested too deep',
  'not-a-resource': 'its body is no FHIR resource',
  'wrong-type': 'the resource in it is of another type than its address, or its Bundle is none',
  'wrong-id': 'the resource in it has another id than its address, or none',
  'bundle-entry': 'an entry of its Bundle lacks its request, or that lacks method or url',
  'operation-body': 'its body is not Parameters, the input of the operation',
  'unknown-type': 'there is no such type of resource'
}

/** The name of a parameter that a response may repeat. */
const isPlainPlace = (place: string): boolean => /^[A-Za-z0-9_.:[\]-]{1,100}$/.test(place)

/** A request, and the release by which its address is read. */
export interface DeniedRequest {
  readonly request: PlainRequest
  readonly interaction: FhirInteraction
  readonly release: FhirRelease
}

/** The methods that an address has (RFC 9110, section 10.2.1). */
const allowedAt = ({ path, query }: PlainRequest, release: FhirRelease): ReadonlyArray<string> =>
  ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'].filter(
    (method) => interactionOf({ method, path, query, headers: {}, body: '' }, '', release)._tag !== 'NotSupported'
  )

/** The response to a method that an address does not have, or to an address that is none. */
const notServedAt = (rule: string, allowed: ReadonlyArray<string>): GateResponse =>
  allowed.length === 0
    ? refusalBy(rule, 404, 'not-supported')
    : refusalBy(rule, 405, 'not-supported', `This address is served by ${allowed.join(', ')}.`, {
        allow: allowed.join(', ')
      })

/**
 * The response to a denied request. A parameter that cannot be read is named. A transaction is 400 where a request of
 * its own would be 404 or 405.
 */
export const accessDenied = (
  { reason, rule, missing }: Denial,
  { interaction, release, request }: DeniedRequest
): GateResponse => {
  const isOfEntry = interaction._tag === 'Batch'
  const row = accessRefusalOf(rule)
  if (row?.isUnserved === true) return refusalBy(rule, isOfEntry ? 400 : (row.statuses.at(-1) ?? 400), 'not-supported')
  if (rule === 'interaction-known' || rule === 'operation-by-post') {
    if (isOfEntry) return refusalBy(rule, 400, 'not-supported')
    return notServedAt(rule, rule === 'operation-by-post' ? ['POST'] : allowedAt(request, release))
  }
  if (unreadable[reason] === undefined) return insufficientScope(missing, rule, missing.length === 0)
  const isNamed = interaction._tag === 'Malformed' && reason === 'query' && isPlainPlace(interaction.place)
  const place = isNamed ? ` (${interaction.place})` : ''
  return refusalBy(rule, 400, 'invalid', `The request cannot be read: ${unreadable[reason]}${place}.`)
}
