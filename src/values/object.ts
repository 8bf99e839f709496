/**
 * Recognizes JSON objects.
 *
 * @module
 */

/** A JSON object with unknown members. */
export type JsonObject = Readonly<Record<string, unknown>>

/** Whether a value is a JSON object: not null and not an array. */
export const isObject = (value: unknown): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
