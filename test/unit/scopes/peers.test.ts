/**
 * Questions that other implementations answer wrongly, each with the right answer: escalations, false refusals,
 * crashes.
 */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { format } from '../../../src/scopes/format.js'
import { intersect, uncovered } from '../../../src/scopes/set-operations.js'
import { compareGrant } from '../../../src/scopes/compare-grant.js'
import { normalize } from '../../../src/scopes/normalize.js'
import { parse, parseScope } from '../../../src/scopes/parse.js'
import { permits } from '../../../src/scopes/permits.js'
import { isResourceScope } from '../../../src/scopes/scope.js'
import { disjoint, equivalence, subsumption } from '../../../src/scopes/subsumes.js'
import { toV1 } from '../../../src/scopes/version-1.js'

const covers = (granted: string, requested: string): boolean => {
  const answer = subsumption(parse(granted), parse(requested))
  if (Either.isLeft(answer)) throw new Error('too complex')
  return answer.right
}

const lab = 'http://terminology.hl7.org/CodeSystem/observation-category|laboratory'

describe('an escalation that others allow is refused', () => {
  it.each([
    ['patient/Observation.rs?category=laboratory', 'patient/Observation.rs'],
    ['patient/Observation.rs?category=laboratory', 'patient/Observation.rs?category=vital-signs'],
    ['*/*.read', 'system/Patient.rs'],
    ['foo/*.*', 'patient/Patient.r'],
    ['patient/Patient.c', 'patient/Patient.read'],
    ['patient/Patient.c', 'patient/Patient.rs'],
    ['patient/Observation.rs?category=A&status=x', 'patient/Observation.rs?status=x'],
    ['patient/Observation.rs?category=A&status=x patient/Observation.rs?category=B', 'patient/Observation.rs?status=x'],
    ['system/DocumentReference.read', 'system/Procedure.rs'],
    ['user/Procedure.read', 'user/Observation.r'],
    ['patient/Observation.sr', 'patient/Observation.rs'],
    ['patient/Observation.', 'patient/Observation.r'],
    ['patient/Observation.c', 'patient/Observation.r'],
    ['patient/Observation.rs?category=A patient/Observation.rs?category=B', 'patient/Observation.rs'],
    ['patient/Observation.rs?code=x%20patient/*.cruds', 'patient/Patient.r'],
    ['patient/Observation.rs?code=x%26status=final', 'patient/Observation.rs?status=final'],
    ['patient/*.c patient/Observation.rs?category=lab', 'patient/Observation.s'],
    ['patient/Observation.c patient/Observation.rs?category=lab', 'patient/Observation.r'],
    ['patient/Observation.rs?category=laboratory', 'patient/Observation.c?category=laboratory'],
    ['patient/Observation.read', 'patient/Observation.c'],
    ['patient/Observation.write', 'patient/Observation.r'],
    ['patient/Observation.rs?category=1&category=2', 'patient/Observation.rs?category=1,2'],
    [
      'patient/Observation.rs?category=1&status=2 patient/Observation.rs?category=3&status=4',
      'patient/Observation.rs?category=1&status=4'
    ],
    ['patient/Observation.rs?category=vital-signs', 'patient/Observation.rs?category=laboratory'],
    ['patient/Observation', 'patient/Observation.r'],
    ['patient/Observation.rs?category=http://a|lab', 'patient/Observation.rs?category=http://b|lab'],
    ['patient/Observation.readx', 'patient/Observation.d'],
    ['patient/Observation.search', 'patient/Observation.c'],
    ['patient/Observation.r', 'patient/Observation.s'],
    ['launch', 'patient/Observationrs'],
    ['patient/*-', 'patient/Observation.r'],
    ['patient/Immunization.rs', 'patient/ImmunizationRecommendation.rs'],
    ['patient/Observation.rs patient/Condition.rs', 'patient/*.rs'],
    ['user/Observation.rs', 'patient/Observation.rs'],
    ['system/*.cruds', 'user/Patient.r'],
    ['system:Patient.read', 'system/Patient.read'],
    ['patient/*.rs?category=a', 'patient/Observation.rs'],
    ['patient/Observation.rs?date=ge2023', 'patient/Observation.rs?date=ge2024'],
    ['patient/Observation.rs?code:in=http://v', 'patient/Observation.rs?code=http://v'],
    [`patient/Observation.rs?category=${lab}`, 'patient/Observation.rs?category=laboratory']
  ])('%j does not cover %j', (granted, requested) => {
    expect(covers(granted, requested)).toBe(false)
  })
})

describe('a refusal that others make wrongly is a yes', () => {
  it.each([
    ['patient/*.cruds', 'patient/Observation.rs'],
    ['patient/*.*', 'patient/Observation.read'],
    ['patient/Observation.r patient/Observation.s', 'patient/Observation.rs'],
    ['patient/*.rs', 'patient/Observation.rs'],
    ['patient/Observation.read patient/Observation.write', 'patient/Observation.*'],
    ['patient/Observation.cruds?category=x', 'patient/Observation.rs?category=x'],
    ['patient/Observation.rs?category=laboratory,vital-signs', 'patient/Observation.rs?category=laboratory'],
    ['patient/Observation.rs?category=laboratory', `patient/Observation.rs?category=${lab}`],
    [
      `patient/Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|`,
      `patient/Observation.rs?category=${lab}`
    ],
    ['patient/Observation.rs?category=a patient/Observation.rs?category=b', 'patient/Observation.rs?category=a,b'],
    ['patient/Observation.rs?category=a&status=b', 'patient/Observation.rs?status=b&category=a'],
    ['patient/Observation.rs?subject=1', 'patient/Observation.rs?subject=Patient/1'],
    ['patient/Patient.rs?name=an', 'patient/Patient.rs?name=Anna'],
    ['patient/Patient.rs?name=an', 'patient/Patient.rs?name:exact=Anna'],
    ['patient/Observation.rs?date=ge2023', 'patient/Observation.rs?date=ge2023'],
    ['patient/Observation.rs?category=a%7Cb', 'patient/Observation.rs?category=a|b'],
    ['patient/Observation.rs', 'patient/Observation.rs?whatever:odd=1,2'],
    ['patient/*.rs?_tag=x', 'patient/Observation.rs?_tag=x'],
    ['user/Appointment.rs patient/Observation.read', 'patient/Observation.rs user/Appointment.r'],
    ['patient/Observation.sr patient/Patient.r', 'patient/Patient.r']
  ])('%j covers %j', (granted, requested) => {
    expect(covers(granted, requested)).toBe(true)
  })
})

describe('other wrong answers', () => {
  const both = (one: string, other: string): string =>
    format(Either.getOrElse((): ReturnType<typeof parse> => [])(intersect(parse(one), parse(other))))

  it.each([
    [
      'patient/Observation.r patient/Observation.s',
      'patient/Observation.rs',
      'patient/Observation.r patient/Observation.s'
    ],
    [
      'patient/Observation.rs?category=a',
      'patient/Observation.rs?category=b',
      'patient/Observation.rs?category=a&category=b'
    ],
    [
      'patient/Observation.rs?category=a patient/Observation.rs?category=b',
      'patient/*.rs',
      'patient/Observation.rs?category=a patient/Observation.rs?category=b'
    ],
    ['patient/*.read', 'patient/*.rs', 'patient/*.read']
  ])('%j and %j have %j in common', (one, other, expected) => {
    expect(both(one, other)).toBe(expected)
  })

  it('a granular and a broad scope are a union, and the broad one wins', () => {
    expect(Either.map(format)(normalize(parse('patient/Observation.rs patient/Observation.rs?category=a')))).toEqual(
      Either.right('patient/Observation.rs')
    )
  })

  it.each(['patient/*.r', 'patient/*.c', 'patient/*.rs?a=b'])('%s is not rounded to version 1', (text) => {
    expect(
      parse(text)
        .filter(isResourceScope)
        .map((scope) => toV1(scope)._tag)
    ).toEqual(['Left'])
  })

  it.each(['constructor', 'toString', 'valueOf', '__proto__', 'hasOwnProperty'])(
    'patient/Observation.%s is malformed, and nothing crashes',
    (suffix) => {
      const scope = parseScope(`patient/Observation.${suffix}`)
      expect(scope._tag).toBe('MalformedScope')
      expect(both(scope.text, 'patient/*.cruds')).toBe('')
      expect(
        permits(parse(`patient/Observation.rs?${suffix}=x`), {
          level: 'patient',
          type: 'Observation',
          permission: 'r',
          resource: {}
        })
      ).toBe(false)
    }
  )

  it('a value with a slash, a dot or a comma stays whole', () => {
    const [scope] = parse('patient/Observation.rs?code=http://loinc.org|1-8,http://x.y/z|w')
    expect(scope?._tag === 'ResourceScope' ? scope.query[0]?.values : []).toEqual([
      'http://loinc.org|1-8',
      'http://x.y/z|w'
    ])
  })

  it('a vendor scope with slashes and dots is a scope of its own', () => {
    expect(covers('http://example.org/custom/x.y', 'http://example.org/custom/x.y')).toBe(true)
  })

  it('one odd scope does not spoil the others', () => {
    expect(
      Either.map(format)(
        uncovered(parse('patient/X.sr patient/Patient.rs'), parse('patient/Patient.rs patient/Condition.r'))
      )
    ).toEqual(Either.right('patient/Condition.r'))
  })

  it.each([
    ['patient/*.rs', 'patient/Observation.rs', 'narrowed'],
    ['patient/*.read', 'patient/*.rs', 'equal'],
    ['patient/Observation.rs', 'patient/Observation.s patient/Observation.r', 'equal'],
    ['patient/Observation.r', 'patient/Observation.rs', 'widened'],
    ['patient/Observation.r', 'patient/Condition.r', 'different'],
    ['openid', '', 'narrowed']
  ])('requested %j, granted %j: %s', (requested, granted, verdict) => {
    const comparison = compareGrant(parse(requested), parse(granted))
    expect(Either.isRight(comparison) ? comparison.right.verdict : '').toBe(verdict)
  })

  it('a comparison of a grant with its request says which of both is too complex', () => {
    const [small, large] = [parse('patient/Observation.s'), parse('patient/Observation.s?code=a,b,c')]
    const tooComplex = Either.left({ _tag: 'TooComplex', limit: 2, count: 3 })
    expect(compareGrant(large, small, { budget: 2 })).toEqual(tooComplex)
    expect(compareGrant(small, large, { budget: 2 })).toEqual(tooComplex)
    expect(compareGrant(small, large, { budget: 3 })).toEqual(
      Either.right({ verdict: 'narrowed', missing: small, excess: [] })
    )
  })

  it('twelve, twenty and five hundred scopes take no exponential time', () => {
    const many = parse(
      Array.from({ length: 500 }, (_, index) => `patient/Type${String(index)}.rs?category=a`).join(' ')
    )
    expect(equivalence(many, [...many].reverse())).toEqual(Either.right(true))
    expect(disjoint(many, parse('user/*.cruds'))).toBe(true)
  })

  it.each([
    'user/medical_problem.cruds',
    'patient/QuestionnaireResponse.Read',
    'patient/Observation.create',
    'patient.Patient.rs',
    'system/*.$bulkdata-status'
  ])('%s, seen in the wild, is read without a repair', (text) => {
    expect(parseScope(text)).toMatchObject({ _tag: 'MalformedScope', text })
  })
})
