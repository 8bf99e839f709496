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
import { insertItem, itemAt, itemsOf, longListOf, longSize, removeItem, replaceItem } from './patch-list.js'
import * as Either from '../../values/either.js'
import { sizeWithin } from '../../values/json.js'
import { numberIn } from '../../values/json-numbers.js'
import { limits } from '../../values/limits/limits.js'
import { isObject } from '../../values/object.js'
import { ownCopy, ownMembers } from '../../values/own.js'

/** A malformed patch, or a patch that does not apply. */
export interface PatchError {
  readonly _tag: 'PatchError'
  /** The index of the failed operation, from 0; -1 when the patch is not an array or is too long. */
  readonly operation: number
  readonly because: 'malformed' | 'no-such-place' | 'test-failed' | 'too-large'
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

type FailureReason = PatchError['because']
type Members = Record<string, unknown>
type Container = Array<unknown> | Members

/** The document while it is patched. */
interface Draft {
  root: unknown
  /**
   * The containers that were created here and have one parent: they may be modified. All others are shared with the
   * input.
   */
  readonly own: Set<unknown>
  /**
   * The current contents of long arrays that are owned and had insertions or removals; the arrays themselves still have
   * their old contents.
   */
  readonly long: Map<unknown, ReturnType<typeof longListOf>>
  copied: number
}

/** The result of an operation: null, or the reason of its failure. */
type OperationResult = FailureReason | null

const isList = (value: unknown): value is Array<unknown> => Array.isArray(value)

/** The tokens of a JSON Pointer (RFC 6901); null when the pointer is malformed or too long. */
export const pointerTokens = (pointer: unknown): ReadonlyArray<string> | null => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer))
    return null
  if (pointer === '') return []
  const tokens = pointer.slice(1).split('/')
  if (tokens.length > limits.fhirPatchPointer.default) return null
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const placeIn = (token: string, length: number): number | null =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(token) && Number(token) < length ? Number(token) : null

const lengthOf = ({ long }: Draft, list: ReadonlyArray<unknown>): number => {
  const now = long.get(list)
  return now === undefined ? list.length : longSize(now)
}

/** Whether a container has a member or item for a token. */
const hasPlace = (draft: Draft, value: unknown, token: string): value is Container =>
  isList(value) ? placeIn(token, lengthOf(draft, value)) !== null : isObject(value) && Object.hasOwn(value, token)

const inner = ({ long }: Draft, container: Container, token: string): unknown => {
  if (!isList(container)) return container[token]
  const now = long.get(container)
  return now === undefined ? container[Number(token)] : itemAt(now, Number(token))
}

/**
 * Sets an existing item of an array, or a member of an object. Modified objects are copies without prototype, so that
 * `__proto__` is an ordinary member name.
 */
const put = ({ long }: Draft, container: Container, token: string, value: unknown): void => {
  const now = long.get(container)
  if (now !== undefined) replaceItem(now, Number(token), value)
  else if (isList(container)) container[Number(token)] = value
  else container[token] = value
}

/** The current items of an array. */
const heldIn = ({ long }: Draft, list: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const now = long.get(list)
  return now === undefined ? list : itemsOf(now)
}

/** Writes the current items of a long array into the array. */
const settle = (draft: Draft, list: unknown): void => {
  if (!isList(list) || !draft.long.has(list)) return
  const items = heldIn(draft, list)
  draft.long.delete(list)
  list.length = 0
  for (const item of items) list.push(item)
}

/** The value at a pointer. */
const valueAt = (draft: Draft, tokens: ReadonlyArray<string>): Either.Either<FailureReason, unknown> => {
  let found = draft.root
  for (const token of tokens) {
    if (!hasPlace(draft, found, token)) return Either.left('no-such-place')
    found = inner(draft, found, token)
  }
  return Either.right(found)
}

/**
 * A container that may be modified: the value itself, or a copy that replaces it; null when the value is not a
 * container.
 */
const owned = ({ own }: Draft, value: unknown): Container | null => {
  if (own.has(value)) return value as Container
  const copy = isList(value) ? value.slice() : isObject(value) ? ownCopy(value) : null
  if (copy !== null) own.add(copy)
  return copy
}

/** The parent container of a pointer's target, owned like all its ancestors; null when there is none. */
const holderOf = (draft: Draft, tokens: ReadonlyArray<string>): Container | null => {
  let holder = owned(draft, draft.root)
  if (holder === null) return null
  draft.root = holder
  for (const token of tokens.slice(0, -1)) {
    if (!hasPlace(draft, holder, token)) return null
    const next = owned(draft, inner(draft, holder, token))
    if (next === null) return null
    put(draft, holder, token, next)
    holder = next
  }
  return holder
}

/** Up to this many items are moved in place; beyond it the array is kept as a tree. */
const fewItems = 32

/** The tree of an array if an operation at `place` would move too many items; otherwise null. */
const longAt = ({ long }: Draft, list: Array<unknown>, place: number): ReturnType<typeof longListOf> | null => {
  const known = long.get(list)
  if (known !== undefined) return known
  if (list.length <= fewItems || place >= list.length) return null
  const made = longListOf(list)
  long.set(list, made)
  return made
}

const insert = (draft: Draft, list: Array<unknown>, place: number, value: unknown): void => {
  const now = longAt(draft, list, place)
  if (now !== null) insertItem(now, place, value)
  else if (place < list.length) list.splice(place, 0, value)
  else list.push(value)
}

const takeOut = (draft: Draft, list: Array<unknown>, place: number): void => {
  const now = longAt(draft, list, place + 1)
  if (now !== null) removeItem(now, place)
  else if (place < list.length - 1) list.splice(place, 1)
  else list.pop()
}

const add = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): OperationResult => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = value
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null) return 'no-such-place'
  if (!isList(holder)) {
    put(draft, holder, last, value)
    return null
  }
  const length = lengthOf(draft, holder)
  const place = last === '-' ? length : placeIn(last, length + 1)
  if (place === null) return 'no-such-place'
  insert(draft, holder, place, value)
  return null
}

const remove = (draft: Draft, tokens: ReadonlyArray<string>): OperationResult => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = null
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null || !hasPlace(draft, holder, last)) return 'no-such-place'
  if (isList(holder)) takeOut(draft, holder, Number(last))
  else Reflect.deleteProperty(holder, last)
  return null
}

const replace = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): OperationResult => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = value
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null || !hasPlace(draft, holder, last)) return 'no-such-place'
  put(draft, holder, last, value)
  return null
}

/** Equality of JSON values; the order of members does not matter (RFC 6902, section 4.6). */
const isEqual = (draft: Draft, one: unknown, other: unknown): boolean => {
  if (isList(one) || isList(other)) {
    if (!isList(one) || !isList(other) || lengthOf(draft, one) !== other.length) return false
    return heldIn(draft, one).every((value, index) => isEqual(draft, value, other[index]))
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
    settle(draft, next)
    for (const held of Object.values(next as Container)) waiting.push(held ?? null)
  }
}

const copy = (
  draft: Draft,
  { patchCopied }: PatchLimits,
  from: ReadonlyArray<string>,
  tokens: ReadonlyArray<string>
): OperationResult => {
  const value = valueAt(draft, from)
  if (Either.isLeft(value)) return value.left
  disown(draft, value.right)
  draft.copied += sizeWithin(patchCopied, value.right)
  return draft.copied > patchCopied ? 'too-large' : add(draft, tokens, value.right)
}

const move = (draft: Draft, from: ReadonlyArray<string>, tokens: ReadonlyArray<string>): OperationResult => {
  const value = valueAt(draft, from)
  if (Either.isLeft(value)) return value.left
  if (from.length < tokens.length && from.every((token, index) => token === tokens[index])) return 'no-such-place'
  return remove(draft, from) ?? add(draft, tokens, value.right)
}

const test = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): OperationResult => {
  const found = valueAt(draft, tokens)
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
      return remove(draft, tokens)
    case 'add':
      return isValued ? add(draft, tokens, value) : 'malformed'
    case 'replace':
      return isValued ? replace(draft, tokens, value) : 'malformed'
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
  if (!isList(patch)) return Either.left({ _tag: 'PatchError', operation: -1, because: 'malformed' })
  if (patch.length > most.patchOperations)
    return Either.left({ _tag: 'PatchError', operation: -1, because: 'too-large' })
  const draft: Draft = { root: document, own: new Set(), long: new Map(), copied: 0 }
  for (const [index, operation] of patch.entries()) {
    const because = applyOne(draft, most, operation)
    if (because !== null) return Either.left({ _tag: 'PatchError', operation: index, because })
  }
  for (const list of [...draft.long.keys()]) settle(draft, list)
  return Either.right(draft.root)
}
