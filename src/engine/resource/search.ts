/**
 * Searches through the gate, page by page: each page of the upstream server is checked by itself, and a page costs a
 * bounded number of upstream requests, whatever the number of matches. A search is narrowed so that the server finds
 * little that is hidden (`sources.ts`). A page that would be empty is filled up to the bound and may then be empty
 * with a link to the next one. A total is given only where it counts what the page shows. Source: FHIR R4,
 * search.html, 3.1.1.5.5 (`_count`) and http.html, 3.1.0.1.5.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as Either from 'fp-ts/lib/Either.js'
import { plainMembers } from './bundle-members.js'
import type { GateContext, GateResult } from './gate-context.js'
import type { StopReason } from './cost.js'
import { edgesIn, nameOfEntry, reachable } from './includes.js'
import type { PageCost } from './linked/page-cost.js'
import { leftOutOf, newPageCost } from './linked/page-cost.js'
import type { PagePlace } from './page-links.js'
import { firstPlace, placeAfter } from './page-links.js'
import type { PageEntry } from './page-text.js'
import { shownEntry } from './page-text.js'
import type { ReadPage, Telling } from './pages.js'
import {
  askPage,
  askPassedPage,
  conditionFindsTooMuch,
  holdsOnly,
  linkedPage,
  pageAnswer,
  pageAt,
  passedPage,
  resourcesOf,
  selfLink,
  tooMuch
} from './pages.js'
import type { Entry } from './responses.js'
import { compartmentShowsNothing, fhirResponse } from './responses.js'
import { findsNothing, hidesOwner, isWithoutOwner } from './searches/owner.js'
import type { SearchPlan } from './searches/search-plan.js'
import { counted, isCount, nextSource, pathOfSearch, planOf, requestAt, sourceAt } from './searches/search-plan.js'
import { foundInstead } from './searches/too-large.js'
import { askedIn, warningsIn } from './upstream-answer.js'
import type { Decision } from '../../protocol/access/decision-types.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { SearchParameter, SearchQuery } from '../../protocol/access/search/query.js'
import { isCriterion, printSearchQuery, typesOfSearch } from '../../protocol/access/search/query.js'
import type { Search } from '../../protocol/access/search/rewrite.js'
import { isFoundBy, narrowingsToDrop, withoutRefused } from '../../protocol/access/search/sources.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'
import { ownMember } from '../../values/own.js'

const isFormat = ({ name }: SearchParameter): boolean => name === '_format' || name === '_pretty'

/** What of the server's words about a page may pass: no texts about parameters that the gate added. */
const tellingAt = (plan: SearchPlan, place: PagePlace): Omit<Telling, 'from'> => {
  const isNarrowed = (sourceAt(plan, place.source, place.without)?.added.length ?? 0) > 0
  return { reach: isNarrowed ? 'code' : 'request', requested: plan.requested }
}

/** Judges a page: its visible entries, without matches that an earlier source finds too. */
const checked = (gateContext: GateContext, plan: SearchPlan, place: PagePlace, entries: ReadonlyArray<PageEntry>) => {
  const { evaluation, references } = gateContext
  const earlier = plan.sources.slice(0, place.source).map((one) => withoutRefused(one, plan.search, place.without))
  const vocabulary = ownMember(evaluation, 'vocabulary')
  const finding = earlier.map((one) => isFoundBy(one, evaluation.read, references, vocabulary))
  const isFoundBefore = (resource: Resource): boolean => finding.some((isFound) => isFound(resource))
  const [matches, included] = [new Map<string, PageEntry>(), new Map<string, PageEntry>()]
  const warnings: Array<Entry> = []
  for (const one of entries) {
    const { resource, search } = one.entry
    if (resource === undefined) continue
    const mode = search?.mode
    if (mode === 'outcome') {
      if (resource.resourceType === 'OperationOutcome') warnings.push(one.entry)
      continue
    }
    const found = mode === 'include' ? included : matches
    const name = nameOfEntry(one.entry)
    if (found.has(name)) continue
    const permission = mode !== 'include' || plan.isReverse(resource.resourceType) ? 's' : 'r'
    if (gateContext.may(permission, resource) && (mode === 'include' || !isFoundBefore(resource)))
      found.set(name, shownEntry(one))
  }
  const { requested, reach } = tellingAt(plan, place)
  const outcomes = warningsIn(gateContext, warnings, reach, requested).map((entry) => ({
    entry,
    text: JSON.stringify(entry)
  }))
  return { matches: [...matches.values()], included: [...included.values()], outcomes }
}

/** Reads and judges pages until `isEnough` says that the client has a page, or until the bound. */
interface Reading {
  readonly cost: PageCost
  readonly shown: Array<PageEntry>
  readonly outcomes: Array<PageEntry>
  /** The place after what is shown; null at the end. */
  place: PagePlace | null
}

/** Takes a checked page into what is shown; false if the page is complete. */
const takePage = (
  gateContext: GateContext,
  plan: SearchPlan,
  reading: Reading,
  place: PagePlace,
  page: Pick<ReadPage, 'entries' | 'next'>
): boolean => {
  const { included, matches, outcomes } = checked(gateContext, plan, place, page.entries)
  const found = matches.slice(place.skip)
  const room =
    (plan.count ?? gateContext.budget.limits.pageEntries) -
    reading.shown.filter(({ entry }) => !isIncluded(entry)).length
  const isTooMuch = found.length > room
  // What does not fit beside the matches of an earlier source is read again with the next page.
  const fitting = !isTooMuch ? found : reading.shown.length === 0 ? found.slice(0, room) : []
  const known = new Set(reading.shown.map(({ entry }) => nameOfEntry(entry)))
  const isNew = ({ entry }: PageEntry): boolean => known.size === 0 || !known.has(nameOfEntry(entry))
  reading.shown.push(...fitting.filter(isNew), ...reachable(gateContext, plan.search.query, fitting, included))
  reading.outcomes.push(...outcomes.filter(({ text }) => reading.outcomes.every((one) => one.text !== text)))
  reading.place = isTooMuch
    ? { ...place, skip: place.skip + fitting.length }
    : page.next === null
      ? nextSource(plan, place)
      : placeAfter(place, page.next)
  return !isTooMuch && (reading.shown.length === 0 || (page.next === null && room > found.length))
}
const isIncluded = ({ search }: Entry): boolean => search?.mode === 'include'

/** Whether the pages behind a complete page may show nothing, because their source is not narrowed. */
const looksOn = (plan: SearchPlan, { place }: Reading): boolean =>
  place !== null && place.skip === 0 && sourceAt(plan, place.source, place.without)?.isNarrowed === false

/**
 * Passes over a checked page behind a page that is complete; false if a visible match is on it. A link to pages that
 * show nothing would tell that something hidden is found.
 */
const passOver = (
  gateContext: GateContext,
  plan: SearchPlan,
  reading: Reading,
  place: PagePlace,
  page: Pick<ReadPage, 'entries' | 'next'>
): boolean => {
  const { matches } = checked(gateContext, plan, place, page.entries)
  if (matches.length > place.skip) return false
  reading.place = page.next === null ? nextSource(plan, place) : placeAfter(place, page.next)
  return true
}

/**
 * Reads from a place on, until a page for the client is complete, or while `goesOnWith` holds, and as many requests as
 * one page may cost.
 */
const readFrom =
  (
    gateContext: GateContext,
    plan: SearchPlan,
    from: PagePlace,
    goesOnWith: ((reading: Reading) => boolean) | null = null
  ): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, Reading>> =>
  async () => {
    const cost = newPageCost(gateContext)
    const reading: Reading = { cost, shown: [], outcomes: [], place: from }
    let [isComplete, isFirst] = [false, true]
    while (cost.isLeft() && reading.place !== null) {
      const place: PagePlace = reading.place
      const request = requestAt(gateContext, plan, place)
      if (request === null) {
        reading.place = null
        break
      }
      const telling = tellingAt(plan, place)
      const answered = await askPage(gateContext, request, telling)()
      // A failure behind a page that is complete is that of the next page.
      if (isComplete && (Either.isLeft(answered) || Either.isLeft(answered.right))) break
      if (Either.isLeft(answered)) return answered
      cost.count()
      if (Either.isLeft(answered.right)) {
        const { refusal, tooLarge, upstream } = answered.right.left
        // Behind another page it begins the next page of the client.
        if (tooLarge === 'request' && !isFirst) break
        if (tooLarge === 'page') {
          const instead = await foundInstead(gateContext, plan, place, cost, telling, goesOnWith !== null)()
          if (Either.isLeft(instead)) return instead
          if (instead.right === null && !isFirst) break
          if (instead.right === null) return Either.right(Either.left(refusal))
          const page = { entries: instead.right.entries, next: null }
          const ready = await cost.prepare(page, true, true)()
          if (Either.isLeft(ready)) return ready
          isFirst = false
          isComplete = !takePage(gateContext, plan, reading, place, page)
          if (instead.right.isBare && reading.shown.length > 0) return Either.right(Either.left(refusal))
          if (isComplete || goesOnWith?.(reading) === false) break
          continue
        }
        const { body, status } = upstream
        const source = place.next === null ? sourceAt(plan, place.source, place.without) : null
        const isEmpty = isWithoutOwner(gateContext, plan.search, upstream)
        const isRefused = status === 422 || status === 501 || (status >= 400 && status < 500 && refusal.status < 413)
        const isKept = isEmpty || source === null || !isRefused
        const dropped = isKept ? null : narrowingsToDrop(source, plan.search, body)
        if (dropped === null && !isEmpty) return Either.right(Either.left(refusal))
        reading.place = isEmpty ? nextSource(plan, place) : { ...place, without: place.without.concat(dropped ?? []) }
        continue
      }
      isFirst = false
      const page = answered.right.right
      const ready = await cost.prepare(page, true)()
      if (Either.isLeft(ready) && !isComplete) return ready
      if (Either.isLeft(ready) || !ready.right) break
      if (isComplete) {
        if (!passOver(gateContext, plan, reading, place, page)) break
      } else {
        const isWanting = takePage(gateContext, plan, reading, place, page)
        if (goesOnWith === null) isComplete = !isWanting
        else if (!goesOnWith(reading)) break
      }
      if (isComplete && !looksOn(plan, reading)) break
    }
    return Either.right(Either.right(reading))
  }

/**
 * The visible matches of the condition of a write: none, one or several; at most two are read. Refused if the
 * condition finds more pages than may be read.
 */
export const matchesOf = (
  gateContext: GateContext,
  type: string,
  query: SearchQuery
): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, ReadonlyArray<Resource>>> => {
  const planned = planOf(
    gateContext,
    { _tag: 'Search', type, compartment: null, query },
    { _tag: 'Permit' },
    false,
    printSearchQuery(query)
  )
  const sources = planned.sources.map((one) => ({ ...one, isNarrowed: false }))
  return pipe(
    readFrom(gateContext, { ...planned, sources, count: null }, firstPlace, ({ shown }) => shown.length < 2),
    TaskEither.map(
      Either.chain(({ cost, place, shown }) =>
        (place !== null || cost.isCut()) && shown.length < 2
          ? Either.left(conditionFindsTooMuch())
          : Either.right(resourcesOf(shown.filter(({ entry }) => !isIncluded(entry))))
      )
    ),
    gateContext.budget.whileHolding
  )
}

/**
 * Whether a search selects by ids alone. Of the resources that are not shown it says nothing, as a read does: which
 * ones they are the client knows, and a warning would tell that they are stored.
 */
const isOfIdsAlone = (query: SearchQuery): boolean => {
  const criteria = query.filter(isCriterion)
  return criteria.length > 0 && criteria.every(({ name }) => name === '_id')
}

/** The number of visible matches; left out if it cannot be found within the bound. */
const countAnswer = (
  gateContext: GateContext,
  plan: SearchPlan,
  request: PlainRequest,
  query: SearchQuery
): GateResult =>
  pipe(
    readFrom(gateContext, { ...plan, count: gateContext.budget.limits.pageEntries }, firstPlace, () => true),
    TaskEither.map(
      Either.match(
        (refusal) => refusal,
        ({ cost, place, shown }) => {
          const names = new Set(shown.filter(({ entry }) => !isIncluded(entry)).map(({ entry }) => nameOfEntry(entry)))
          const nothing = place === null && shown.length === 0 ? compartmentShowsNothing(plan.search) : null
          if (nothing !== null) return nothing
          const isWhole = place === null && (!cost.isCut() || isOfIdsAlone(query))
          return fhirResponse(200, {
            resourceType: 'Bundle',
            type: 'searchset',
            ...(isWhole ? { total: names.size } : {}),
            link: [selfLink(gateContext, request.path, query)]
          })
        }
      )
    )
  )

const judgedSearch = (
  gateContext: GateContext,
  plan: SearchPlan,
  request: PlainRequest,
  query: SearchQuery,
  from: PagePlace
): GateResult =>
  pipe(
    readFrom(gateContext, plan, from),
    TaskEither.chain(
      Either.match(
        (refusal) => TaskEither.right<StopReason, PlainResponse>(refusal),
        ({ cost, outcomes, place, shown }) => {
          const leftOut = isOfIdsAlone(query) ? [] : leftOutOf(cost, 'searchset')
          const isAll = from === firstPlace && place === null && leftOut.length === 0
          const nothing = isAll && shown.length === 0 ? compartmentShowsNothing(plan.search) : null
          if (nothing !== null) return TaskEither.right(nothing)
          return pageAnswer(gateContext, request, {
            members: plainMembers('searchset', isAll ? shown.filter(({ entry }) => !isIncluded(entry)).length : null),
            self: selfLink(gateContext, request.path, query),
            entries: [...shown, ...outcomes, ...leftOut].map(({ text }) => text),
            place
          })
        }
      )
    )
  )

/** A search in which nothing can be hidden: the page of the server, unless it holds what was not searched for. */
const passedSearch = (
  gateContext: GateContext,
  search: Search,
  plan: SearchPlan,
  request: PlainRequest,
  from: PagePlace
): GateResult => {
  const query = counted(
    search.query.filter((one) => !isFormat(one) && one.name !== '_count'),
    plan.count
  )
  const isPosted = plan.isPosted && search.type !== null && search.compartment === null
  const first = pageAt(pathOfSearch(search), printSearchQuery(query), isPosted)
  const types = search.type === null ? typesOfSearch(search.query) : [search.type]
  const self = selfLink(gateContext, request.path, search.query)
  const isOwnerHidden = hidesOwner(gateContext, search)
  const ask = isOwnerHidden ? askPage : askPassedPage(types)
  const nothing = (): GateResult => {
    const response = compartmentShowsNothing(search)
    const members = plainMembers('searchset', 0)
    return response === null
      ? pageAnswer(gateContext, request, { members, self, entries: [], place: null })
      : TaskEither.right(response)
  }
  return pipe(
    ask(gateContext, linkedPage(from) ?? first, tellingAt(plan, from)),
    TaskEither.chain((answered): GateResult => {
      if (Either.isLeft(answered)) {
        const { refusal, upstream } = answered.left
        return isOwnerHidden && isWithoutOwner(gateContext, search, upstream) ? nothing() : TaskEither.right(refusal)
      }
      const page = answered.right
      if (isOwnerHidden && from === firstPlace && page.entries !== null && findsNothing(page)) return nothing()
      if (page.entries === null || holdsOnly(types, page)) return passedPage(gateContext, request, page, self, from)
      const { matches, outcomes } = checked(gateContext, plan, from, page.entries)
      return pageAnswer(gateContext, request, {
        members: plainMembers('searchset'),
        self,
        entries: [...matches, ...outcomes].map(({ text }) => text),
        place: page.next === null ? null : placeAfter(from, page.next)
      })
    })
  )
}

/** A search through the gate: the page at a place. */
export const searchAnswer = (
  gateContext: GateContext,
  search: Search,
  decision: Decision,
  request: PlainRequest,
  from: PagePlace
): GateResult => {
  const { query } = search
  if (edgesIn(query).length > gateContext.budget.limits.includes) return TaskEither.right(tooMuch())
  const plan = planOf(gateContext, search, decision, request.method === 'POST', askedIn(request))
  const answer =
    decision._tag === 'Permit'
      ? passedSearch(gateContext, search, plan, request, from)
      : isCount(query)
        ? countAnswer(gateContext, plan, request, query)
        : judgedSearch(gateContext, plan, request, query, from)
  return gateContext.budget.whileHolding(answer)
}
