/**
 * JSON Patch (RFC 6902), applied to the version that was checked, so that its outcome can be judged before it is stored.
 *
 * All or nothing: the first operation that fails is the answer. Source: RFC 6902; pointers are those of RFC 6901.
 *
 * @module
 */
import * as Either from '../values/either.js'
import { sizeWithin } from '../values/json.js'
import { numberIn } from '../values/json-numbers.js'

/** A patch that is none, or does not apply. */
export interface PatchError {
  readonly _tag: 'PatchError'
  /** Of the operation that failed, counted from 0; -1 when the patch is no list. */
  readonly operation: number
  readonly because: 'malformed' | 'no-such-place' | 'test-failed' | 'too-large'
}

type Because = PatchError['because']
type Outcome = Either.Either<Because, unknown>
type Members = Readonly<Record<string, unknown>>

const isMembers = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)
const asList = (value: unknown): ReadonlyArray<unknown> | null => (Array.isArray(value) ? (value as ReadonlyArray<unknown>) : null)
const fail = (because: Because): Either.Either<Because, never> => Either.left(because)

/** How many steps a pointer may have. */
const longestPointer = 500

const tokensOf = (pointer: unknown): ReadonlyArray<string> | null => {
  if (typeof pointer !== 'string' || (pointer !== '' && !pointer.startsWith('/')) || /~(?![01])/.test(pointer)) return null
  if (pointer.split('/').length > longestPointer) return null
  return pointer === '' ? [] : pointer.slice(1).split('/').map((token) => token.replaceAll('~1', '/').replaceAll('~0', '~'))
}

const placeIn = (list: ReadonlyArray<unknown>, token: string, length: number): number | null =>
  /^(?:0|[1-9][0-9]{0,8})$/.test(token) && Number(token) < length && list.length + 1 >= length ? Number(token) : null

const valueAt = (value: unknown, tokens: ReadonlyArray<string>): Outcome => {
  const [token, ...rest] = tokens
  if (token === undefined) return Either.right(value)
  const list = asList(value)
  if (list !== null) {
    const place = placeIn(list, token, list.length)
    return place === null ? fail('no-such-place') : valueAt(list[place], rest)
  }
  return isMembers(value) && Object.hasOwn(value, token) ? valueAt(value[token], rest) : fail('no-such-place')
}

const withMember = (members: Members, name: string, value: unknown): Members =>
  Object.fromEntries(Object.hasOwn(members, name)
    ? Object.entries(members).map(([key, old]): [string, unknown] => [key, key === name ? value : old])
    : [...Object.entries(members), [name, value]])

const withoutMember = (members: Members, name: string): Members => Object.fromEntries(Object.entries(members).filter(([key]) => key !== name))

/** What becomes of a container when something happens at one of its places. */
type Edit = (container: unknown, token: string) => Outcome

/** Carries out an edit at the container that a pointer leads to, and builds the document anew around it. */
const edited = (value: unknown, tokens: ReadonlyArray<string>, edit: Edit): Outcome => {
  const [token, ...rest] = tokens
  if (token === undefined) return fail('malformed')
  if (rest.length === 0) return edit(value, token)
  const list = asList(value)
  const place = list === null ? null : placeIn(list, token, list.length)
  if (list !== null ? place === null : !isMembers(value) || !Object.hasOwn(value, token)) return fail('no-such-place')
  const inner = edited(list !== null ? list[place ?? 0] : (value as Members)[token], rest, edit)
  if (Either.isLeft(inner)) return inner
  return Either.right(list !== null ? list.with(place ?? 0, inner.right) : withMember(value as Members, token, inner.right))
}

const add = (document: unknown, tokens: ReadonlyArray<string>, value: unknown): Outcome =>
  tokens.length === 0 ? Either.right(value) : edited(document, tokens, (container, token) => {
    const list = asList(container)
    if (list !== null) {
      const place = token === '-' ? list.length : placeIn(list, token, list.length + 1)
      return place === null ? fail('no-such-place') : Either.right(list.toSpliced(place, 0, value))
    }
    return isMembers(container) ? Either.right(withMember(container, token, value)) : fail('no-such-place')
  })

const remove = (document: unknown, tokens: ReadonlyArray<string>): Outcome =>
  tokens.length === 0 ? Either.right(null) : edited(document, tokens, (container, token) => {
    const list = asList(container)
    if (list !== null) {
      const place = placeIn(list, token, list.length)
      return place === null ? fail('no-such-place') : Either.right(list.toSpliced(place, 1))
    }
    return isMembers(container) && Object.hasOwn(container, token) ? Either.right(withoutMember(container, token)) : fail('no-such-place')
  })

const replace = (document: unknown, tokens: ReadonlyArray<string>, value: unknown): Outcome => {
  const old = valueAt(document, tokens)
  if (Either.isLeft(old)) return old
  return tokens.length === 0 ? Either.right(value) : edited(document, tokens, (container, token) => {
    const list = asList(container)
    return Either.right(list !== null ? list.with(Number(token), value) : withMember(container as Members, token, value))
  })
}

/** Equality of JSON values: the order of members does not matter (RFC 6902, section 4.6). */
const isEqual = (one: unknown, other: unknown): boolean => {
  const [list, otherList] = [asList(one), asList(other)]
  if (list !== null || otherList !== null) {
    return list !== null && otherList !== null && list.length === otherList.length && list.every((value, index) => isEqual(value, otherList[index]))
  }
  if (!isMembers(one) || !isMembers(other)) return one === other || (numberIn(one) !== null && numberIn(one) === numberIn(other))
  const names = Object.keys(one)
  return names.length === Object.keys(other).length && names.every((name) => Object.hasOwn(other, name) && isEqual(one[name], other[name]))
}

const moved = (document: unknown, from: ReadonlyArray<string>, tokens: ReadonlyArray<string>, isCopy: boolean): Outcome => {
  const value = valueAt(document, from)
  if (Either.isLeft(value)) return value
  if (isCopy) return add(document, tokens, value.right)
  if (from.length < tokens.length && from.every((token, index) => token === tokens[index])) return fail('no-such-place')
  const rest = remove(document, from)
  return Either.isLeft(rest) ? rest : add(rest.right, tokens, value.right)
}

const applyOne = (document: unknown, operation: unknown): Outcome => {
  if (!isMembers(operation)) return fail('malformed')
  const { op, value } = operation
  const tokens = tokensOf(operation['path'])
  if (tokens === null) return fail('malformed')
  const isValued = Object.hasOwn(operation, 'value')
  switch (op) {
    case 'remove':
      return remove(document, tokens)
    case 'add':
      return isValued ? add(document, tokens, value) : fail('malformed')
    case 'replace':
      return isValued ? replace(document, tokens, value) : fail('malformed')
    case 'test': {
      const found = isValued ? valueAt(document, tokens) : fail('malformed')
      if (Either.isLeft(found)) return found
      return isEqual(found.right, value) ? Either.right(document) : fail('test-failed')
    }
    case 'move':
    case 'copy': {
      const from = tokensOf(operation['from'])
      return from === null ? fail('malformed') : moved(document, from, tokens, op === 'copy')
    }
    default:
      return fail('malformed')
  }
}

/** How much all `copy` operations of a patch may add, in values and characters: each can double the document. */
const mostCopied = 1_000_000

const sizeOfCopy = (document: unknown, operation: unknown): number => {
  const from = isMembers(operation) && operation['op'] === 'copy' ? tokensOf(operation['from']) : null
  const copied = from === null ? fail('malformed') : valueAt(document, from)
  return Either.isLeft(copied) ? 0 : sizeWithin(mostCopied, copied.right)
}

/** The document after a patch. */
export const applyPatch = (document: unknown, patch: unknown): Either.Either<PatchError, unknown> => {
  const operations = asList(patch)
  if (operations === null) return Either.left({ _tag: 'PatchError', operation: -1, because: 'malformed' })
  let current = document
  let copied = 0
  for (const [index, operation] of operations.entries()) {
    copied += sizeOfCopy(current, operation)
    const next = copied > mostCopied ? fail('too-large') : applyOne(current, operation)
    if (Either.isLeft(next)) return Either.left({ _tag: 'PatchError', operation: index, because: next.left })
    current = next.right
  }
  return Either.right(current)
}

/**
 * Whether a patch reads values: a `test` tells whether it has guessed one, and what `copy` and `move` put elsewhere is told by how the
 * outcome is judged. Whoever may change a resource and not read it may do none of them.
 */
export const readsValues = (patch: unknown): boolean =>
  (asList(patch) ?? []).some((operation) => isMembers(operation) && ['test', 'copy', 'move'].includes(String(operation['op'])))
