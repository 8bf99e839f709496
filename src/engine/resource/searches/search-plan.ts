/**
 * What a search through the gate asks the upstream server: its sources one after the other (`sources.ts`), and the
 * request for each of their pages.
 *
 * @module
 */
import type { GateContext } from '../gate-context.js'
import type { PagePlace } from '../page-links.js'
import { firstPlace } from '../page-links.js'
import type { UpstreamRequest } from '../pages.js'
import { linkedPage, pageAt } from '../pages.js'
import type { Decision } from '../../../protocol/access/decision-types.js'
import type { SearchQuery } from '../../../protocol/access/search/query.js'
import { presentationParameters, printSearchQuery, reachOfSearch } from '../../../protocol/access/search/query.js'
import type { Search } from '../../../protocol/access/search/rewrite.js'
import type { SearchSource } from '../../../protocol/access/search/sources.js'
import { sourcesOf, withoutRefused } from '../../../protocol/access/search/sources.js'
import { limits } from '../../../values/limits/limits.js'
import { ownMember } from '../../../values/own.js'

/** The path of an upstream search. */
export const pathOfSearch = ({ compartment, type }: Pick<SearchSource, 'compartment' | 'type'>): string =>
  compartment === null ? `/${type ?? ''}` : `/${compartment.type}/${compartment.id}/${type ?? '*'}`

/** A search in progress: its sources, and how its pages are requested for and checked. */
export interface SearchPlan {
  readonly search: Search
  readonly sources: ReadonlyArray<SearchSource>
  /** The matches of one page; null if the client does not say. */
  readonly count: number | null
  readonly isPosted: boolean
  /** The text of the client's request. */
  readonly requested: string
  readonly isReverse: (type: string) => boolean
}

const whole = (query: SearchQuery, name: string): number | null => {
  const value = query.find((one) => one.name === name)?.value
  return value !== undefined && /^[0-9]{1,9}$/.test(value) ? Number(value) : null
}

/** The `_count` of the client, within the limit. */
const countOf = ({ budget }: GateContext, query: SearchQuery): number | null => {
  const count = whole(query, '_count')
  return count === null ? null : Math.min(count, budget.limits.pageEntries)
}

/** A search string with the number of matches on a page, if one is given. */
export const counted = (query: SearchQuery, count: number | null): SearchQuery =>
  count === null ? query : [...query, { name: '_count', value: String(count) }]

/** Whether only the number of matches is requested for. */
export const isCount = (query: SearchQuery): boolean =>
  query.some(({ name, value }) => name === '_summary' && value === 'count') || whole(query, '_count') === 0

/** The sources of a search within a decision. */
export const planOf = (
  gateContext: GateContext,
  search: Search,
  decision: Decision,
  isPosted: boolean,
  requested: string
): SearchPlan => {
  const query = search.query.filter(({ name }) => !presentationParameters.has(name))
  const reverse = new Set(reachOfSearch(query).includes.reverseTypes)
  const bare = { ...search, query }
  return {
    search: bare,
    sources:
      decision._tag === 'Filter'
        ? sourcesOf(
            bare,
            decision.alternatives,
            gateContext.budget.limits.narrowedRequests,
            ownMember(gateContext.evaluation, 'vocabulary')
          )
        : [{ type: search.type, compartment: search.compartment, own: query, added: [], isNarrowed: true }],
    count: countOf(gateContext, search.query),
    isPosted,
    requested,
    isReverse: (type) => reverse.has('*') || reverse.has(type)
  }
}

/** The source of a place, as far as the server takes its narrowing. */
export const sourceAt = (
  { search, sources }: SearchPlan,
  source: number,
  without: ReadonlyArray<string>
): SearchSource | null => {
  const found = sources[source]
  return found === undefined ? null : withoutRefused(found, search, without)
}

/** The first place of the next source that may find something which the sources before it do not. */
export const nextSource = (plan: SearchPlan, { source, without }: PagePlace): PagePlace | null => {
  for (let next = source + 1; next < plan.sources.length; next += 1) {
    const found = sourceAt(plan, next, without)
    const keys = new Set((found?.added ?? []).map(({ name, value }) => `${name}=${value}`))
    const isCovered = plan.sources
      .slice(0, next)
      .map((one) => withoutRefused(one, plan.search, without))
      .some((one) => one.type === found?.type && one.added.every(({ name, value }) => keys.has(`${name}=${value}`)))
    if (!isCovered) return { ...firstPlace, source: next, without }
  }
  return null
}

/** The request for the first page of a source with a query. FHIR R4 defines search by POST only for one type. */
export const requestOf = ({ isPosted }: SearchPlan, source: SearchSource, query: SearchQuery): UpstreamRequest =>
  pageAt(pathOfSearch(source), printSearchQuery(query), isPosted && source.type !== null && source.compartment === null)

/** The request for the page at a place. */
export const requestAt = ({ budget }: GateContext, plan: SearchPlan, place: PagePlace): UpstreamRequest | null => {
  const linked = linkedPage(place)
  const source = linked === null ? sourceAt(plan, place.source, place.without) : null
  if (source === null) return linked
  // With few entries a page, the link to the next one would tell whether a hidden resource is found.
  const least = Math.min(limits.fhirUnnarrowedEntries.default, budget.limits.pageEntries)
  const count = source.isNarrowed ? plan.count : Math.max(plan.count ?? 0, least)
  return requestOf(plan, source, counted([...source.own, ...source.added], count))
}
