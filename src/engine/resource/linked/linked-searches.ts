/**
 * The upstream requests for the resources on which the access to others depends.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import { nextAddress } from '../addresses/next-address.js'
import type { RequestBudget, StopReason } from '../cost.js'
import type { GateContext } from '../gate-context.js'
import { entriesOf, isUpstreamError, nextOf, resourceIn } from '../responses.js'
import type { Resource } from '../../../protocol/access/fhir-interaction.js'
import type { NamingDocument } from '../../../protocol/access/profiles/profile.js'
import { printSearchQuery } from '../../../protocol/access/search/query.js'
import type { ReferenceFacts } from '../../../protocol/access/search/search-index.js'
import type { PlainResponse } from '../../../protocol/http/message.js'
import { limits } from '../../../values/limits/limits.js'
import { below } from '../../../values/urls.js'

type UpstreamRequest = Parameters<GateContext['ask']>[0]

/** A read or a search, and the resources that what it finds may open. */
export interface Lookup {
  readonly request: UpstreamRequest
  /** The local references that it asks for by id. */
  readonly names: ReadonlyArray<string>
  readonly opens: ReadonlyArray<Resource>
  /** Whether it asks for all documents of the patient, and not for what the resources name. */
  readonly isBroad: boolean
  /** Lookups of smaller responses, the first of which are sent first; none if it cannot be divided. */
  readonly divided: () => ReadonlyArray<Lookup>
  /** What is looked up next, if there is a next page; `isSmall` if ten such responses may be held. */
  readonly following: (nextPage: Lookup, isSmall: boolean) => Lookup
}

const nextPageOf = (nextPage: Lookup): Lookup => nextPage

/** The two halves of several items; nothing for fewer. */
export const inHalves = <Item>(items: ReadonlyArray<Item>): ReadonlyArray<ReadonlyArray<Item>> => {
  const middle = Math.ceil(items.length / 2)
  return items.length < 2 ? [] : [items.slice(0, middle), items.slice(middle)]
}

/** Something that is looked up, and the resources that it may open. */
type Sought = readonly [string, ReadonlyArray<Resource>]

const openedBy = (sought: ReadonlyArray<Sought>): ReadonlyArray<Resource> => [
  ...new Set(sought.flatMap(([, opens]) => opens))
]

const inParts = <Item>(items: ReadonlyArray<Item>): ReadonlyArray<ReadonlyArray<Item>> => {
  const size = limits.fhirEvidenceItems.default
  return Array.from({ length: Math.ceil(items.length / size) }, (_, part) =>
    items.slice(part * size, (part + 1) * size)
  )
}

/** The read or search that finds resources of one type by their local references. */
const targetsLookup = (type: string, sought: ReadonlyArray<Sought>): Lookup => {
  const names = sought.map(([name]) => name)
  const [only = ''] = names
  const searched = printSearchQuery([
    { name: '_id', value: names.map((name) => name.slice(type.length + 1)).join(',') },
    { name: '_count', value: String(names.length) }
  ])
  return {
    request:
      names.length === 1 ? { method: 'GET', path: `/${only}` } : { method: 'GET', path: `/${type}`, query: searched },
    names,
    opens: openedBy(sought),
    isBroad: false,
    divided: () => inHalves(sought).map((half) => targetsLookup(type, half)),
    following: nextPageOf
  }
}

/**
 * The reads and searches that find resources by their local references: one for each type and part of its ids. `names`
 * has the resources that each reference may open.
 */
export const targetsLookups = (names: ReadonlyMap<string, ReadonlyArray<Resource>>): ReadonlyArray<Lookup> => {
  const byType = new Map<string, Array<Sought>>()
  for (const sought of names) {
    const [name] = sought
    const type = name.slice(0, name.indexOf('/'))
    const others = byType.get(type)
    if (others === undefined) byType.set(type, [sought])
    else others.push(sought)
  }
  return [...byType].flatMap(([type, all]) => inParts(all).map((part) => targetsLookup(type, part)))
}

/** Lookups as one batch. */
const batchOf = (lookups: ReadonlyArray<Lookup>): UpstreamRequest => ({
  method: 'POST',
  path: '/',
  body: JSON.stringify({
    resourceType: 'Bundle',
    type: 'batch',
    entry: lookups.map(({ request: { path, query = '' } }) => ({
      request: { method: 'GET', url: `${path.slice(1)}${query === '' ? '' : `?${query}`}` }
    }))
  })
})

/** A value in which no character separates values (FHIR R4, search.html, "Escaping Search Parameters"). */
const escapedValue = (text: string): string => text.replace(/[\\,$|]/g, '\\$&')

/** The searches of a patient's documents that may name resources. */
interface DocumentsSearches {
  /** By the address, in each spelling of it, where FHIR has a parameter for it. */
  readonly byAddress: ReadonlyArray<Lookup>
  /**
   * All documents of the patient, for what the others do not find: few of them first, where `more` can be looked up
   * after them. If these are small, a full page is looked up next, and else the next few.
   */
  readonly all: (more: boolean) => Lookup
}

/** The searches of a patient's documents that may name resources. */
export const documentsSearches = (
  { type, parameter }: NamingDocument,
  patient: string,
  resources: ReadonlyArray<Resource>,
  { base, aliases = [] }: ReferenceFacts
): DocumentsSearches => {
  const full: number = limits.fhirEvidenceItems.default
  const search = (
    more: ReadonlyArray<{ readonly name: string; readonly value: string }>,
    count = full
  ): UpstreamRequest => ({
    method: 'GET',
    path: `/${type}`,
    query: printSearchQuery([
      { name: 'patient', value: `Patient/${patient}` },
      ...more,
      { name: '_count', value: String(count) }
    ])
  })
  const roots = [...(base === undefined ? [] : [base]), ...aliases]
  const spellings = resources.flatMap((resource) => {
    const name = `${resource.resourceType}/${resource.id ?? ''}`
    return [name, ...roots.map((root) => below(root, name))].map((one): Sought => [escapedValue(one), [resource]])
  })
  const byAddress = (name: string, sought: ReadonlyArray<Sought>): Lookup => ({
    request: search([{ name, value: sought.map(([spelling]) => spelling).join(',') }]),
    names: [],
    opens: openedBy(sought),
    isBroad: false,
    divided: () => inHalves(sought).map((half) => byAddress(name, half)),
    following: nextPageOf
  })
  const all = (count: number): Lookup => ({
    request: search([], count),
    names: [],
    opens: resources,
    isBroad: true,
    divided: () => (count > 1 ? [all(Math.ceil(count / 2))] : []),
    following: (nextPage, isSmall) => (isSmall && count < full ? { ...all(full), divided: () => [nextPage] } : nextPage)
  })
  return {
    byAddress: parameter === null ? [] : inParts(spellings).map((part) => byAddress(parameter, part)),
    all: (more) => all(more ? Math.ceil(full / 10) : full)
  }
}

/** What a lookup found, and the lookup of the next page. */
export interface LookedUp {
  readonly found: ReadonlyArray<Resource>
  readonly next: Lookup | null
}

const nothing: LookedUp = { found: [], next: null }

/** Whether ten responses like this one may be held, with room to spare. */
const isSmallResponse = ({ budget: { limits: bounds } }: LookupContext, { body }: PlainResponse): boolean =>
  body.length * 20 <= Math.min(bounds.upstreamAnswer, bounds.held)

/** What a lookup found in a resource that answers it: itself, or what a Bundle holds. */
const lookedUpIn = (
  lookup: Lookup,
  resource: Resource,
  { base, aliases = [] }: ReferenceFacts,
  isSmall: boolean
): LookedUp => {
  if (resource.resourceType !== 'Bundle') return { found: [resource], next: null }
  const { path, query = '' } = lookup.request
  const next = base === undefined ? null : nextAddress({ base, aliases }, nextOf(resource), `${path}?${query}`)
  const [nextPath = '', ...nextQuery] = (next ?? '').split('?')
  return {
    found: entriesOf(resource).flatMap((entry) => entry.resource ?? []),
    next:
      typeof next === 'string'
        ? lookup.following(
            {
              ...lookup,
              request: { method: 'GET', path: nextPath, query: nextQuery.join('?') },
              names: [],
              divided: () => [],
              following: nextPageOf
            },
            isSmall
          )
        : null
  }
}

/** What lookups need of a request. */
export interface LookupContext {
  readonly references: ReferenceFacts
  readonly budget: RequestBudget
  readonly ask: GateContext['ask']
}

/**
 * Sends one request; null if the server does not serve it. `cut` if the response is larger than may be held, or no
 * request is left: what it would open stays hidden, so that no response tells how much was looked up.
 */
const send = async (
  { ask, budget }: LookupContext,
  request: UpstreamRequest,
  isRefusal: (status: number) => boolean
): Promise<Either.Either<StopReason, PlainResponse | 'cut' | null>> => {
  const answered = await ask(request, false)()
  if (Either.isLeft(answered)) return answered.left._tag === 'TooCostly' ? Either.right('cut') : answered
  const { status, body } = answered.right
  if (isRefusal(status)) return Either.right(null)
  if (isUpstreamError(answered.right)) return Either.left({ _tag: 'UpstreamFailed', response: answered.right })
  const beyond = budget.holdLookup(body.length)
  if (beyond !== null) return beyond === 'held' ? Either.right('cut') : Either.left({ _tag: 'Busy' })
  return Either.right(status === 200 ? answered.right : null)
}

/** Sends one lookup; `cut` if its response is larger than may be held. */
export const sendAlone = async (
  context: LookupContext,
  lookup: Lookup
): Promise<Either.Either<StopReason, LookedUp | 'cut'>> => {
  const answered = await send(context, lookup.request, (status) => status === 501)
  if (Either.isLeft(answered)) return answered
  if (answered.right === 'cut') return Either.right('cut')
  const resource = answered.right === null ? null : resourceIn(answered.right)
  return Either.right(
    answered.right === null || resource === null
      ? nothing
      : lookedUpIn(lookup, resource, context.references, isSmallResponse(context, answered.right))
  )
}

/** The status in the response to an entry of a batch; null if it has none. */
const statusIn = (response: Readonly<Record<string, unknown>> | undefined): number | null => {
  const status = response?.['status']
  return typeof status === 'string' && /^[1-5][0-9]{2}\b/.test(status) ? Number(status.slice(0, 3)) : null
}

/**
 * Sends lookups as one batch; null if the server takes no batch, and `cut` if its response is larger than may be held.
 * A failure of one of them is no "not found".
 */
export const sendTogether = async (
  context: LookupContext,
  lookups: ReadonlyArray<Lookup>
): Promise<Either.Either<StopReason, ReadonlyArray<LookedUp> | 'cut' | null>> => {
  const answered = await send(context, batchOf(lookups), (status) => status === 500 || status === 501)
  if (Either.isLeft(answered)) return answered
  if (answered.right === 'cut') return Either.right('cut')
  if (answered.right === null) return Either.right(null)
  const bundle = resourceIn(answered.right)
  if (bundle?.resourceType !== 'Bundle') return Either.right(null)
  const isSmall = isSmallResponse(context, answered.right)
  const entries = entriesOf(bundle)
  if (entries.length !== lookups.length) return Either.right(null)
  const found: Array<LookedUp> = []
  for (const [place, lookup] of lookups.entries()) {
    const { resource, response } = entries[place] ?? {}
    const status = statusIn(response)
    const inner: PlainResponse = { status: status ?? 200, headers: {}, body: '' }
    if (isUpstreamError(inner)) return Either.left({ _tag: 'UpstreamFailed', response: inner })
    const isAnswer = resource !== undefined && (status === null || status === 200)
    found.push(isAnswer ? lookedUpIn(lookup, resource, context.references, isSmall) : nothing)
  }
  return Either.right(found)
}
