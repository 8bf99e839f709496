/**
 * The known name that a mistyped name probably means.
 *
 * @module
 */

/** The number of single changes from one text to the other: a letter more, less, or another. */
const changesBetween = (from: string, to: string): number => {
  let row = Array.from({ length: to.length + 1 }, (_, place) => place)
  for (const [place, letter] of Array.from(from).entries()) {
    const next = [place + 1]
    for (const [column, other] of Array.from(to).entries()) {
      const [left = 0, above = 0, diagonal = 0] = [next[column], row[column + 1], row[column]]
      next.push(Math.min(left + 1, above + 1, diagonal + (letter === other ? 0 : 1)))
    }
    row = next
  }
  return row.at(-1) ?? 0
}

const plain = (name: string): string => name.toLowerCase().replaceAll(/[^a-z0-9]/g, '')

/** Names longer than this are no typing mistakes. */
const longestName = 64

/**
 * The known name that is most like a name, ignoring case and separators; null if none is like it.
 *
 * @example
 * ```ts
 * import { likeliestName } from './likely-name.js'
 *
 * likeliestName('permitedScope', ['patients', 'permittedScopes']) // => 'permittedScopes'
 * likeliestName('logo', ['patients', 'permittedScopes']) // => null
 * ```
 */
export const likeliestName = (name: string, known: ReadonlyArray<string>): string | null => {
  if (name.length > longestName) return null
  const written = plain(name)
  const [nearest] = known
    .map((one) => ({ one, changes: changesBetween(written, plain(one)) }))
    .filter(({ one, changes }) => changes <= Math.floor(Math.max(written.length, one.length) / 3))
    .toSorted((a, b) => a.changes - b.changes)
  return nearest?.one ?? null
}
