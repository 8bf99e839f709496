/** Which resources an alternative permits: its level, its clauses, and what depends on other resources. */
import { describe, expect, it } from 'vitest'
import type { AccessRules, EvaluationContext } from '../../../../src/protocol/access/alternatives.js'
import {
  clausesOf,
  isOfLevel,
  meetsAll,
  permitsResource,
  targetAccess
} from '../../../../src/protocol/access/alternatives.js'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { releaseR5 } from '../../../../src/protocol/access/releases.js'
import { indexReader } from '../../../../src/protocol/access/search/search-index.js'
import type { Permission } from '../../../../src/scopes/scope.js'
import { fhirR4, fhirR4With } from '../../../../src/scopes/vocabulary.js'
import { alternativesFor, firstAlternative as first, linkedProfile as linked } from './example-alternatives.js'

describe('a resource within the level of an alternative', () => {
  const own: Resource = { resourceType: 'Observation', id: '1', subject: { reference: 'Patient/a' } }
  const others: Resource = { resourceType: 'Observation', id: '2', subject: { reference: 'Patient/b' } }
  const both: Resource = { ...own, performer: [{ reference: 'Patient/b' }] }
  const organization: Resource = { resourceType: 'Organization', id: 'o' }
  const binary: Resource = { resourceType: 'Binary', id: 'b' }
  const closed: Resource = { ...binary, securityContext: { reference: 'Patient/b' } }
  const provenance: Resource = { resourceType: 'Provenance', id: 'p', target: [{ reference: 'Observation/1' }] }
  const document: Resource = {
    resourceType: 'DocumentReference',
    id: 'd',
    subject: { reference: 'Patient/a' },
    content: [{ attachment: { url: 'Binary/b' } }]
  }
  const patient: Resource = { resourceType: 'Patient', id: 'a', link: [{ other: { reference: 'Patient/b' } }] }
  const allergy: Resource = { resourceType: 'AllergyIntolerance', participant: [{ actor: { reference: 'Patient/a' } }] }
  const evidence: NonNullable<EvaluationContext['evidence']> = {
    find: (reference) => (reference === 'Observation/1' ? own : undefined),
    naming: () => [],
    accessTo: (name, { id }) => (name === 'a' && id === '1' ? 'own' : 'none')
  }
  const shared: AccessRules = { sharedTypes: ['Organization', 'Binary'] }
  const naming: AccessRules = { accessProfile: linked }
  const never = { userMay: () => false }

  it.each<readonly [string, string, AccessRules, Resource, Partial<EvaluationContext>, boolean]>([
    ['any, for a service', 'system/*.r', {}, others, never, true],
    ['what the user may see', 'user/*.r', {}, others, {}, true],
    ['nothing that the user may not see', 'user/*.r', {}, others, never, false],
    ['any, for a user without a limit', 'user/*.r', { isUserUnlimited: true }, others, never, true],
    ["the patient's", 'patient/*.r', {}, own, {}, true],
    ["the patient's unless the user may not see it", 'patient/*.r', {}, own, never, false],
    ["not another patient's", 'patient/*.r', {}, others, {}, false],
    ["the patient's that is another's too, for reading", 'patient/*.r', {}, both, {}, true],
    ["the patient's that is another's too, for searching", 'patient/*.s', {}, both, {}, true],
    ["not the patient's that is another's too, for updating", 'patient/*.u', {}, both, {}, false],
    ["not the patient's that is another's too, for deleting", 'patient/*.d', {}, both, {}, false],
    ['a link that is stored', 'patient/*.u', {}, patient, { before: patient }, true],
    ['no link that is not stored', 'patient/*.u', {}, patient, { before: null }, false],
    ['no link where nothing is known', 'patient/*.u', {}, patient, {}, false],
    [
      'no link of an inherited version',
      'patient/*.u',
      {},
      patient,
      Object.create({ before: patient }) as object,
      false
    ],
    ['a shared type', 'patient/*.r', shared, organization, {}, true],
    ['a shared type for reading alone', 'patient/*.u', shared, organization, {}, false],
    ['a shared Binary', 'patient/*.r', shared, binary, {}, true],
    ['no shared Binary with a security context', 'patient/*.r', shared, closed, {}, false],
    ['a linked resource by its evidence', 'patient/*.r', naming, provenance, { evidence }, true],
    ['no linked resource without evidence', 'patient/*.r', naming, provenance, {}, false],
    [
      'no linked resource with evidence that is inherited',
      'patient/*.r',
      naming,
      provenance,
      Object.create({ evidence }) as object,
      false
    ],
    [
      'no linked resource of other evidence',
      'patient/*.r',
      naming,
      { ...provenance, target: [{ reference: 'Observation/2' }] },
      { evidence },
      false
    ],
    ['no linked resource without a profile', 'patient/*.r', {}, provenance, { evidence }, false],
    ['a document that opens nothing', 'patient/*.c', {}, document, {}, true],
    ['no document that opens something', 'patient/*.c', naming, document, {}, false],
    [
      'no document that opens something by a URL',
      'patient/*.c',
      naming,
      { ...document, content: [{ attachment: { url: 'https://e.example/Binary/b' } }] },
      { references: { base: 'https://e.example' } },
      false
    ],
    [
      'a document that names a URL of another server',
      'patient/*.c',
      naming,
      { ...document, content: [{ attachment: { url: 'https://e.example/Binary/b' } }] },
      {},
      true
    ],
    ['a document that named it before', 'patient/*.u', naming, document, { before: document }, true],
    ['no document of the user that opens something', 'user/*.c patient/Binary.r', naming, document, {}, false],
    [
      'a document of the user that named it before',
      'user/*.u patient/Binary.r',
      naming,
      document,
      { before: document },
      true
    ],
    [
      'a document of the user that names nothing',
      'user/*.c patient/Binary.r',
      naming,
      { ...document, content: [] },
      {},
      true
    ],
    [
      'by a participant in R5',
      'patient/*.r',
      { release: releaseR5 },
      allergy,
      { read: indexReader({}, releaseR5) },
      true
    ],
    ['by no participant in R4', 'patient/*.r', {}, allergy, {}, false],
    [
      'a record of another that links to the patient',
      'patient/*.r',
      { moreCompartment: { Patient: ['link'] } },
      { resourceType: 'Patient', id: 'b', link: [{ other: { reference: 'Patient/a' } }] },
      {},
      true
    ]
  ])('is %s', (_name, scope, rules, resource, more, isWithin) => {
    const evaluation: EvaluationContext = Object.assign(more, {
      read: more.read ?? indexReader(),
      userMay: more.userMay ?? (() => true)
    })
    expect(isOfLevel(first(scope, rules), resource, evaluation)).toBe(isWithin)
  })

  it('is none at the level of a patient without a patient', () => {
    const alternative = { ...first('patient/*.r'), patient: null }
    expect(isOfLevel(alternative, own, { read: indexReader(), userMay: () => true })).toBe(false)
  })

  it('is seen by the rule about users with the permission', () => {
    const seen: Array<unknown> = []
    const userMay = (permission: Permission, { id }: Resource): boolean => seen.push([permission, id]) > 0
    for (const scope of ['user/*.r', 'patient/*.u', 'system/*.r'])
      isOfLevel(first(scope), own, { read: indexReader(), userMay })
    expect(seen).toEqual([
      ['r', '1'],
      ['u', '1']
    ])
  })

  it('is permitted if the alternative applies, and its query is met', () => {
    const evaluation = { read: indexReader(), userMay: () => true }
    const permits = (scope: string, resource: Resource) => permitsResource(first(scope), resource, evaluation)
    const final = { ...own, status: 'final' }
    expect(permits('patient/Observation.r?status=final', final)).toBe(true)
    expect(permits('patient/Observation.r?status=final', own)).toBe(false)
    expect(permits('patient/Observation.r?status=final', { ...final, subject: {} })).toBe(false)
    expect(permits('system/Condition.r?status=final', final)).toBe(false)
  })
})

describe('the clauses of an alternative', () => {
  const evaluation = { read: indexReader(), userMay: () => true }
  const alternative = first('system/Observation.r?subject=https://e.example/Patient/a')

  it('are read once for the same vocabulary and references', () => {
    const references = { base: 'https://e.example' }
    const [local, foreign] = [clausesOf(alternative, { ...evaluation, references }), clausesOf(alternative, evaluation)]
    expect(local[0]?.condition.values).toEqual([{ _tag: 'Reference', type: 'Patient', id: 'a' }])
    expect(foreign[0]?.condition.values).toEqual([{ _tag: 'Equal', text: 'https://e.example/Patient/a' }])
    expect(clausesOf(alternative, evaluation)).toBe(foreign)
    expect(clausesOf(alternative, { ...evaluation, vocabulary: fhirR4 })).toBe(foreign)
    const vocabulary = fhirR4With([{ resourceType: 'Observation', name: 'subject', type: 'token' }])
    expect(clausesOf(alternative, { ...evaluation, vocabulary })).not.toBe(foreign)
    const again = clausesOf(alternative, { ...evaluation, references })
    expect(again).toEqual(local)
    expect(clausesOf(alternative, { ...evaluation, references })).toBe(again)
  })

  const meets = (query: string, values: Readonly<Record<string, ReadonlyArray<string>>>): boolean =>
    meetsAll(
      clausesOf(first(`system/Observation.r${query}`), evaluation),
      { resourceType: 'Observation' },
      (_, name) => values[name] ?? []
    )
  it.each<readonly [string, Readonly<Record<string, ReadonlyArray<string>>>, boolean]>([
    ['', {}, true],
    ['?status=final', { status: ['|final'] }, true],
    ['?status=final', { status: ['|draft', '|final'] }, true],
    ['?status=final', { status: ['|draft'] }, false],
    ['?status=final', {}, false],
    ['?status=final&code=x', { status: ['|final'], code: ['s|x'] }, true],
    ['?status=final&code=x', { status: ['|final'], code: ['s|y'] }, false],
    ['?status=final&code=x', { status: ['|draft'], code: ['s|x'] }, false],
    ['?category=a&category=b', { category: ['|a', '|b'] }, true],
    ['?category=a&category=b', { category: ['|b', '|a'] }, true],
    ['?category=a&category=b', { category: ['|x', '|b', '|y', '|a'] }, true],
    ['?category=a&category=b', { category: ['|a'] }, false],
    ['?category=a&category=a,b', { category: ['|a'] }, true]
  ])('%s of %j are met: %s', (query, values, isMet) => {
    expect(meets(query, values)).toBe(isMet)
  })

  it('cost one look at each parameter, and one comparison each where values have their order', () => {
    const count = 50
    const names = Array.from({ length: count }, (_, index) => `c${String(index + 100)}`)
    let comparisons = 0
    const values = new Proxy(
      names.map((name) => `|${name}`),
      {
        get: (target, name) => {
          if (typeof name === 'string' && /^\d+$/.test(name)) comparisons += 1
          return Reflect.get(target, name) as unknown
        }
      }
    )
    let looks = 0
    const read = (): ReadonlyArray<string> => {
      looks += 1
      return values
    }
    const query = names.map((name) => `category=${name}`).join('&')
    const clauses = clausesOf(first(`system/Observation.r?${query}`), evaluation)
    expect(meetsAll(clauses, { resourceType: 'Observation' }, read)).toBe(true)
    expect([looks, comparisons]).toEqual([1, count])
  })
})

describe('the access to a resource on which that to another depends', () => {
  const own: Resource = { resourceType: 'Observation', id: '1', status: 'final', subject: { reference: 'Patient/a' } }
  const organization: Resource = { resourceType: 'Organization', id: 'o' }
  const rules: AccessRules = { sharedTypes: ['Organization'] }
  it.each<readonly [string, string, Resource, string]>([
    ['patient/Observation.r', 'a', own, 'own'],
    ['patient/Observation.s', 'a', own, 'own'],
    ['patient/Observation.u', 'a', own, 'none'],
    ['patient/Observation.r', 'b', own, 'none'],
    ['patient/Condition.r', 'a', own, 'none'],
    ['user/Observation.r', 'a', own, 'none'],
    ['patient/Observation.r?status=final', 'a', own, 'own'],
    ['patient/Observation.r?status=draft', 'a', own, 'none'],
    ['patient/Observation.r?status=draft patient/Observation.s', 'a', own, 'own'],
    ['patient/Organization.r', 'a', organization, 'shared'],
    ['patient/Organization.r patient/Organization.s?_id=x', 'a', organization, 'shared'],
    ['patient/*.r', 'a', organization, 'shared']
  ])('%s, for the patient %s', (scope, patient, resource, access) => {
    const evaluation = { read: indexReader(), userMay: () => true }
    expect(targetAccess(alternativesFor(scope, rules), patient, resource, evaluation)).toBe(access)
  })
})
