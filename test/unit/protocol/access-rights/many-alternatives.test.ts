/** Many alternatives of one type: which of them are one group, and the least scope that another one would need. */
import { describe, expect, it } from 'vitest'
import type { Alternative, EvaluationContext } from '../../../../src/protocol/access/alternatives.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { missingForResource } from '../../../../src/protocol/access/missing-for-resource.js'
import { isPermitted, permittedAmong } from '../../../../src/protocol/access/permitted.js'
import { releaseR5 } from '../../../../src/protocol/access/releases.js'
import { indexReader } from '../../../../src/protocol/access/search/search-index.js'
import type { Permission } from '../../../../src/scopes/scope.js'
import { alternativesFor, firstAlternative, rightsFacts } from './example-alternatives.js'

const read = indexReader()
const evaluation: EvaluationContext = { read, userMay: () => true }
const coded = (...codes: ReadonlyArray<string>): object => ({
  coding: codes.map((code) => ({ system: 's', code }))
})
const observation = (more: object = {}): Resource => ({
  resourceType: 'Observation',
  id: '1',
  status: 'final',
  subject: { reference: 'Patient/a' },
  ...more
})

const readR5 = indexReader({}, releaseR5)
const readWithFocus: EvaluationContext['read'] = (resource, name) =>
  name === 'focus'
    ? (resource as Resource & { readonly focus: ReadonlyArray<{ readonly reference: string }> }).focus.map(
        ({ reference }) => reference
      )
    : readR5(resource, name)

describe('alternatives that differ in more than their queries', () => {
  // What rules open is made once for each object of rules.
  const rules = {}
  const one = (scope: string): Alternative => firstAlternative(scope, rules, { user: null })
  const [draft, final] = [one('patient/Observation.r?status=draft'), one('patient/Observation.r?status=final')]
  const allergies = [one('patient/AllergyIntolerance.r?code=x'), one('patient/AllergyIntolerance.r?code=y')] as const
  const because = { because: 'It is an example.', source: 'This suite.' }
  const evidence: NonNullable<EvaluationContext['evidence']> = {
    find: () => ({ resourceType: 'Condition' }),
    naming: () => [],
    accessTo: () => 'own'
  }
  const others = observation({ subject: { reference: 'Patient/b' }, focus: [{ reference: 'Condition/2' }] })
  const participating: Resource = {
    resourceType: 'AllergyIntolerance',
    code: { coding: [{ code: 'y' }] },
    participant: [{ actor: { reference: 'Patient/a' } }]
  }

  it.each<readonly [string, Alternative, Alternative, Partial<Alternative>, Resource]>([
    ['level', draft, final, { level: 'system' }, others],
    ['patient', draft, final, { patient: 'b' }, others],
    ['shared types', draft, final, { sharedTypes: ['Observation'] }, others],
    [
      'further parameters',
      draft,
      final,
      { moreCompartment: { Observation: ['focus'] } },
      { ...others, focus: [{ reference: 'Patient/a' }] }
    ],
    [
      'links',
      draft,
      final,
      { links: [{ type: 'Observation', permissions: ['r'], by: { target: 'focus' }, ...because }] },
      others
    ],
    ['release', ...allergies, { release: releaseR5 }, participating]
  ])('are no group: another %s', (_name, first, other, change, resource) => {
    const context = { ...evaluation, read: readWithFocus, evidence }
    const wide = (alternative: Alternative): Alternative => ({ ...alternative, ...change })
    expect(isPermitted([first, wide(other)], 'r', resource, context)).toBe(true)
    expect(isPermitted([wide(other), first], 'r', resource, context)).toBe(true)
    expect(isPermitted([wide(first), other], 'r', resource, context)).toBe(false)
    expect(isPermitted([other, wide(first)], 'r', resource, context)).toBe(false)
  })

  it('are no group: one that the user limits', () => {
    const limited = (alternative: Alternative): Alternative => ({ ...alternative, isOfUser: true })
    const context = { ...evaluation, userMay: () => false }
    expect(isPermitted([limited(draft), final], 'r', observation(), context)).toBe(true)
    expect(isPermitted([draft, limited(final)], 'r', observation(), context)).toBe(false)
  })
})

describe('alternatives that differ in their queries', () => {
  const permits = (scope: string, resource: Resource, permission: Permission = 'r'): boolean =>
    isPermitted(alternativesFor(scope), permission, resource, evaluation)
  const each = (...queries: ReadonlyArray<string>): string =>
    queries.map((query) => `system/Observation.r${query}`).join(' ')

  it.each<readonly [string, string, object, boolean]>([
    ['none of two codes', each('?code=s|a', '?code=s|b'), { code: coded('c') }, false],
    ['the first code', each('?code=s|a', '?code=s|b'), { code: coded('a') }, true],
    ['the second code', each('?code=s|a', '?code=s|b'), { code: coded('b') }, true],
    ['a code of two parameters', each('?code=s|a', '?category=s|b'), { category: [coded('b')] }, true],
    ['a code of the other parameter', each('?code=s|a', '?category=s|b'), { category: [coded('a')] }, false],
    ['a code that is written with an escape', each('?code=s|a%5C|b', '?code=s|c'), { code: coded('a|b') }, true],
    ['another code that is written with an escape', each('?code=s|a', '?code=s|b'), { code: coded('a|b') }, false],
    ['one of two clauses', each('?code=s|a&category=s|b', '?code=s|c'), { code: coded('a') }, false],
    ['two clauses', each('?code=s|a&category=s|b', '?code=s|c'), { code: coded('a'), category: [coded('b')] }, true],
    ['a code beside two clauses', each('?code=s|a&category=s|b', '?code=s|c'), { code: coded('c') }, true],
    ['a code without a system', each('?code=a', '?code=s|b'), { code: coded('a') }, true],
    ['another code without a system', each('?code=a', '?code=s|b'), { code: coded('c') }, false],
    ['a date', each('?date=2024', '?code=s|b'), { effectiveDateTime: '2024-01-01' }, true],
    ['another date', each('?date=2024', '?code=s|b'), { effectiveDateTime: '2025-01-01' }, false],
    ['anything by no query', each('', '?code=s|b'), {}, true],
    ['anything by no query behind others', each('?code=s|b', ''), {}, true],
    ['nothing by other permissions', 'system/Observation.s?code=s|a', { code: coded('a') }, false],
    ['nothing by other types', 'system/Condition.r', {}, false],
    ['nothing without scopes', 'openid', {}, false]
  ])('permit %s or not', (_name, scope, more, isAllowed) => {
    expect(permits(scope, observation(more))).toBe(isAllowed)
  })

  it('are one group: the rule about users is called once, and each parameter is read once', () => {
    const calls: Array<string> = []
    const context: EvaluationContext = {
      read: (resource, name) => {
        calls.push(name)
        return read(resource, name)
      },
      userMay: () => calls.push('userMay') > 0
    }
    const scope = ['code=s|a', 'code=s|b', 'code=s|c,s|d', 'category=s|a', 'category=s|b']
      .map((query) => `user/Observation.r?${query}`)
      .join(' ')
    expect(isPermitted(alternativesFor(scope), 'r', observation(), context)).toBe(false)
    expect(calls).toEqual(['userMay', 'code', 'category'])
  })
})

describe('many resources of the same alternatives', () => {
  it('are permitted each by itself, by its permission and its stored version', () => {
    const among = permittedAmong(
      alternativesFor('patient/Observation.r patient/*.u'),
      new Set(['Observation']),
      evaluation
    )
    const another = observation({ subject: { reference: 'Patient/b' } })
    const linked: Resource = { resourceType: 'Patient', id: 'a', link: [{ other: { reference: 'Patient/b' } }] }
    for (const _round of [1, 2]) {
      expect(among('r', observation(), null)).toBe(true)
      expect(among('r', another, null)).toBe(false)
      expect(among('s', observation(), null)).toBe(false)
      expect(among('u', observation(), null)).toBe(true)
      expect(among('r', { ...observation(), resourceType: 'Condition' }, null)).toBe(false)
      expect(among('u', linked, linked)).toBe(true)
      expect(among('u', linked, null)).toBe(false)
    }
    for (const permission of ['c', 'd', 's'] as const) expect(among(permission, observation(), null)).toBe(false)
  })

  it('keep the stored version that the evaluation has', () => {
    const linked: Resource = { resourceType: 'Patient', id: 'a', link: [{ other: { reference: 'Patient/b' } }] }
    const among = permittedAmong(alternativesFor('patient/*.u'), new Set(), { ...evaluation, before: linked })
    expect(among('u', linked, null)).toBe(true)
  })

  it('cost one look at the alternatives for each of the types', () => {
    let looks = 0
    const [alternative] = alternativesFor('system/*.r')
    const counted = Object.defineProperty({ ...alternative }, 'permission', {
      get: () => {
        looks += 1
        return 'r'
      }
    }) as Alternative
    const among = permittedAmong([counted], new Set(['Observation']), evaluation)
    const looksFor = (resource: Resource): number => {
      const before = looks
      among('r', resource, null)
      return looks - before
    }
    // One of the looks is at the level of the alternative.
    expect([observation(), observation(), observation()].map(looksFor)).toEqual([2, 1, 1])
    const other: Resource = { resourceType: 'Condition' }
    expect([other, other].map(looksFor)).toEqual([2, 2])
  })
})

describe('the least scope that would permit to write a resource', () => {
  const another = observation({ subject: { reference: 'Patient/b' } })
  const linked: Resource = { resourceType: 'Patient', id: 'a', link: [{ other: { reference: 'Patient/b' } }] }
  it.each<readonly [string, string, object, Permission, Resource, ReadonlyArray<string>]>([
    ["is of the patient, for the patient's", 'openid', {}, 'u', observation(), ['patient/Observation.u']],
    ["is of the user, for another's", 'patient/*.cruds', {}, 'u', another, ['user/Observation.u']],
    ['is of a service', 'openid', { user: null, context: {} }, 'c', another, ['system/Observation.c']],
    ["is of a service beside a patient's", 'openid', { user: null }, 'c', another, ['system/Observation.c']],
    ['is none where the scopes are enough', 'user/Observation.u', {}, 'u', another, []],
    ['is none where the user may not', 'patient/Observation.u', {}, 'u', observation(), []],
    ['is none where the server would act', 'openid', {}, 'c', { resourceType: 'Subscription' }, []],
    ['does not depend on what is stored', 'patient/*.u', {}, 'u', linked, ['user/Patient.u']]
  ])('%s', (_name, scope, more, permission, resource, missing) => {
    const context = { ...evaluation, userMay: () => false, before: linked }
    expect(missingForResource(rightsFacts(scope, more), {}, permission, resource, context)).toEqual(missing)
  })

  it.each<readonly [string, ReadonlyArray<string>]>([
    ['user/DocumentReference.c patient/Binary.r', ['user/Binary.r']],
    ['patient/Binary.r', ['user/DocumentReference.c', 'user/Binary.r']],
    ['user/Binary.r patient/Binary.r', ['user/DocumentReference.c']],
    ['openid', ['user/DocumentReference.c']]
  ])('is, for a document that names a Binary, beside %s: %j', (scope, missing) => {
    const document: Resource = {
      resourceType: 'DocumentReference',
      subject: { reference: 'Patient/a' },
      content: [{ attachment: { url: 'Binary/of-another' } }]
    }
    const rules = { accessProfile: 'us-core' } as const
    expect(missingForResource(rightsFacts(scope), rules, 'c', document, evaluation)).toEqual(missing)
  })
})
