/** Which sets cover, equal and exclude which others, and the access that a set does not permit, by example. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { compile } from '../../../src/scopes/compile.js'
import { parse } from '../../../src/scopes/parse.js'
import type { Access, LevelOrder, SearchIndex } from '../../../src/scopes/permits.js'
import { permits } from '../../../src/scopes/permits.js'
import { normalize } from '../../../src/scopes/normalize.js'
import type { ScopeSet } from '../../../src/scopes/scope.js'
import { intersect } from '../../../src/scopes/set-operations.js'
import type { Vocabulary } from '../../../src/scopes/vocabulary.js'
import { counterexample, coveredBy, disjoint, equivalence, subsumption } from '../../../src/scopes/subsumes.js'

const right = <Value>(value: Value) => ({ _tag: 'Right', right: value })
const none = { _tag: 'None' }
const some = (value: Access) => ({ _tag: 'Some', value })

const order: LevelOrder = [['user', 'patient']]

const category = 'patient/Observation.rs?category='

/** What is granted, what is requested, and the first access that is not granted. */
const rows: ReadonlyArray<readonly [granted: string, requested: string, lacking: Access | null]> = [
  ['', '', null],
  ['openid', '', null],
  ['', 'openid', { atom: 'openid' }],
  ['openid', 'openid', null],
  ['openid launch', 'launch', null],
  ['launch', 'launch/patient', { atom: 'launch/patient' }],
  ['openid', ' openid', null],
  ['openid', 'openid  ', null],
  ['patient/*.rs', 'patient/Observation.r', null],
  ['patient/Observation.rs', 'patient/*.r', { level: 'patient', type: 'Fresh0', permission: 'r', resource: {} }],
  ['patient/Fresh0.rs', 'patient/*.s', { level: 'patient', type: 'Fresh1', permission: 's', resource: {} }],
  [
    'patient/Observation.r',
    'patient/Observation.rs',
    { level: 'patient', type: 'Observation', permission: 's', resource: {} }
  ],
  ['patient/Observation.r patient/Observation.s', 'patient/Observation.rs', null],
  [
    'user/Observation.rs',
    'patient/Observation.r',
    { level: 'patient', type: 'Observation', permission: 'r', resource: {} }
  ],
  [`${category}a ${category}b`, `${category}a,b`, null],
  [
    `${category}a`,
    `${category}a,b`,
    { level: 'patient', type: 'Observation', permission: 'r', resource: { category: ['fresh|b'] } }
  ],
  [`${category}a`, 'patient/Observation.rs', { level: 'patient', type: 'Observation', permission: 'r', resource: {} }],
  [`${category}a`, `${category}s|a`, null],
  [
    `${category}s|a`,
    `${category}a`,
    { level: 'patient', type: 'Observation', permission: 'r', resource: { category: ['fresh|a'] } }
  ],
  [`${category}a`, `${category}a&code=x`, null],
  [
    `${category}a&code=x`,
    `${category}a`,
    { level: 'patient', type: 'Observation', permission: 'r', resource: { category: ['fresh|a'] } }
  ],
  [
    `${category}a&category=b`,
    `${category}b,a`,
    { level: 'patient', type: 'Observation', permission: 'r', resource: { category: ['fresh|b'] } }
  ],
  [`${category}a`, `${category}a&category=b`, null],
  [
    'patient/Patient.rs?name=fx',
    'patient/Patient.rs?name=f',
    { level: 'patient', type: 'Patient', permission: 'r', resource: { name: ['fqfresh'] } }
  ],
  ['patient/Patient.rs?name=f', 'patient/Patient.rs?name=FX', null],
  ['patient/*.read', 'patient/Patient.rs', null]
]

describe('a set', () => {
  it.each(rows)('%j and %j', (granted, requested, lacking) => {
    const [wide, narrow] = [parse(granted), parse(requested)]
    expect(subsumption(wide, narrow)).toEqual(right(lacking === null))
    expect(coveredBy(compile(wide), narrow)).toBe(lacking === null)
    expect(counterexample(wide, narrow)).toEqual(right(lacking === null ? none : some(lacking)))
    const back = subsumption(narrow, wide)
    expect(equivalence(wide, narrow)).toEqual(lacking === null ? back : right(false))
    expect(equivalence(narrow, wide)).toEqual(lacking === null ? back : right(false))
  })

  it.each([
    ['user/Observation.rs', 'patient/Observation.rs', true],
    ['patient/Observation.rs', 'user/Observation.rs', false]
  ])('%s covers %s under an order of levels: %s', (granted, requested, isCovered) => {
    const [wide, narrow] = [parse(granted), parse(requested)]
    expect(subsumption(wide, narrow, { levelOrder: order })).toEqual(right(isCovered))
    expect(coveredBy(compile(wide, { levelOrder: order }), narrow, { levelOrder: order })).toBe(isCovered)
    expect(counterexample(wide, narrow, { levelOrder: order })).toEqual(
      isCovered ? right(none) : right(some({ level: 'user', type: 'Observation', permission: 'r', resource: {} }))
    )
    expect(equivalence(wide, narrow, { levelOrder: order })).toEqual(right(false))
  })

  it('that is too complex is refused as what is requested, and not as what is granted', () => {
    const [complex, plain] = [parse(`${category}a,b,c`), parse(category.slice(0, -'?category='.length))]
    const refusal = { _tag: 'Left', left: { _tag: 'TooComplex', limit: 5, count: 6 } }
    expect(subsumption(plain, complex, { budget: 5 })).toEqual(refusal)
    expect(counterexample(plain, complex, { budget: 5 })).toEqual(refusal)
    expect(equivalence(plain, complex, { budget: 5 })).toEqual(refusal)
    expect(subsumption(complex, plain, { budget: 5 })).toEqual(right(false))
    expect(equivalence(complex, parse(`${category}a`), { budget: 5 })).toEqual(refusal)
    expect(subsumption(plain, complex, { budget: 6 })).toEqual(right(true))
  })
})

describe('sets are disjoint', () => {
  it.each([
    ['', 'openid', true],
    ['openid', 'openid', false],
    ['openid launch', 'launch fhirUser', false],
    ['openid', 'launch', true],
    ['openid ', 'launch ', true],
    ['patient/Observation.rs', 'patient/Observation.s', false],
    ['patient/Observation.r', 'patient/Observation.s', true],
    ['patient/Observation.r patient/Observation.s', 'patient/Observation.s', false],
    ['patient/Observation.s patient/Observation.r', 'patient/Observation.s', false],
    ['patient/Observation.rs', 'patient/Condition.rs', true],
    ['patient/Observation.rs', 'user/Observation.rs', true],
    ['patient/*.r', 'patient/Condition.rs', false],
    ['patient/Condition.rs', 'patient/*.r', false],
    ['patient/*.r', 'patient/*.s', true],
    ['patient/*.r', 'patient/Condition.s', true],
    ['patient/Condition.s', 'patient/*.r', true],
    ['patient/*.r', 'user/Condition.r', true],
    ['user/Condition.r', 'patient/*.r', true],
    ['patient/*.r', 'user/*.r patient/Patient.s', true],
    ['patient/*.r', 'patient/A.r patient/B.s', false],
    [`${category}a`, `${category}b`, false],
    [`${category}a`, 'openid', true],
    ['system/A.r', 'system/A.r', false],
    ['user/A.r', 'user/A.r', false],
    ['openid patient/A.r', 'launch patient/B.r', true],
    ['openid patient/A.r', 'launch patient/A.r', false],
    ['openid patient/A.r', 'openid patient/B.r', false]
  ])('%j and %j: %s', (one, other, isDisjoint) => {
    expect(disjoint(parse(one), parse(other))).toBe(isDisjoint)
    expect(disjoint(parse(other), parse(one))).toBe(isDisjoint)
  })

  it.each([
    ['user/A.r', 'patient/A.r', false],
    ['user/A.r', 'patient/*.r', false],
    ['user/*.r', 'patient/A.r', false],
    ['user/A.r', 'system/A.r', true],
    ['user/A.r', 'patient/B.r', true],
    ['user/A.r', 'patient/A.s', true]
  ])('%j and %j under an order of levels: %s', (one, other, isDisjoint) => {
    expect(disjoint(parse(one), parse(other), { levelOrder: order })).toBe(isDisjoint)
    expect(disjoint(parse(other), parse(one), { levelOrder: order })).toBe(isDisjoint)
  })
})

/** A clause that one of both scopes interprets and the other does not: never a yes. */
describe('a parameter that `*` and a type read differently', () => {
  const read = (type: string, resource: SearchIndex): Access => ({
    level: 'patient',
    type,
    permission: 'r',
    resource
  })

  it.each([
    ['category', 'category is a token for `*` and not defined for the type', 'Patient', 'a', 'a'],
    ['category', 'the text is that of a wider token', 'Patient', 'x%7C', 'x%7Cy'],
    ['system', 'system is opaque for `*` and a uri for the type', 'CodeSystem', 'a,b', 'a%5C,b'],
    ['system', 'system is opaque for `*` and a token for the type', 'OperationDefinition', 'x%7Ca', 'x%7Ca']
  ])('%s: %s (%s)', (name, _why, type, wide, narrow) => {
    const [star, own] = [parse(`patient/*.r?${name}=${wide}`), parse(`patient/${type}.r?${name}=${narrow}`)]
    const access = read(type, { [name]: [decodeURIComponent(narrow).replace('\\,', ',')] })
    expect(counterexample(star, own)).toEqual(right(some(access)))
    expect([permits(own, access), permits(star, access), compile(star).permits(access)]).toEqual([true, false, false])
    expect(intersect(own, star)).toEqual(right([]))
    const both = parse(`patient/*.r?${name}=${wide} patient/${type}.r?${name}=${narrow}`)
    expect(Either.map(({ length }: ScopeSet) => length)(normalize(both))).toEqual(right(2))
  })

  it('an index value of `*` stands under the name of `*`, and the sets have it in common', () => {
    const [star, own] = [parse('patient/*.r?category=a'), parse('patient/Patient.r?category=b')]
    const access = read('Patient', { category: ['b'], '*/category': ['http://x|a'] })
    expect([star, own].map((set) => [permits(set, access), compile(set).permits(access)])).toEqual([
      [true, true],
      [true, true]
    ])
    expect(disjoint(star, own)).toBe(false)
  })

  it('a type that the vocabulary does not have is read as `*`; scopes for it are not interpreted', () => {
    const [star, own] = [parse('patient/*.r?category=a'), parse('patient/Foo.r?category=a')]
    const future = read('Foo', { category: ['http://x|a'] })
    expect([permits(star, future), compile(star).permits(future), permits(own, future)]).toEqual([true, true, false])
    const access = read('Foo', { 'Foo/category': ['a'] })
    expect(counterexample(star, own)).toEqual(right(some(access)))
    expect([permits(own, access), compile(own).permits(access), permits(star, access)]).toEqual([true, true, false])
  })

  it('a vocabulary without `knows` has every type', () => {
    const vocabulary: Vocabulary = { typeOf: (type) => (type === '*' ? 'token' : 'other') }
    const options = { vocabulary }
    const found = counterexample(parse('patient/A.r'), parse('patient/*.r?x=a'), options)
    expect(found).toEqual(right(some(read('Fresh0', { '*/x': ['fresh|a'] }))))
    expect(permits(parse('patient/*.r?x=a'), read('Fresh0', { '*/x': ['fresh|a'] }), options)).toBe(true)
  })

  it('an index name of another type, or one that is not needed, has no values', () => {
    const own = parse('patient/Patient.r?gender=a')
    for (const name of ['Patient/gender', '*/gender', 'Observation/gender', '/gender']) {
      const access = read('Patient', { [name]: ['x|a'] })
      expect([name, permits(own, access), compile(own).permits(access)]).toEqual([name, false, false])
    }
  })
})
