/**
 * Histories through the gate, page by page: visible versions, and deletions only if nothing is hidden. Where nothing
 * can be hidden, a page is passed on as it is written.
 *
 * @module
 */
import { pipe } from 'fp-ts/lib/function.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import * as Either from 'fp-ts/lib/Either.js'
import { plainMembers } from './bundle-members.js'
import type { GateContext, GateResult } from './gate-context.js'
import type { StopReason } from './cost.js'
import type { PageCost } from './linked/page-cost.js'
import { leftOutOf, newPageCost } from './linked/page-cost.js'
import type { PagePlace } from './page-links.js'
import { firstPlace, placeAfter } from './page-links.js'
import type { PageEntry } from './page-text.js'
import { shownEntry } from './page-text.js'
import type { ReadPage, Telling } from './pages.js'
import { askPage, askPassedPage, holdsOnly, linkedPage, pageAnswer, pageAt, passedPage } from './pages.js'
import { answeredWithoutHistory, notFoundResponse } from './responses.js'
import { askedIn } from './upstream-answer.js'
import type { FhirInteraction, Resource } from '../../protocol/access/fhir-interaction.js'
import { presentationParameters, printSearchQuery } from '../../protocol/access/search/query.js'
import type { PlainRequest, PlainResponse } from '../../protocol/http/message.js'

type History = Extract<FhirInteraction, { readonly _tag: 'History' }>

/** What a page of a history shows, and where the next one begins. */
interface SeenVersions {
  readonly seen: ReadonlyArray<PageEntry>
  readonly place: PagePlace | null
  readonly cost: PageCost
}

/** Tests whether an entry is a version that the token may see; a deletion is none. */
const isSeen =
  (gateContext: GateContext, { id }: History) =>
  ({ entry: { resource } }: PageEntry): boolean =>
    resource !== undefined && gateContext.may(id === null ? 's' : 'r', resource)

/** Whether a page is one of a history: some servers answer an address that they do not know with an empty search. */
const isHistory = ({ bundle }: { readonly bundle: Resource }): boolean => bundle['type'] === 'history'

/** Reads pages until one shows something, or until the bound; `null` of `page` is a page that may not be shown. */
const versionsFrom =
  (
    gateContext: GateContext,
    history: History,
    from: PagePlace,
    telling: Omit<Telling, 'from'>
  ): TaskEither.TaskEither<StopReason, Either.Either<PlainResponse, SeenVersions>> =>
  async () => {
    const cost = newPageCost(gateContext)
    let place: PagePlace | null = from
    while (cost.isLeft() && place !== null) {
      const answered: Awaited<ReturnType<ReturnType<typeof askPage>>> = await askPage(
        gateContext,
        linkedPage(place) ?? firstRequest(gateContext, history),
        telling
      )()
      if (Either.isLeft(answered)) return answered
      if (Either.isLeft(answered.right)) return Either.right(Either.left(answered.right.left.refusal))
      const page: ReadPage = answered.right.right
      if (!isHistory(page)) return Either.right(Either.left(answeredWithoutHistory()))
      const { entries, next } = page
      cost.count()
      const ready = await cost.prepare(page)()
      if (Either.isLeft(ready)) return ready
      if (!ready.right) break
      const seen = entries.filter(isSeen(gateContext, history)).map(shownEntry)
      place = next === null ? null : placeAfter(place, next)
      if (seen.length > 0) return Either.right(Either.right({ seen, place, cost }))
    }
    return Either.right(Either.right({ seen: [], place, cost }))
  }

const firstRequest = ({ budget: { limits } }: GateContext, { type, id, query }: History) => {
  const path = `/${[type, id, '_history'].filter((part) => part !== null).join('/')}`
  const kept = query.flatMap((one) => {
    if (one.name !== '_count') return presentationParameters.has(one.name) ? [] : [one]
    return /^[0-9]{1,9}$/.test(one.value)
      ? [{ ...one, value: String(Math.min(Number(one.value), limits.pageEntries)) }]
      : []
  })
  return pageAt(path, printSearchQuery(kept), false)
}

const missing = (refusal: PlainResponse): PlainResponse => (refusal.status === 404 ? notFoundResponse() : refusal)

/** A history through the gate: the page at a place; `isAll` if the token may see all that it holds. */
export const historyAnswer = (
  gateContext: GateContext,
  history: History,
  isAll: boolean,
  request: PlainRequest,
  from: PagePlace
): GateResult => {
  const telling: Omit<Telling, 'from'> = { reach: 'request', requested: askedIn(request) }
  const types = history.type === null ? null : [history.type]
  const answer: GateResult = isAll
    ? pipe(
        askPassedPage(types)(gateContext, linkedPage(from) ?? firstRequest(gateContext, history), telling),
        TaskEither.chain(
          Either.match(
            ({ refusal }) => TaskEither.right<StopReason, PlainResponse>(missing(refusal)),
            (page) => {
              if (!isHistory(page)) return TaskEither.right(answeredWithoutHistory())
              if (page.entries === null || holdsOnly(types, page))
                return passedPage(gateContext, request, page, null, from)
              const seen = page.entries.filter(isSeen(gateContext, history)).map(shownEntry)
              return pageAnswer(gateContext, request, {
                members: plainMembers('history'),
                self: null,
                entries: seen.map(({ text }) => text),
                place: page.next === null ? null : placeAfter(from, page.next)
              })
            }
          )
        )
      )
    : pipe(
        versionsFrom(gateContext, history, from, telling),
        TaskEither.chain(
          Either.match(
            // Versions that are too large to be checked are hidden, and hidden ones look like missing ones.
            (refusal) =>
              TaskEither.right<StopReason, PlainResponse>(
                history.id !== null && from === firstPlace && refusal.status === 403
                  ? notFoundResponse('resource-within-limits')
                  : missing(refusal)
              ),
            ({ cost, place, seen }) => {
              // A resource of which nothing is seen looks like one that does not exist, whatever other pages hold.
              if (history.id !== null && seen.length === 0 && from === firstPlace)
                return TaskEither.right(notFoundResponse('resource-permitted'))
              const isAllSeen = from === firstPlace && place === null && !cost.isCut()
              return pageAnswer(gateContext, request, {
                members: plainMembers('history', isAllSeen ? seen.length : null),
                self: null,
                entries: [...seen, ...leftOutOf(cost, 'history')].map(({ text }) => text),
                place
              })
            }
          )
        )
      )
  return gateContext.budget.whileHolding(answer)
}
