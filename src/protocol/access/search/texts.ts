/**
 * Escaping in search and index values: `|` separates parts, a backslash escapes.
 *
 * @module
 */

/** Escapes `|` and the backslash. */
export const escaped = (text: string): string =>
  text.includes('|') || text.includes('\\') ? text.replace(/[|\\]/g, '\\$&') : text

/** A text has at least one part. */
type Parts = readonly [string, ...ReadonlyArray<string>]

/** Splits at unescaped bars and removes FHIR's escapes. */
export const splitAtBars = (text: string): Parts =>
  Array.from(`|${text}`.matchAll(/\|(?:[^\\|]|\\.|\\$)*/gs), ([part]) =>
    part.slice(1).replace(/\\([,|$\\])/g, '$1')
  ) as unknown as Parts
