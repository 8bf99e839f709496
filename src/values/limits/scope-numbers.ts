/**
 * The numbers of the limits that the scope language uses. `limits.ts` describes them. They are a file of their own, so
 * that a browser bundle of the scope language does not contain the descriptions of all limits.
 *
 * @module
 */

/** The maximums, by the name of the limit. */
export const scopeNumbers = {
  searchNumber: 64,
  shownText: 100,
  shownMarks: 3,
  shownValues: 20,
  scopePieces: 20000,
  scopeComparisons: 1000000
} as const
