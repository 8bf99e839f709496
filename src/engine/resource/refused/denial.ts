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
import type { SearchQuery } from '../../../protocol/access/search/query.js'
import { reachOfSearch, unreadableBecause } from '../../../protocol/access/search/query.js'
import type { PlainRequest } from '../../../protocol/http/message.js'
import { isFhirId, isResourceTypeName } from '../../../values/fhir.js'
import { ownMember } from '../../../values/own.js'

/** Descriptions of why a request cannot be read. */
const unreadable: Readonly<Partial<Record<DenyReason, string>>> & Readonly<Record<MalformedRequestReason, string>> = {
  'path-encoding': 'its path is not encoded as it must be',
  query: 'its search cannot be read',
  'not-json': 'its body is no JSON, which is the only format here',
  'too-deep': 'its body is nested too deep',
  'not-a-resource': 'its body is no FHIR resource',
  'wrong-type': 'the resource in it is not of the type of its address',
  'wrong-id': 'the id of the resource in it is not the one in its address',
  'bundle-entry': 'its Bundle has entries that are no list',
  'operation-body': 'its body is not Parameters, the input of the operation',
  'unknown-type': 'there is no such type of resource'
}

/** Whether a response may repeat the name of a parameter. */
const isPlainName = (name: string): boolean => /^[A-Za-z0-9_.:[\]-]{1,100}$/.test(name)

/** How a parameter is called in a response. */
const calledParameter = (name: string): string => (isPlainName(name) ? `the parameter ${name}` : 'a parameter')

/** Why the search of a request cannot be read, and where it stands. */
const unreadableSearch = (pair: string, { headers, query }: PlainRequest): string => {
  if (pair === 'body') return 'its body is not the form of a search (application/x-www-form-urlencoded)'
  if (pair === 'if-none-exist') return 'If-None-Exist must be a search with a condition, for the type of the address'
  const place = query.split('&').includes(pair)
    ? 'in its address'
    : (ownMember(headers, 'if-none-exist') ?? '').includes(pair)
      ? 'in its If-None-Exist'
      : 'in its form'
  const [name = ''] = pair.split('=', 1)
  return `${place}, ${unreadableBecause(pair, calledParameter(name))}`
}

/** Why the body of a request, or an entry of it, cannot be read. */
const unreadableBody = (reason: MalformedRequestReason, place: string, { path }: PlainRequest): string => {
  const [type = '', id = ''] = path.split('/').filter((segment) => segment !== '')
  if (reason === 'wrong-type' && type === '') return 'its body is no Bundle'
  if (reason === 'wrong-type' && isResourceTypeName(type)) return `${unreadable[reason]} (${type})`
  if (reason === 'wrong-id' && isFhirId(id)) return `${unreadable[reason]} (${id})`
  const [, entry = '', request = ''] = /^(entry\[[0-9]+\])(\.request)?$/.exec(place) ?? []
  if (reason !== 'bundle-entry' || entry === '') return unreadable[reason]
  return request === ''
    ? `${entry} of its Bundle has no request`
    : `${entry}.request of its Bundle has no method or url`
}

/** The search parameters of an interaction. */
const searchIn = (interaction: FhirInteraction): SearchQuery => {
  if ('query' in interaction) return interaction.query
  if ('condition' in interaction) return interaction.condition ?? []
  return 'target' in interaction && interaction.target._tag === 'Condition' ? interaction.target.query : []
}

/** Which parameter of a search cannot be evaluated here. */
const unevaluatedIn = (interaction: FhirInteraction): string => {
  const name = reachOfSearch(searchIn(interaction)).unevaluated
  return name !== null && isPlainName(name)
    ? `The search parameter ${name} cannot be evaluated here.`
    : 'The search has a parameter that cannot be evaluated here.'
}

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
 * The response to a denied request. A parameter that cannot be read, or not be evaluated, is named. A transaction is
 * 400 where a request of its own would be 404 or 405.
 */
export const accessDenied = (
  { reason, rule, missing }: Denial,
  { interaction, release, request }: DeniedRequest
): GateResponse => {
  const isOfEntry = interaction._tag === 'Batch'
  const row = accessRefusalOf(rule)
  if (row?.isUnserved === true) {
    const words = rule === 'parameters-evaluated' && !isOfEntry ? unevaluatedIn(interaction) : undefined
    return refusalBy(rule, isOfEntry ? 400 : (row.statuses.at(-1) ?? 400), 'not-supported', words)
  }
  if (rule === 'interaction-known' || rule === 'operation-by-post') {
    if (isOfEntry) return refusalBy(rule, 400, 'not-supported')
    return notServedAt(rule, rule === 'operation-by-post' ? ['POST'] : allowedAt(request, release))
  }
  if (unreadable[reason] === undefined) return insufficientScope(missing, rule, missing.length === 0)
  const words =
    interaction._tag !== 'Malformed'
      ? unreadable[reason]
      : interaction.reason === 'query'
        ? unreadableSearch(interaction.place, request)
        : unreadableBody(interaction.reason, interaction.place, request)
  return refusalBy(rule, 400, 'invalid', `The request cannot be read: ${words}.`)
}
