/**
 * Filing queries so that few share a file. A query may be filed under any one of its conditions, because all of them
 * must be satisfied; the one whose names the fewest other queries share makes the shortest file to look through.
 *
 * @module
 */

/** The names under which one condition is filed: one for each of its values. */
type Names = ReadonlySet<string>

const none: Names = new Set()

/** Counts the names of all queries; gives the names of a query's condition that is shared the least. */
export const mostSelectiveOf = (
  queries: ReadonlyArray<ReadonlyArray<Names>>
): ((query: ReadonlyArray<Names>) => Names) => {
  const counts = new Map<string, number>()
  for (const query of queries) {
    for (const names of query) for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  }
  const crowdOf = (names: Names): number => {
    let crowd = 0
    for (const name of names) crowd = Math.max(crowd, counts.get(name) ?? 0)
    return crowd
  }
  return (query) => {
    let [rarest = none] = query
    let crowd = crowdOf(rarest)
    for (const names of query) {
      const other = crowdOf(names)
      if (other < crowd) [rarest, crowd] = [names, other]
    }
    return rarest
  }
}
