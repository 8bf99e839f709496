/**
 * Texts of search and index values in which `|` separates parts, and a backslash stands before what is data.
 *
 * @module
 */

/** Puts a backslash before `|` and before the backslash itself. */
export const escaped = (text: string): string => text.replace(/[|\\]/g, '\\$&')

/** The parts between bars; a bar behind a backslash is data, and FHIR's escapes are undone. */
export const splitAtBars = (text: string): ReadonlyArray<string> =>
  Array.from(`|${text}`.matchAll(/\|((?:[^\\|]|\\.|\\$)*)/gs), ([, part = '']) => part.replace(/\\([,|$\\])/g, '$1'))
