/**
 * Searches and histories through the gate: all results of the upstream server are read, checked and counted again, and
 * returned in the gate's own pages, so that neither totals nor pages nor their order reveal hidden resources.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as Either from 'fp-ts/lib/Either.js'
import type { Entry } from './responses.js'
import {
  entriesOf,
  fhirResponse,
  isUpstreamError,
  nextOf,
  notFoundResponse,
  outcome,
  memoryExceeded,
  resourceIn,
  upstreamFailed
} from './responses.js'
import type { GateContext, GateResult } from './gate-context.js'
import type { StopReason } from './cost.js'
import { edgesIn, reachable } from './includes.js'
import { publicEntry } from './public-urls.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { FhirInteraction, Resource } from '../../protocol/access/fhir-interaction.js'
import type { SearchQuery } from '../../protocol/access/search/query.js'
import { addressBelow } from '../../protocol/access/read-interaction.js'
import {
  offsetParameter,
  printSearchQuery,
  presentationParameters,
  reachOfSearch
} from '../../protocol/access/search/query.js'
import type { RewrittenSearch } from '../../protocol/access/search/rewrite.js'
import { rewriteSearch } from '../../protocol/access/search/rewrite.js'
import { formType } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { below } from '../../values/urls.js'
import { ownMember } from '../../values/own.js'

type Search = Extract<FhirInteraction, { readonly _tag: 'Search' }>
type Gathered = Either.Either<PlainResponse, ReadonlyArray<Entry>>

const resourcesOf = (gathered: Gathered): ReadonlyArray<Resource> =>
  Either.isLeft(gathered) ? [] : gathered.right.flatMap(({ resource }) => resource ?? [])

/** The search finds more than the gate reads for one search. */
const tooMuch = (): PlainResponse => outcome(403, 'too-costly', 'The search finds too much to be evaluated. Narrow it.')

/** The path of a page link below the base or an alias; null if it leads elsewhere. */
const addressOf = ({ options: { base, aliases = [] } }: GateContext, url: string): ReturnType<typeof addressBelow> =>
  [base, ...aliases]
    .toSorted((one, other) => other.length - one.length)
    .reduce<ReturnType<typeof addressBelow>>((found, root) => found ?? addressBelow(root, url), null)

const strict = { prefer: 'handling=strict' }

/**
 * The request for a page. A search by POST stays a POST: its parameters may be too long for an address, or must not
 * appear in logs.
 */
const pageAt = (path: string, query: string, isPosted: boolean): Parameters<GateContext['ask']>[0] =>
  isPosted && query !== ''
    ? {
        method: 'POST',
        path: `${path}/_search`,
        body: query,
        headers: { ...strict, 'content-type': formType }
      }
    : { method: 'GET', path, query, headers: strict }

/** A search or a history as it is sent to the upstream server. */
interface UpstreamSearch {
  readonly path: string
  readonly query: string
  readonly isPosted: boolean
}

/** The response if a page is not a Bundle. */
const withoutBundle = ({ status }: PlainResponse): PlainResponse =>
  status >= 400 && status < 500
    ? outcome(status === 404 ? 404 : 400, 'not-supported', 'The FHIR server does not serve this search.')
    : outcome(502, 'exception', 'The FHIR server did not answer with a Bundle.')

/**
 * Reads all pages of these searches, one after the other. If a link leads away from the base, the search is refused.
 */
const allPages =
  (gateContext: GateContext, searches: ReadonlyArray<UpstreamSearch>): TaskEither.TaskEither<StopReason, Gathered> =>
  async () => {
    const {
      budget,
      budget: { limits }
    } = gateContext
    const found: Array<Entry> = []
    for (const { path, query, isPosted } of searches) {
      let next: Parameters<GateContext['ask']>[0] | null = pageAt(path, query, isPosted)
      for (let count = 1; next !== null; count += 1) {
        if (count > limits.pages) return Either.right(Either.left(tooMuch()))
        const answered = await gateContext.ask(next)()
        if (Either.isLeft(answered)) {
          return answered.left._tag === 'TooCostly' && answered.left.because === 'answer'
            ? Either.right(Either.left(tooMuch()))
            : answered
        }
        const response = answered.right
        if (isUpstreamError(response)) return Either.right(Either.left(upstreamFailed(response)))
        const bundle = resourceIn(response)
        if (response.status !== 200 || bundle?.resourceType !== 'Bundle')
          return Either.right(Either.left(withoutBundle(response)))
        for (const entry of entriesOf(bundle)) found.push(publicEntry(gateContext.options, entry))
        const beyond = budget.hold(response.body.length)
        if (beyond !== null) return Either.right(Either.left(memoryExceeded(beyond, tooMuch())))
        if (found.length > limits.searchEntries) return Either.right(Either.left(tooMuch()))
        const link = nextOf(bundle)
        const address = link === null ? null : addressOf(gateContext, link)
        if (link !== null && address === null) return Either.right(Either.left(tooMuch()))
        next = address === null ? null : pageAt(address.path, address.query, false)
      }
    }
    return Either.right(Either.right(found))
  }

const nameOf = ({ resource }: Entry): string => `${resource?.resourceType ?? ''}/${resource?.id ?? ''}`

const withoutDoubles = (entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const seen = new Set<string>()
  return entries.filter((entry) => {
    const name = nameOf(entry)
    const isNew = !seen.has(name)
    seen.add(name)
    return isNew
  })
}

/** The visible matches and included resources of a search. */
export interface VisibleEntries {
  readonly matches: ReadonlyArray<Entry>
  readonly included: ReadonlyArray<Entry>
}

const visibleEntries = (
  gateContext: GateContext,
  query: SearchQuery,
  entries: ReadonlyArray<Entry>
): VisibleEntries => {
  const reverseTypes = new Set(reachOfSearch(query).includes.reverseTypes)
  const isReverse = (type: string): boolean => reverseTypes.has('*') || reverseTypes.has(type)
  const isInclude = ({ search }: Entry): boolean => search?.mode === 'include'
  const matches = entries.filter(
    (entry) =>
      !isInclude(entry) &&
      entry.search?.mode !== 'outcome' &&
      entry.resource !== undefined &&
      gateContext.may('s', entry.resource)
  )
  const included = entries.filter(
    (entry) =>
      isInclude(entry) &&
      entry.resource !== undefined &&
      gateContext.may(isReverse(entry.resource.resourceType) ? 's' : 'r', entry.resource)
  )
  return { matches: withoutDoubles(matches), included: withoutDoubles(included) }
}

const pathOfSearch = (type: string | null, compartment: Search['compartment']): string =>
  compartment === null ? `/${type ?? ''}` : `/${compartment.type}/${compartment.id}/${type ?? '*'}`

/** All visible entries of a search. */
export const visibleOf = (
  gateContext: GateContext,
  search: Search,
  decision: Decision,
  isPosted = false
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, VisibleEntries>> => {
  const { limits } = gateContext.budget

  const query = search.query.filter(({ name }) => !presentationParameters.has(name) && name !== offsetParameter)
  if (edgesIn(query).length > limits.includes) return TaskEither.right(Either.left(tooMuch()))
  const own = [{ type: search.type, compartment: search.compartment, query }]
  const narrowed =
    decision._tag === 'Filter'
      ? rewriteSearch(
          { ...search, query },
          decision.alternatives,
          ownMember(gateContext.evaluation, 'vocabulary'),
          limits.narrowedRequests
        )
      : Either.left(null)
  // The results of several requests have no common order, so a sorted search is sent unchanged, and its results are
  // checked.
  const isSorted = query.some(({ name }) => name === '_sort')
  const isNarrowed = Either.isRight(narrowed) && (!isSorted || narrowed.right.length === 1)
  // FHIR R4 defines search by POST only for one type.
  const ask = (
    requests: ReadonlyArray<RewrittenSearch | (typeof own)[number]>
  ): TaskEither.TaskEither<StopReason, Gathered> =>
    allPages(
      gateContext,
      requests.map((one) => ({
        path: pathOfSearch(one.type, one.compartment),
        query: printSearchQuery(one.query),
        isPosted: isPosted && one.type !== null && one.compartment === null
      }))
    )
  return pipe(
    isNarrowed ? ask(narrowed.right) : ask(own),
    // A server that does not support a parameter of the compartment may support those of the client.
    TaskEither.chain((found) =>
      isNarrowed && Either.isLeft(found) && found.left.status === 400 ? ask(own) : TaskEither.right(found)
    ),
    TaskEither.chainFirst((found) => gateContext.prepare(resourcesOf(found), true)),
    TaskEither.map(Either.map((entries) => visibleEntries(gateContext, query, entries))),
    gateContext.budget.whileHolding
  )
}

const whole = (query: SearchQuery, name: string): number | null => {
  const value = query.find((one) => one.name === name)?.value
  return value !== undefined && /^[0-9]{1,6}$/.test(value) ? Number(value) : null
}

/** A search through the gate. */
export const gatherSearch = (
  gateContext: GateContext,
  search: Search,
  decision: Decision,
  request: PlainRequest
): GateResult =>
  pipe(
    visibleOf(gateContext, search, decision, request.method === 'POST'),
    TaskEither.map(
      Either.match(
        (refusal) => refusal,
        ({ matches, included }) => {
          const { query } = search
          const isCount = query.some(({ name, value }) => name === '_summary' && value === 'count')
          const count = isCount ? 0 : (whole(query, '_count') ?? matches.length)
          const offset = whole(query, offsetParameter) ?? 0
          const shown = matches.slice(offset, offset + count)
          const path = below(gateContext.options.base, request.path.replace(/\/_search\/?$/, ''))
          const pageQuery = (at: number): string =>
            printSearchQuery([
              ...query.filter(({ name }) => name !== offsetParameter),
              ...(at === 0 ? [] : [{ name: offsetParameter, value: String(at) }])
            ])
          const link = (relation: string, at: number) => ({
            relation,
            url: pageQuery(at) === '' ? path : `${path}?${pageQuery(at)}`
          })
          const hasNext = count > 0 && offset + count < matches.length
          return fhirResponse(200, {
            resourceType: 'Bundle',
            type: 'searchset',
            total: matches.length,
            link: [link('self', offset), ...(hasNext ? [link('next', offset + count)] : [])],
            ...(isCount ? {} : { entry: [...shown, ...reachable(gateContext, query, shown, included)] })
          })
        }
      )
    )
  )

/** A Bundle with only its visible resources, without its total and its links. */
export const pageOf = (bundle: Resource, isSeen: (resource: Resource) => boolean): PlainResponse =>
  fhirResponse(200, {
    resourceType: 'Bundle',
    type: bundle['type'],
    entry: entriesOf(bundle).filter(({ resource }) => resource !== undefined && isSeen(resource))
  })

/** A history through the gate: visible versions, and deletions only if nothing is hidden. */
export const gatherHistory = (
  gateContext: GateContext,
  { type, id, query }: Extract<FhirInteraction, { readonly _tag: 'History' }>,
  isAll: boolean
): GateResult => {
  const permission = id === null ? 's' : 'r'
  const path = `/${[type, id, '_history'].filter((part) => part !== null).join('/')}`
  const conditions = query.filter(({ name }) => !presentationParameters.has(name))
  return pipe(
    allPages(gateContext, [{ path, query: printSearchQuery(conditions), isPosted: false }]),
    TaskEither.chainFirst((found) => gateContext.prepare(resourcesOf(found))),
    gateContext.budget.whileHolding,
    TaskEither.map(
      Either.match(
        (refusal) => (refusal.status === 404 ? notFoundResponse() : refusal),
        (entries) => {
          const seen = entries.filter(({ resource }) =>
            resource === undefined ? isAll : gateContext.may(permission, resource)
          )
          if (id !== null && seen.length === 0 && !isAll) return notFoundResponse()
          return fhirResponse(200, { resourceType: 'Bundle', type: 'history', total: seen.length, entry: seen })
        }
      )
    )
  )
}
