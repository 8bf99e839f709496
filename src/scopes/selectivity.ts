/**
 * Chooses the condition under which a query is indexed. All conditions of a query must be satisfied, so any one of them
 * can serve as the index key. The one whose keys are shared by the fewest other queries gives the shortest list of
 * candidates.
 *
 * @module
 */

/** The index keys of one condition: one for each of its values. */
type Keys = ReadonlySet<string>

const none: Keys = new Set()

/**
 * Counts the keys of all queries. The function that is returned gives the keys of a query's most selective condition.
 */
export const mostSelectiveOf = (
  queries: ReadonlyArray<ReadonlyArray<Keys>>
): ((query: ReadonlyArray<Keys>) => Keys) => {
  const counts = new Map<string, number>()
  for (const query of queries) {
    for (const keys of query) for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  const candidatesOf = (keys: Keys): number => {
    let candidates = 0
    for (const key of keys) candidates = Math.max(candidates, counts.get(key) ?? 0)
    return candidates
  }
  return (query) => {
    let [best = none] = query
    let candidates = candidatesOf(best)
    for (const keys of query) {
      const other = candidatesOf(keys)
      if (other < candidates) [best, candidates] = [keys, other]
    }
    return best
  }
}
