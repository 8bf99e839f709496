/** The alternatives of a token, and which requests each of them permits. */
import { describe, expect, it } from 'vitest'
import type { AccessFacts, AccessRules } from '../../../../src/protocol/access/alternatives.js'
import { alternativesIn, appliesTo, isUnlimited, isUserLimited } from '../../../../src/protocol/access/alternatives.js'
import { releaseR4B, releaseR5 } from '../../../../src/protocol/access/releases.js'
import type { Permission } from '../../../../src/scopes/scope.js'
import { fhirR4With } from '../../../../src/scopes/vocabulary.js'
import {
  alternativesFor,
  firstAlternative as first,
  linkedProfile as linked,
  rightsFacts
} from './example-alternatives.js'

describe('the alternatives of a token', () => {
  const plain = {
    level: 'system',
    type: 'Observation',
    patient: null,
    sharedTypes: [],
    moreCompartment: {},
    links: [],
    isOfUser: false,
    actingTypes: [],
    query: []
  }
  const ofPatient = { ...plain, level: 'patient', patient: 'a' }

  it.each<readonly [string, string, AccessRules, Partial<AccessFacts>, ReadonlyArray<object>]>([
    ['none of other scopes', 'openid launch/patient', {}, {}, []],
    [
      'one for each permission',
      'system/Observation.rs',
      {},
      {},
      ['r', 's'].map((permission) => ({ ...plain, permission }))
    ],
    [
      'one for each scope',
      'system/Observation.r system/*.r',
      {},
      {},
      ['Observation', '*'].map((type) => ({ ...plain, type, permission: 'r' }))
    ],
    ['of a user', 'user/Observation.r', {}, {}, [{ ...plain, permission: 'r', level: 'user', isOfUser: true }]],
    [
      'of a user without a limit',
      'user/Observation.r',
      { isUserUnlimited: true },
      {},
      [{ ...plain, permission: 'r', level: 'user' }]
    ],
    [
      'of a user without a rule',
      'user/Observation.r',
      { hasUserRule: false },
      {},
      [{ ...plain, permission: 'r', level: 'user', isOfUser: true }]
    ],
    ['of a patient', 'patient/Observation.r', {}, {}, [{ ...ofPatient, permission: 'r', isOfUser: true }]],
    ['of a patient without a user', 'patient/Observation.r', {}, { user: null }, [{ ...ofPatient, permission: 'r' }]],
    [
      'of a patient without a rule about users',
      'patient/Observation.r',
      { hasUserRule: false },
      {},
      [{ ...ofPatient, permission: 'r' }]
    ],
    [
      'of a patient, with a user without a limit',
      'patient/Observation.r',
      { isUserUnlimited: true },
      {},
      [{ ...ofPatient, permission: 'r' }]
    ],
    [
      'of a patient for writing',
      'patient/Observation.u',
      {},
      { user: null },
      [{ ...ofPatient, permission: 'u', openedByNaming: [] }]
    ],
    ['none of a patient without a patient', 'patient/Observation.r', {}, { context: {} }, []],
    ['none of a patient whose id is none', 'patient/Observation.r', {}, { context: { patient: 'a/b' } }, []],
    [
      'none of a patient that is inherited',
      'patient/Observation.r',
      {},
      { context: Object.create({ patient: 'a' }) as object },
      []
    ],
    [
      'within the own rules',
      'user/Observation.r',
      Object.create({ isUserUnlimited: true }) as AccessRules,
      {},
      [{ ...plain, permission: 'r', level: 'user', isOfUser: true }]
    ],
    [
      'with opened types by which a server acts',
      'system/Observation.r',
      { actingTypes: ['Subscription'] },
      {},
      [{ ...plain, permission: 'r', actingTypes: ['Subscription'] }]
    ],
    [
      'with a release',
      'system/Observation.r',
      { release: releaseR5 },
      {},
      [{ ...plain, permission: 'r', release: releaseR5 }]
    ],
    [
      'with a query',
      'system/Observation.r?status=final',
      {},
      {},
      [
        {
          ...plain,
          permission: 'r',
          query: [{ name: 'status', modifier: null, values: ['final'], text: 'status=final' }]
        }
      ]
    ],
    [
      'with what is opened beside the compartment',
      'patient/Observation.r',
      { sharedTypes: ['Organization'], moreCompartment: { Device: ['patient'] }, accessProfile: linked },
      { user: null },
      [
        {
          ...ofPatient,
          permission: 'r',
          sharedTypes: ['Organization'],
          moreCompartment: { Device: ['patient'] },
          links: linked
        }
      ]
    ],
    [
      'with what a document of the user may not name',
      'user/DocumentReference.c patient/Binary.r',
      { accessProfile: linked },
      { user: null },
      [
        {
          ...plain,
          type: 'DocumentReference',
          permission: 'c',
          level: 'user',
          isOfUser: true,
          openedByNaming: [linked[1]]
        },
        { ...ofPatient, type: 'Binary', permission: 'r', links: linked }
      ]
    ],
    [
      'with nothing that a document of a service may not name',
      'system/DocumentReference.c patient/Binary.r',
      { accessProfile: linked },
      { user: null },
      [
        { ...plain, type: 'DocumentReference', permission: 'c' },
        { ...ofPatient, type: 'Binary', permission: 'r', links: linked }
      ]
    ]
  ])('are %s', (_name, scope, rules, more, expected) => {
    expect(alternativesFor(scope, rules, more)).toEqual(expected)
    for (const [index, one] of alternativesFor(scope, rules, more).entries())
      expect(Object.keys(one).toSorted()).toEqual(Object.keys(expected[index] ?? {}).toSorted())
  })

  it('name resources of the server in one spelling, by the types of the parameters', () => {
    const scope =
      'system/Observation.r?subject=https://ehr.example/fhir/Patient/a&x-own=https://ehr.example/fhir/Group/g'
    const references = { base: 'https://ehr.example/fhir' }
    const valuesWith = (rules: AccessRules) =>
      first(scope, rules)
        .query.map(({ values }) => values[0])
        .toSorted()
    expect(valuesWith({})).toEqual(['https://ehr.example/fhir/Group/g', 'https://ehr.example/fhir/Patient/a'])
    expect(valuesWith({ references })).toEqual(['Patient/a', 'https://ehr.example/fhir/Group/g'])
    const vocabulary = fhirR4With([{ resourceType: 'Observation', name: 'x-own', type: 'reference' }])
    expect(valuesWith({ references, vocabulary })).toEqual(['Group/g', 'Patient/a'])
  })

  it('are made once for the same facts and rules', () => {
    const [facts, rules] = [rightsFacts('system/*.r'), {}]
    const found = alternativesIn(facts, rules)
    expect(alternativesIn(facts, rules)).toBe(found)
    expect(alternativesIn(facts, { release: releaseR5 })[0]?.release).toBe(releaseR5)
    expect(alternativesIn(facts, rules)[0]?.release).toBeUndefined()
  })

  it.each<readonly [AccessRules, boolean]>([
    [{}, true],
    [{ hasUserRule: false }, false],
    [{ isUserUnlimited: true }, false],
    [{ hasUserRule: true, isUserUnlimited: false }, true],
    [Object.create({ isUserUnlimited: true }) as AccessRules, true]
  ])('are limited for each resource by the rule about users with %j: %s', (rules, isLimited) => {
    expect(isUserLimited(rules)).toBe(isLimited)
  })
})

describe('an alternative applies', () => {
  const device: AccessRules = { moreCompartment: { Device: ['patient'] } }
  it.each<readonly [string, AccessRules, Permission, string | null, boolean]>([
    ['system/Observation.r', {}, 'r', 'Observation', true],
    ['system/Observation.r', {}, 's', 'Observation', false],
    ['system/Observation.r', {}, 'r', 'Condition', false],
    ['system/Observation.r', {}, 'r', null, false],
    ['system/*.r', {}, 'r', 'Condition', true],
    ['system/*.r', {}, 'r', null, true],
    ['system/*.c', {}, 'c', 'Subscription', true],
    ['user/*.c', {}, 'c', 'Subscription', false],
    ['user/Subscription.c', { actingTypes: ['Subscription'] }, 'c', 'Subscription', true],
    ['user/*.d', {}, 'd', 'Subscription', true],
    ['user/*.c', {}, 'c', 'Observation', true],
    ['patient/*.r', {}, 'r', 'Observation', true],
    ['patient/*.r', {}, 'r', 'Organization', false],
    ['patient/*.r', {}, 'r', null, true],
    ['patient/*.r', {}, 'r', 'Device', false],
    ['patient/*.r', device, 'r', 'Device', true],
    ['patient/*.r', { sharedTypes: ['Organization'] }, 'r', 'Organization', true],
    ['patient/*.r', { accessProfile: linked }, 'r', 'Provenance', true],
    ['patient/*.r', { accessProfile: linked }, 'r', 'Binary', true],
    ['patient/*.s', { accessProfile: linked }, 's', 'Binary', false],
    ['patient/*.u', {}, 'u', 'Patient', true],
    ['patient/*.d', {}, 'd', 'Patient', true],
    ['patient/*.c', {}, 'c', 'Patient', false],
    ['patient/*.r', { release: releaseR5 }, 'r', 'GenomicStudy', true],
    ['patient/*.r', { release: releaseR4B }, 'r', 'GenomicStudy', false]
  ])('%s, with %j, to %s of %s: %s', (scope, rules, permission, type, applies) => {
    expect(appliesTo(first(scope, rules), permission, type)).toBe(applies)
  })

  const naming: AccessRules = { accessProfile: linked }
  it.each<readonly [string, AccessRules, Partial<AccessFacts>, string | null, boolean]>([
    ['system/*.r', {}, {}, null, true],
    ['system/*.r', {}, {}, 'Observation', true],
    ['system/*.r?status=final', {}, {}, 'Observation', false],
    ['user/*.r', {}, {}, 'Observation', false],
    ['user/*.r', { isUserUnlimited: true }, {}, 'Observation', true],
    ['user/DocumentReference.c patient/Binary.r', { ...naming, isUserUnlimited: true }, {}, 'DocumentReference', false],
    ['patient/*.r', {}, { user: null }, 'Observation', false],
    ['patient/*.r', { sharedTypes: ['Organization', 'Binary'] }, { user: null }, 'Organization', true],
    ['patient/*.r', { sharedTypes: ['Organization', 'Binary'] }, { user: null }, 'Binary', false],
    ['patient/*.r', { sharedTypes: ['Organization', 'Binary'] }, { user: null }, 'Practitioner', false],
    ['patient/*.r', { sharedTypes: ['Organization'] }, { user: null }, null, false],
    ['patient/*.r', { sharedTypes: ['Organization'] }, {}, 'Organization', false]
  ])('without a limit, for %s, with %j and %j, to %s: %s', (scope, rules, more, type, isWithout) => {
    expect(isUnlimited(first(scope, rules, more), type)).toBe(isWithout)
  })

  it('without a limit for a patient though its documents may not name everything', () => {
    const writing = { ...first('patient/*.u', naming, { user: null }), sharedTypes: ['Organization'] }
    expect(writing).toHaveProperty('openedByNaming')
    expect(isUnlimited(writing, 'Organization')).toBe(true)
  })
})
