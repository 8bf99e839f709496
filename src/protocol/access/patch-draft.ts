/**
 * A JSON document while a patch is applied to it.
 *
 * The input document is not modified. Each changed container is copied once and then modified in place. Long arrays are
 * kept in a tree, so that insertions do not move other items. The cost therefore grows with the sum of document size
 * and patch size, not with their product. Places are given by the tokens of a JSON Pointer (RFC 6901).
 *
 * @module
 */
import { insertItem, itemAt, itemsOf, longListOf, longSize, removeItem, replaceItem } from './patch-list.js'
import * as Either from '../../values/either.js'
import { isObject } from '../../values/object.js'
import { ownCopy } from '../../values/own.js'

/** The reason why an operation of a patch fails. */
export type PatchFailure = 'malformed' | 'no-such-place' | 'test-failed' | 'too-large'

type Members = Record<string, unknown>
/** An array or an object. */
export type Container = Array<unknown> | Members

/** The document while it is patched. */
export interface Draft {
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
export type OperationResult = PatchFailure | null

/** Whether a value is an array. */
export const isArray = (value: unknown): value is Array<unknown> => Array.isArray(value)

const placeIn = (token: string, length: number): number | null =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(token) && Number(token) < length ? Number(token) : null

/** The current length of an array. */
export const draftLength = ({ long }: Draft, list: ReadonlyArray<unknown>): number => {
  const now = long.get(list)
  return now === undefined ? list.length : longSize(now)
}

/** Whether a container has a member or item for a token. */
export const hasDraftPlace = (draft: Draft, value: unknown, token: string): value is Container =>
  isArray(value) ? placeIn(token, draftLength(draft, value)) !== null : isObject(value) && Object.hasOwn(value, token)

/** The member or item of a container for a token that it has. */
export const draftValue = ({ long }: Draft, container: Container, token: string): unknown => {
  if (!isArray(container)) return container[token]
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
  else if (isArray(container)) container[Number(token)] = value
  else container[token] = value
}

/** The current items of an array. */
export const draftItems = ({ long }: Draft, list: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const now = long.get(list)
  return now === undefined ? list : itemsOf(now)
}

/** Writes the current items of a long array into the array. */
export const settleDraft = (draft: Draft, list: unknown): void => {
  if (!isArray(list) || !draft.long.has(list)) return
  const items = draftItems(draft, list)
  draft.long.delete(list)
  list.length = 0
  for (const item of items) list.push(item)
}

/** The value at a pointer. */
export const draftValueAt = (draft: Draft, tokens: ReadonlyArray<string>): Either.Either<PatchFailure, unknown> => {
  let found = draft.root
  for (const token of tokens) {
    if (!hasDraftPlace(draft, found, token)) return Either.left('no-such-place')
    found = draftValue(draft, found, token)
  }
  return Either.right(found)
}

/**
 * A container that may be modified: the value itself, or a copy that replaces it; null when the value is not a
 * container.
 */
const owned = ({ own }: Draft, value: unknown): Container | null => {
  if (own.has(value)) return value as Container
  const copy = isArray(value) ? value.slice() : isObject(value) ? ownCopy(value) : null
  if (copy !== null) own.add(copy)
  return copy
}

/** The parent container of a pointer's target, owned like all its ancestors; null when there is none. */
const holderOf = (draft: Draft, tokens: ReadonlyArray<string>): Container | null => {
  let holder = owned(draft, draft.root)
  if (holder === null) return null
  draft.root = holder
  for (const token of tokens.slice(0, -1)) {
    if (!hasDraftPlace(draft, holder, token)) return null
    const next = owned(draft, draftValue(draft, holder, token))
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

/** Adds a member, or an item before the one that has its place; `-` is the place after the last. */
export const draftAdd = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): OperationResult => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = value
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null) return 'no-such-place'
  if (!isArray(holder)) {
    put(draft, holder, last, value)
    return null
  }
  const length = draftLength(draft, holder)
  const place = last === '-' ? length : placeIn(last, length + 1)
  if (place === null) return 'no-such-place'
  insert(draft, holder, place, value)
  return null
}

/** Removes a member or an item. */
export const draftRemove = (draft: Draft, tokens: ReadonlyArray<string>): OperationResult => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = null
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null || !hasDraftPlace(draft, holder, last)) return 'no-such-place'
  if (isArray(holder)) takeOut(draft, holder, Number(last))
  else Reflect.deleteProperty(holder, last)
  return null
}

/** Replaces a member or an item. */
export const draftReplace = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): OperationResult => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = value
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null || !hasDraftPlace(draft, holder, last)) return 'no-such-place'
  put(draft, holder, last, value)
  return null
}

/** A document to be patched. */
export const newDraft = (document: unknown): Draft => ({ root: document, own: new Set(), long: new Map(), copied: 0 })

/** The document after the patch. */
export const finishedDraft = (draft: Draft): unknown => {
  for (const list of [...draft.long.keys()]) settleDraft(draft, list)
  return draft.root
}
