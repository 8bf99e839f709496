/**
 * The upstream requests of one page for a client, and what the page says if too much would be looked up for it.
 *
 * @module
 */
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { StopReason } from '../cost.js'
import type { GateContext, Loaded } from '../gate-context.js'
import type { PageEntry, ReadBundle } from '../page-text.js'

/**
 * The upstream requests of one page for a client: pages of the server, and what opens their resources. `sent` were sent
 * before the first page.
 */
export interface PageCost {
  /** Whether another page may be read. */
  readonly isLeft: () => boolean
  /** Counts a page. */
  readonly count: () => void
  /**
   * Loads what opens the resources of a page. False if the page has to begin the next page of the client, because not
   * everything could be loaded after the requests before. The first page is shown without what could not be loaded, and
   * so is one that is shown in any case (`isShown`), because to read it again would not help.
   */
  readonly prepare: (
    page: Pick<ReadBundle, 'entries'>,
    areCurrent?: boolean,
    isShown?: boolean
  ) => TaskEither.TaskEither<StopReason, boolean>
  /** Whether not all could be looked up for a page that is shown, so that the page has no total. */
  readonly isCut: () => boolean
}

/**
 * The entry of a page that says that resources were left out, because not all could be looked up for them; none
 * otherwise. `type` is that of the Bundle: only in a searchset does an entry have a search mode, and in a history it
 * has a request and a response (FHIR R4, bundle.html, bdl-2 to bdl-4).
 */
export const leftOutOf = (cost: PageCost, type: unknown): ReadonlyArray<PageEntry> => {
  if (!cost.isCut()) return []
  const diagnostics =
    'Resources are left out: what they depend on is too much to be read for one page. ' +
    'A smaller _count, or a read of each, may show them.'
  const resource = {
    resourceType: 'OperationOutcome',
    issue: [{ severity: 'warning', code: 'incomplete', diagnostics }]
  }
  const entry =
    type === 'searchset'
      ? { resource, search: { mode: 'outcome' } }
      : type === 'history'
        ? { resource, request: { method: 'GET', url: '_history' }, response: { status: '200' } }
        : { resource }
  return [{ entry, text: JSON.stringify(entry) }]
}

/** A new count of the upstream requests of one page. */
export const newPageCost = ({ budget: { limits }, prepare }: GateContext, before = 0): PageCost => {
  let [sent, isCut] = [before, false]
  return {
    isCut: () => isCut,
    isLeft: () => sent < limits.pageRequests,
    count: () => {
      sent += 1
    },
    prepare: ({ entries }, areCurrent = false, isShown = false) => {
      const isFirst = isShown || sent === before + 1
      return TaskEither.map((loaded: Loaded) => {
        sent += loaded.sent
        isCut ||= isFirst && loaded.isCut
        return loaded.isWhole || isFirst
      })(
        prepare(
          entries.flatMap(({ entry }) => entry.resource ?? []),
          areCurrent,
          Math.max(limits.pageRequests - sent, 0)
        )
      )
    }
  }
}
