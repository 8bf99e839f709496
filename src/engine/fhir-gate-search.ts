/**
 * Searches and histories through the gate: all that the server finds is read and judged, counted anew, and given out in pages of
 * our own, so that neither a total nor a page nor its order tells of what may not be seen.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as Either from 'fp-ts/lib/Either.js'
import type { Entry } from './fhir-answers.js'
import { entriesOf, fhirJson, isTrouble, nextOf, notFound, outcome, resourceIn, troubled } from './fhir-answers.js'
import type { Passage, Passed } from './fhir-gate.js'
import type { Silence } from './ports.js'
import type { Decision } from '../machines/access-decision.js'
import type { Interaction, Resource } from '../machines/fhir-interaction.js'
import type { SearchQuery } from '../machines/fhir-query.js'
import { addressBelow } from '../machines/fhir-interaction.js'
import { offsetParameter, printSearchQuery, presentationParameters, reachOfSearch } from '../machines/fhir-query.js'
import { isReadable, localReference } from '../machines/search-index.js'
import type { RewrittenSearch } from '../machines/search-rewrite.js'
import { rewriteSearch } from '../machines/search-rewrite.js'
import type { PlainRequest, PlainResponse } from '../messages/http.js'
import { below } from '../values/urls.js'

type Search = Extract<Interaction, { readonly _tag: 'Search' }>
type Gathered = Either.Either<PlainResponse, ReadonlyArray<Entry>>

const tooCostly = (): PlainResponse => outcome(403, 'too-costly', 'The search finds too much to be judged. Narrow it.')

/** Where a page link leads, below the base or another address of the same server; null when it leads elsewhere. */
const addressOf = ({ options: { base, aliases = [] } }: Passage, url: string): ReturnType<typeof addressBelow> =>
  [base, ...aliases].toSorted((one, other) => other.length - one.length)
    .reduce<ReturnType<typeof addressBelow>>((found, root) => found ?? addressBelow(root, url), null)

const strict = { prefer: 'handling=strict' }

/** How a page is asked for. A search that was posted is posted on: its parameters may be too long for an address, or no log's. */
const pageAt = (path: string, query: string, isPosted: boolean): Parameters<Passage['ask']>[0] =>
  isPosted && query !== ''
    ? { method: 'POST', path: `${path}/_search`, body: query, headers: { ...strict, 'content-type': 'application/x-www-form-urlencoded' } }
    : { method: 'GET', path, query, headers: strict }

/** Reads all pages of a Bundle. A link that leads away from the base is not followed, and the search is refused. */
const allPages = (passage: Passage, path: string, query: string, isPosted = false): TaskEither.TaskEither<Silence, Gathered> => {
  const limit = passage.options.pageLimit ?? 50
  const page = (asked: Parameters<Passage['ask']>[0], count: number, before: ReadonlyArray<Entry>): TaskEither.TaskEither<Silence, Gathered> =>
    pipe(
      passage.ask(asked),
      TaskEither.chain((response) => {
        if (isTrouble(response)) return TaskEither.right<Silence, Gathered>(Either.left(troubled()))
        const bundle = resourceIn(response)
        if (response.status !== 200 || bundle?.resourceType !== 'Bundle') {
          const isClientError = response.status >= 400 && response.status < 500
          return TaskEither.right<Silence, Gathered>(Either.left(isClientError
            ? outcome(response.status === 404 ? 404 : 400, 'not-supported', 'The FHIR server does not serve this search.')
            : outcome(502, 'exception', 'The FHIR server did not answer with a Bundle.')))
        }
        const found = [...before, ...entriesOf(bundle)]
        const next = nextOf(bundle)
        if (next === null) return TaskEither.right<Silence, Gathered>(Either.right(found))
        const address = addressOf(passage, next)
        if (address === null) return TaskEither.right<Silence, Gathered>(Either.left(tooCostly()))
        if (count >= limit) return TaskEither.right<Silence, Gathered>(Either.left(tooCostly()))
        return page(pageAt(address.path, address.query, false), count + 1, found)
      })
    )
  return page(pageAt(path, query, isPosted), 1, [])
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

const referencesIn = (passage: Passage, value: unknown): ReadonlyArray<string> => {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, member]: [string, unknown]) => {
    if (name !== 'reference' || typeof member !== 'string') return referencesIn(passage, member)
    const local = localReference(member, passage.references)
    return local === null ? [] : [local]
  })
}

/** One `_include=Type:parameter` or `_revinclude=Type:parameter`. */
interface Edge {
  readonly isReverse: boolean
  readonly type: string
  readonly parameter: string
}

const edgesIn = (query: SearchQuery): ReadonlyArray<Edge> =>
  query.flatMap(({ name, value }) => {
    const kind = /^_(rev)?include(?::|$)/.exec(name)
    const [type = '*', parameter = '*'] = value.split(':')
    return kind === null ? [] : [{ isReverse: kind[1] === 'rev', type, parameter }]
  })

/** What a resource refers to by the parameter of an edge; by anything where the parameter is `*` or not known here. */
const targetsOf = (passage: Passage, { resource }: Entry, edge: Edge): ReadonlyArray<string> => {
  if (resource === undefined || (edge.type !== '*' && edge.type !== resource.resourceType)) return []
  return isReadable(resource.resourceType, edge.parameter)
    ? passage.judging.read(resource, edge.parameter)
    : referencesIn(passage, resource)
}

/** The included entries that hang together with visible matches; what only a hidden match leads to would tell of it. */
const reachable = (passage: Passage, query: SearchQuery, matches: ReadonlyArray<Entry>, included: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const edges = edgesIn(query)
  const kept: Array<Entry> = [...matches]
  let rest = [...included]
  for (const entry of kept) {
    const joins = (one: Entry): boolean => edges.some((edge) => (edge.isReverse
      ? targetsOf(passage, one, edge).includes(nameOf(entry))
      : targetsOf(passage, entry, edge).includes(nameOf(one))))
    kept.push(...rest.filter(joins))
    rest = rest.filter((one) => !joins(one))
  }
  return kept.slice(matches.length)
}

const visibleEntries = (passage: Passage, query: SearchQuery, entries: ReadonlyArray<Entry>): ReadonlyArray<Entry> => {
  const { includes } = reachOfSearch(query)
  const isReverse = (type: string): boolean => includes.reverseTypes.includes('*') || includes.reverseTypes.includes(type)
  const isInclude = ({ search }: Entry): boolean => search?.mode === 'include'
  const matches = entries.filter((entry) => !isInclude(entry) && entry.search?.mode !== 'outcome' && entry.resource !== undefined && passage.may('s', entry.resource))
  const included = entries.filter((entry) => isInclude(entry) && entry.resource !== undefined &&
    passage.may(isReverse(entry.resource.resourceType) ? 's' : 'r', entry.resource))
  return [...withoutDoubles(matches), ...reachable(passage, query, withoutDoubles(matches), withoutDoubles(included))]
}

const pathOfSearch = (type: string | null, compartment: Search['compartment']): string =>
  compartment === null ? `/${type ?? ''}` : `/${compartment.type}/${compartment.id}/${type ?? '*'}`

/** All entries of a search that may be seen, matches first. */
export const visibleOf = (passage: Passage, search: Search, decision: Decision, isPosted = false): TaskEither.TaskEither<Silence, Gathered> => {
  const query = search.query.filter(({ name }) => !presentationParameters.has(name) && name !== offsetParameter)
  const own = [{ type: search.type, compartment: search.compartment, query }]
  const narrowed = decision._tag === 'Filter'
    ? rewriteSearch({ ...search, query }, decision.alternatives, passage.options.rules?.vocabulary)
    : Either.left(null)
  // Requests that are merged have no common order: a sorted search is asked as it is, and judged.
  const isSorted = query.some(({ name }) => name === '_sort')
  const isNarrowed = Either.isRight(narrowed) && (!isSorted || narrowed.right.length === 1)
  const ask = (requests: ReadonlyArray<RewrittenSearch | typeof own[number]>): TaskEither.TaskEither<Silence, Gathered> => pipe(
    // FHIR R4 knows a posted search of one type only.
    requests.map((one) => allPages(passage, pathOfSearch(one.type, one.compartment), printSearchQuery(one.query), isPosted && one.type !== null && one.compartment === null)),
    TaskEither.sequenceSeqArray,
    TaskEither.map((all) => pipe(all, Either.sequenceArray, Either.map((pages) => pages.flat())))
  )
  return pipe(
    isNarrowed ? ask(narrowed.right) : ask(own),
    // A server that does not know a parameter of the compartment may know those of the client.
    TaskEither.chain((found) => (isNarrowed && Either.isLeft(found) && found.left.status === 400 ? ask(own) : TaskEither.right(found))),
    TaskEither.map(Either.map((entries) => visibleEntries(passage, query, entries)))
  )
}

const whole = (query: SearchQuery, name: string): number | null => {
  const value = query.find((one) => one.name === name)?.value
  return value !== undefined && /^[0-9]{1,6}$/.test(value) ? Number(value) : null
}

/** A search through the gate. */
export const gatherSearch = (passage: Passage, search: Search, decision: Decision, request: PlainRequest): Passed =>
  pipe(
    visibleOf(passage, search, decision, request.method === 'POST'),
    TaskEither.map(Either.match((refusal) => refusal, (entries) => {
      const { query } = search
      const matches = entries.filter((entry) => entry.search?.mode !== 'include')
      const isCount = query.some(({ name, value }) => name === '_summary' && value === 'count')
      const count = isCount ? 0 : whole(query, '_count') ?? matches.length
      const offset = whole(query, offsetParameter) ?? 0
      const shown = matches.slice(offset, offset + count)
      const path = below(passage.options.base, request.path.replace(/\/_search\/?$/, ''))
      const pageQuery = (at: number): string => printSearchQuery([...query.filter(({ name }) => name !== offsetParameter), ...(at === 0 ? [] : [{ name: offsetParameter, value: String(at) }])])
      const link = (relation: string, at: number) => ({ relation, url: pageQuery(at) === '' ? path : `${path}?${pageQuery(at)}` })
      const hasNext = count > 0 && offset + count < matches.length
      return fhirJson(200, {
        resourceType: 'Bundle', type: 'searchset', total: matches.length,
        link: [link('self', offset), ...(hasNext ? [link('next', offset + count)] : [])],
        ...(isCount ? {} : { entry: [...shown, ...reachable(passage, query, shown, entries.filter((entry) => entry.search?.mode === 'include'))] })
      })
    }))
  )

/** A Bundle of which only what may be seen is left; its total and its links are gone. */
export const pageOf = (bundle: Resource, isSeen: (resource: Resource) => boolean): PlainResponse =>
  fhirJson(200, {
    resourceType: 'Bundle', type: bundle['type'],
    entry: entriesOf(bundle).filter(({ resource }) => resource !== undefined && isSeen(resource))
  })

/** A history through the gate: versions that may be seen, and deletions only where nothing is hidden. */
export const gatherHistory = (passage: Passage, { type, id, query }: Extract<Interaction, { readonly _tag: 'History' }>, isAll: boolean): Passed => {
  const permission = id === null ? 's' : 'r'
  const path = `/${[type, id, '_history'].filter((part) => part !== null).join('/')}`
  const asked = query.filter(({ name }) => !presentationParameters.has(name))
  return pipe(
    allPages(passage, path, printSearchQuery(asked)),
    TaskEither.map(Either.match((refusal) => (refusal.status === 404 ? notFound() : refusal), (entries) => {
      const seen = entries.filter(({ resource }) => (resource === undefined ? isAll : passage.may(permission, resource)))
      if (id !== null && seen.length === 0 && !isAll) return notFound()
      return fhirJson(200, { resourceType: 'Bundle', type: 'history', total: seen.length, entry: seen })
    }))
  )
}
