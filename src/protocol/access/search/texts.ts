/**
 * Escaping in search and index values: `|` separates parts, a backslash escapes.
 *
 * @module
 */

/** Escapes `|` and the backslash. */
export const escaped = (text: string): string =>
  text.includes('|') || text.includes('\\') ? text.replace(/[|\\]/g, '\\$&') : text

/** Splits at unescaped bars and removes FHIR's escapes. */
export const splitAtBars = (text: string): ReadonlyArray<string> =>
  Array.from(`|${text}`.matchAll(/\|((?:[^\\|]|\\.|\\$)*)/gs), ([, part = '']) => part.replace(/\\([,|$\\])/g, '$1'))
