/** Canonical forms by example: what is left out, what is joined, in which order, and what it may cost. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { format, resourceScope } from '../../../src/scopes/format.js'
import { normalize, withoutRedundant } from '../../../src/scopes/normalize.js'
import { parse } from '../../../src/scopes/parse.js'
import type { LevelOrder, ScopeOptions } from '../../../src/scopes/permits.js'
import { clauseOf } from '../../../src/scopes/query.js'
import { isResourceScope } from '../../../src/scopes/scope.js'
import { equivalence } from '../../../src/scopes/subsumes.js'

const normal = (text: string, options: ScopeOptions = {}): unknown =>
  Either.map(format)(normalize(parse(text), options))

/** Scopes with one query each. */
const of = (...queries: ReadonlyArray<string>): string => queries.map((query) => `patient/Patient.r?${query}`).join(' ')

describe('the canonical form', () => {
  it.each([
    ['', ''],
    [' ', ''],
    ['openid launch  openid', 'launch openid'],
    ['patient/X.r openid user/A.r patient/A.r', 'openid patient/A.r patient/X.r user/A.r'],
    ['patient/X.write patient/X.s', 'patient/X.cuds'],
    ['patient/X.sr', 'patient/X.sr'],
    ['patient/X.r patient/*.rs', 'patient/*.rs'],
    ['patient/X.c patient/*.rs', 'patient/*.rs patient/X.c'],
    ['patient/Y.r patient/X.r?_id=1', 'patient/X.r?_id=1 patient/Y.r'],
    ['patient/X.rs patient/Xr.s', 'patient/X.rs patient/Xr.s'],
    ['patient/*.r?_tag=a patient/Patient.r?_tag=s|a', 'patient/*.r?_tag=a'],
    ['patient/*.s patient/Patient.r?_tag=s|a', 'patient/*.s patient/Patient.r?_tag=s|a']
  ])('of %j is %j', (text, expected) => {
    expect(normal(text)).toEqual(Either.right(expected))
  })

  it.each([
    // Clauses that another clause of the same query implies.
    [['gender=a&gender=a'], ['gender=a']],
    [['gender=a&gender=s|a'], ['gender=s|a']],
    [['gender=s|a&gender=a'], ['gender=s|a']],
    [['name=AB&name=a&name:exact=abc'], ['name:exact=abc']],
    [['gender=b&gender=a'], ['gender=a&gender=b']],
    // The order of the clauses.
    [['name=a&gender=a'], ['gender=a&name=a']],
    [['name:missing=true&name:exact=b'], ['name:missing=true&name:exact=b']],
    [['name:exact=b&name=a'], ['name:exact=b&name=a']],
    [['birthdate=2&birthdate:text=1'], ['birthdate:text=1&birthdate=2']],
    // Values of one clause are joined, where everything else is the same.
    [['gender=b', 'gender=a'], ['gender=a,b']],
    [['gender=b', 'gender=a', 'gender=b'], ['gender=a,b']],
    [['gender=a&name=x', 'gender=b&name=x'], ['gender=a,b&name=x']],
    [['gender=a&name=x', 'gender=a&name=y'], ['gender=a&name=x,y']],
    [
      ['gender=a&name=x', 'gender=b&name=y'],
      ['gender=a&name=x', 'gender=b&name=y']
    ],
    [['gender=a,b&name=x,y'], ['gender=a,b&name=x,y']],
    [
      ['gender=a,b&name=x,y', 'gender=c&name=x'],
      ['gender=a,b&name=y', 'gender=a,b,c&name=x']
    ],
    [
      ['gender=a&name=x', 'gender=a&name=y&telecom=t', 'gender=b&name=x'],
      ['gender=a&name=y&telecom=t', 'gender=a,b&name=x']
    ],
    [
      ['gender=a&name=x&telecom=t', 'gender=a&name=y&telecom=u'],
      ['gender=a&name=x&telecom=t', 'gender=a&name=y&telecom=u']
    ],
    [['gender=a&name=x&telecom=t', 'gender=a&name=y&telecom=t'], ['gender=a&name=x,y&telecom=t']],
    [['name:exact=x', 'name:exact=y'], ['name:exact=x,y']],
    [
      ['name=x', 'name:exact=Y'],
      ['name:exact=Y', 'name=x']
    ],
    // Clauses that are not interpreted join with nothing, and neither do different parameters.
    [
      ['birthdate=1', 'birthdate=2'],
      ['birthdate=1', 'birthdate=2']
    ],
    [
      ['birthdate=1,2', 'birthdate=2,1'],
      ['birthdate=1,2', 'birthdate=2,1']
    ],
    [['birthdate=1&gender=a', 'birthdate=1&gender=b'], ['birthdate=1&gender=a,b']],
    [
      ['birthdate=1&gender=a', 'birthdate=2&gender=b'],
      ['birthdate=1&gender=a', 'birthdate=2&gender=b']
    ],
    [
      ['gender=a', 'telecom=a'],
      ['gender=a', 'telecom=a']
    ],
    [
      ['gender:not=a', 'telecom:not=a'],
      ['gender:not=a', 'telecom:not=a']
    ],
    [
      ['birthdate=1', 'birthdate=2', 'gender=a&name=x'],
      ['birthdate=1', 'birthdate=2', 'gender=a&name=x']
    ],
    // What another query covers is left out.
    [['gender=a', 'gender=s|a&name=x'], ['gender=a']],
    [['name=ab', 'name=A'], ['name=a']],
    [['gender=a&name=x', 'gender=a'], ['gender=a']]
  ])('of the queries %j is %j', (given, expected) => {
    for (const scopes of [given, given.toReversed()])
      expect(normal(of(...scopes))).toEqual(Either.right(of(...expected)))
  })

  it.each([
    // Values and modifiers that hold what separates names.
    ['birthdate=1&death-date=2', 'birthdate=1%26death-date=Equal%202'],
    ['birthdate=1&death-date=2', 'birthdate=1death-date=Equal%202'],
    ['gender=a&name:exact=x,y', 'gender=b&name:exact=x%5C,name=Equal%20y'],
    ['gender=a&name:exact=x,y', 'gender=b&name:exact=xname=Equal%20y'],
    ['gender:a%3DEqual%20b=c', 'gender:a=b%3DEqual%20c'],
    ['birthdate:text=1&gender=a', 'birthdate=1&gender=b']
  ])('keeps apart %s and %s', (one, other) => {
    const set = parse(of(one, other))
    const found = normalize(set)
    expect(Either.isRight(found) ? [found.right.length, equivalence(found.right, set)] : found).toEqual([
      2,
      Either.right(true)
    ])
  })

  it('merges the permissions under one query, and not those under others', () => {
    const text = 'patient/Patient.r?gender=a patient/Patient.cs?gender=a patient/Patient.rs?gender=b patient/X.s?_id=1'
    expect(normal(text)).toEqual(
      Either.right('patient/Patient.crs?gender=a patient/Patient.rs?gender=b patient/X.s?_id=1')
    )
  })

  it('keeps a value that no text can spell', () => {
    const scope = resourceScope('patient', 'Observation', ['r'], [clauseOf('date', null, ['x\\'])])
    const found = normalize([scope])
    const [kept] = Either.isRight(found) ? found.right : []
    expect(kept?._tag === 'ResourceScope' ? kept.query : []).toEqual(scope.query)
  })

  it.each<readonly [order: LevelOrder, text: string, expected: string]>([
    [[['user', 'patient']], 'patient/X.r user/X.r', 'user/X.r'],
    [[['user', 'patient']], 'patient/X.s user/X.r', 'patient/X.s user/X.r'],
    [[['user', 'patient']], 'patient/X.r user/X.r?_id=1', 'patient/X.r user/X.r?_id=1'],
    [[['patient', 'user']], 'patient/X.r user/X.r', 'patient/X.r'],
    [[], 'patient/X.r user/X.r', 'patient/X.r user/X.r']
  ])('in the order %j of %j is %j', (levelOrder, text, expected) => {
    expect(normal(text, { levelOrder })).toEqual(Either.right(expected))
  })
})

describe('the comparisons of a canonical form', () => {
  /**
   * None of the queries covers another. The search for covers of the query with k letters looks at k + 11 places: at
   * the node of the type and those of its 200 children that are among the k + 6 names of the query (k + 7), at the node
   * of its date and its one child (2), at its own node and its atom (2).
   */
  const nested = (count: number) =>
    parse(
      of(...Array.from({ length: count }, (_, place) => `name=${'a'.repeat(place + 1)}&birthdate=${String(place)}`))
    )

  it('are at most fifty for each atom of the limit', () => {
    // 99 queries take 6018, because the last six have more names than there are children, and 16 types take two each.
    const types = parse(Array.from({ length: 16 }, (_, place) => `patient/A${String(place)}.r`).join(' '))
    expect(normalize([...nested(99), ...types], { budget: 121 })).toMatchObject(Either.right({ length: 115 }))
    expect(normalize([...nested(99), ...types], { budget: 120 })).toMatchObject({ _tag: 'Left' })
    // 130 queries take 9945.
    expect(normalize(nested(200), { budget: 200 })).toEqual(
      Either.left({ _tag: 'TooComplex', limit: 10_000, count: 10_087 })
    )
  })
})

describe('scopes that others cover together', () => {
  const kept = (text: string, options: ScopeOptions = {}): string =>
    format(withoutRedundant(parse(text).filter(isResourceScope), options))

  it.each([
    ['', ''],
    ['patient/X.r', 'patient/X.r'],
    ['patient/X.r patient/X.r', 'patient/X.r'],
    ['patient/X.rs patient/X.r', 'patient/X.rs'],
    ['patient/X.r patient/X.rs', 'patient/X.rs'],
    ['patient/X.r patient/X.s patient/X.rs', 'patient/X.r patient/X.s'],
    ['patient/X.rs patient/X.r patient/X.s', 'patient/X.rs'],
    ['patient/Patient.r?gender=a patient/Patient.r?gender=b patient/Patient.r?gender=a,b', of('gender=a', 'gender=b')],
    [
      'patient/Patient.r?gender=a patient/Patient.r?gender=b,c patient/Patient.r?gender=a,b',
      of('gender=a', 'gender=b,c')
    ]
  ])('of %j are left out, from the last on: %j stay', (text, expected) => {
    expect(kept(text)).toBe(expected)
  })

  it('stay where it costs too much to know', () => {
    const nested = of(...Array.from({ length: 40 }, (_, place) => `name=${'a'.repeat(place + 1)}`))
    expect(kept(nested)).toBe(of('name=a'))
    const some = kept(nested, { budget: 1 }).split(' ').length
    expect([some > 1, some < 40]).toEqual([true, true])
  })
})
