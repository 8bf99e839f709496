/**
 * The upstream requests for the resources on which the access to others depends.
 *
 * @module
 */
import { nextOf, resourceIn } from './responses.js'
import type { GateContext } from './gate-context.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { NamingDocument } from '../../protocol/access/profiles/profile.js'
import { addressBelow } from '../../protocol/access/read-interaction.js'
import { printSearchQuery } from '../../protocol/access/search/query.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import type { PlainResponse } from '../../protocol/http/message.js'
import { limits } from '../../values/limits/limits.js'
import { below } from '../../values/urls.js'

type UpstreamRequest = Parameters<GateContext['ask']>[0]

const inParts = <Item>(items: ReadonlyArray<Item>): ReadonlyArray<ReadonlyArray<Item>> => {
  const size = limits.fhirEvidenceItems.default
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size)
  )
}

/** The reads and searches that find resources by their local references: one for each type and part of its ids. */
export const targetsRequests = (names: ReadonlySet<string>): ReadonlyArray<UpstreamRequest> => {
  const byType = new Map<string, Array<string>>()
  for (const name of names) {
    const [type = '', id = ''] = name.split('/')
    const others = byType.get(type)
    if (others === undefined) byType.set(type, [id])
    else others.push(id)
  }
  return [...byType].flatMap(([type, ids]): ReadonlyArray<UpstreamRequest> => {
    const [only] = ids
    if (ids.length === 1 && only !== undefined) return [{ method: 'GET', path: `/${type}/${only}` }]
    return inParts(ids).map((part) => ({
      method: 'GET',
      path: `/${type}`,
      query: printSearchQuery([
        { name: '_id', value: part.join(',') },
        { name: '_count', value: String(part.length) }
      ])
    }))
  })
}

/** The same requests as one batch. */
export const targetsBatch = (requests: ReadonlyArray<UpstreamRequest>): UpstreamRequest => ({
  method: 'POST',
  path: '/',
  body: JSON.stringify({
    resourceType: 'Bundle',
    type: 'batch',
    entry: requests.map(({ path, query = '' }) => ({
      request: { method: 'GET', url: `${path.slice(1)}${query === '' ? '' : `?${query}`}` }
    }))
  })
})

/** A value in which no character separates values (FHIR R4, search.html, "Escaping Search Parameters"). */
const escapedValue = (text: string): string => text.replace(/[\\,$|]/g, '\\$&')

/**
 * The searches of a patient's documents that may name resources, to be sent one after the other until all are found:
 * by the address, in each spelling of it, where FHIR has a parameter for it, and then all documents of the patient.
 */
export const documentsSearches = (
  { type, parameter }: NamingDocument,
  patient: string,
  resources: ReadonlyArray<Resource>,
  { base, aliases = [] }: ReferenceFacts
): ReadonlyArray<UpstreamRequest> => {
  const search = (more: ReadonlyArray<{ readonly name: string; readonly value: string }>): UpstreamRequest => ({
    method: 'GET',
    path: `/${type}`,
    query: printSearchQuery([
      { name: 'patient', value: `Patient/${patient}` },
      ...more,
      { name: '_count', value: String(limits.fhirEvidenceItems.default) }
    ])
  })
  if (parameter === null) return [search([])]
  const roots = [...(base === undefined ? [] : [base]), ...aliases]
  const spellings = resources.flatMap(({ id = '', resourceType }) => {
    const name = `${resourceType}/${id}`
    return [name, ...roots.map((root) => below(root, name))].map(escapedValue)
  })
  return [...inParts(spellings).map((part) => search([{ name: parameter, value: part.join(',') }])), search([])]
}

/** The request for the next page of a search; null if there is none, or it is not at this server. */
export const nextPageOf = (response: PlainResponse, { base, aliases = [] }: ReferenceFacts): UpstreamRequest | null => {
  const bundle = resourceIn(response)
  const next = bundle === null ? null : nextOf(bundle)
  if (next === null) return null
  const address = [...(base === undefined ? [] : [base]), ...aliases]
    .toSorted((one, other) => other.length - one.length)
    .reduce<ReturnType<typeof addressBelow>>((found, root) => found ?? addressBelow(root, next), null)
  return address === null ? null : { method: 'GET', ...address }
}
