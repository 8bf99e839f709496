/**
 * Pages of the upstream server: how one is requested for, read, checked and continued.
 *
 * A page is checked by itself, and its link to the next one is encrypted in a link of the gate. Where nothing can be
 * hidden, a page is passed on with its links replaced. Source: FHIR R4, http.html, 3.1.0.1.5 (paging).
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { StopReason } from './cost.js'
import { plainMembers, wholeMembers } from './bundle-members.js'
import type { GateContext } from './gate-context.js'
import type { PageCost } from './linked/page-cost.js'
import { leftOutOf } from './linked/page-cost.js'
import type { PagePlace } from './page-links.js'
import { firstPlace, linkTo, placeAfter } from './page-links.js'
import type { PageEntry, PageLink, PassedBundle, ReadBundle } from './page-text.js'
import { bundleText, passedBundle, readBundle, shownEntry } from './page-text.js'
import { nextAddress } from './addresses/next-address.js'
import { isAnswering } from './public-urls.js'
import {
  fhirResponse,
  isUpstreamError,
  memoryExceeded,
  nextOf,
  pageElsewhere,
  refusalBy,
  upstreamFailed
} from './responses.js'
import type { IssueReach } from './upstream-answer.js'
import { upstreamRefused } from './upstream-answer.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import { printSearchQuery } from '../../protocol/access/search/query.js'
import type { SearchQuery } from '../../protocol/access/search/query.js'
import { formType } from '../../protocol/http/media-type.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { below } from '../../values/urls.js'

/** A request to the upstream server. */
export type UpstreamRequest = Parameters<GateContext['ask']>[0]

/** The search or history finds more than the gate reads for one request. */
export const tooMuch = (): PlainResponse =>
  refusalBy('within-limits', 403, 'too-costly', 'The search finds too much to be evaluated. Narrow it.')

/** The condition of a write is not answered by the pages that the gate reads for one request. */
export const conditionFindsTooMuch = (): PlainResponse =>
  refusalBy(
    'within-limits',
    403,
    'too-costly',
    'The condition of the write finds more pages than are read for one request, so that it is not known whether it ' +
      'finds one resource. Use a condition that finds less, such as an identifier, or write to the id of the resource.'
  )

const strict = { prefer: 'handling=strict' }

/**
 * The request for a page. A search by POST stays a POST: its parameters may be too long for an address, or must not
 * appear in logs.
 */
export const pageAt = (path: string, query: string, isPosted: boolean): UpstreamRequest =>
  isPosted && query !== ''
    ? { method: 'POST', path: `${path}/_search`, body: query, headers: { ...strict, 'content-type': formType } }
    : { method: 'GET', path, query, headers: strict }

/** The request for the page that a place names; null for the first page of a source. */
export const linkedPage = ({ next }: PagePlace): UpstreamRequest | null => {
  if (next === null) return null
  const [path = '', ...query] = next.split('?')
  return pageAt(path, query.join('?'), false)
}

/** How much a client may read of what the server says about a page, and the text of the client's request. */
export interface Telling {
  readonly reach: IssueReach
  readonly requested: string
  /** Path and query of the page at the upstream server. */
  readonly from: string
}

/** The response if a page is not a Bundle. */
const withoutBundle = (
  gateContext: GateContext,
  response: PlainResponse,
  { requested, reach }: Telling
): PlainResponse =>
  response.status >= 400
    ? upstreamRefused(gateContext, response, reach, requested)
    : upstreamFailed({ ...response, status: 502 })

/** A page that was read. */
export interface ReadPage extends ReadBundle {
  /** Path and query of the next page; null if there is none. */
  readonly next: string | null
}

/** A page that may be passed on as it is written but for its links. */
export interface PassedPage extends PassedBundle {
  /** Path and query of the next page; null if there is none. */
  readonly next: string | null
}

/** The response instead of a page, and that of the upstream server. */
interface RefusedPage {
  readonly refusal: PlainResponse
  readonly upstream: PlainResponse
  /**
   * `page`: the page itself is larger than may be read or held. `request`: it is too large beside what is held for the
   * same request. Null: it is refused for another reason.
   */
  readonly tooLarge: 'page' | 'request' | null
}

/** A page, or the response instead of one. */
export type AnsweredPage = Either.Either<RefusedPage, ReadPage>

/** How the Bundle of a response is read. */
type BundleReader<Bundle> = (gateContext: GateContext, response: PlainResponse) => Bundle | null

/** Reads a response as a page, within the memory limit. */
const pageBy =
  <Bundle extends { readonly bundle: Resource }>(read: BundleReader<Bundle>) =>
  (
    gateContext: GateContext,
    response: PlainResponse,
    telling: Telling
  ): Either.Either<RefusedPage, Bundle & { readonly next: string | null }> => {
    const { hold, limits } = gateContext.budget
    const refused = (refusal: PlainResponse, isHeld = true) => {
      const tooLarge = isHeld ? null : response.body.length > limits.held ? 'page' : 'request'
      return Either.left<RefusedPage>({ refusal, upstream: response, tooLarge })
    }
    if (isUpstreamError(response)) return refused(upstreamFailed(response))
    if (response.status !== 200) return refused(withoutBundle(gateContext, response, telling))
    const page = read(gateContext, response)
    if (page === null) return refused(upstreamFailed({ ...response, status: 502 }))
    const beyond = hold(response.body.length)
    if (beyond !== null) return refused(memoryExceeded(beyond, tooMuch()), beyond !== 'held')
    const next = isAnswering(page.bundle) ? nextAddress(gateContext.options, nextOf(page.bundle), telling.from) : null
    return next === undefined ? refused(pageElsewhere()) : Either.right({ ...page, next })
  }

/** Reads a response as a page, within the memory limit. */
export const pageIn: (gateContext: GateContext, response: PlainResponse, telling: Telling) => AnsweredPage =
  pageBy(readBundle)

/** A response that was read as a Bundle that may be passed on, as a page. */
export const passedPageIn = (
  gateContext: GateContext,
  response: PlainResponse,
  bundle: PassedBundle,
  telling: Telling
): Either.Either<RefusedPage, PassedPage> => pageBy(() => bundle)(gateContext, response, telling)

/** Whether a page holds only what a search of these types finds: `null` for every type. */
export const holdsOnly = (types: ReadonlyArray<string> | null, { entries }: ReadPage): boolean =>
  types === null ||
  entries.every(
    ({ entry: { resource } }) =>
      resource === undefined || resource.resourceType === 'OperationOutcome' || types.includes(resource.resourceType)
  )

/** Path and query of an upstream request. */
const addressIn = ({ path, query = '' }: UpstreamRequest): string => `${path}?${query}`

/** Asks for a page. */
const askPageBy =
  <Bundle extends { readonly bundle: Resource }>(read: BundleReader<Bundle>) =>
  (
    gateContext: GateContext,
    request: UpstreamRequest,
    telling: Omit<Telling, 'from'>
  ): TaskEither.TaskEither<StopReason, Either.Either<RefusedPage, Bundle & { readonly next: string | null }>> =>
  async () => {
    const answered = await gateContext.askAsWritten(request)()
    if (Either.isRight(answered))
      return Either.right(pageBy(read)(gateContext, answered.right, { ...telling, from: addressIn(request) }))
    return answered.left._tag === 'TooCostly' && answered.left.because === 'answer'
      ? Either.right(
          Either.left({ refusal: tooMuch(), upstream: { status: 0, headers: {}, body: '' }, tooLarge: 'page' })
        )
      : answered
  }

/** Asks for a page whose entries are read. */
export const askPage: (
  gateContext: GateContext,
  request: UpstreamRequest,
  telling: Omit<Telling, 'from'>
) => TaskEither.TaskEither<StopReason, AnsweredPage> = askPageBy(readBundle)

/**
 * Asks for a page in which nothing of these types is hidden (null for every type). Its entries are read only if it may
 * not be passed on as it is written.
 */
export const askPassedPage = (
  types: ReadonlyArray<string> | null
): ReturnType<typeof askPageBy<ReadBundle | PassedBundle>> =>
  askPageBy<ReadBundle | PassedBundle>(
    (gateContext, response) => passedBundle(gateContext.options, types, response) ?? readBundle(gateContext, response)
  )

/** The address of a request as its client knows it. */
export const selfLink = (
  { options: { base } }: Pick<GateContext, 'options'>,
  path: string,
  query: SearchQuery
): PageLink => {
  const address = below(base, path.replace(/\/_search\/?$/, ''))
  const printed = printSearchQuery(query)
  return { relation: 'self', url: printed === '' ? address : `${address}?${printed}` }
}

/** What a page shows. */
export interface ShownPage {
  /** The texts of the members besides links and entries. */
  readonly members: ReadonlyArray<string>
  readonly self: PageLink | null
  /** The texts of the entries; null for none at all. */
  readonly entries: ReadonlyArray<string> | null
  /** Where the next page begins; null on the last page. */
  readonly place: PagePlace | null
}

/** Status and header fields of a response. */
type Head = Pick<PlainResponse, 'status' | 'headers'>
const ok: Head = { status: 200, headers: {} }

/** The response with a page and the link to the next one. */
export const pageAnswer = (
  gateContext: Pick<GateContext, 'facts' | 'options'>,
  request: PlainRequest,
  { entries, members, place, self }: ShownPage,
  { status, headers }: Head = ok
): TaskEither.TaskEither<StopReason, PlainResponse> => {
  const links = self === null ? [] : [self]
  const answer = (more: ReadonlyArray<PageLink>): PlainResponse => ({
    ...fhirResponse(status, null, headers),
    body: bundleText(members, [...links, ...more], entries)
  })
  return place === null
    ? TaskEither.right(answer([]))
    : TaskEither.map(
        Either.match(
          (refusal: PlainResponse) => refusal,
          (url: string) => answer([{ relation: 'next', url }])
        )
      )(linkTo(gateContext, request, place))
}

/** The resources of entries. */
export const resourcesOf = (entries: ReadonlyArray<PageEntry>): ReadonlyArray<Resource> => {
  const found: Array<Resource> = []
  for (const { entry } of entries) if (entry.resource !== undefined) found.push(entry.resource)
  return found
}

const textsOf = (entries: ReadonlyArray<PageEntry>): ReadonlyArray<string> => entries.map(({ text }) => text)

/** Whether an entry is more than what the server says about the response. */
const showsData = ({ entry: { resource } }: PageEntry): boolean => resource?.resourceType !== 'OperationOutcome'

const following = (from: PagePlace, { next }: Pick<ReadPage, 'next'>): PagePlace | null =>
  next === null ? null : placeAfter(from, next)

/** A page of the Bundle of an operation, and how it is continued. */
export interface OperationPage {
  readonly page: ReadPage
  /** Its place. */
  readonly from: PagePlace
  readonly cost: PageCost
  readonly telling: Omit<Telling, 'from'>
  /** Called after what opens the resources was loaded. */
  readonly isSeen: (resource: Resource) => boolean
  readonly head: Head
}

/**
 * A page of the Bundle of an operation: only its visible resources, with an encrypted link to the next page. A page
 * that would be empty is filled from the pages after it, up to the bound, and may then be empty with a link to the next
 * one. A Bundle without another page keeps its plain members, with a total of what is shown: it looks the same whether
 * or not something is hidden. Any other has no total, which would count what is hidden. An entry without a resource
 * cannot be checked.
 */
export const judgedPage =
  (
    gateContext: GateContext,
    request: PlainRequest,
    { cost, from, head, isSeen, page: first, telling }: OperationPage
  ): TaskEither.TaskEither<StopReason, PlainResponse> =>
  async () => {
    const shown: Array<PageEntry> = []
    const leftOut = (): ReadonlyArray<PageEntry> => leftOutOf(cost, first.bundle['type'])
    let [page, place]: [ReadPage, PagePlace | null] = [first, from]
    for (;;) {
      const ready = await cost.prepare(page)()
      if (Either.isLeft(ready)) return ready
      if (!ready.right) break
      const entries = page.entries.filter(({ entry: { resource } }) => resource !== undefined && isSeen(resource))
      place = place === null ? null : following(place, page)
      if (page === first && from === firstPlace && place === null)
        return pageAnswer(
          gateContext,
          request,
          {
            // Without entries there is no total.
            members: wholeMembers(page, cost.isCut() ? [] : entries),
            entries: entries.length === 0 && !cost.isCut() ? null : textsOf([...entries.map(shownEntry), ...leftOut()]),
            place,
            self: null
          },
          head
        )()
      shown.push(...entries)
      const next = place === null ? null : linkedPage(place)
      if (shown.some(showsData) || next === null || !cost.isLeft()) break
      const answered = await askPage(gateContext, next, telling)()
      if (Either.isLeft(answered)) return answered
      if (Either.isLeft(answered.right)) return Either.right(answered.right.left.refusal)
      cost.count()
      page = answered.right.right
    }
    return pageAnswer(
      gateContext,
      request,
      {
        members: plainMembers(first.bundle['type']),
        entries: textsOf([...shown.map(shownEntry), ...leftOut()]),
        place,
        self: null
      },
      head
    )()
  }

/** A page in which nothing can be hidden: everything but its links. */
export const passedPage = (
  gateContext: GateContext,
  request: PlainRequest,
  page: ReadPage | PassedPage,
  self: PageLink | null,
  from: PagePlace,
  head: Head = ok
): TaskEither.TaskEither<StopReason, PlainResponse> =>
  pageAnswer(
    gateContext,
    request,
    {
      members: page.members,
      entries: page.entries !== null && Object.hasOwn(page.bundle, 'entry') ? textsOf(page.entries) : null,
      place: following(from, page),
      self
    },
    head
  )
