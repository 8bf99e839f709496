/** What sets have in common and what is missing, by example: the texts, their order, and what it may cost. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { format } from '../../../src/scopes/format.js'
import { parse } from '../../../src/scopes/parse.js'
import type { LevelOrder, ScopeOptions } from '../../../src/scopes/permits.js'
import { intersect, narrowed, overlapping, uncovered, union } from '../../../src/scopes/set-operations.js'

const common = (requested: string, limit: string, options: ScopeOptions = {}): unknown =>
  Either.map(format)(intersect(parse(requested), parse(limit), options))

const patient = (...queries: ReadonlyArray<string>): string =>
  queries.map((query) => `patient/Patient.r?${query}`).join(' ')

const chain: LevelOrder = [
  ['system', 'user'],
  ['user', 'patient']
]
const fork: LevelOrder = [
  ['system', 'patient'],
  ['user', 'patient']
]

describe('what a request and a limit have in common', () => {
  it.each([
    ['', 'openid', ''],
    ['openid  launch', 'launch openid', 'openid launch'],
    ['openid launch openid', 'openid', 'openid openid'],
    ['patient/X.read openid', 'patient/*.cruds', 'patient/X.read'],
    ['patient/X.read openid patient/Y.s', 'patient/X.r openid patient/Y.s', 'patient/X.r openid patient/Y.s'],
    ['patient/*.cruds', 'patient/X.rs patient/Y.r', 'patient/X.rs patient/Y.r'],
    ['patient/X.rs', 'patient/Y.rs', ''],
    ['patient/X.rs', 'user/X.rs', ''],
    ['patient/X.r', 'patient/X.s', ''],
    ['patient/X.cr', 'patient/X.rs patient/X.u', 'patient/X.r'],
    ['patient/Patient.r?gender=a', 'patient/Patient.r?name=x', 'patient/Patient.r?gender=a&name=x'],
    ['patient/Patient.rs?gender=a', 'patient/Patient.rs?name=x&gender=a', 'patient/Patient.rs?name=x&gender=a'],
    [
      'patient/Patient.rs?gender=a&name=y',
      'patient/Patient.rs?name=x&gender=a',
      'patient/Patient.rs?gender=a&name=y&name=x'
    ],
    ['patient/Patient.rs?gender=a', 'patient/Patient.s', 'patient/Patient.s?gender=a'],
    ['patient/Patient.rs?gender=a', 'patient/Patient.s patient/*.r?_tag=t', null],
    ['patient/*.r?_tag=t', 'patient/Patient.r?gender=a', 'patient/Patient.r?_tag=t&gender=a'],
    ['patient/Patient.r?gender=a', 'patient/*.r?_tag=t', 'patient/Patient.r?gender=a&_tag=t'],
    ['patient/*.r?_tag=t', 'patient/*.rs?_tag=s|t', 'patient/*.r?_tag=s|t'],
    ['patient/*.rs', 'patient/*.r?_tag=t patient/X.s', 'patient/*.r?_tag=t patient/X.s'],
    ['patient/Patient.rs patient/*.r', 'patient/Patient.r?gender=a', 'patient/Patient.r?gender=a'],
    ['patient/*.rs user/*.rs', 'user/X.r patient/Y.s', 'patient/Y.s user/X.r'],
    ['user/X.r?_id=1 patient/X.rs', 'patient/X.s', 'patient/X.s'],
    ['patient/Patient.cr?gender=a patient/Patient.rs?name=x', 'patient/Patient.r?name=x', 'patient/Patient.r?name=x'],
    [patient('name=x', 'gender=a'), patient('name=x'), patient('name=x')],
    // What the request covers of the limit is there once, also where several requested scopes cover it together.
    ['patient/X.r patient/X.s', 'patient/X.rs', 'patient/X.r patient/X.s'],
    ['patient/Patient.r?gender=a,b patient/Patient.r', 'patient/Patient.r?gender=a', 'patient/Patient.r?gender=a'],
    [patient('gender=a', 'gender=b'), patient('gender=a,b&name=x'), patient('gender=a,b&name=x')]
  ])('%j and %j: %j', (requested, limit, expected) => {
    if (expected !== null) expect(common(requested, limit)).toEqual(Either.right(expected))
    else
      expect(common(requested, limit)).toEqual(
        Either.right('patient/Patient.s?gender=a patient/Patient.r?gender=a&_tag=t')
      )
  })

  it.each<readonly [order: LevelOrder, requested: string, limit: string, expected: string]>([
    [chain, 'system/X.rs', 'user/X.r', 'user/X.r'],
    [chain, 'user/X.r', 'system/X.rs', 'user/X.r'],
    [chain, 'user/Patient.rs?gender=a', 'system/Patient.r?name=x', 'user/Patient.r?gender=a&name=x'],
    [fork, 'user/X.r', 'system/X.rs', 'patient/X.r'],
    [[], 'user/X.r', 'system/X.rs', '']
  ])('in the order %j: %j and %j: %j', (levelOrder, requested, limit, expected) => {
    expect(common(requested, limit, { levelOrder })).toEqual(Either.right(expected))
  })

  it('does not hold what a clause would mean for another type', () => {
    // `system` is opaque for every type together, a uri for a code system.
    expect(common('patient/*.r?system=a', 'patient/CodeSystem.r?url=u')).toEqual(Either.right(''))
    expect(common('patient/CodeSystem.r?url=u', 'patient/*.r?system=a')).toEqual(Either.right(''))
    expect(common('patient/*.r?system=a', 'patient/*.r?_tag=t')).toEqual(Either.right('patient/*.r?system=a&_tag=t'))
    expect(common('patient/*.rs?system=a', 'patient/CodeSystem.r')).toEqual(Either.right(''))
    expect(common('patient/CodeSystem.r', 'patient/*.rs?system=a')).toEqual(Either.right(''))
    expect(overlapping(parse('patient/*.r?system=a'), parse('patient/CodeSystem.r?url=u'), { budget: 1 })).toEqual([])
    expect(overlapping(parse('patient/*.r?system=a'), parse('patient/CodeSystem.r?url=u'))).toEqual([])
    expect(overlapping(parse('patient/CodeSystem.r?url=u'), parse('patient/*.r?system=a'))).toEqual([])
    expect(overlapping(parse('patient/*.r?system=a'), parse('patient/*.r?_tag=t'))).toHaveLength(1)
  })

  it('counts against the limit every part and every pair that is compared', () => {
    const [requested, limit] = [patient('gender=a', 'gender=b', 'gender=c'), patient('name=x', 'name=y', 'name=z')]
    // Nine pairs with one atom each.
    expect(common(requested, limit, { budget: 9 })).toMatchObject({ _tag: 'Right' })
    expect(common(requested, limit, { budget: 8 })).toEqual(Either.left({ _tag: 'TooComplex', limit: 8, count: 9 }))
    // The three atoms that are covered, nine pairs, and three pairs without anything in common.
    const reading = requested.replaceAll('.r?', '.rs?')
    expect(common(reading, `${limit} patient/Patient.s`, { budget: 15 })).toMatchObject({ _tag: 'Right' })
    expect(common(reading, `${limit} patient/Patient.s`, { budget: 14 })).toEqual(
      Either.left({ _tag: 'TooComplex', limit: 14, count: 15 })
    )
    // What is covered whole is compared with nothing.
    expect(common(`patient/X.r ${requested}`, `patient/X.r ${limit}`, { budget: 9 })).toMatchObject({ _tag: 'Right' })
    expect(common('patient/*.r', 'patient/A.r patient/B.r patient/C.r', { budget: 4 })).toMatchObject({ _tag: 'Right' })
    // A pair without anything in common counts one.
    const [users, patients] = [requested.replaceAll('patient/', 'user/'), limit]
    expect(common(users, patients, { budget: 9 })).toEqual(Either.right(''))
    expect(common(users, patients, { budget: 8 })).toMatchObject({ _tag: 'Left' })
  })

  it('is refused where both sets together are too complex; a repeated scope counts once', () => {
    expect(common('patient/X.rs', 'patient/Y.rs', { budget: 3 })).toEqual(
      Either.left({ _tag: 'TooComplex', limit: 3, count: 4 })
    )
    expect(common('patient/X.rs', 'patient/X.rs', { budget: 2 })).toEqual(Either.right('patient/X.rs'))
  })
})

describe('the part of a set within a limit, without a complexity limit', () => {
  it.each([
    ['patient/X.rs', 'patient/X.r', 100, 'patient/X.r'],
    ['patient/X.rs', 'patient/X.r', 1, ''],
    ['patient/X.rs openid', 'openid patient/X.rs', 1, 'patient/X.rs openid'],
    ['patient/X.rs?_id=1 launch', 'patient/*.rs', 1, 'patient/X.rs?_id=1'],
    ['patient/X.rs?_id=1', 'patient/X.rs?_id=1,2', 1, ''],
    ['patient/X.rs?_id=1', 'patient/X.r patient/X.s', 1, 'patient/X.rs?_id=1']
  ])('%j within %j and %i: %j', (scopes, limit, budget, expected) => {
    expect(format(narrowed(parse(scopes), parse(limit), { budget }))).toBe(expected)
  })
})

describe('the scopes that overlap with a limit', () => {
  it.each([
    ['patient/X.rs  openid launch', 'openid patient/X.r', 'patient/X.rs openid'],
    ['patient/X.rs patient/Y.rs user/X.rs', 'patient/X.r', 'patient/X.rs'],
    ['patient/X.r patient/*.s patient/*.r', 'patient/X.r?_id=1', 'patient/X.r patient/*.r'],
    ['patient/*.r?_tag=t', 'patient/Patient.rs?gender=a', 'patient/*.r?_tag=t']
  ])('of %j with %j are %j', (scopes, limit, expected) => {
    expect(format(overlapping(parse(scopes), parse(limit)))).toBe(expected)
  })

  it('are those, too, of which it is not known, because the others have taken what the limit allows', () => {
    const four = 'user/X.r?_id=1 user/X.r?_id=2 user/X.r?_id=3 user/X.r?_id=4'
    const found = (scopes: string, limit: string, budget: number): string =>
      format(overlapping(parse(scopes), parse(limit), { budget }))
    // Two comparisons for each scope.
    const limit = 'patient/X.r patient/X.s'
    expect(found(four, limit, 8)).toBe('')
    expect(found(four, limit, 7)).toBe('user/X.r?_id=4')
    expect(found(four, limit, 5)).toBe('user/X.r?_id=3 user/X.r?_id=4')
    // One atom for each scope.
    expect(found(four, 'openid', 4)).toBe('')
    expect(found(four, 'openid', 3)).toBe('user/X.r?_id=4')
    // Three atoms in common.
    expect(found('user/X.rs?_id=1 user/X.r?_id=2', 'user/X.rs?_id=5 user/X.s', 3)).toBe(
      'user/X.rs?_id=1 user/X.r?_id=2'
    )
  })
})

describe('the union', () => {
  it('is canonical, and refused where it is too complex', () => {
    expect(Either.map(format)(union(parse('patient/X.s openid'), parse('patient/X.r')))).toEqual(
      Either.right('openid patient/X.rs')
    )
    expect(union(parse('patient/X.s openid'), parse('patient/X.r'), { budget: 2 })).toMatchObject({ _tag: 'Left' })
  })
})

describe('the part that is not granted', () => {
  it.each([
    ['', '', ''],
    ['openid', 'openid launch  ', 'launch'],
    ['patient/X.r', 'patient/X.read openid', 'patient/X.s openid'],
    ['patient/Y.r', 'patient/X.read', 'patient/X.read'],
    ['patient/X.rs', 'patient/X.read', ''],
    ['patient/Patient.r?gender=a', 'patient/Patient.r?gender=a,b,c', 'patient/Patient.r?gender=b,c'],
    ['patient/Patient.r?gender=a', 'patient/Patient.rs?gender=a,b', null]
  ])('%j of %j: %j', (granted, requested, expected) => {
    expect(Either.map(format)(uncovered(parse(granted), parse(requested)))).toEqual(
      Either.right(expected ?? 'patient/Patient.rs?gender=b patient/Patient.s?gender=a')
    )
  })

  it('is refused where the request is too complex, and not where the grant is', () => {
    const [simple, complex] = [parse('patient/Patient.r?gender=a'), parse('patient/Patient.r?gender=a,b,c')]
    expect(uncovered(simple, complex, { budget: 2 })).toEqual(Either.left({ _tag: 'TooComplex', limit: 2, count: 3 }))
    expect(uncovered(complex, simple, { budget: 2 })).toEqual(Either.right([]))
  })
})
