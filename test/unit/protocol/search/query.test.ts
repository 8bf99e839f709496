/** Search strings: how they are read and printed, and what a search looks at. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import {
  isCriterion,
  isInclude,
  namesParameter,
  presentationParameters,
  printSearchQuery,
  reachOfSearch,
  readSearchQuery,
  typesOfSearch
} from '../../../../src/protocol/access/search/query.js'
import { limits } from '../../../../src/values/limits/limits.js'

type Pairs = ReadonlyArray<readonly [name: string, value: string]>

const queryOf = (...pairs: Pairs) => pairs.map(([name, value]) => ({ name, value }))

describe('a search string', () => {
  it.each<readonly [string, string, Pairs]>([
    ['nothing', '', []],
    ['one parameter', 'a=1', [['a', '1']]],
    [
      'two parameters',
      'a=1&b=2',
      [
        ['a', '1'],
        ['b', '2']
      ]
    ],
    [
      'one parameter twice',
      'a=1&a=2',
      [
        ['a', '1'],
        ['a', '2']
      ]
    ],
    [
      'empty pairs',
      '&a=1&&b=2&',
      [
        ['a', '1'],
        ['b', '2']
      ]
    ],
    ['an equals sign in the value', 'a=1=2', [['a', '1=2']]],
    ['percent-encoding', '%61%3Ab=%26%3D', [['a:b', '&=']]],
    ['a plus', 'a=b+c', [['a', 'b c']]],
    ['escapes that stay', 'a=b\\,c', [['a', 'b\\,c']]]
  ])('has %s: %j', (_, text, pairs) => {
    expect(readSearchQuery(text)).toEqual(Either.right(queryOf(...pairs)))
  })

  it.each([
    ['a name alone', 'x=1&a', 'a'],
    ['a longer name alone', 'x=1&ab', 'ab'],
    ['no value', 'a=&x=1', 'a='],
    ['no name', 'x=1&=1', '=1'],
    ['a broken name', 'a%=1', 'a%=1'],
    ['a broken value', 'a=%ff', 'a=%ff']
  ])('is unreadable with %s: %j', (_, text, parameter) => {
    expect(readSearchQuery(text)).toEqual(Either.left({ _tag: 'QueryUnreadable', parameter }))
  })

  it('has a limited number of parameters, and of values', () => {
    const [most, values] = [limits.fhirSearchParameters.default, limits.fhirSearchValues.default]
    const named = (count: number) => Array.from({ length: count }, (_, index) => `a${String(index)}=1`).join('&')
    expect(readSearchQuery(named(most))).toMatchObject({ right: { length: most } })
    expect(readSearchQuery(named(most + 1))).toEqual(
      Either.left({ _tag: 'QueryUnreadable', parameter: `a${String(most)}=1` })
    )
    const list = (count: number) => Array.from({ length: count }, () => '1').join(',')
    expect(Either.isRight(readSearchQuery(`a=${list(values - 1)}&b=1`))).toBe(true)
    expect(readSearchQuery(`a=${list(values - 1)}&b=1,2`)).toEqual(
      Either.left({ _tag: 'QueryUnreadable', parameter: 'b=1,2' })
    )
  })

  it('is printed with percent-encoding, and reads back the same', () => {
    const query = queryOf(['a:b', 'x&y=z'], ['c', '\u00e9,+ %'])
    expect(printSearchQuery([])).toBe('')
    expect(printSearchQuery(query)).toBe('a%3Ab=x%26y%3Dz&c=%C3%A9%2C%2B%20%25')
    expect(readSearchQuery(printSearchQuery(query))).toEqual(Either.right(query))
    expect(printSearchQuery(queryOf(['a', '\ud800']))).toBe('a=%EF%BF%BD')
  })

  it.each([
    ['the name', '_method=x', true],
    ['the name alone', 'a=1&_method', true],
    ['another case', '_METHOD=x', true],
    ['percent-encoding', '%5fmethod=x', true],
    ['an equals sign in the value', '_method=a=b', true],
    ['another name', 'method=x', false],
    ['the name as a value', 'a=_method', false],
    ['the name in a longer one', '_methods=x', false],
    ['a broken name', '_method%=x', false],
    ['nothing', '', false]
  ])('names a parameter or not: %s', (_, text, isNamed) => {
    expect(namesParameter(text, '_method')).toBe(isNamed)
  })
})

describe('the kinds of parameters', () => {
  it.each([
    ['_include', true],
    ['_revinclude', true],
    ['_include:iterate', true],
    ['_revinclude:recurse', true],
    ['_includes', false],
    ['a_include', false],
    ['include', false]
  ])('%s includes others: %j', (name, isIncluding) => {
    expect(isInclude(name)).toBe(isIncluding)
    expect(isCriterion({ name, value: 'x' })).toBe(!isIncluding)
  })

  it('are criteria, unless they sort, include or present', () => {
    const names = [...presentationParameters, '_sort', '_type', '_page', '_getpages', '_cursor', '_offset', '_skip']
    for (const name of names)
      expect([name, ...[name, `${name}:x`].map((one) => isCriterion({ name: one, value: '1' }))]).toEqual([
        name,
        false,
        false
      ])
    for (const name of ['_id', 'category', 'code:in', '_has:Observation:patient:code', '_tag', '_list'])
      expect([name, isCriterion({ name, value: '1' })]).toEqual([name, true])
  })

  it.each<readonly [string, Pairs, ReadonlyArray<string> | null]>([
    ['none', [['a', 'b']], null],
    ['one', [['_type', 'A']], ['A']],
    ['a list', [['_type', 'A,B']], ['A', 'B']],
    [
      'several parameters',
      [
        ['_type', 'A'],
        ['x', 'Y'],
        ['_type', 'B']
      ],
      ['A', 'B']
    ],
    [
      'each once',
      [
        ['_type', 'A,B,A'],
        ['_type', 'B']
      ],
      ['A', 'B']
    ]
  ])('name the types: %s', (_, pairs, types) => {
    expect(typesOfSearch(queryOf(...pairs))).toEqual(types)
  })
})

describe('what a search looks at', () => {
  const nothing = {
    findsAnyType: false,
    demands: [],
    includes: { isIncluding: false, reverseTypes: [] },
    unevaluated: null
  }
  const searching = (...types: ReadonlyArray<string | null>) => ({
    demands: types.map((type) => ({ type, permission: 's' }))
  })

  it.each<readonly [string, Pairs, object]>([
    ['nothing', [], {}],
    [
      'its type',
      [
        ['category', 'a'],
        ['_id', '1'],
        ['_lastUpdated', 'gt2020']
      ],
      {}
    ],
    ['its type, with a modifier', [['code:in', 'a']], {}],
    [
      'its type, presented otherwise',
      [
        ['_format', 'json'],
        ['_count', '1'],
        ['_type', 'A']
      ],
      {}
    ],
    ['a chain', [['patient.name', 'x']], searching(null)],
    ['a chain to a type', [['subject:Patient.name', 'x']], searching('Patient')],
    ['a chain of two', [['a:Encounter.b:Patient.name', 'x']], searching('Encounter', 'Patient')],
    ['a chain of two, one open', [['a.b:Patient.name', 'x']], searching(null, 'Patient')],
    ['a chain to what is no type', [['a:patient.name', 'x']], searching(null)],
    ['a chain with two colons', [['a:b:Patient.name', 'x']], searching(null)],
    ['a chain without a name', [[':Patient.name', 'x']], searching(null)],
    ['a chain by a name like a type', [['Patient.name', 'x']], searching(null)],
    ['a name that ends like a reverse chain', [['x_has:B:c:d', 'x']], {}],
    ['an order by a reverse chain', [['_sort', '-_has:B:c:d']], searching('B')],
    ['an order by a chain with a hyphen', [['_sort', 'a:Patient-x.name']], searching(null)],
    ['a reverse chain', [['_has:Observation:patient:code', 'x']], searching('Observation')],
    ['a reverse chain from what is no type', [['_has:observation:patient:code', 'x']], searching(null)],
    ['two reverse chains', [['_has:A:patient:_has:B:entity:c', 'x']], searching('A', 'B')],
    ['a chain and a reverse chain', [['a:Patient._has:B:c:d', 'x']], searching('Patient', 'B')],
    ['a reverse chain and a chain', [['_has:B:c:d:Patient.name', 'x']], searching('B', 'Patient')],
    ['an order', [['_sort', 'date']], {}],
    ['a descending order by a chain', [['_sort', '-a:Patient.name']], searching('Patient')],
    ['an order by two', [['_sort', 'date,a.name']], searching(null)],
    ['a list', [['_list', '1']], { demands: [{ type: 'List', permission: 'r' }] }],
    [
      'a list in a chain',
      [['a:Patient._list', '1']],
      {
        demands: [
          { type: 'List', permission: 'r' },
          { type: 'Patient', permission: 's' }
        ]
      }
    ],
    ['includes', [['_include', 'A:b']], { includes: { isIncluding: true, reverseTypes: [] } }],
    ['includes, again and again', [['_include:iterate', 'A:b']], { includes: { isIncluding: true, reverseTypes: [] } }],
    [
      'those that refer to it',
      [
        ['_revinclude', 'Group:b'],
        ['_revinclude', 'List']
      ],
      { includes: { isIncluding: false, reverseTypes: ['Group', 'List'] } }
    ],
    ['all that refer to it', [['_revinclude', '*']], { includes: { isIncluding: false, reverseTypes: ['*'] } }],
    [
      'what refers to it, without a type',
      [['_revinclude', 'a:b']],
      {
        includes: { isIncluding: false, reverseTypes: ['*'] }
      }
    ],
    ['contained resources', [['_contained', 'true']], { findsAnyType: true }],
    ['contained resources too', [['_contained', 'both']], { findsAnyType: true }],
    ['no contained resources', [['_contained', 'false']], {}],
    [
      'contained resources, not and then',
      [
        ['_contained', 'true'],
        ['_contained', 'false']
      ],
      { findsAnyType: true }
    ],
    ['a page', [['_page', 'x']], { findsAnyType: true }],
    ['a page of another server', [['_getpages', 'x']], { findsAnyType: true }],
    ['a filter', [['_filter', 'x']], { unevaluated: '_filter' }],
    [
      'the first of two',
      [
        ['_query', 'x'],
        ['_filter', 'x']
      ],
      { unevaluated: '_query' }
    ],
    ['a filter in a chain', [['a:Patient._filter', 'x']], { unevaluated: 'a:Patient._filter' }],
    ['a filter in a reverse chain', [['_has:A:b:_filter', 'x']], { unevaluated: '_has:A:b:_filter' }]
  ])('is %s', (_, pairs, expected) => {
    expect(reachOfSearch(queryOf(...pairs))).toEqual({ ...nothing, ...expected })
  })

  it('is a chain with a limited number of links', () => {
    const most = limits.fhirSearchChain.default
    const chain = (links: number) => Array.from({ length: links }, () => 'a').join('.')
    expect(reachOfSearch(queryOf([chain(most), 'x']))).toMatchObject({ unevaluated: null })
    expect(reachOfSearch(queryOf([chain(most + 1), 'x']))).toMatchObject({ unevaluated: chain(most + 1), demands: [] })
    expect(reachOfSearch(queryOf([chain(most + 1).replaceAll('.', ':'), 'x']))).toMatchObject({ demands: [] })
    expect(reachOfSearch(queryOf(['_sort', `a,${chain(most)}`]))).toMatchObject({ unevaluated: null })
    expect(reachOfSearch(queryOf(['_sort', `a,${chain(most + 1)}`]))).toMatchObject({ unevaluated: '_sort' })
    expect(reachOfSearch(queryOf(['code', `a,${chain(most + 1)}`]))).toMatchObject({ unevaluated: null })
  })
})
