/**
 * The numbers of the limits that the scope language and the scope playground use. `limits.ts` describes them. They are
 * a file of their own, so that a browser bundle does not contain the descriptions of all limits.
 *
 * @module
 */

/** The maximums, by the name of the limit. */
export const scopeNumbers = {
  searchNumber: 64,
  shownText: 100,
  shownMarks: 3,
  shownValues: 20,
  shownScope: 300,
  scopePieces: 20000,
  scopeComparisons: 1000000
} as const
