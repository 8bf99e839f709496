/**
 * Batch and transaction. The entries of a batch are handled on their own; a transaction succeeds or fails as a whole.
 * Source: FHIR R4, http.html, "batch/transaction".
 */
import type { Records } from './records.js'
import { asWhole } from './records.js'
import { localFhirResponse, operationOutcome } from './responses.js'
import { fhirJsonType } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { noMembers, ownMember } from '../../values/own.js'

/** Handles one request. */
export type Handle = (request: PlainRequest) => PlainResponse

interface Entry {
  readonly fullUrl?: unknown
  readonly resource?: unknown
  readonly request?: Readonly<Record<string, unknown>>
}

const isEntry = (value: unknown): value is Entry =>
  typeof value === 'object' &&
  value !== null &&
  ['undefined', 'object'].includes(typeof ownMember(value as Entry, 'request')) &&
  (ownMember(value as Entry, 'request') as unknown) !== null

const textAt = (entry: Entry, member: string): string | undefined => {
  const value = ownMember(ownMember(entry, 'request') ?? (noMembers as Readonly<Record<string, unknown>>), member)
  return typeof value === 'string' ? value : undefined
}

/** The request of an entry. */
const requestOf = (entry: Entry): PlainRequest => {
  const url = textAt(entry, 'url') ?? ''
  const [path = '', ...query] = url.split('?')
  const headers = [
    ['if-match', 'ifMatch'],
    ['if-none-match', 'ifNoneMatch'],
    ['if-none-exist', 'ifNoneExist']
  ] as const
  return {
    method: textAt(entry, 'method') ?? '',
    path: path.startsWith('/') ? path : `/${path}`,
    query: query.join('?'),
    headers: {
      'content-type': fhirJsonType,
      ...Object.fromEntries(
        headers.flatMap(([header, member]) => {
          const value = textAt(entry, member)
          return value === undefined ? [] : [[header, value]]
        })
      )
    },
    body: entry.resource === undefined ? '' : JSON.stringify(entry.resource)
  }
}

const headerOf = ({ headers }: PlainResponse, name: string): string | undefined => {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** The response entry for a response. */
const entryOf = (response: PlainResponse): unknown => {
  const body = response.body === '' ? undefined : (JSON.parse(response.body) as Readonly<Record<string, unknown>>)
  const [etag, location, lastModified] = [
    headerOf(response, 'etag'),
    headerOf(response, 'location'),
    headerOf(response, 'last-modified')
  ]
  const isOutcome = body?.['resourceType'] === 'OperationOutcome'
  return {
    ...(body === undefined || isOutcome ? {} : { resource: body }),
    response: {
      status: String(response.status),
      ...(etag === undefined ? {} : { etag }),
      ...(location === undefined ? {} : { location }),
      ...(lastModified === undefined ? {} : { lastModified: new Date(lastModified).toISOString() }),
      ...(isOutcome ? { outcome: body } : {})
    }
  }
}

const order: ReadonlyArray<string> = ['DELETE', 'POST', 'PUT', 'PATCH', 'GET', 'HEAD']

/** Replaces references to resources that the transaction creates. */
const withReferences = (value: unknown, names: ReadonlyMap<string, string>): unknown => {
  if (Array.isArray(value)) return value.map((one) => withReferences(one, names))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([member, inner]) => [
      member,
      member === 'reference' && typeof inner === 'string' ? (names.get(inner) ?? inner) : withReferences(inner, names)
    ])
  )
}

/** The ids of new resources are chosen first, so that entries can refer to one another in any order. */
const named = (entries: ReadonlyArray<Entry>, newId: () => string): ReadonlyMap<string, string> =>
  new Map(
    entries.flatMap((entry): ReadonlyArray<readonly [string, string]> => {
      const { fullUrl, resource } = entry
      if (
        textAt(entry, 'method') !== 'POST' ||
        typeof fullUrl !== 'string' ||
        textAt(entry, 'ifNoneExist') !== undefined
      )
        return []
      const { resourceType } = (resource ?? {}) as { readonly resourceType?: unknown }
      return typeof resourceType === 'string' ? [[fullUrl, `${resourceType}/${newId()}`]] : []
    })
  )

const transaction = (handle: Handle, entries: ReadonlyArray<Entry>, newId: () => string): PlainResponse => {
  const names = named(entries, newId)
  const answers = new Map<Entry, PlainResponse>()
  const inOrder = [...entries].sort(
    (one, other) => order.indexOf(textAt(one, 'method') ?? '') - order.indexOf(textAt(other, 'method') ?? '')
  )
  for (const entry of inOrder) {
    const name = typeof entry.fullUrl === 'string' ? names.get(entry.fullUrl) : undefined
    const resource = withReferences(entry.resource, names)
    // A new resource gets the id that the other entries refer to.
    const entryOfRequest =
      name === undefined
        ? { ...entry, resource }
        : {
            resource: { ...(resource as object), id: name.slice(name.indexOf('/') + 1) },
            request: { method: 'PUT', url: name }
          }
    const response = handle(requestOf(entryOfRequest))
    if (response.status >= 400) return response
    answers.set(entry, response)
  }
  const entry = entries.flatMap((one) => {
    const answer = answers.get(one)
    return answer === undefined ? [] : [entryOf(answer)]
  })
  return localFhirResponse(200, { resourceType: 'Bundle', type: 'transaction-response', entry })
}

const batch = (handle: Handle, entries: ReadonlyArray<Entry>): PlainResponse =>
  localFhirResponse(200, {
    resourceType: 'Bundle',
    type: 'batch-response',
    entry: entries.map((one) => entryOf(handle(requestOf(one))))
  })

/** Handles a bundle of requests. */
export const bundle = (handle: Handle, records: Records, body: unknown, newId: () => string): PlainResponse => {
  const {
    resourceType,
    type,
    entry = []
  } = (body ?? {}) as { readonly resourceType?: unknown; readonly type?: unknown; readonly entry?: unknown }
  if (resourceType !== 'Bundle' || !Array.isArray(entry) || !entry.every(isEntry)) {
    return operationOutcome(400, 'structure', 'The body must be a Bundle.')
  }
  switch (type) {
    case 'batch':
      return batch(handle, entry)
    case 'transaction':
      return asWhole(
        records,
        () => transaction(handle, entry, newId),
        ({ status }) => status < 400
      )
    default:
      return operationOutcome(400, 'not-supported', 'The bundle must be a batch or a transaction.')
  }
}
