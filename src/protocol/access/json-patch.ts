/**
 * JSON Patch (RFC 6902), applied to the version that was checked, so that its outcome can be judged before it is
 * stored.
 *
 * All or nothing: the first operation that fails is the answer. The document that is given stays as it is. Each
 * container that is changed is copied once and then changed in place, and a long list is held so that no item moves for
 * another, so that the work grows with the document and the patch, and not with their product. Source: RFC 6902;
 * pointers are those of RFC 6901.
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

/** A patch that is none, or does not apply. */
export interface PatchError {
  readonly _tag: 'PatchError'
  /** Of the operation that failed, counted from 0; -1 when the patch is no list, or too long a one. */
  readonly operation: number
  readonly because: 'malformed' | 'no-such-place' | 'test-failed' | 'too-large'
}

/** How much one patch may ask for; see `docs/limits.md`. */
export interface PatchLimits {
  readonly patchOperations: number
  readonly patchCopied: number
}

/** What holds where nothing else is said. */
export const standardPatchLimits: PatchLimits = {
  patchOperations: limits.fhirPatchOperations.standard,
  patchCopied: limits.fhirPatchCopied.standard
}

type Because = PatchError['because']
type Members = Record<string, unknown>
type Container = Array<unknown> | Members

/** The document while it is patched. */
interface Draft {
  root: unknown
  /** The containers that were made here and are held in one place only: they may be changed. All others are shared. */
  readonly own: Set<unknown>
  /**
   * What long lists hold by now, of those that are owned and had items put in or taken out; the arrays themselves hold
   * what they held.
   */
  readonly long: Map<unknown, ReturnType<typeof longListOf>>
  copied: number
}

/** What became of an operation: null, or why it failed. */
type Done = Because | null

const isList = (value: unknown): value is Array<unknown> => Array.isArray(value)

/** The tokens of a JSON Pointer (RFC 6901); null for what is none, or too long a one. */
export const pointerTokens = (pointer: unknown): ReadonlyArray<string> | null => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer))
    return null
  if (pointer === '') return []
  const tokens = pointer.slice(1).split('/')
  if (tokens.length > limits.fhirPatchPointer.standard) return null
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const placeIn = (token: string, length: number): number | null =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(token) && Number(token) < length ? Number(token) : null

const lengthOf = ({ long }: Draft, list: ReadonlyArray<unknown>): number => {
  const now = long.get(list)
  return now === undefined ? list.length : longSize(now)
}

/** Whether a container has something at a place. */
const hasPlace = (draft: Draft, value: unknown, token: string): value is Container =>
  isList(value) ? placeIn(token, lengthOf(draft, value)) !== null : isObject(value) && Object.hasOwn(value, token)

const inner = ({ long }: Draft, container: Container, token: string): unknown => {
  if (!isList(container)) return container[token]
  const now = long.get(container)
  return now === undefined ? container[Number(token)] : itemAt(now, Number(token))
}

/**
 * Puts a value at a place of a list that is there, or under a name. What is changed is a copy that inherits nothing:
 * there a member `__proto__` is a member like any other.
 */
const put = ({ long }: Draft, container: Container, token: string, value: unknown): void => {
  const now = long.get(container)
  if (now !== undefined) replaceItem(now, Number(token), value)
  else if (isList(container)) container[Number(token)] = value
  else container[token] = value
}

/** What a list holds by now. */
const heldIn = ({ long }: Draft, list: ReadonlyArray<unknown>): ReadonlyArray<unknown> => {
  const now = long.get(list)
  return now === undefined ? list : itemsOf(now)
}

/** Writes what a long list holds by now into its array. */
const settle = (draft: Draft, list: unknown): void => {
  if (!isList(list) || !draft.long.has(list)) return
  const items = heldIn(draft, list)
  draft.long.delete(list)
  list.length = 0
  for (const item of items) list.push(item)
}

/** The value that a pointer leads to. */
const valueAt = (draft: Draft, tokens: ReadonlyArray<string>): Either.Either<Because, unknown> => {
  let found = draft.root
  for (const token of tokens) {
    if (!hasPlace(draft, found, token)) return Either.left('no-such-place')
    found = inner(draft, found, token)
  }
  return Either.right(found)
}

/** A container that may be changed: the value itself, or a copy that takes its place; null when it is no container. */
const owned = ({ own }: Draft, value: unknown): Container | null => {
  if (own.has(value)) return value as Container
  const copy = isList(value) ? value.slice() : isObject(value) ? ownCopy(value) : null
  if (copy !== null) own.add(copy)
  return copy
}

/** The container that holds the place of a pointer, owned, as are all on the way to it; null when there is none. */
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

/** How many items of a list are moved before it is held as a long one. */
const fewItems = 32

/** A list as a long one, where what stands behind a place is more than is moved; null where it is not. */
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

const add = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): Done => {
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

const remove = (draft: Draft, tokens: ReadonlyArray<string>): Done => {
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

const replace = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): Done => {
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

/** Equality of JSON values: the order of members does not matter (RFC 6902, section 4.6). */
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

/** Nothing that a value holds may be changed in place any more: it will be held in two places. */
const disown = (draft: Draft, value: unknown): void => {
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    // What is not owned holds nothing that is.
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
): Done => {
  const value = valueAt(draft, from)
  if (Either.isLeft(value)) return value.left
  disown(draft, value.right)
  draft.copied += sizeWithin(patchCopied, value.right)
  return draft.copied > patchCopied ? 'too-large' : add(draft, tokens, value.right)
}

const move = (draft: Draft, from: ReadonlyArray<string>, tokens: ReadonlyArray<string>): Done => {
  const value = valueAt(draft, from)
  if (Either.isLeft(value)) return value.left
  if (from.length < tokens.length && from.every((token, index) => token === tokens[index])) return 'no-such-place'
  return remove(draft, from) ?? add(draft, tokens, value.right)
}

const test = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): Done => {
  const found = valueAt(draft, tokens)
  if (Either.isLeft(found)) return found.left
  return isEqual(draft, found.right, value) ? null : 'test-failed'
}

const applyOne = (draft: Draft, most: PatchLimits, operation: unknown): Done => {
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

/** The document after a patch. */
export const applyPatch = (
  document: unknown,
  patch: unknown,
  most: PatchLimits = standardPatchLimits
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
