/**
 * A small world in which meaning can be looked at whole: two resource types and one that nobody names, a parameter of
 * each kind, values that nobody mentions, up to two values per parameter.
 */
import * as fc from 'fast-check'
import { faultyScopes } from '../../src/testing/arbitraries.js'
import type { Access, SearchIndex } from '../../src/scopes/permits.js'
import { parse } from '../../src/scopes/parse.js'
import type { Level, Permission, ScopeSet } from '../../src/scopes/scope.js'
import type { ParameterType, Vocabulary } from '../../src/scopes/vocabulary.js'

const types: Readonly<Record<string, ParameterType>> = { tok: 'token', ref: 'reference', str: 'string', uri: 'uri' }

/**
 * `tok ref str uri` are of the kinds that their names say; `mix` is a token for A and a string for B, so opaque for
 * `*`.
 */
export const vocabulary: Vocabulary = {
  typeOf: (resourceType, name) => {
    if (name === 'mix') return resourceType === 'A' ? 'token' : resourceType === 'B' ? 'string' : 'other'
    if (name === 'onlyA') return resourceType === 'B' ? 'other' : 'token'
    return types[name] ?? 'other'
  }
}

/** Values that a scope may ask for, and values that a resource may have (some are mentioned by nobody). */
const requests: Readonly<Record<string, ReadonlyArray<string>>> = {
  tok: ['a', 's|a', '|a', 's|', 's|b', 'b', 's%5C|t|a', 'a%5C,%5C%5C'],
  ref: ['1', 'P/1', 'P/2', 'http://h/P/1', 'P/1/_history/2', 'urn:x:1'],
  str: ['a', 'ab', 'AB', 'abc', '%C3%81b', '%CE%A3', '%CC%81'],
  'str:exact': ['ab', 'abc'],
  uri: ['http://u', 'http://v'],
  opq: ['x', 'y'],
  'tok:not': ['a', 's|a'],
  'tok:exact': ['a', 's|a'],
  mix: ['a', 's|a'],
  onlyA: ['a', 's|a']
}

const indexed: Readonly<Record<string, ReadonlyArray<string>>> = {
  tok: ['s|a', 'u|a', '|a', 's|b', 'z|z', 's\\|t|a', '|a,\\\\'],
  ref: ['P/1', 'Q/1', 'P/2', 'http://h/P/1', 'P/1/_history/2'],
  str: ['ab', 'AB', 'abc', '\u00e1bz', '\u03c2'],
  uri: ['http://u', 'http://z'],
  opq: ['x', 'z'],
  'tok:not': ['a', 's|a'],
  'tok:exact': ['a'],
  mix: ['s|a', 'a', 'abc'],
  onlyA: ['s|a', 'u|a', 'a'],
  // What `*` looks for where it reads a parameter otherwise than the type of the resource.
  '*/mix': ['s|a', 'a'],
  '*/onlyA': ['s|a', 'u|a']
}

const upToTwo = (values: ReadonlyArray<string>): ReadonlyArray<ReadonlyArray<string>> => [
  ...values.map((one) => [one]),
  ...values.flatMap((one, index) => values.slice(index + 1).map((other) => [one, other]))
]

const single: ReadonlyArray<SearchIndex> = Object.entries(indexed).flatMap(([name, values]) =>
  upToTwo(values).map((chosen) => ({ [name]: chosen }))
)

/** Every resource with values for at most two parameters. */
const resources: ReadonlyArray<SearchIndex> = [
  {},
  ...single,
  ...single.flatMap((one, index) =>
    single
      .slice(index + 1)
      .filter((other) => Object.keys(one)[0] !== Object.keys(other)[0])
      .filter((_, position) => position % 11 === index % 11)
      .map((other) => ({ ...one, ...other }))
  )
]

const levels: ReadonlyArray<Level> = ['patient', 'user']
export const permissions: ReadonlyArray<Permission> = ['r', 's']

/** Every access of the small world. */
export const accesses: ReadonlyArray<Access> = [
  ...levels.flatMap((level) =>
    ['A', 'B', 'Future'].flatMap((type) =>
      permissions.flatMap((permission) => resources.map((resource) => ({ level, type, permission, resource })))
    )
  ),
  { atom: 'openid' },
  { atom: 'launch' },
  { atom: 'other' }
]

const value = (name: string): fc.Arbitrary<string> => fc.constantFrom(...(requests[name] ?? []))

/** A clause that asks for one to three values. */
const clause: fc.Arbitrary<string> = fc
  .constantFrom(...Object.keys(requests))
  .chain((name) =>
    fc.uniqueArray(value(name), { minLength: 1, maxLength: 3 }).map((values) => `${name}=${values.join(',')}`)
  )

const others = [
  ...['launch/patient', 'launch/x?role=y', 'offline_access', '__x', 'http://x', 'other', 'http://'],
  ...['user/A.write', 'user/*.*']
]

/** One scope as text. */
export const scopeText: fc.Arbitrary<string> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc
      .tuple(
        fc.constantFrom(...levels),
        fc.constantFrom('*', 'A', 'A', 'B'),
        fc.constantFrom('r', 's', 'rs', 'rs'),
        fc.oneof(
          { weight: 1, arbitrary: fc.constant<ReadonlyArray<string>>([]) },
          { weight: 3, arbitrary: fc.array(clause, { minLength: 1, maxLength: 2 }) }
        )
      )
      .map(
        ([level, type, suffix, clauses]) =>
          `${level}/${type}.${suffix}${clauses.length === 0 ? '' : `?${clauses.join('&')}`}`
      )
  },
  { weight: 1, arbitrary: fc.constantFrom('openid', 'launch', 'patient/A.read', 'patient/*.read') },
  {
    weight: 1,
    arbitrary: fc.oneof(
      fc.constantFrom(...others),
      faultyScopes.map(({ text }) => text)
    )
  }
)

/** A scope set. */
export const scopes = (maxLength = 4): fc.Arbitrary<ScopeSet> =>
  fc.array(scopeText, { maxLength }).map((texts) => parse(texts.join(' ')))

/** Everything that a set may hold in another order, doubled, or split into atoms without a change of meaning. */
export const respelled = (set: ScopeSet): fc.Arbitrary<ScopeSet> =>
  fc
    .shuffledSubarray([...set], { minLength: set.length })
    .chain((shuffled) =>
      fc
        .tuple(fc.constant(shuffled), fc.subarray(shuffled), fc.boolean())
        .map(([all, again, split]) => [
          ...all.flatMap((scope) =>
            split && scope._tag === 'ResourceScope' && scope.syntax === 'v2'
              ? scope.permissions.flatMap((permission) => parse(scope.text.replace(/\.[cruds]+/, `.${permission}`)))
              : [scope]
          ),
          ...again
        ])
    )

/**
 * A set that is narrower than another by construction: scopes left out, permissions and values taken away, clauses
 * added.
 */
export const narrower = (set: ScopeSet): fc.Arbitrary<ScopeSet> =>
  fc
    .tuple(
      fc.subarray([...set]),
      fc.array(fc.tuple(fc.nat({ max: 3 }), clause), { minLength: set.length, maxLength: set.length })
    )
    .map(([kept, changes]) =>
      kept.flatMap((scope, index) => {
        if (scope._tag !== 'ResourceScope') return [scope]
        const [choice, added] = changes[index] ?? [0, '']
        const { text } = scope
        if (choice === 0) return [scope]
        if (choice === 1) return parse(text.replace(/\.(?:rs|read)/, '.r'))
        if (choice === 2 && scope.syntax === 'v2')
          return parse(`${text}${scope.query.length === 0 ? '?' : '&'}${added}`)
        // Values of opaque clauses are one text; taking one away would make it another.
        return parse(text.replace(/((?:tok|ref|str|uri)=(?:[^,&%]|%5C(?:%5C|[,|])|%(?!5C)..)+),[^&]*/, '$1'))
      })
    )
