/**
 * What is found in place of a first page that is too large to be read.
 *
 * A resource that is too large to be checked looks like one that does not exist, to a search as to a read. So a page
 * with one such match alone is an empty one. Otherwise the search is refused: own data must not vanish without a word.
 * The condition of a write is refused unless it is one `_id`: a second resource must not be made from the one that is
 * too large.
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
import { mayAll } from '../upstream-answer.js'
import type { SearchPlan } from './search-plan.js'
import { counted, requestOf, sourceAt } from './search-plan.js'
import type { SearchQuery } from '../../../protocol/access/search/query.js'
import { isInclude } from '../../../protocol/access/search/query.js'

/** What is found instead; `isBare` if nothing that the search includes was read. */
interface FoundInstead {
  readonly entries: ReadonlyArray<PageEntry>
  readonly isBare: boolean
}

/** Whether a search selects one id. */
const isForOneId = (query: SearchQuery): boolean => {
  const [only, ...others] = query.filter(({ name }) => name === '_id')
  return only !== undefined && others.length === 0 && !only.value.includes(',')
}

/**
 * What is found at a place whose page is too large; null if the search must be refused. `isCondition` says that it is
 * the condition of a write.
 */
export const foundInstead =
  (
    gateContext: GateContext,
    plan: SearchPlan,
    place: PagePlace,
    cost: PageCost,
    telling: Omit<Telling, 'from'>,
    isCondition: boolean
  ): TaskEither.TaskEither<StopReason, FoundInstead | null> =>
  async () => {
    const source = place.next === null ? sourceAt(plan, place.source, place.without) : null
    if (source === null || mayAll(gateContext, source.type, 's')) return Either.right(null)
    const whole = [...source.own, ...source.added]
    const query = whole.filter(({ name }) => !isInclude(name))
    const isBare = query.length < whole.length

    /** A page, `large` if it is too large, or null if there is none. */
    const read = async (one: SearchQuery): Promise<Either.Either<StopReason, ReadPage | 'large' | null>> => {
      if (!cost.isLeft()) return Either.right(null)
      cost.count()
      const answered = await askPage(gateContext, requestOf(plan, source, one), telling)()
      if (Either.isLeft(answered)) return answered
      if (Either.isRight(answered.right)) return Either.right(answered.right.right)
      return Either.right(answered.right.left.tooLarge === 'page' ? 'large' : null)
    }

    if (isBare) {
      const page = await read(counted(query, plan.count))
      if (Either.isLeft(page)) return page
      if (page.right === null) return Either.right(null)
      if (page.right !== 'large')
        return Either.right(page.right.next === null ? { entries: page.right.entries, isBare } : null)
    }
    if (source.type !== null && isForOneId(query)) return Either.right({ entries: [], isBare })
    if (isCondition) return Either.right(null)
    const page = await read([...query.filter(({ name }) => name !== '_sort'), { name: '_summary', value: 'count' }])
    if (Either.isLeft(page)) return page
    const total = page.right === null || page.right === 'large' ? null : page.right.bundle['total']
    return Either.right(typeof total === 'number' && total <= 1 ? { entries: [], isBare } : null)
  }
