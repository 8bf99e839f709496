/**
 * Types of configuration files and settings, and their errors. An error message uses the name of a type for the
 * expected value.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as t from 'io-ts'
import { shownStore } from './store-address.js'
import { isNestedWithin } from '../../values/json.js'
import { likeliestName } from '../../values/likely-name.js'
import { isObject } from '../../values/object.js'
import { ownData } from '../../values/own.js'

/** A type for strings that pass a test. */
export const text = (name: string, holds: (value: string) => boolean): t.Type<string, string> =>
  new t.Type<string, string>(
    name,
    (value): value is string => typeof value === 'string' && holds(value),
    (value, context) => (typeof value === 'string' && holds(value) ? t.success(value) : t.failure(value, context)),
    t.identity
  )

/** An object without members other than these. */
export const closed = <Props extends t.Props>(
  members: Props
): t.Type<{ readonly [Name in keyof Props]?: t.TypeOf<Props[Name]> }> => {
  const codec = t.partial(members)
  const known = Object.keys(members)
  return new t.Type(
    'an object',
    codec.is,
    (value, context) => {
      if (!isObject(value)) return t.failure(value, context)
      const unknownName = Object.keys(value).find((name) => !known.includes(name))
      if (unknownName === undefined) return codec.validate(value, context)
      const likeliest = likeliestName(unknownName, known)
      const name = likeliest === null ? `one of ${known.join(', ')}` : `a known member, probably ${likeliest}`
      const type = { name, validate: t.failure, encode: t.identity }
      return t.failure(undefined, t.appendContext(context, unknownName, type as unknown as t.Decoder<unknown, unknown>))
    },
    t.identity
  )
}

/** One of several values; the name lists them. */
export const anyOf = <Value extends string>(...values: ReadonlyArray<Value>): t.Type<Value, Value> =>
  new t.Type<Value, Value>(
    values.map((value) => JSON.stringify(value)).join(' or '),
    (value): value is Value => values.some((one) => one === value),
    (value, context) => {
      const found = values.find((one) => one === value)
      return found === undefined ? t.failure(value, context) : t.success(found)
    },
    t.identity
  )

export const list = <Item>(item: t.Type<Item, Item>): t.Type<ReadonlyArray<Item>, ReadonlyArray<Item>> =>
  t.readonlyArray(item, 'a list')

/** An error in the file, with its path. */
export interface ConfigError {
  /** For example `clients[0].redirect_uris[1]`; empty for the whole file. */
  readonly path: string
  readonly expected: string
  /** The wrong value, shortened; null if it does not help. */
  readonly found: string | null
}

const pathOf = (context: t.Context): string =>
  context
    .map(({ key }) => key)
    // `io-ts` adds the index of a union's member to the path; it is not part of the file.
    .filter((key, index) => key !== '' && !(context[index - 1]?.type instanceof t.UnionType))
    .reduce(
      (path, key) => (/^[0-9]+$/.test(key) ? `${path}[${key}]` : `${path}${path === '' ? '' : '.'}${named(key)}`),
      ''
    )

/** Errors do not repeat the values of these members. */
const secretMembers = /(?:password|client_secret|^store)$/

/** A value as JSON on one line, without control characters. */
const inOneLine = (value: unknown): string =>
  JSON.stringify(value, (name, held: unknown) => (secretMembers.test(name) ? '...' : held)).replace(
    /[\x7f-\x9f\u2028\u2029]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`
  )

/** A member's name: unchanged, or quoted if it has unusual characters. */
const named = (name: string): string => (/^[\w-]+$/.test(name) ? name : inOneLine(name))

const shortened = (value: unknown): string | null => {
  if (value === undefined || !isNestedWithin(100, value)) return null
  const printed = inOneLine(value)
  return printed.length > 60 ? `${printed.slice(0, 57)}...` : printed
}

/** Decodes a configuration file or a setting; returns the first error. */
export const decodeFile = <Value>(
  codec: t.Type<Value>,
  expected: string,
  json: unknown
): Either.Either<ConfigError, Value> => {
  const decoded = codec.decode(json)
  // The codec makes new objects.
  if (Either.isRight(decoded)) return Either.right(ownData(decoded.right))
  const [first] = decoded.left
  const path = first === undefined ? '' : pathOf(first.context)
  const context = first?.context ?? []
  const entry = context.find(({ type }) => type instanceof t.UnionType) ?? context.at(-1)
  return Either.left({
    path,
    expected: entry?.type.name ?? expected,
    found:
      path === 'store'
        ? shownStore(first?.value)
        : first === undefined || secretMembers.test(path)
          ? null
          : shortened(first.value)
  })
}
