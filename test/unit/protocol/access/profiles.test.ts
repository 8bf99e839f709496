/** Access profiles: which rows are rows, what they open for a permission, and what evidence a resource needs. */
import { describe, expect, it } from 'vitest'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import type { LinkEvidence, TargetAccess } from '../../../../src/protocol/access/profiles/links.js'
import {
  accessDependencies,
  isLinkedType,
  isOpenedByLink,
  namedByDocument,
  opensByNaming
} from '../../../../src/protocol/access/profiles/links.js'
import { accessProfileOf } from '../../../../src/protocol/access/profiles/named-profiles.js'
import { namingForPatient } from '../../../../src/protocol/access/profiles/naming-for-patient.js'
import type { OpeningRules } from '../../../../src/protocol/access/profiles/opened.js'
import { openedTypes } from '../../../../src/protocol/access/profiles/opened.js'
import type { AccessProfile, AccessProfileRow } from '../../../../src/protocol/access/profiles/profile.js'
import { profileRowRules, wrongAccessProfile } from '../../../../src/protocol/access/profiles/profile-check.js'
import { parse } from '../../../../src/scopes/parse.js'
import { limits } from '../../../../src/values/limits/limits.js'

const because = { because: 'For a reason.', source: 'a book' }
const shared: AccessProfileRow = { type: 'Practitioner', permissions: ['r', 's'], by: 'shared', ...because }
const document = { type: 'DocumentReference', path: 'content.attachment.url', parameter: null }
const byTarget: AccessProfileRow = { type: 'Provenance', permissions: ['r'], by: { target: 'target' }, ...because }
const byDocument: AccessProfileRow = { type: 'Binary', permissions: ['r'], by: { documents: [document] }, ...because }
const byCompartment: AccessProfileRow = {
  type: 'Device',
  permissions: ['s'],
  by: { compartment: ['patient'] },
  ...because
}

describe('a row of a profile', () => {
  const way =
    '`by`: `shared`, or one of `{ compartment: [parameter] }`, `{ target: member }` and ' +
    '`{ documents: [{ type, path, parameter }] }`'
  const reading = '`permissions`: `r`, `s` or both, because a profile opens no writing'
  const type = '`type`: the name of a resource type'
  const reasons = '`because` and `source`: texts'
  const documents = (...list: ReadonlyArray<unknown>): object => ({ by: { documents: list } })

  const rows: ReadonlyArray<readonly [object, string | null]> = [
    [{}, null],
    [{ permissions: ['r'] }, null],
    [{ by: { compartment: ['patient', '_id', 'a-1'] } }, null],
    [{ by: { target: 'target' } }, null],
    [documents(document), null],
    [documents(document, { ...document, parameter: 'url' }), null],
    [{ type: undefined }, type],
    [{ type: '' }, type],
    [{ type: 7 }, type],
    [{ type: 'practitioner' }, type],
    [{ permissions: [] }, reading],
    [{ permissions: 'r' }, reading],
    [{ permissions: ['r', 'u'] }, reading],
    [{ by: undefined }, way],
    [{ by: 'other' }, way],
    [{ by: {} }, way],
    [{ by: { target: 'target', compartment: ['patient'] } }, way],
    [{ by: { other: ['patient'] } }, way],
    [{ by: { compartment: [] } }, way],
    [{ by: { compartment: 'patient' } }, way],
    [{ by: { compartment: ['patient', '1a'] } }, way],
    [{ by: { compartment: ['a b'] } }, way],
    [{ by: { compartment: [''] } }, way],
    [{ by: { target: '' } }, way],
    [{ by: { target: 'a.b' } }, way],
    [{ by: { target: 'target1' } }, way],
    [{ by: { target: '1target' } }, way],
    [documents(), way],
    [documents(null), way],
    [documents(document, { ...document, type: 'x' }), way],
    [documents({ ...document, path: 'content..url' }), way],
    [documents({ ...document, path: '' }), way],
    [documents({ ...document, path: 7 }), way],
    [documents({ ...document, path: 'content.1' }), way],
    [documents({ ...document, parameter: undefined }), way],
    [documents({ ...document, parameter: '' }), way],
    [{ type: 'Patient' }, '`by`: another way than `shared` for Patient'],
    [{ type: 'Patient', by: { compartment: ['link'] } }, null],
    [{ because: '' }, reasons],
    [{ source: undefined }, reasons]
  ]
  it.each(rows.map(([change, expected]) => ({ change, expected })))(
    'with $change: $expected',
    ({ change, expected }) => {
      const row = { ...shared, ...change }
      const wrong = wrongAccessProfile([shared, row])
      expect(wrong).toBe(expected === null ? null : `a list of rows, and in row 1 ${expected}`)
      expect(profileRowRules.map(({ check }) => check(row)).find((one) => one !== null) ?? null).toBe(expected)
    }
  )

  it.each<readonly [unknown, string | null]>([
    [undefined, null],
    ['us-core', null],
    ['compartment', null],
    [[], null],
    ['other', '"compartment", "us-core" or a list of rows'],
    [7, '"compartment", "us-core" or a list of rows'],
    [['x'], 'a list of rows, and in row 0 an object']
  ])('is in a profile: %j, %s', (given, expected) => {
    expect(wrongAccessProfile(given)).toBe(expected)
  })

  it('is found by the name of its profile', () => {
    expect(accessProfileOf()).toEqual([])
    expect(accessProfileOf('us-core').length).toBeGreaterThan(0)
    expect(accessProfileOf([shared])).toEqual([shared])
    expect(accessProfileOf('toString' as 'us-core')).toEqual([])
  })
})

describe('what rules open', () => {
  const profile: AccessProfile = [shared, byTarget, byDocument, byCompartment]
  const host = (source: string, type: string): AccessProfileRow => ({
    type,
    permissions: ['r', 's'],
    by: { target: source },
    because: 'The host opens it.',
    source: 'rules of the host'
  })

  it.each<readonly [string, OpeningRules, 'c' | 'r' | 's' | 'u', object]>([
    ['nothing', {}, 'r', { sharedTypes: [], moreCompartment: {}, links: [] }],
    [
      'a profile, for reading',
      { accessProfile: profile },
      'r',
      { sharedTypes: ['Practitioner'], moreCompartment: {}, links: [byTarget, byDocument] }
    ],
    [
      'a profile, for searching',
      { accessProfile: profile },
      's',
      { sharedTypes: ['Practitioner'], moreCompartment: { Device: ['patient'] }, links: [] }
    ],
    [
      'a profile, for writing',
      { accessProfile: profile },
      'u',
      { sharedTypes: [], moreCompartment: {}, links: [], openedByNaming: [byDocument] }
    ],
    [
      'types of the host, once, and none of the compartment',
      { accessProfile: profile, sharedTypes: ['Practitioner', 'Observation', 'Organization'] },
      'r',
      { sharedTypes: ['Practitioner', 'Organization'], moreCompartment: {}, links: [byTarget, byDocument] }
    ],
    [
      'a type that a parameter of the host puts into the compartment',
      { sharedTypes: ['Device', 'Organization'], moreCompartment: { Device: ['patient'] } },
      'r',
      { sharedTypes: ['Organization'], moreCompartment: { Device: ['patient'] }, links: [] }
    ],
    [
      'Binary by its security context',
      { sharedTypes: ['Binary'] },
      'r',
      { sharedTypes: ['Binary'], moreCompartment: {}, links: [host('securityContext', 'Binary')] }
    ],
    [
      'Provenance by its target',
      { moreCompartment: { Provenance: ['target', 'patient'], Binary: ['securityContext'] } },
      'r',
      {
        sharedTypes: [],
        moreCompartment: { Provenance: ['patient'], Binary: [] },
        links: [host('target', 'Provenance'), host('securityContext', 'Binary')]
      }
    ],
    [
      'records that link to the patient, for reading',
      { moreCompartment: { Patient: ['link', 'x'] } },
      'r',
      { sharedTypes: [], moreCompartment: { Patient: ['link', 'x'] }, links: [] }
    ],
    [
      'records that link to the patient, for writing',
      { moreCompartment: { Patient: ['link', 'x'] } },
      'c',
      { sharedTypes: [], moreCompartment: { Patient: ['x'] }, links: [], openedByNaming: [] }
    ],
    [
      'a parameter beside that of the profile',
      { accessProfile: profile, moreCompartment: { Device: ['a'] } },
      's',
      { sharedTypes: ['Practitioner'], moreCompartment: { Device: ['a', 'patient'] }, links: [] }
    ]
  ])('%s', (_name, rules, permission, expected) => {
    // Rules are remembered by their object.
    const fresh = { ...rules }
    const found = openedTypes(fresh, permission)
    expect(found).toEqual(expected)
    expect(openedTypes(fresh, permission)).toBe(found)
  })

  it.each<readonly [string, 'c' | 'u' | 'd' | 'r', boolean]>([
    ['patient/*.cruds', 'c', true],
    ['patient/*.cruds', 'u', true],
    ['patient/*.cruds', 'd', false],
    ['patient/*.cruds', 'r', false],
    ['patient/DocumentReference.cud patient/Binary.r', 'c', true],
    ['patient/DocumentReference.cud patient/Binary.s', 'c', true],
    ['patient/DocumentReference.cud patient/Binary.cud', 'c', false],
    ['patient/DocumentReference.cruds', 'c', false],
    ['user/*.cruds', 'c', false],
    ['openid', 'c', false],
    ['openid patient/*.cruds', 'c', true],
    ['user/Binary.r?_id=1 patient/DocumentReference.cud', 'c', false],
    ['patient/*.cruds user/Binary.r', 'c', false],
    ['patient/*.cruds user/*.s', 'c', false],
    ['patient/*.cruds user/Binary.c', 'c', true],
    ['patient/*.cruds user/Patient.rs', 'c', true],
    ['patient/*.cruds user/Binary.r?_id=1', 'c', true]
  ])('a document may not name for %s and %s: %s', (scope, permission, isLimited) => {
    expect(namingForPatient(parse(scope), { accessProfile: profile }, permission)).toStrictEqual(
      isLimited ? { openedByNaming: [byDocument] } : {}
    )
  })
})

describe('the evidence for a resource', () => {
  const links: AccessProfile = [byTarget, byDocument]
  const to = (...references: ReadonlyArray<unknown>): Resource => ({
    resourceType: 'Provenance',
    id: 'p',
    target: references.map((reference) => ({ reference }))
  })
  const binary: Resource = { resourceType: 'Binary', id: 'b' }
  const naming = (...urls: ReadonlyArray<unknown>): Resource => ({
    resourceType: 'DocumentReference',
    content: urls.map((url) => ({ attachment: { url } }))
  })
  const facts = { base: 'https://ehr.example/fhir' }
  const stored: Readonly<Record<string, TargetAccess>> = {
    'Observation/own': 'own',
    'Organization/shared': 'shared',
    'Observation/none': 'none',
    'Provenance/p2': 'own'
  }
  const evidenceOf = (documents: ReadonlyArray<Resource> = []): LinkEvidence => ({
    find: (reference) => (Object.hasOwn(stored, reference) ? { resourceType: 'X', id: reference } : undefined),
    naming: () => documents,
    accessTo: (patient, { id = '', resourceType }) =>
      patient !== '123' ? 'none' : resourceType === 'X' ? (stored[id] ?? 'none') : 'own'
  })
  const many = (reference: string, count: number): ReadonlyArray<string> =>
    Array.from({ length: count }, (_, index) => (index === count - 1 ? reference : 'Observation/missing'))
  const most = limits.fhirEvidenceTargets.default

  it.each<readonly [string, Resource, boolean]>([
    ['its own target', to('Observation/own'), true],
    ['its own target by its URL', to('https://ehr.example/fhir/Observation/own'), true],
    ['an own target beside others', to('Observation/none', 'Observation/own'), true],
    ['shared targets', to('Organization/shared', 'Organization/shared'), true],
    ['a shared target beside one that is closed', to('Organization/shared', 'Observation/none'), false],
    ['a shared target beside one of another server', to('Organization/shared', 'https://x.example/A/1'), false],
    ['a shared target beside one without a reference', to('Organization/shared', undefined), false],
    ['a target that is closed', to('Observation/none'), false],
    ['a target that is missing', to('Observation/missing'), false],
    ['a target that is opened by a target itself', to('Provenance/p2'), false],
    ['no target', to(), false],
    ['the last target that counts', to(...many('Observation/own', most)), true],
    ['a target behind the last one that counts', to(...many('Observation/own', most + 1)), false],
    ['shared targets up to the last that counts', to(...Array<string>(most).fill('Organization/shared')), true],
    ['a shared target that does not count', to(...Array<string>(most + 1).fill('Organization/shared')), false],
    ['a resource of another type', { resourceType: 'Observation', target: [{ reference: 'Observation/own' }] }, false]
  ])('%s: %#', (_name, resource, isOpen) => {
    expect(isOpenedByLink(links, resource, '123', evidenceOf(), facts)).toBe(isOpen)
    expect(isOpenedByLink(links, resource, '456', evidenceOf(), facts)).toBe(false)
    expect(isOpenedByLink([shared, byCompartment], resource, '123', evidenceOf(), facts)).toBe(false)
  })

  it.each<readonly [string, Resource, ReadonlyArray<Resource>, boolean]>([
    ['a document', binary, [naming('Binary/b')], true],
    ['a document by its URL', binary, [naming('https://ehr.example/fhir/Binary/b')], true],
    ['the second address', binary, [naming('Binary/a', 'Binary/b')], true],
    ['the second document', binary, [naming('Binary/a'), naming('Binary/b')], true],
    ['no document', binary, [], false],
    ['a document about another', binary, [naming('Binary/a')], false],
    ['an address that is no text', binary, [naming(7)], false],
    ['a document of another type', binary, [{ ...naming('Binary/b'), resourceType: 'Composition' }], false],
    ['a security context', { ...binary, securityContext: {} }, [naming('Binary/b')], false],
    ['no id', { resourceType: 'Binary' }, [naming('Binary/undefined')], false]
  ])('%s opens it, or not', (_name, resource, documents, isOpen) => {
    expect(isOpenedByLink(links, resource, '123', evidenceOf(documents), facts)).toBe(isOpen)
    expect(isOpenedByLink(links, resource, '456', evidenceOf(documents), facts)).toBe(false)
  })

  it.each<readonly [string, AccessProfile, Resource, object]>([
    [
      'local targets, each once',
      links,
      to('Observation/a', 'Observation/a', 'Observation/b', 'https://x.example/A/1', 'Provenance/p2', 7),
      { targets: ['Observation/a', 'Observation/b'], documents: [] }
    ],
    [
      'targets up to the limit',
      links,
      to(...many('Observation/a', most + 1)),
      { targets: ['Observation/missing'], documents: [] }
    ],
    ['the documents of its type', links, binary, { targets: [], documents: [document] }],
    [
      'no document beside a security context',
      links,
      { ...binary, securityContext: {} },
      { targets: [], documents: [] }
    ],
    [
      'nothing where it is shared',
      [shared, byCompartment],
      { resourceType: 'Practitioner' },
      { targets: [], documents: [] }
    ],
    [
      'nothing of another type',
      links,
      { resourceType: 'Observation', target: [{ reference: 'A/1' }] },
      { targets: [], documents: [] }
    ]
  ])('it depends on %s', (_name, rows, resource, expected) => {
    expect(accessDependencies(rows, resource, facts)).toEqual(expected)
  })

  it.each(['Practitioner', 'Device'])('opens no %s, which a row opens in another way', (resourceType) => {
    const resource = { resourceType, id: 'x' }
    expect(isOpenedByLink([shared, byCompartment], resource, '123', evidenceOf([naming('X/x')]), facts)).toBe(false)
    expect(accessDependencies([shared, byCompartment], resource, facts)).toEqual({ targets: [], documents: [] })
  })

  it('is about linked types', () => {
    expect([isLinkedType(links, 'Binary'), isLinkedType(links, 'Device'), isLinkedType([], 'Binary')]).toEqual([
      true,
      false,
      false
    ])
    expect(namedByDocument(naming('Binary/b', 7, 'x'), 'content.attachment.url', facts)).toEqual(['Binary/b'])
  })

  it.each<readonly [string, Resource, Resource | null, boolean]>([
    ['a new document', naming('Binary/b'), null, true],
    ['a new name', naming('Binary/a', 'Binary/b'), naming('Binary/a'), true],
    ['a name that was there', naming('Binary/b'), naming('Binary/b', 'Binary/a'), false],
    ['a name that another type had', naming('Binary/b'), { ...naming('Binary/b'), resourceType: 'Composition' }, true],
    ['a name of another type', naming('Observation/b'), null, false],
    ['a type that only begins like it', naming('BinaryX/b'), null, false],
    ['no name', naming(), null, false],
    ['a resource of another type', { ...naming('Binary/b'), resourceType: 'Composition' }, null, false]
  ])('%s opens by naming, or not', (_name, resource, before, isNew) => {
    expect(opensByNaming(links, resource, before, facts)).toBe(isNew)
    expect(opensByNaming([shared, byTarget, byCompartment], resource, before, facts)).toBe(false)
  })
})
