/** Inputs at the edges of the algebra that no random world reaches by itself. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { intersect } from '../../../src/scopes/set-operations.js'
import { compile } from '../../../src/scopes/compile.js'
import { format } from '../../../src/scopes/format.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse } from '../../../src/scopes/parse.js'
import type { LevelOrder } from '../../../src/scopes/permits.js'
import { permits } from '../../../src/scopes/permits.js'
import { clauseOf } from '../../../src/scopes/query.js'
import { counterexample, disjoint, equivalence, subsumption } from '../../../src/scopes/subsumes.js'

const covers = (granted: string, requested: string): unknown => subsumption(parse(granted), parse(requested))
const normal = (text: string, levelOrder: LevelOrder = []): unknown =>
  Either.map(format)(normalize(parse(text), { levelOrder }))

describe('whatever a scope can spell is not taken for "whatever"', () => {
  it.each([
    ['patient/Observation.rs?category=%00|a', 'patient/Observation.rs?category=a'],
    ['patient/Observation.rs?category=s|%00', 'patient/Observation.rs?category=s|'],
    ['patient/Patient.rs?name=ab%00', 'patient/Patient.rs?name=ab'],
    ['patient/Observation.rs?subject=%00/1', 'patient/Observation.rs?subject=1'],
    ['patient/Observation.rs?category=%EF%BF%BF|a', 'patient/Observation.rs?category=a']
  ])('%s does not cover %s', (granted, requested) => {
    expect(covers(granted, requested)).toEqual(Either.right(false))
    const found = counterexample(parse(granted), parse(requested))
    const access = Either.isRight(found) ? Option.toNullable(found.right) : null
    expect(access === null ? [] : [permits(parse(requested), access), permits(parse(granted), access)]).toEqual([
      true,
      false
    ])
  })

  it('nor are halves of characters that a caller puts into a clause', () => {
    expect(clauseOf('category', null, ['\ud800\ud800|a']).values).toEqual(['\ufffd\ufffd|a'])
  })

  it('and a counterexample uses a word that is not in the scopes, whatever letters they use', () => {
    const everything = encodeURIComponent('fqxzjkvwyubghm0123456789~!*\u2603')
    const granted = parse(`patient/Observation.rs?category=${everything},%E2%98%83fresh|a`)
    const requested = parse('patient/Observation.rs?category=a')
    const found = counterexample(granted, requested)
    const access = Either.isRight(found) ? Option.toNullable(found.right) : null
    expect(access === null ? [] : [permits(requested, access), permits(granted, access)]).toEqual([true, false])
  })
})

describe('an order of levels', () => {
  const chain: LevelOrder = [
    ['system', 'user'],
    ['user', 'patient']
  ]
  const fork: LevelOrder = [
    ['system', 'patient'],
    ['user', 'patient']
  ]
  const circle: LevelOrder = [
    ['user', 'patient'],
    ['patient', 'user']
  ]

  it.each([
    [chain, 'system/Observation.rs', 'patient/Observation.r', 'patient/Observation.r'],
    [chain, 'patient/*.rs', 'system/Observation.r', 'patient/Observation.r'],
    [fork, 'system/Observation.rs', 'user/Observation.r', 'patient/Observation.r'],
    [circle, 'user/Observation.rs', 'patient/Observation.r', 'user/Observation.r']
  ])('%j: %s and %s have %s in common', (levelOrder, one, other, both) => {
    expect(disjoint(parse(one), parse(other), { levelOrder })).toBe(false)
    const met = intersect(parse(one), parse(other), { levelOrder })
    expect(Either.isRight(met) ? equivalence(met.right, parse(both), { levelOrder }) : met).toEqual(Either.right(true))
  })

  it('that goes in a circle loses nothing, and has one canonical form', () => {
    expect(normal('user/Observation.rs patient/Observation.rs', circle)).toEqual(
      normal('patient/Observation.rs', circle)
    )
    expect(normal('user/Observation.rs', circle)).toEqual(Either.right('patient/Observation.rs'))
  })

  it('that keeps two levels apart keeps them apart', () => {
    expect(
      disjoint(parse('system/Observation.rs'), parse('user/Observation.rs'), { levelOrder: [['user', 'patient']] })
    ).toBe(true)
  })
})

describe('what stands between two blanks', () => {
  it('is no scope, also as an atom', () => {
    const [granted, access] = [parse('openid  launch'), { atom: '' }]
    expect([
      permits(granted, access),
      compile(granted).permits(access),
      disjoint(parse('openid '), parse('launch '))
    ]).toEqual([false, false, true])
  })

  it('of many values permits what the definition says', () => {
    const value = fc.constantFrom(
      ...[
        'a',
        'b',
        '|a',
        'http://s|',
        'http://s|a',
        'Patient/1',
        '1',
        'http://x/Patient/1',
        'a\\,b',
        'Anna',
        'ann',
        'x'
      ]
    )
    const clause = fc
      .tuple(
        fc.constantFrom('code', 'category', 'subject', 'name', 'code:text'),
        fc.array(value, { minLength: 7, maxLength: 12 })
      )
      .map(([name, values]) => `${name}=${values.join(',')}`)
    const index = fc.record({
      code: fc.array(value, { maxLength: 2 }),
      category: fc.array(value, { maxLength: 2 }),
      subject: fc.array(value, { maxLength: 2 }),
      name: fc.array(value, { maxLength: 2 })
    })
    let permitted = 0
    fc.assert(
      fc.property(
        fc.constantFrom('Observation', 'Patient', '*'),
        fc.array(clause, { minLength: 1, maxLength: 2 }),
        index,
        (type, clauses, resource) => {
          const granted = parse(`system/${type}.r?${clauses.join('&')}`)
          const access = {
            level: 'system',
            type: type === '*' ? 'Observation' : type,
            permission: 'r',
            resource
          } as const
          permitted += permits(granted, access) ? 1 : 0
          return compile(granted).permits(access) === permits(granted, access)
        }
      ),
      { numRuns: 2000 }
    )
    expect(permitted).toBeGreaterThan(50)
  })
})

describe('canonical forms', () => {
  it.each([
    ['patient/Patient.rs?name=%CC%81', 'patient/Patient.rs?name=%CC%81'],
    ['patient/Patient.rs?name=%CC%80%CC%81', 'patient/Patient.rs?name=%CC%81'],
    ['patient/Observation.rs?date=ge2023,le2020', 'patient/Observation.rs?date=ge2023,le2020'],
    ['patient/Observation.rs?code:in=http://v%5C,w,x', 'patient/Observation.rs?code:in=http://v%5C,w,x']
  ])('%s prints as %s, and reads back as what was printed', (text, printed) => {
    const canonical = normalize(parse(text))
    expect(Either.map(format)(canonical)).toEqual(Either.right(printed))
    expect(Either.right(parse(printed))).toEqual(canonical)
  })

  it('of strings do not mind how a sigma is written', () => {
    expect(
      covers(
        'patient/Patient.rs?name=%CE%9A%CE%A9%CE%A3',
        'patient/Patient.rs?name=%CE%9A%CF%8E%CF%83%CF%84%CE%B1%CF%82'
      )
    ).toEqual(Either.right(true))
    const kostas = {
      level: 'patient',
      type: 'Patient',
      permission: 'r',
      resource: { name: ['\u039a\u03a9\u03a3\u03a4\u0391\u03a3'] }
    } as const
    expect(permits(parse('patient/Patient.rs?name=%CE%9A%CE%A9%CE%A3'), kostas)).toBe(true)
  })
})

describe('what thousands of scopes and one wide scope have in common', () => {
  it.each<readonly [string, (index: number) => string]>([
    ['values of one parameter', (index) => `patient/Observation.rs?category=${String(index)}`],
    ['parameters of their own', (index) => `patient/Observation.rs?a${String(index)}=1&b${String(index)}=2`],
    ['a category that all share', (index) => `patient/Observation.rs?category=a&status=${String(index)}`],
    ['types of their own', (index) => `patient/A${String(index)}.rs`]
  ])('is found: %s', (_name, print) => {
    const limit = Array.from({ length: 3000 }, (_, index) => print(index)).join(' ')
    const scopes = [parse('patient/*.rs'), parse(limit)] as const
    expect(Either.map(format)(intersect(...scopes))).toEqual(Either.right(limit))
  })
})
