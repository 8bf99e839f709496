/**
 * JSON Patch (RFC 6902), applied to the version that was checked, so that its outcome can be judged before it is stored.
 *
 * All or nothing: the first operation that fails is the answer. The document that is given stays as it is. Each container that is
 * changed is copied once and then changed in place, so that the work grows with the document and the patch, and not with their
 * product. Source: RFC 6902; pointers are those of RFC 6901.
 *
 * @module
 */
import * as Either from '../values/either.js'
import { sizeWithin } from '../values/json.js'
import { numberIn } from '../values/json-numbers.js'
import { limits } from '../values/limits.js'
import { ownCopy, ownMembers } from '../values/own.js'

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
  readonly patchShifted: number
}

/** What holds where nothing else is said. */
export const standardPatchLimits: PatchLimits = {
  patchOperations: limits.fhirPatchOperations.standard,
  patchCopied: limits.fhirPatchCopied.standard,
  patchShifted: limits.fhirPatchShifted.standard
}

type Because = PatchError['because']
type Members = Record<string, unknown>
type Container = Array<unknown> | Members

/** The document while it is patched. */
interface Draft {
  root: unknown
  /** The containers that were made here and are held in one place only: they may be changed. All others are shared. */
  readonly own: Set<unknown>
  copied: number
  shifted: number
}

/** What became of an operation: null, or why it failed. */
type Done = Because | null

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const isList = (value: unknown): value is Array<unknown> => Array.isArray(value)

/** The tokens of a JSON Pointer (RFC 6901); null for what is none, or too long a one. */
export const pointerTokens = (pointer: unknown): ReadonlyArray<string> | null => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer)) return null
  if (pointer === '') return []
  const tokens = pointer.slice(1).split('/')
  if (tokens.length > limits.fhirPatchPointer.standard) return null
  return tokens.map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const placeIn = (token: string, length: number): number | null =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(token) && Number(token) < length ? Number(token) : null

/** Whether a container has something at a place. */
const hasPlace = (value: unknown, token: string): value is Container =>
  isList(value) ? placeIn(token, value.length) !== null : isMembers(value) && Object.hasOwn(value, token)

const inner = (container: Container, token: string): unknown => (isList(container) ? container[Number(token)] : container[token])

/**
 * Puts a value at a place of a list that is there, or under a name. What is changed is a copy that inherits nothing: there a member
 * `__proto__` is a member like any other.
 */
const put = (container: Container, token: string, value: unknown): void => {
  if (isList(container)) container[Number(token)] = value
  else container[token] = value
}

/** The value that a pointer leads to. */
const valueAt = (value: unknown, tokens: ReadonlyArray<string>): Either.Either<Because, unknown> => {
  let found = value
  for (const token of tokens) {
    if (!hasPlace(found, token)) return Either.left('no-such-place')
    found = inner(found, token)
  }
  return Either.right(found)
}

/** A container that may be changed: the value itself, or a copy that takes its place; null when it is no container. */
const owned = ({ own }: Draft, value: unknown): Container | null => {
  if (own.has(value)) return value as Container
  const copy = isList(value) ? value.slice() : isMembers(value) ? ownCopy(value) : null
  if (copy !== null) own.add(copy)
  return copy
}

/** The container that holds the place of a pointer, owned, as are all on the way to it; null when there is none. */
const holderOf = (draft: Draft, tokens: ReadonlyArray<string>): Container | null => {
  let holder = owned(draft, draft.root)
  if (holder === null) return null
  draft.root = holder
  for (const token of tokens.slice(0, -1)) {
    if (!hasPlace(holder, token)) return null
    const next = owned(draft, inner(holder, token))
    if (next === null) return null
    put(holder, token, next)
    holder = next
  }
  return holder
}

/** Makes or closes a gap in a list. What stands behind it moves, which is counted. */
const shift = (draft: Draft, most: number, list: Array<unknown>, place: number, removed: 0 | 1, ...values: ReadonlyArray<unknown>): Done => {
  const moved = list.length - place - removed
  draft.shifted += moved
  if (draft.shifted > most) return 'too-large'
  if (moved > 0) list.splice(place, removed, ...values)
  else if (removed === 1) list.pop()
  else list.push(...values)
  return null
}

const add = (draft: Draft, { patchShifted }: PatchLimits, tokens: ReadonlyArray<string>, value: unknown): Done => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = value
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null) return 'no-such-place'
  if (!isList(holder)) {
    put(holder, last, value)
    return null
  }
  const place = last === '-' ? holder.length : placeIn(last, holder.length + 1)
  return place === null ? 'no-such-place' : shift(draft, patchShifted, holder, place, 0, value)
}

const remove = (draft: Draft, { patchShifted }: PatchLimits, tokens: ReadonlyArray<string>): Done => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = null
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null || !hasPlace(holder, last)) return 'no-such-place'
  if (isList(holder)) return shift(draft, patchShifted, holder, Number(last), 1)
  Reflect.deleteProperty(holder, last)
  return null
}

const replace = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): Done => {
  const last = tokens.at(-1)
  if (last === undefined) {
    draft.root = value
    return null
  }
  const holder = holderOf(draft, tokens)
  if (holder === null || !hasPlace(holder, last)) return 'no-such-place'
  put(holder, last, value)
  return null
}

/** Equality of JSON values: the order of members does not matter (RFC 6902, section 4.6). */
const isEqual = (one: unknown, other: unknown): boolean => {
  if (isList(one) || isList(other)) {
    return isList(one) && isList(other) && one.length === other.length && one.every((value, index) => isEqual(value, other[index]))
  }
  if (!isMembers(one) || !isMembers(other)) return one === other || (numberIn(one) !== null && numberIn(one) === numberIn(other))
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
}

/** Nothing that a value holds may be changed in place any more: it will be held in two places. */
const disown = ({ own }: Draft, value: unknown): void => {
  const waiting = [value]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    // What is not owned holds nothing that is.
    if (own.delete(next)) for (const held of Object.values(next as Container)) waiting.push(held ?? null)
  }
}

const copy = (draft: Draft, most: PatchLimits, from: ReadonlyArray<string>, tokens: ReadonlyArray<string>): Done => {
  const value = valueAt(draft.root, from)
  if (Either.isLeft(value)) return value.left
  draft.copied += sizeWithin(most.patchCopied, value.right)
  if (draft.copied > most.patchCopied) return 'too-large'
  disown(draft, value.right)
  return add(draft, most, tokens, value.right)
}

const move = (draft: Draft, most: PatchLimits, from: ReadonlyArray<string>, tokens: ReadonlyArray<string>): Done => {
  const value = valueAt(draft.root, from)
  if (Either.isLeft(value)) return value.left
  if (from.length < tokens.length && from.every((token, index) => token === tokens[index])) return 'no-such-place'
  return remove(draft, most, from) ?? add(draft, most, tokens, value.right)
}

const test = (draft: Draft, tokens: ReadonlyArray<string>, value: unknown): Done => {
  const found = valueAt(draft.root, tokens)
  if (Either.isLeft(found)) return found.left
  return isEqual(found.right, value) ? null : 'test-failed'
}

const applyOne = (draft: Draft, most: PatchLimits, operation: unknown): Done => {
  if (!isMembers(operation)) return 'malformed'
  const { op, value, path, from: source } = ownMembers(operation)
  const tokens = pointerTokens(path)
  if (tokens === null) return 'malformed'
  const isValued = Object.hasOwn(operation, 'value')
  switch (op) {
    case 'remove':
      return remove(draft, most, tokens)
    case 'add':
      return isValued ? add(draft, most, tokens, value) : 'malformed'
    case 'replace':
      return isValued ? replace(draft, tokens, value) : 'malformed'
    case 'test':
      return isValued ? test(draft, tokens, value) : 'malformed'
    case 'move':
    case 'copy': {
      const from = pointerTokens(source)
      if (from === null) return 'malformed'
      return op === 'copy' ? copy(draft, most, from, tokens) : move(draft, most, from, tokens)
    }
    default:
      return 'malformed'
  }
}

/** The document after a patch. */
export const applyPatch = (document: unknown, patch: unknown, most: PatchLimits = standardPatchLimits): Either.Either<PatchError, unknown> => {
  if (!isList(patch)) return Either.left({ _tag: 'PatchError', operation: -1, because: 'malformed' })
  if (patch.length > most.patchOperations) return Either.left({ _tag: 'PatchError', operation: -1, because: 'too-large' })
  const draft: Draft = { root: document, own: new Set(), copied: 0, shifted: 0 }
  for (const [index, operation] of patch.entries()) {
    const because = applyOne(draft, most, operation)
    if (because !== null) return Either.left({ _tag: 'PatchError', operation: index, because })
  }
  return Either.right(draft.root)
}
