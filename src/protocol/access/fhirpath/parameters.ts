/**
 * The Parameters resource of a FHIRPath Patch, read: its operations and their values.
 *
 * Source: FHIR R4, fhirpatch.html.
 *
 * @module
 */
import { isChoiceType, occurrenceOf } from './occurrence.js'
import type { ElementTable } from '../release.js'
import * as Either from '../../../values/either.js'
import type { JsonObject } from '../../../values/object.js'
import { isObject } from '../../../values/object.js'

/** A value of an operation. */
export interface PatchedValue {
  /** The value as JSON; undefined for a primitive element that has only extensions. */
  readonly json: unknown
  /** `id` and `extension` of a primitive element; null when it has none. */
  readonly element: JsonObject | null
  /** The data type as it ends a member name: `Quantity`. Null for an element that has no data type of its own. */
  readonly type: string | null
}

/** One operation. */
export interface FhirPatchOperation {
  readonly type: 'add' | 'insert' | 'delete' | 'replace' | 'move'
  readonly path: string
  readonly name: string | null
  readonly index: number | null
  readonly source: number | null
  readonly destination: number | null
  /** The part with the value; null when there is none. */
  readonly value: JsonObject | null
}

const types = ['add', 'insert', 'delete', 'replace', 'move'] as const

const texts = ['type', 'path', 'name'] as const
const places = ['index', 'source', 'destination'] as const

const textIn = (part: JsonObject | undefined): string | null => {
  const value = part?.['valueString'] ?? part?.['valueCode']
  return typeof value === 'string' ? value : null
}

const placeIn = (part: JsonObject | undefined): number | null => {
  const value = part?.['valueInteger']
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null
}

/** The parts of an operation by name; null when one is not of an operation, or is given twice. */
const partsOf = (operation: unknown): ReadonlyMap<string, JsonObject> | null => {
  if (!isObject(operation) || operation['name'] !== 'operation' || !Array.isArray(operation['part'])) return null
  const parts = new Map<string, JsonObject>()
  for (const part of operation['part'] as ReadonlyArray<unknown>) {
    const name = isObject(part) ? part['name'] : null
    if (!isObject(part) || typeof name !== 'string' || parts.has(name)) return null
    if (![...texts, ...places, 'value'].includes(name)) return null
    parts.set(name, part)
  }
  return parts
}

/** Reads one operation; null when it is malformed. */
export const readOperation = (operation: unknown): FhirPatchOperation | null => {
  const parts = partsOf(operation)
  if (parts === null) return null
  const [written, path, name] = texts.map((one) => textIn(parts.get(one)))
  const [index = null, source = null, destination = null] = places.map((one) => placeIn(parts.get(one)))
  const type = types.find((one) => one === written)
  if (type === undefined || path === null || path === undefined) return null
  const value = parts.get('value') ?? null
  if ((type === 'add' || type === 'insert' || type === 'replace') !== (value !== null)) return null
  if (type === 'add' && (name === null || name === undefined || !/^[a-z][A-Za-z0-9]*$/.test(name))) return null
  if (type === 'insert' && index === null) return null
  if (type === 'move' && (source === null || destination === null)) return null
  return { type, path, name: name ?? null, index, source, destination, value }
}

type ValueError = 'malformed' | 'uncertain'

const withMember = (held: Record<string, unknown>, name: string, { json, element }: PatchedValue): void => {
  if (json !== undefined) held[name] = json
  if (element !== null) held[`_${name}`] = element
}

/** Adds a value to a list, and its `id` and `extension` to the list beside it. */
const withItem = (held: Record<string, unknown>, name: string, { json, element }: PatchedValue): void => {
  const [list, beside] = [held[name] ?? [], held[`_${name}`]] as [Array<unknown>, Array<unknown> | undefined]
  if (element !== null || beside !== undefined) {
    const padded = beside ?? list.map(() => null)
    padded.push(element)
    held[`_${name}`] = padded
  }
  list.push(json ?? null)
  held[name] = list
}

/** An element without a data type of its own, from parts: each part is one of its elements. */
const fromParts = (
  elements: ElementTable,
  type: string,
  holder: string,
  parts: ReadonlyArray<unknown>
): Either.Either<ValueError, PatchedValue> => {
  const held: Record<string, unknown> = {}
  for (const part of parts) {
    const name = isObject(part) ? part['name'] : null
    if (!isObject(part) || typeof name !== 'string' || !/^[a-z][A-Za-z0-9]*$/.test(name))
      return Either.left('malformed')
    const value = readValue(elements, type, name, part)
    if (Either.isLeft(value)) return value
    const occurrence = occurrenceOf(elements, type, holder, name)
    if (occurrence === 'unknown') return Either.left('uncertain')
    const member = occurrence === 'choice' ? `${name}${value.right.type ?? ''}` : name
    if (occurrence === 'many') withItem(held, member, value.right)
    else if (Object.hasOwn(held, member) || (occurrence === 'choice' && value.right.type === null))
      return Either.left('malformed')
    else withMember(held, member, value.right)
  }
  return Either.right({ json: held, element: null, type: null })
}

/** The value of a part, for the element `holder` of a resource type. */
export const readValue = (
  elements: ElementTable,
  type: string,
  holder: string,
  part: JsonObject
): Either.Either<ValueError, PatchedValue> => {
  const words = Object.keys(part).filter((key) => key !== 'name' && key !== 'id' && key !== 'extension')
  if (words.length === 1 && Array.isArray(part['part'])) return fromParts(elements, type, holder, part['part'])
  if (words.length === 1 && isObject(part['resource']))
    return Either.right({ json: part['resource'], element: null, type: null })
  const [named, ...others] = new Set(words.map((word) => word.replace(/^_/, '')))
  if (named?.startsWith('value') !== true || others.length > 0 || !isChoiceType(named.slice(5)))
    return Either.left('malformed')
  const [json, beside] = [part[named], part[`_${named}`]]
  if (json === null || Array.isArray(json) || (beside !== undefined && !isObject(beside)))
    return Either.left('malformed')
  return Either.right({ json, element: beside ?? null, type: named.slice(5) })
}
