/**
 * Reads parts of FHIR resources that a server sent, whatever their form: what is missing is empty.
 *
 * @module
 */
import { ownMember } from '../../values/own.js'

/** A member of an object, or of an item of an array; undefined where there is none. */
export const part = (value: unknown, ...path: ReadonlyArray<string | number>): unknown =>
  path.reduce<unknown>(
    (held, name) =>
      typeof held === 'object' && held !== null
        ? ownMember(held as Record<string, unknown>, name as string)
        : undefined,
    value
  )

/** A text at a path; empty where there is none. */
export const stringAt = (value: unknown, ...path: ReadonlyArray<string | number>): string => {
  const found = part(value, ...path)
  return typeof found === 'string' ? found : ''
}

/** The items at a path; none where there is no array. */
export const items = (value: unknown, ...path: ReadonlyArray<string | number>): ReadonlyArray<unknown> => {
  const found = part(value, ...path)
  return Array.isArray(found) ? (found as ReadonlyArray<unknown>) : []
}

/** The name of a code: its text, or the display or the code of its first coding. */
export const codeName = (concept: unknown): string =>
  stringAt(concept, 'text') || stringAt(concept, 'coding', 0, 'display') || stringAt(concept, 'coding', 0, 'code')
