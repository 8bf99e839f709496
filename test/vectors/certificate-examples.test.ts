/** Certificates by example, and those of random questions against a checker that shares no code with the package. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { certify } from '../../src/scopes/certificates/certify.js'
import { parse } from '../../src/scopes/parse.js'
import type { Access, LevelOrder, ScopeOptions } from '../../src/scopes/permits.js'
import { subsumption } from '../../src/scopes/subsumes.js'
import { comparedTypeOf, fhirR4 } from '../../src/scopes/vocabulary.js'
import { check } from '../support/checkers/check.js'
import { readQuestion } from '../support/checkers/read.js'
import { randomOf, randomQuestion } from './random.js'

const certified = (granted: string, requested: string, options: ScopeOptions = {}): unknown =>
  Either.map((certificate: object) => ({ ...certificate }))(certify(parse(granted), parse(requested), options))

const chain: LevelOrder = [
  ['system', 'user'],
  ['user', 'patient']
]

const atom = (
  requested: number,
  permission: string,
  values: ReadonlyArray<number>,
  granted: number,
  by: ReadonlyArray<readonly [number, number]>
) => ({ requested, permission, values, granted, by })

describe('the size of a certificate', () => {
  const granted = (clauses: number): string => `patient/Observation.r?${Array(clauses).fill('code=a').join('&')}`

  it('is bounded: 50 pairs for each atom of the budget', () => {
    const requested = 'patient/Observation.r?code=a&category=b,c'
    const answer = (clauses: number): Either.Either<unknown, string> =>
      Either.map(() => 'within')(certify(parse(granted(clauses)), parse(requested), { budget: 2 }))
    expect(answer(50)).toEqual(Either.right('within'))
    expect(answer(51)).toEqual(Either.left({ _tag: 'TooComplex', limit: 100, count: 102 }))
  })

  it('counts the pairs of all scopes of the request together', () => {
    const requested = 'patient/Observation.r?code=a openid patient/Observation.r?code=a&category=b'
    const answer = certify(parse(`${granted(76)} openid`), parse(requested), { budget: 3 })
    expect(answer).toEqual(Either.left({ _tag: 'TooComplex', limit: 150, count: 152 }))
  })
})

describe('the certificate of a yes', () => {
  it.each<readonly [granted: string, requested: string, order: LevelOrder, atoms: ReadonlyArray<unknown>]>([
    ['openid', '', [], []],
    [
      'openid launch openid',
      'launch openid',
      [],
      [
        { requested: 0, granted: 1 },
        { requested: 1, granted: 0 }
      ]
    ],
    ['openid', ' openid ', [], [{ requested: 1, granted: 0 }]],
    ['openid patient/*.rs', 'patient/X.rs', [], ['r', 's'].map((one) => atom(0, one, [], 1, []))],
    ['patient/X.r patient/X.rs', 'patient/X.rs', [], [atom(0, 'r', [], 0, []), atom(0, 's', [], 1, [])]],
    ['patient/X.r patient/X.r', 'patient/X.r', [], [atom(0, 'r', [], 0, [])]],
    ['patient/*.r patient/X.r', 'patient/X.r', [], [atom(0, 'r', [], 1, [])]],
    ['patient/X.r user/X.r', 'patient/X.r', chain, [atom(0, 'r', [], 0, [])]],
    ['system/X.r user/X.r', 'patient/X.r', chain, [atom(0, 'r', [], 1, [])]],
    ['system/X.r', 'patient/X.r', chain, [atom(0, 'r', [], 0, [])]],
    [
      'user/Patient.r?gender=b user/Patient.r?gender=a',
      'user/Patient.r?gender=a,b',
      [],
      [atom(0, 'r', [0], 1, [[0, 0]]), atom(0, 'r', [1], 0, [[0, 0]])]
    ],
    [
      'user/Patient.r?gender=x,b&name=A',
      'user/Patient.r?name=ab&gender=s|b',
      [],
      [
        atom(0, 'r', [0, 0], 0, [
          [1, 1],
          [0, 0]
        ])
      ]
    ],
    ['user/*.r?_tag=a', 'user/Patient.r?gender=x&_tag=s|a', [], [atom(0, 'r', [0, 0], 0, [[0, 1]])]],
    ['user/*.r?_tag=a,b', 'user/*.r?_tag=b', [], [atom(0, 'r', [0], 0, [[1, 0]])]],
    ['user/Patient.r?gender=a', 'user/Patient.r?gender=a&gender=a', [], [atom(0, 'r', [0, 0], 0, [[0, 0]])]],
    [
      'user/Patient.r?gender=a&birthdate=1 user/Patient.r?gender=a',
      'user/Patient.r?gender=a&name=n',
      [],
      [atom(0, 'r', [0, 0], 1, [[0, 0]])]
    ],
    [
      'user/Patient.r?gender=a,b user/Patient.r?gender=a,c',
      'user/Patient.r?gender=a',
      [],
      [atom(0, 'r', [0], 0, [[0, 0]])]
    ],
    [
      'user/Patient.r?birthdate=1&gender=a user/Patient.r?gender=b',
      'user/Patient.r?birthdate=1&gender=b',
      [],
      [atom(0, 'r', [0, 0], 1, [[0, 1]])]
    ],
    [
      'user/Patient.r?birthdate=1&gender=a user/Patient.r?birthdate=1&gender=b',
      'user/Patient.r?birthdate=1&gender=b',
      [],
      [
        atom(0, 'r', [0, 0], 1, [
          [0, 0],
          [0, 1]
        ])
      ]
    ],
    ['user/Patient.r?birthdate=1,2', 'user/Patient.r?birthdate=1,2', [], [atom(0, 'r', [0], 0, [[0, 0]])]],
    ['user/Patient.r?gender=a user/Patient.r', 'user/Patient.r?gender=a', [], [atom(0, 'r', [0], 1, [])]]
  ])('%j covers %j in the order %j', (granted, requested, levelOrder, atoms) => {
    expect(certified(granted, requested, { levelOrder })).toMatchObject(
      Either.right({ version: 1, granted, requested, levelOrder, result: true, atoms })
    )
  })

  it('names the first granted value that covers, or the first requested one where fewer are requested', () => {
    const byOf = (others: number): unknown => {
      const granted = ['a', 'b', ...Array.from({ length: others }, (_, place) => `x${String(place)}`)].join(',')
      const found = certify(parse(`user/Patient.r?gender=${granted}`), parse('user/Patient.r?gender=b&gender=a'))
      const [covered] = Either.isRight(found) && found.right.result ? found.right.atoms : []
      return covered !== undefined && 'by' in covered ? covered.by : null
    }
    // A requested code is found under five names, of which two codes have one in common.
    expect([0, 6, 7, 8, 20].map(byOf)).toEqual([[[0, 1]], [[0, 1]], [[1, 0]], [[1, 0]], [[1, 0]]])
  })

  it('states the type of each parameter, once for each resource type', () => {
    const granted = 'openid user/*.r?_tag=a,b&category=a user/Patient.r?gender=a'
    expect(certified(granted, 'user/Patient.r?gender=a&birthdate=1&name:exact=b&gender=c')).toMatchObject(
      Either.right({
        types: [
          ['*', '_tag', 'token'],
          ['*', 'category', 'token'],
          ['Patient', 'gender', 'token'],
          ['Patient', 'birthdate', 'opaque'],
          ['Patient', 'name', 'string']
        ]
      })
    )
  })
})

describe('the certificate of a no', () => {
  const read = (type: string, resource: Readonly<Record<string, ReadonlyArray<string>>>): Access => ({
    level: 'user',
    type,
    permission: 'r',
    resource
  })

  it.each<readonly [granted: string, requested: string, access: Access]>([
    ['', 'openid', { atom: 'openid' }],
    ['patient/*.cruds', 'user/X.r', read('X', {})],
    ['user/X.r', 'user/*.r', read('Fresh0', {})],
    ['user/X.s', 'user/X.rs', read('X', {})],
    ['user/Fresh0.r', 'openid user/*.r', { atom: 'openid' }],
    ['user/Fresh0.r', 'user/*.r', read('Fresh1', {})],
    ['user/Patient.r?gender=f', 'user/Patient.r?gender=a', read('Patient', { gender: ['qfresh|a'] })],
    ['user/Patient.r?gender=a', 'user/Patient.r', read('Patient', {})],
    ['user/Patient.r?gender=a', 'user/Patient.r?gender=a,b', read('Patient', { gender: ['fresh|b'] })],
    [
      'user/Patient.r?gender=a',
      'user/Patient.r?name=x&gender=a,b',
      read('Patient', { name: ['xfresh'], gender: ['fresh|b'] })
    ],
    ['user/Patient.r?birthdate=1', 'user/Patient.r?birthdate=1,2', read('Patient', { birthdate: ['1,2'] })]
  ])('%j does not cover %j', (granted, requested, access) => {
    expect(certified(granted, requested)).toMatchObject(Either.right({ granted, requested, result: false, access }))
  })

  it('is none for what is too complex', () => {
    expect(certified('', 'user/Patient.r?gender=a,b,c', { budget: 2 })).toEqual(
      Either.left({ _tag: 'TooComplex', limit: 2, count: 3 })
    )
    expect(certified('user/Patient.r?gender=a,b,c', 'user/Patient.r?gender=c', { budget: 2 })).toMatchObject(
      Either.right({ result: true })
    )
  })
})

describe('a granted scope with a clause that the request does not have', () => {
  it.each([
    ['patient/Observation.r?_id=1&status=final', 'patient/Observation.r?_id=1'],
    ['patient/Observation.r?status=final&_id=1', 'patient/Observation.r?_id=1'],
    ['patient/Observation.r?_id=1&status=final&code=x', 'patient/Observation.r?_id=1&code=x']
  ])('%s does not cover %s', (granted, requested) => {
    expect(certified(granted, requested)).toMatchObject(Either.right({ result: false }))
  })
})

describe('certificates of random questions', () => {
  const orders: ReadonlyArray<LevelOrder> = [[], [], [['user', 'patient']], chain]
  const typeOf = (type: string, name: string) =>
    fhirR4.knows?.(type) === false && type !== '*' ? null : comparedTypeOf(fhirR4, type, name)

  it('say what the comparison says, and the checker accepts them', () => {
    const random = randomOf(7)
    const counts = { yes: 0, no: 0 }
    for (let question = 0; question < 600; question += 1) {
      const { granted, requested } = randomQuestion(random)
      const levelOrder = random.pick(orders)
      const answer = certify(parse(granted), parse(requested), { levelOrder })
      const plain = subsumption(parse(granted), parse(requested), { levelOrder })
      const certificate = Either.isRight(answer) ? answer.right : null
      counts[certificate?.result === true ? 'yes' : 'no'] += 1
      expect([granted, requested, plain]).toEqual([granted, requested, Either.right(certificate?.result)])
      expect([granted, requested, check(readQuestion(granted, requested, typeOf, levelOrder), certificate)]).toEqual([
        granted,
        requested,
        true
      ])
    }
    expect(Math.min(counts.yes, counts.no)).toBeGreaterThan(100)
  })
})
