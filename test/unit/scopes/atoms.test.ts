/** What scopes are split into for comparing them, and the indexes that find what covers what. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import type { AtomConstraint } from '../../../src/scopes/atoms.js'
import {
  atomCount,
  atomsOf,
  canonicalAccess,
  canonicalIndex,
  canonicalType,
  choicesBelow,
  constraintsIn,
  withFreshWords,
  withinBudget
} from '../../../src/scopes/atoms.js'
import type { Value } from '../../../src/scopes/clause.js'
import { fresh, matchesIndex } from '../../../src/scopes/clause.js'
import { indexName, keyedIndex } from '../../../src/scopes/index-names.js'
import { parse } from '../../../src/scopes/parse.js'
import type { Access, SearchIndex } from '../../../src/scopes/permits.js'
import { isResourceScope } from '../../../src/scopes/scope.js'
import { mostSelectiveOf } from '../../../src/scopes/selectivity.js'
import type { QueriedValue } from '../../../src/scopes/value-index.js'
import { valueIndexOf } from '../../../src/scopes/value-index.js'
import type { ParameterType } from '../../../src/scopes/vocabulary.js'

const resourceScopes = (text: string) => parse(text).filter(isResourceScope)

describe('the complexity of a set', () => {
  it.each([
    ['', 0],
    ['openid  launch', 3],
    ['patient/X.r', 1],
    ['patient/X.rs openid', 3],
    ['patient/X.rs?code=a', 2],
    ['patient/X.rs?code=a,b,c', 6],
    ['patient/X.rs?code=a,b&status=c,d', 8],
    ['patient/X.r?code=a&code=b&code=c', 3],
    ['patient/X.r?code=a,b&code=c&code=d&code=e', 12]
  ])('of %j is %i', (text, count) => {
    const scopes = parse(text)
    expect(atomCount(scopes)).toBe(count)
    expect(withinBudget(scopes, { budget: count })).toEqual(Either.right(scopes))
    expect(withinBudget(scopes, { budget: count - 1 })).toEqual(
      Either.left({ _tag: 'TooComplex', limit: count - 1, count })
    )
  })
})

describe('atoms', () => {
  it('are the choices of one value for each clause, for each permission', () => {
    const [scope] = resourceScopes('patient/Patient.rs?gender=a,b&name=C,d')
    const atoms = scope === undefined ? [] : atomsOf(scope, {})
    expect(
      atoms.map(({ permission, constraints }) => [
        permission,
        ...constraints.map(({ value }) =>
          value._tag === 'Token' ? value.code : value._tag === 'Prefix' && value.folded
        )
      ])
    ).toEqual(
      ['a', 'b'].flatMap((gender) => ['c', 'd'].flatMap((name) => ['r', 's'].map((one) => [one, gender, name])))
    )
  })

  it('have the access that any set permits which covers them', () => {
    const text = 'user/*.r?_tag=a,s|b&_source=u&_tag:not=c,d&category=x'
    const access = resourceScopes(text).flatMap((scope) => atomsOf(scope, {}).map(canonicalAccess))
    const resource = (tag: string): SearchIndex => ({
      _tag: [tag],
      _source: ['u'],
      '_tag:not': ['c,d'],
      category: [`${fresh}|x`]
    })
    const read = { level: 'user', type: fresh, permission: 'r' }
    expect(access).toEqual([
      { ...read, resource: resource(`${fresh}|a`) },
      { ...read, resource: resource('s|b') }
    ])
    expect([canonicalType('*'), canonicalType('Patient')]).toEqual([fresh, 'Patient'])
  })

  it('have an index with every value once, and one without clauses has none', () => {
    const constraint = (indexed: string, text: string): AtomConstraint => ({
      key: indexed,
      indexed,
      value: { _tag: 'Equal', text },
      name: indexed,
      modifier: null,
      isOpaque: false
    })
    expect(canonicalIndex([])).toEqual({})
    expect(
      canonicalIndex([constraint('a', '1'), constraint('b', '2'), constraint('a', '3'), constraint('a', '1')])
    ).toEqual({ a: ['1', '3'], b: ['2'] })
  })

  it('of several scopes have the constraints of all of them', () => {
    const found = constraintsIn(resourceScopes('patient/Patient.r?gender:not=a,b&name=A patient/Patient.r?date=1'), {})
    expect(found).toEqual([
      {
        key: 'gender:not',
        indexed: 'gender:not',
        value: { _tag: 'Equal', text: 'a,b' },
        name: 'gender',
        modifier: 'not',
        isOpaque: true
      },
      {
        key: 'name/string',
        indexed: 'name',
        value: { _tag: 'Prefix', folded: 'a' },
        name: 'name',
        modifier: null,
        isOpaque: false
      },
      {
        key: 'date/opaque',
        indexed: 'date',
        value: { _tag: 'Equal', text: '1' },
        name: 'date',
        modifier: null,
        isOpaque: true
      }
    ])
  })

  it.each<readonly [sizes: ReadonlyArray<number>, choices: ReadonlyArray<ReadonlyArray<number>>]>([
    [[], [[]]],
    [[1], [[0]]],
    [[3], [[0], [1], [2]]],
    [
      [2, 1, 2],
      [
        [0, 0, 0],
        [0, 0, 1],
        [1, 0, 0],
        [1, 0, 1]
      ]
    ]
  ])('of the sizes %j are the choices %j', (sizes, choices) => {
    expect([...choicesBelow(sizes)]).toEqual(choices)
  })
})

describe('fresh words', () => {
  it.each([
    ['patient/Patient.r?gender=a', 'fresh'],
    ['patient/Patient.r?gender=of', 'qfresh'],
    ['patient/Patient.r?gender=F', 'qfresh'],
    ['patient/Patient.r?name=%E1%B8%9E', 'qfresh'],
    ['patient/Patient.r?gender=f,q', 'xfresh'],
    ['patient/Patient.r?gender=fqxzj,a', 'kfresh'],
    ['patient/Patient.r?gender=f patient/Patient.r?gender=q&gender=x', 'zfresh'],
    ['patient/Patient.r?gender=fqxzjkvwyubghm0123456789', '\u4e00fresh'],
    ['patient/Patient.r?gender=fqxzjkvwyubghm0123456789%E4%B8%80%E4%B8%81', '\u4e02fresh'],
    ['fresh launch/fq', 'fresh']
  ])('for %s: %s', (text, word) => {
    const access: Access = { level: 'user', type: fresh, permission: 'r', resource: { a: [`${fresh}|b${fresh}`, 'c'] } }
    expect(withFreshWords(access, parse(text))).toEqual({
      ...access,
      type: 'Fresh0',
      resource: { a: [`${word}|b${word}`, 'c'] }
    })
  })

  it('for types are none of the types', () => {
    const access: Access = { level: 'user', type: fresh, permission: 'r', resource: {} }
    const typeBeside = (text: string): unknown => withFreshWords(access, parse(text))
    expect(typeBeside('user/Fresh0.r patient/Fresh1.r user/Fresh3.r')).toEqual({ ...access, type: 'Fresh2' })
    expect(typeBeside('Fresh0 user/Fresh1.r')).toEqual({ ...access, type: 'Fresh0' })
  })

  it('are not needed for a type that is named, nor for a scope that permits only itself', () => {
    const access: Access = { level: 'user', type: 'Patient', permission: 'r', resource: {} }
    expect(withFreshWords(access, [])).toEqual(access)
    expect(withFreshWords({ atom: fresh }, [])).toEqual({ atom: fresh })
  })
})

describe('the names in an index', () => {
  const vocabulary = {
    typeOf: (type: string, name: string): ParameterType =>
      name === 'same' ? 'token' : name === 'differs' ? (type === '*' ? 'token' : 'string') : 'date',
    knows: (type: string) => type === 'A'
  }

  it.each([
    ['A', 'A', 'same', 'same'],
    ['*', 'A', 'same', 'same'],
    ['*', 'A', 'differs', '*/differs'],
    ['A', 'A', 'differs', 'differs'],
    ['*', 'B', 'differs', 'differs'],
    ['B', 'B', 'differs', 'B/differs'],
    ['*', 'A', 'date', 'date']
  ])('for a scope of %s, a resource of %s and %s: %s', (scopeType, resourceType, name, expected) => {
    expect(indexName(vocabulary, scopeType, resourceType, name)).toBe(expected)
  })

  it.each([
    ['A', 'same', 'same/token'],
    ['A', 'differs', 'differs/string'],
    ['B', 'differs', 'differs/token'],
    ['A', 'date', 'date/opaque'],
    ['A', 'same:not', 'same:not'],
    ['A', 'same:not/x', 'same:not/x'],
    ['A', ':', ':'],
    ['A', '*/differs', 'differs/token'],
    ['A', '*/same', null],
    ['A', 'A/differs', null],
    ['B', 'B/differs', 'differs/string'],
    ['B', 'C/differs', null],
    ['B', '*/differs', null],
    ['A', '*/differs:not', null],
    ['A', '/differs', null]
  ])('of a resource of %s: %s has the key %s', (type, name, key) => {
    expect(keyedIndex(vocabulary, type, { [name]: ['a'] })).toEqual(key === null ? {} : { [key]: ['a'] })
  })

  it('without `knows` are those of the type', () => {
    const { typeOf } = vocabulary
    expect(indexName({ typeOf }, 'B', 'B', 'differs')).toBe('differs')
    expect(keyedIndex({ typeOf }, 'B', { differs: [] })).toEqual({ 'differs/string': [] })
  })
})

describe('an index of queried values', () => {
  const values: ReadonlyArray<Value> = [
    ...[null, '', 's', 's|', '1 s', 's\\'].flatMap((system) =>
      [null, 'a', '|a', 'b|c'].flatMap((code): ReadonlyArray<Value> =>
        system === null && code === null ? [] : [{ _tag: 'Token', system, code }]
      )
    ),
    ...[null, 'P', 'Q'].flatMap((type) => ['1', '2', 'x:1'].map((id): Value => ({ _tag: 'Reference', type, id }))),
    { _tag: 'Reference', type: null, id: 'Q/1' },
    ...['a', 'http://h/P/1', 's|a', ''].map((text): Value => ({ _tag: 'Equal', text })),
    ...['', 'a', 'ab', 'abb', 'abc', 'abcd', 'ac', 'b', 'ba', 'c'].map((folded): Value => ({ _tag: 'Prefix', folded }))
  ]
  const texts = [
    ...['', 'a', 'ab', 'ABC', 'abcde', 'abd', 'ac', 'acb', 'b', 'bb', 'bab', 'c', '\u00e1b', 'd', 'A', '0'],
    ...['s|a', '|a', 's|b', 't|a', 's\\||a', 's\\\\|a', 's|b|c', '|', 's|', 'b|c', 'b\\|c', '1 s|a', '1 s|\\|a'],
    ...['P/1', 'Q/1', '1', '/1', 'P/Q/1', 'P/', 'P/x:1', 'x:P/1', 'http://h/P/1']
  ]

  it('finds of a text the values that match it, and no others', () => {
    const index = valueIndexOf(values.map((value) => ({ key: 'k', value })))
    const keys = values.map((value) => index.indexKey({ key: 'k', value }))
    expect(new Set(keys).size).toBe(values.length)
    for (const text of texts) {
      const found = new Set(index.lookupKeys('k', text))
      expect([text, values.filter((_, place) => found.has(keys[place] ?? ''))]).toEqual([
        text,
        values.filter((value) => matchesIndex(value, text))
      ])
    }
  })

  it('finds prefixes in whatever order they are given, each key for itself', () => {
    const prefixes = ['b', 'abc', 'a', 'ab']
    const queried = (key: string, folded: string): QueriedValue => ({ key, value: { _tag: 'Prefix', folded } })
    const index = valueIndexOf([
      ...prefixes.map((folded) => queried('k', folded)),
      ...['abcd', 'x'].map((folded) => queried('l', folded))
    ])
    const found = (key: string, text: string): ReadonlyArray<string> =>
      index.lookupKeys(key, text).filter((name) => name.includes(' prefix '))
    const indexKeys = (key: string, ...folded: ReadonlyArray<string>) =>
      folded.map((one) => index.indexKey(queried(key, one)))
    expect(found('k', 'ABCDE')).toEqual(indexKeys('k', 'abc', 'ab', 'a'))
    expect(found('k', 'abb')).toEqual(indexKeys('k', 'ab', 'a'))
    expect(found('k', 'B')).toEqual(indexKeys('k', 'b'))
    expect(found('k', 'c')).toEqual([])
    expect(found('k', '')).toEqual([])
    expect(found('l', 'abcde')).toEqual(indexKeys('l', 'abcd'))
    expect(found('m', 'abcde')).toEqual([])
  })

  it('keeps apart keys with a space and texts with one', () => {
    const index = valueIndexOf([])
    const equal = (key: string, text: string) => index.indexKey({ key, value: { _tag: 'Equal', text } })
    expect(equal('x:a', 'b text c')).not.toBe(equal('x:a text b', 'c'))
    expect(index.lookupKeys('x:a text b', 'c')).toContain(equal('x:a text b', 'c'))
  })
})

describe('the most selective condition', () => {
  const condition = (keys: string) => new Set(keys.split(''))
  const [common, rare, both, other] = [condition('a'), condition('b'), condition('ab'), condition('c')]

  it.each([
    ['of the rarest key', [common, rare], rare],
    ['of the rarest key, wherever it stands', [rare, common], rare],
    ['of which even the commonest key is rare', [both, other], other],
    ['that stands first among equals', [other, condition('c')], other],
    ['that nobody else has', [common, condition('z')], condition('z')],
    ['that is alone', [common], common],
    ['of a query without conditions has no keys', [], new Set()]
  ])('is the one %s', (_which, query, expected) => {
    expect(mostSelectiveOf([[common, rare], [common], [both, other], [common]])(query)).toEqual(expected)
  })

  it('is the first of several that are equally rare', () => {
    const [first, second] = [condition('p'), condition('q')]
    expect(mostSelectiveOf([[first, second]])([first, second])).toBe(first)
  })
})
