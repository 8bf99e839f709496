/**
 * JSON Patch (RFC 6902). The gate applies it to the version that was checked, so that the result can be checked before
 * it is stored.
 *
 * All or nothing: the first operation that fails gives the error. The input document is not modified. Each changed
 * container is copied once and then modified in place. Long arrays are kept in a tree, so that insertions do not move
 * other items. The cost therefore grows with the sum of document size and patch size, not with their product. Source:
 * RFC 6902; pointers are those of RFC 6901.
 *
 * @module
 */
import type { Container, Draft, OperationResult, PatchFailure } from './patch-draft.js'
import {
  draftAdd,
  draftItems,
  draftLength,
  draftRemove,
  draftReplace,
  draftValueAt,
  finishedDraft,
  isArray,
  newDraft,
  settleDraft
} from './patch-draft.js'
import * as Either from '../../values/either.js'
import { sizeWithin } from '../../values/json.js'
import { numberIn } from '../../values/json-numbers.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownMembers } from '../../values/own.js'

/** A malformed patch, or a patch that does not apply. */
export interface PatchError {
  readonly _tag: 'PatchError'
  /** The index of the failed operation, from 0; -1 when the patch is not an array or is too long. */
  readonly operation: number
  readonly because: PatchFailure
}

/** The limits of one patch; see `docs/limits.md`. */
export interface PatchLimits {
  readonly patchOperations: number
  readonly patchCopied: number
}

/** The default limits. */
export const defaultPatchLimits: PatchLimits = {
  patchOperations: limits.fhirPatchOperations.default,
  patchCopied: limits.fhirPatchCopied.default
}

/** The tokens of a JSON Pointer (RFC 6901); null when the pointer is malformed or too long. */
export const pointerTokens = (pointer: unknown): ReadonlyArray<string> | null => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer))
    return null
  if (pointer === '') return []
  const tokens = pointer.slice(1).split('/')
  if (tokens.length > limits.fhirPatchPointer.default) return null
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

/** Equality of JSON values; the order of members does not matter (RFC 6902, section 4.6). */
const isEqual = (draft: Draft, one: unknown, other: unknown): boolean => {
  if (isArray(one) || isArray(other)) {
    if (!isArray(one) || !isArray(other) || draftLength(draft, one) !== other.length) return false
    return draftItems(draft, one).every((value, index) => isEqual(draft, value, other[index]))
  }
  if (!isObject(one) || !isObject(other))
    return one === other || (numberIn(one) !== null && numberIn(one) === numberIn(other))
  const names = Object.keys(one)
  return (
    names.length === Object.keys(other).length &&
    names.every((name) => Object.hasOwn(other, name) && isEqual(draft, one[name], other[name]))
  )
}

/** Marks a value and its descendants as shared: it gets a second parent and must not be modified in place any more. */
const disown = (draft: Draft, value: unknown): void => {
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    // A container that is not owned has no owned descendants.
    if (!draft.own.delete(next)) continue
    settleDraft(draft, next)
    for (const held of Object.values(next as Container)) waiting.push(held ?? null)
  }
}

const copy = (
  draft: Draft,
  { patchCopied }: PatchLimits,
  from: ReadonlyArray<string>,
  tokens: ReadonlyArray<string>
): OperationResult => {
  const value = draftValueAt(draft, from)
  if (Either.isLeft(value)) return value.left
  disown(draft, value.right)
  draft.copied += sizeWithin(patchCopied, value.right)
  return draft.copied > patchCopied ? 'too-large' : draftAdd(draft, tokens, value.right)
}

const move = (draft: Draft, from: ReadonlyArray<string>, tokens: ReadonlyArray<string>): OperationResult => {
  const value = draftValueAt(draft, from)
  if (Either.isLeft(value)) return value.left
  if (from.length < tokens.length && from.every((token, index) => token === tokens[index])) return 'no-such-place'
  return draftRemove(draft, from) ?? draftAdd(draft, tokens, value.right)
}

const test = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): OperationResult => {
  const found = draftValueAt(draft, tokens)
  if (Either.isLeft(found)) return found.left
  return isEqual(draft, found.right, value) ? null : 'test-failed'
}

const applyOne = (draft: Draft, most: PatchLimits, operation: unknown): OperationResult => {
  if (!isObject(operation)) return 'malformed'
  const { op, value, path, from: source } = ownMembers(operation)
  const tokens = pointerTokens(path)
  if (tokens === null) return 'malformed'
  const isValued = Object.hasOwn(operation, 'value')
  switch (op) {
    case 'remove':
      return draftRemove(draft, tokens)
    case 'add':
      return isValued ? draftAdd(draft, tokens, value) : 'malformed'
    case 'replace':
      return isValued ? draftReplace(draft, tokens, value) : 'malformed'
    case 'test':
      return isValued ? test(draft, tokens, value) : 'malformed'
    case 'move':
    case 'copy': {
      const from = pointerTokens(source)
      if (from === null) return 'malformed'
      return op === 'copy' ? copy(draft, most, from, tokens) : move(draft, from, tokens)
    }
    default:
      return 'malformed'
  }
}

/** Applies a patch to a document. */
export const applyPatch = (
  document: unknown,
  patch: unknown,
  most: PatchLimits = defaultPatchLimits
): Either.Either<PatchError, unknown> => {
  if (!isArray(patch)) return Either.left({ _tag: 'PatchError', operation: -1, because: 'malformed' })
  if (patch.length > most.patchOperations)
    return Either.left({ _tag: 'PatchError', operation: -1, because: 'too-large' })
  const draft = newDraft(document)
  for (const [index, operation] of patch.entries()) {
    const because = applyOne(draft, most, operation)
    if (because !== null) return Either.left({ _tag: 'PatchError', operation: index, because })
  }
  return Either.right(finishedDraft(draft))
}
