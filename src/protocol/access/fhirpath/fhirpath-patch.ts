/**
 * FHIRPath Patch: a Parameters resource whose operations name elements by FHIRPath. The gate applies it to the version
 * that was checked, like a JSON Patch, and writes the result.
 *
 * An operation is applied only if its effect is certain: if its path is of the simple kind (`path.ts`), and if the
 * tables of the release say how the element occurs where the document does not show it. All or nothing: the first
 * operation that fails gives the error. Source: FHIR R4, fhirpatch.html.
 *
 * @module
 */
import type { PatchError, PatchLimits } from '../json-patch.js'
import { defaultPatchLimits } from '../json-patch.js'
import type { Draft, OperationResult } from '../patch-draft.js'
import {
  draftAdd,
  draftItems,
  draftLength,
  draftRemove,
  draftReplace,
  draftValueAt,
  finishedDraft,
  isArray,
  newDraft
} from '../patch-draft.js'
import type { FhirRelease } from '../release.js'
import { releaseR4 } from '../release.js'
import { isChoiceMember, occurrenceOf } from './occurrence.js'
import type { FhirPatchOperation, PatchedValue } from './parameters.js'
import { readOperation, readValue } from './parameters.js'
import type { FhirPath } from './path.js'
import { readFhirPath } from './path.js'
import type { NotSelected, Place, Selection } from './select.js'
import { namedBy, selectPlaces } from './select.js'
import * as Either from '../../../values/either.js'
import { limits } from '../../../values/limits/limits.js'
import { isObject } from '../../../values/object.js'

/** An operation whose effect is not certain. */
export interface PatchUncertain {
  readonly _tag: 'PatchUncertain'
  /** The index of the operation, from 0. */
  readonly operation: number
  readonly path: string
}

type Failure = Exclude<OperationResult, null> | NotSelected
type Outcome = Failure | null

/** The value in the document at tokens; undefined when there is none. */
const heldAt = (draft: Draft, tokens: ReadonlyArray<string>): unknown => {
  const held = draftValueAt(draft, tokens)
  return Either.isLeft(held) ? undefined : held.right
}

const removed = (draft: Draft, tokens: ReadonlyArray<string>): Outcome =>
  heldAt(draft, tokens) === undefined ? null : draftRemove(draft, tokens)

/** The tokens of `id` and `extension` of a primitive element: `_status`, or the item of `_given` for one of `given`. */
const besideOf = (tokens: ReadonlyArray<string>): ReadonlyArray<string> => {
  const last = tokens.at(-1) ?? ''
  return /^[0-9]/.test(last)
    ? [...tokens.slice(0, -2), `_${tokens.at(-2) ?? ''}`, last]
    : [...tokens.slice(0, -1), `_${last}`]
}

const isItem = (tokens: ReadonlyArray<string>): boolean => /^[0-9]/.test(tokens.at(-1) ?? '')

/** Fills the list beside a list of primitive elements, so that it has an item for each of the first `count`. */
const padded = (selection: Selection, tokens: ReadonlyArray<string>, count: number): Outcome => {
  const { draft } = selection
  if (heldAt(draft, tokens) === undefined) {
    const failed = draftAdd(draft, tokens, [])
    if (failed !== null) return failed
  }
  const list = heldAt(draft, tokens)
  if (!isArray(list)) return 'no-such-place'
  for (let length = draftLength(draft, list); length < count; length += 1) {
    selection.looked += 1
    const failed = draftAdd(draft, [...tokens, '-'], null)
    if (failed !== null) return failed
  }
  return null
}

/** Removes a list beside a list of primitive elements, if nothing is left in it. */
const withoutEmptyBeside = (selection: Selection, tokens: ReadonlyArray<string>): Outcome => {
  const list = heldAt(selection.draft, tokens)
  if (!isArray(list)) return null
  const items = draftItems(selection.draft, list)
  const first = items.findIndex((item) => item !== null)
  selection.looked += items.length
  return first === -1 ? draftRemove(selection.draft, tokens) : null
}

/** Sets the value of an element that is there, and what stands beside it. */
const setValue = (selection: Selection, tokens: ReadonlyArray<string>, { json, element }: PatchedValue): Outcome => {
  const { draft } = selection
  const beside = besideOf(tokens)
  if (!isItem(tokens)) {
    const failed = json === undefined ? removed(draft, tokens) : draftAdd(draft, tokens, json)
    return failed ?? (element === null ? removed(draft, beside) : draftAdd(draft, beside, element))
  }
  const failed = draftReplace(draft, tokens, json ?? null)
  const list = beside.slice(0, -1)
  if (failed !== null || (element === null && heldAt(draft, beside) === undefined)) return failed
  return (
    padded(selection, list, Number(beside.at(-1)) + 1) ??
    draftReplace(draft, beside, element) ??
    withoutEmptyBeside(selection, list)
  )
}

/** Inserts an item into a list, and keeps the list beside it in step. */
const insertItem = (
  selection: Selection,
  list: ReadonlyArray<string>,
  index: number,
  { json, element }: PatchedValue
): Outcome => {
  const { draft } = selection
  const beside = besideOf(list)
  const failed = draftAdd(draft, [...list, String(index)], json ?? null)
  if (failed !== null || (element === null && heldAt(draft, beside) === undefined)) return failed
  return padded(selection, beside, index) ?? draftAdd(draft, [...beside, String(index)], element)
}

/** Removes an element, and the elements that hold nothing without it. */
const removeElement = (selection: Selection, tokens: ReadonlyArray<string>): Outcome => {
  const { draft } = selection
  const failed = removed(draft, besideOf(tokens)) ?? removed(draft, tokens)
  if (failed !== null) return failed
  if (isItem(tokens)) {
    const failedBeside = withoutEmptyBeside(selection, besideOf(tokens).slice(0, -1))
    if (failedBeside !== null) return failedBeside
  }
  const holder = tokens.slice(0, -1)
  if (holder.length === 0) return null
  const held = heldAt(draft, holder)
  const isEmpty = isArray(held) ? draftLength(draft, held) === 0 : isObject(held) && Object.keys(held).length === 0
  return isEmpty ? removeElement(selection, holder) : null
}

const onlyPlace = (selection: Selection, path: FhirPath): Either.Either<Failure, Place> => {
  const found = selectPlaces(selection, path)
  if (Either.isLeft(found)) return found
  const [place, ...others] = found.right
  return place === undefined || others.length > 0 ? Either.left('no-such-place') : Either.right(place)
}

const valueFor = (
  selection: Selection,
  { type }: Pick<Place, 'type'>,
  name: string,
  { value }: FhirPatchOperation
): Either.Either<Failure, PatchedValue> =>
  value === null ? Either.left('malformed') : readValue(selection.elements, type, name, value)

const addElement = (selection: Selection, path: FhirPath, operation: FhirPatchOperation): Outcome => {
  const { draft, elements } = selection
  const place = onlyPlace(selection, path)
  if (Either.isLeft(place)) return place.left
  const [{ tokens, value: holder }, name] = [place.right, operation.name ?? '']
  if (!isObject(holder)) return 'no-such-place'
  const known = namedBy(place.right)
  const value = valueFor(selection, known, name, operation)
  if (Either.isLeft(value)) return value.left
  if (isChoiceMember(elements, known, name)) return 'uncertain'
  const target = [...tokens, name]
  const stored = heldAt(draft, target)
  if (isArray(stored)) return insertItem(selection, target, draftLength(draft, stored), value.right)
  const before = selectPlaces(selection, { ...path, steps: [...path.steps, { _tag: 'Member', name }] })
  if (Either.isLeft(before)) return before.left
  if (before.right.length > 0) return 'no-such-place'
  const occurrence = occurrenceOf(elements, known.type, known.holder, name)
  if (occurrence === 'unknown') return 'uncertain'
  if (occurrence === 'many') return draftAdd(draft, target, []) ?? insertItem(selection, target, 0, value.right)
  if (occurrence === 'one') return setValue(selection, target, value.right)
  return value.right.type === null
    ? 'malformed'
    : setValue(selection, [...tokens, `${name}${value.right.type}`], value.right)
}

const replaceElement = (selection: Selection, path: FhirPath, operation: FhirPatchOperation): Outcome => {
  const place = onlyPlace(selection, path)
  if (Either.isLeft(place)) return place.left
  const { tokens, choice, holder } = place.right
  if (tokens.length === 0) return 'uncertain'
  const value = valueFor(selection, place.right, holder, operation)
  if (Either.isLeft(value)) return value.left
  if (choice === null) return setValue(selection, tokens, value.right)
  if (value.right.type === null) return 'malformed'
  const renamed = [...tokens.slice(0, -1), `${holder}${value.right.type}`]
  return (
    removed(selection.draft, tokens) ??
    removed(selection.draft, besideOf(tokens)) ??
    setValue(selection, renamed, value.right)
  )
}

const deleteElement = (selection: Selection, path: FhirPath): Outcome => {
  const found = selectPlaces(selection, path)
  if (Either.isLeft(found)) return found.left
  const [place, ...others] = found.right
  if (place === undefined) return null
  if (others.length > 0) return 'no-such-place'
  return place.tokens.length === 0 ? 'uncertain' : removeElement(selection, place.tokens)
}

/** The list that a path names by its last member, and how many items it has; -1 where it does not exist. */
const listAt = (
  selection: Selection,
  { type, steps }: FhirPath
): Either.Either<Failure, { readonly place: Place; readonly name: string; readonly length: number }> => {
  const last = steps.at(-1)
  if (last?._tag !== 'Member') return Either.left('uncertain')
  const place = onlyPlace(selection, { type, steps: steps.slice(0, -1) })
  if (Either.isLeft(place)) return place
  const list = heldAt(selection.draft, [...place.right.tokens, last.name])
  if (list !== undefined && !isArray(list)) return Either.left('no-such-place')
  return Either.right({
    place: place.right,
    name: last.name,
    length: list === undefined ? -1 : draftLength(selection.draft, list)
  })
}

const insertElement = (selection: Selection, path: FhirPath, operation: FhirPatchOperation): Outcome => {
  const list = listAt(selection, path)
  if (Either.isLeft(list)) return list.left
  const { place, name, length } = list.right
  const known = namedBy(place)
  const value = valueFor(selection, known, name, operation)
  if (Either.isLeft(value)) return value.left
  const index = operation.index ?? 0
  if (index > Math.max(length, 0)) return 'no-such-place'
  const target = [...place.tokens, name]
  if (length === -1) {
    const occurrence = occurrenceOf(selection.elements, known.type, known.holder, name)
    if (occurrence !== 'many') return occurrence === 'unknown' ? 'uncertain' : 'no-such-place'
    const failed = draftAdd(selection.draft, target, [])
    if (failed !== null) return failed
  }
  return insertItem(selection, target, index, value.right)
}

const moveElement = (selection: Selection, path: FhirPath, operation: FhirPatchOperation): Outcome => {
  const list = listAt(selection, path)
  if (Either.isLeft(list)) return list.left
  const { place, name, length } = list.right
  const [source, destination] = [operation.source ?? 0, operation.destination ?? 0]
  const { draft } = selection
  const target = [...place.tokens, name]
  const moveIn = (tokens: ReadonlyArray<string>): Outcome => {
    const value = heldAt(draft, [...tokens, String(source)])
    return draftRemove(draft, [...tokens, String(source)]) ?? draftAdd(draft, [...tokens, String(destination)], value)
  }
  const beside = besideOf(target)
  if (heldAt(draft, beside) === undefined) return moveIn(target)
  return padded(selection, beside, length) ?? moveIn(beside) ?? moveIn(target)
}

const applyOne = (selection: Selection, path: FhirPath, operation: FhirPatchOperation): Outcome => {
  switch (operation.type) {
    case 'add':
      return addElement(selection, path, operation)
    case 'insert':
      return insertElement(selection, path, operation)
    case 'delete':
      return deleteElement(selection, path)
    case 'replace':
      return replaceElement(selection, path, operation)
    case 'move':
      return moveElement(selection, path, operation)
  }
}

const failedAt = (operation: number, because: PatchError['because']): Either.Either<PatchError, never> =>
  Either.left({ _tag: 'PatchError', operation, because })

/** Whether a body is the Parameters resource of a FHIRPath Patch. */
export const isFhirPathPatch = (patch: unknown): boolean => isObject(patch) && patch['resourceType'] === 'Parameters'

/** The operations of a patch, each with its parsed path. */
export const fhirPatchOperations = (
  patch: unknown,
  { patchOperations }: PatchLimits
): Either.Either<
  PatchError | PatchUncertain,
  ReadonlyArray<{ readonly path: FhirPath; readonly operation: FhirPatchOperation }>
> => {
  const parameters = isObject(patch) ? (patch['parameter'] ?? []) : null
  if (!isArray(parameters)) return failedAt(-1, 'malformed')
  if (parameters.length > patchOperations) return failedAt(-1, 'too-large')
  const all: Array<{ readonly path: FhirPath; readonly operation: FhirPatchOperation }> = []
  for (const [index, parameter] of parameters.entries()) {
    const operation = readOperation(parameter)
    if (operation === null) return failedAt(index, 'malformed')
    const path = readFhirPath(operation.path)
    if (path === null) return Either.left({ _tag: 'PatchUncertain', operation: index, path: operation.path })
    all.push({ path, operation })
  }
  return Either.right(all)
}

/** Applies a FHIRPath Patch to a resource. */
export const applyFhirPathPatch = (
  document: unknown,
  patch: unknown,
  most: PatchLimits = defaultPatchLimits,
  { elements }: Pick<FhirRelease, 'elements'> = releaseR4
): Either.Either<PatchError | PatchUncertain, unknown> => {
  const operations = fhirPatchOperations(patch, most)
  if (Either.isLeft(operations)) return operations
  const selection: Selection = { draft: newDraft(document), elements, looked: 0 }
  for (const [index, { path, operation }] of operations.right.entries()) {
    const failed = applyOne(selection, path, operation)
    if (failed === 'uncertain') return Either.left({ _tag: 'PatchUncertain', operation: index, path: operation.path })
    if (failed !== null) return failedAt(index, failed)
    if (selection.looked > limits.fhirPatchLooked.default) return failedAt(index, 'too-large')
  }
  return Either.right(finishedDraft(selection.draft))
}
