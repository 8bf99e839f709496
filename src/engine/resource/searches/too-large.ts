/**
 * What is found in place of a first page that is too large to be read.
 *
 * A resource that is too large to be checked looks like one that does not exist, to a search as to a read. So a page
 * with one such match alone is an empty one, and of two ids each is requested. Otherwise the search is refused: own
 * data must not vanish without a word.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { StopReason } from '../cost.js'
import type { GateContext } from '../gate-context.js'
import type { PageCost } from '../linked/page-cost.js'
import type { PagePlace } from '../page-links.js'
import type { PageEntry } from '../page-text.js'
import type { ReadPage, Telling } from '../pages.js'
import { askPage } from '../pages.js'
import type { SearchPlan } from './search-plan.js'
import { counted, requestOf, sourceAt } from './search-plan.js'
import { hidesNothing } from '../upstream-answer.js'
import type { SearchQuery } from '../../../protocol/access/search/query.js'
import { isInclude } from '../../../protocol/access/search/query.js'

/** What is found instead; `isBare` if nothing that the search includes was read. */
interface FoundInstead {
  readonly entries: ReadonlyArray<PageEntry>
  readonly isBare: boolean
}

/** The ids that a search selects; null if it selects by something else. */
const idsIn = (query: SearchQuery): ReadonlyArray<string> | null => {
  const [only, ...others] = query.filter(({ name }) => name === '_id')
  return only === undefined || others.length > 0 ? null : only.value.split(',')
}

/** What is found at a place whose page is too large; null if the search must be refused. */
export const foundInstead =
  (
    gateContext: GateContext,
    plan: SearchPlan,
    place: PagePlace,
    cost: PageCost,
    telling: Omit<Telling, 'from'>
  ): TaskEither.TaskEither<StopReason, FoundInstead | null> =>
  async () => {
    const source = place.next === null ? sourceAt(plan, place.source, place.without) : null
    if (source === null || hidesNothing(gateContext)) return Either.right(null)
    const whole = [...source.own, ...source.added]
    const query = whole.filter(({ name }) => !isInclude(name))
    const isBare = query.length < whole.length
    const ids = source.type === null ? null : idsIn(query)

    /** A page, `large` if it is too large, or null if there is none. */
    const read = async (one: SearchQuery): Promise<Either.Either<StopReason, ReadPage | 'large' | null>> => {
      if (!cost.isLeft()) return Either.right(null)
      cost.count()
      const answered = await askPage(gateContext, requestOf(plan, source, one), telling)()
      if (Either.isLeft(answered)) return answered
      if (Either.isRight(answered.right)) return Either.right(answered.right.right)
      return Either.right(answered.right.left.isTooLarge ? 'large' : null)
    }

    if (isBare) {
      const page = await read(counted(query, plan.count))
      if (Either.isLeft(page)) return page
      if (page.right === null) return Either.right(null)
      if (page.right !== 'large')
        return Either.right(page.right.next === null ? { entries: page.right.entries, isBare } : null)
    }
    if (ids?.length === 1) return Either.right({ entries: [], isBare })
    if (ids?.length === 2) {
      const entries: Array<PageEntry> = []
      for (const id of ids) {
        const page = await read(query.map((one) => (one.name === '_id' ? { ...one, value: id } : one)))
        if (Either.isLeft(page)) return page
        if (page.right === null || (page.right !== 'large' && page.right.next !== null)) return Either.right(null)
        if (page.right !== 'large') entries.push(...page.right.entries)
      }
      return Either.right({ entries, isBare })
    }
    const page = await read([...query.filter(({ name }) => name !== '_sort'), { name: '_summary', value: 'count' }])
    if (Either.isLeft(page)) return page
    const total = page.right === null || page.right === 'large' ? null : page.right.bundle['total']
    return Either.right(typeof total === 'number' && total <= 1 ? { entries: [], isBare } : null)
  }
