/** What a scope permits, by example: by the definition, and by a compiled set. */
import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/scopes/compile.js'
import { parse } from '../../../src/scopes/parse.js'
import type { Access, LevelOrder, ScopeOptions, SearchIndex } from '../../../src/scopes/permits.js'
import { completeOptions, defaultComplexityLimit, isAtom, permits } from '../../../src/scopes/permits.js'
import type { ScopeSet } from '../../../src/scopes/scope.js'
import type { ParameterType } from '../../../src/scopes/vocabulary.js'
import { fhirR4 } from '../../../src/scopes/vocabulary.js'

const vocabulary = {
  typeOf: (_type: string, name: string): ParameterType =>
    (
      ({ tok: 'token', ref: 'reference', str: 'string', uri: 'uri', day: 'date' }) as Readonly<
        Record<string, ParameterType>
      >
    )[name] ?? 'other'
}

const read = (resource: SearchIndex, type = 'A'): Access => ({ level: 'user', type, permission: 'r', resource })

/** The answer of the definition, and that of a compiled set. */
const answers = (granted: ScopeSet, access: Access, options: ScopeOptions = {}): ReadonlyArray<boolean> => [
  permits(granted, access, options),
  compile(granted, options).permits(access)
]

describe('a clause', () => {
  it.each<readonly [query: string, name: string, values: ReadonlyArray<string>, isPermitted: boolean]>([
    ['tok=a', 'tok', [], false],
    ['tok=a', 'tok', ['a'], true],
    ['tok=a', 'tok', ['s|a'], true],
    ['tok=a', 'tok', ['|a'], true],
    ['tok=a', 'tok', ['s|b', 's|a'], true],
    ['tok=a', 'tok', ['s|b', 'b'], false],
    ['tok=a,b', 'tok', ['s|b'], true],
    ['tok=s|a', 'tok', ['s|a'], true],
    ['tok=s|a', 'tok', ['t|a'], false],
    ['tok=s|a', 'tok', ['s|b'], false],
    ['tok=s|a', 'tok', ['a'], false],
    ['tok=|a', 'tok', ['|a'], true],
    ['tok=|a', 'tok', ['a'], false],
    ['tok=|a', 'tok', ['s|a'], false],
    ['tok=s|', 'tok', ['s|a'], true],
    ['tok=s|', 'tok', ['t|a'], false],
    ['tok=s|', 'tok', ['s'], false],
    ['tok=a%5C|b', 'tok', ['s|a|b'], true],
    ['tok=a%5C|b', 'tok', ['a|b'], false],
    ['tok=s%5C|t|a', 'tok', ['s\\|t|a'], true],
    ['tok=s%5C%5C|a', 'tok', ['s\\\\|a'], true],
    ['tok=a%0Ab', 'tok', ['s|a\nb'], true],
    ['tok=s%0At|a', 'tok', ['s\nt|a'], true],
    ['tok=a%5C,b', 'tok', ['|a,b'], true],
    ['tok=a%5C,%5C$', 'tok', ['|a,$'], true],
    ['ref=1', 'ref', ['P/1'], true],
    ['ref=1', 'ref', ['1'], true],
    ['ref=1', 'ref', ['P/2', '/1', 'P/Q/1', 'urn:x/1', 'P/1/x', 'P/1/'], false],
    ['ref=a%5C,b', 'ref', ['P/a,b'], true],
    ['ref=a%5C,b', 'ref', ['a,b'], true],
    ['ref=P/1', 'ref', ['P/1'], true],
    ['ref=P/1', 'ref', ['Q/P/1', 'Q/1', '1'], false],
    ['ref=x:1', 'ref', ['P/x:1'], false],
    ['ref=urn:x:1', 'ref', ['urn:x:1'], true],
    ['uri=u%5C,v', 'uri', ['u,v'], true],
    ['uri=u', 'uri', ['uv', 'U'], false],
    ['str=Ab', 'str', ['abc'], true],
    ['str=ab', 'str', ['\u00c1BC'], true],
    ['str=%C3%81%C3%81', 'str', ['aab'], true],
    ['str=ab', 'str', ['xab', 'a'], false],
    ['str=ss', 'str', ['\u00df'], false],
    ['str=a%CF%82', 'str', ['ab'], false],
    ['str=%CF%82%CF%82', 'str', ['\u03a3\u03a3\u0391'], true],
    ['str:exact=Ab', 'str', ['Ab'], true],
    ['str:exact=Ab', 'str', ['ab', 'Abc'], false],
    ['str:exact=a%5C,b', 'str', ['a,b'], true],
    ['str:contains=Ab,c', 'str:contains', ['Ab,c'], true],
    ['str:contains=Ab,c', 'str:contains', ['Ab', 'ab,c'], false],
    ['str:contains=Ab', 'str', ['Ab'], false],
    ['tok:exact=a', 'tok:exact', ['a'], true],
    ['tok:exact=a', 'tok:exact', ['s|a'], false],
    ['tok:exact=a', 'tok', ['a'], false],
    ['day:exact=a', 'day:exact', ['a'], true],
    ['day=1,2', 'day', ['1,2'], true],
    ['day=1,2', 'day', ['1', '2'], false],
    ['toString=a', 'tok', ['a'], false]
  ])('%s and the index %s %j: %s', (query, name, values, isPermitted) => {
    expect(answers(parse(`user/*.r?${query}`), read({ [name]: values }), { vocabulary })).toEqual([
      isPermitted,
      isPermitted
    ])
  })

  it('is one of all that must match, each by a value of its own', () => {
    const granted = parse('user/A.r?tok=a&tok=b&str=x')
    const indexes = [{ tok: ['a', 'b'], str: ['xy'] }, { tok: ['a'], str: ['x'] }, { tok: ['a', 'b'] }]
    expect(indexes.map((index) => answers(granted, read(index), { vocabulary }))).toEqual([
      [true, true],
      [false, false],
      [false, false]
    ])
  })
})

describe('a parameter', () => {
  const mixed = {
    typeOf: (type: string, name: string): ParameterType =>
      name === 'day' ? 'date' : name === 'num' ? (type === '*' ? 'number' : 'date') : type === '*' ? 'token' : 'uri',
    knows: (type: string) => type === 'A'
  }

  it.each<readonly [scope: string, type: string, name: string, isPermitted: boolean]>([
    ['user/A.r?x=a', 'A', 'x', true],
    ['user/A.r?x=a', 'A', 'A/x', false],
    ['user/*.r?x=a', 'A', 'x', false],
    ['user/*.r?x=a', 'A', '*/x', true],
    ['user/*.r?x=a', 'B', 'x', true],
    ['user/*.r?x=a', 'B', '*/x', false],
    ['user/B.r?x=a', 'B', 'x', false],
    ['user/B.r?x=a', 'B', 'B/x', true],
    ['user/*.r?day=a', 'A', 'day', true],
    ['user/*.r?num=a', 'A', 'num', true],
    ['user/*.r?num=a', 'A', '*/num', false],
    ['user/*.r?x:in=a', 'A', 'x:in', true],
    ['user/*.r?x:in=a', 'A', '*/x', false]
  ])('of %s is looked for in a resource of type %s under %s: %s', (scope, type, name, isPermitted) => {
    expect(answers(parse(scope), read({ [name]: ['a'] }, type), { vocabulary: mixed })).toEqual([
      isPermitted,
      isPermitted
    ])
  })
})

describe('an access', () => {
  const chain: LevelOrder = [
    ['system', 'user'],
    ['user', 'patient']
  ]
  const circle: LevelOrder = [
    ['patient', 'user'],
    ['user', 'patient'],
    ['system', 'user']
  ]

  it.each<readonly [scope: string, order: LevelOrder, permitted: string]>([
    ['patient/*.r', [], 'patient'],
    ['system/*.r', [], 'system'],
    ['system/*.r', chain, 'patient user system'],
    ['user/*.r', chain, 'patient user'],
    ['patient/*.r', chain, 'patient'],
    ['patient/*.r', circle, 'patient user'],
    ['system/*.r', circle, 'patient user system']
  ])('to %s in the order %j has the levels %s', (scope, levelOrder, permitted) => {
    for (const query of ['', '?_id=1'])
      for (const level of ['patient', 'user', 'system'] as const) {
        const access = { level, type: 'A', permission: 'r', resource: { _id: ['1'] } } as const
        const isPermitted = permitted.split(' ').includes(level)
        expect([level, ...answers(parse(`${scope}${query}`), access, { levelOrder })]).toEqual([
          level,
          isPermitted,
          isPermitted
        ])
      }
  })

  it.each<readonly [scope: string, access: Access, isPermitted: boolean]>([
    ['user/A.rs', read({}), true],
    ['user/B.rs', read({}), false],
    ['user/A.s', read({}), false],
    ['user/A.s user/A.r', read({}), true],
    ['openid', read({}), false],
    ['openid', { atom: 'openid' }, true],
    ['openid', { atom: 'launch' }, false],
    ['user/A.r', { atom: 'user/A.r' }, false],
    ['user/*.r', read({}), true],
    ['user/B.r user/A.r?_id=1 user/*.s', read({}), false],
    ['user/B.r?_id=1 user/*.s?_id=1', read({ _id: ['1'] }), false],
    ['user/B.r?_id=1 user/*.r?_id=1', read({ _id: ['1'] }), true],
    ['user/A.c?_id=1 user/A.r?_id=2', read({ _id: ['1'] }), false],
    ['user/A.c?_id=1 user/A.r?_id=2 user/A.r?_id=1', read({ _id: ['1'] }), true],
    ['user/A.r?_id=1 user/A.r?_id=1', read({ _id: ['1'] }), true],
    ['user/A.r?_id=1&_tag=a,b', read({ _id: ['1'], _tag: ['|b'] }), true],
    ['user/A.r?_id=1&_tag=a,b', read({ _id: ['1'], _tag: ['|c'] }), false],
    ['user/A.r?_id=1&_tag=a,b', read({ _id: ['1'] }), false],
    ['user/A.r?_id=1&_tag=a user/A.r?_id=1&_tag=b', read({ _id: ['1'], _tag: ['|b'] }), true],
    ['user/A.r?_id=1&_tag=a,b user/A.r?_id=1&_tag=a', read({ _id: ['1'], _tag: ['|b'] }), true],
    ['user/A.r?_id=1&_tag=a user/A.r?_id=1&_tag=a,b', read({ _id: ['1'], _tag: ['|b'] }), true],
    ['user/A.r?_id=1&_tag=a', read({ _id: ['1'], _tag: ['|x', '|y', '|z', '|a'] }), true],
    ['user/A.r?_id=1&_tag=a,b,c,d,e,f,g,h,i,j', read({ _id: ['1'], _tag: ['|j'] }), true],
    ['openid  launch', { atom: '' }, false]
  ])('with %s to %j: %s', (scope, access, isPermitted) => {
    expect(answers(parse(scope), access)).toEqual([isPermitted, isPermitted])
    expect(isAtom(access)).toBe('atom' in access)
  })
})

describe('options', () => {
  it('have defaults, and inherit nothing', () => {
    const defaults = { vocabulary: fhirR4, levelOrder: [], budget: defaultComplexityLimit }
    expect(completeOptions({})).toEqual(defaults)
    expect(completeOptions(Object.create({ budget: 1, levelOrder: [['user', 'patient']] }) as ScopeOptions)).toEqual(
      defaults
    )
    expect(completeOptions({ vocabulary, budget: 1, levelOrder: [['user', 'patient']] })).toEqual({
      vocabulary,
      budget: 1,
      levelOrder: [['user', 'patient']]
    })
  })
})
