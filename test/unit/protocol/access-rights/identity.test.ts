/** What a resource states about the identity of persons, one statement a row. */
import { describe, expect, it } from 'vitest'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import type { Identity } from '../../../../src/protocol/access/identity.js'
import {
  allContainedIn,
  canonicalReference,
  identifiesAnew,
  isOfTypePatient,
  leadsToAnother,
  patientIdsIn,
  textsBy
} from '../../../../src/protocol/access/identity.js'
import { indexReader } from '../../../../src/protocol/access/search/search-index.js'

const base = 'https://ehr.example/fhir'
const read = indexReader({ base })
const to = (reference: string, more: object = {}): object => ({ reference, ...more })
const definition = 'http://hl7.org/fhir/StructureDefinition/Patient'

describe('contained resources', () => {
  const inner = { resourceType: 'Patient', id: 'inner' }
  const outer = { resourceType: 'Practitioner', id: 'outer', contained: [inner] }
  it.each<readonly [string, object, ReadonlyArray<object>]>([
    ['none', {}, []],
    ['one', { contained: [inner] }, [inner]],
    ['one without a list', { contained: inner }, [inner]],
    ['one in another', { contained: [outer] }, [outer, inner]],
    ['those that are resources', { contained: ['x', null, {}, inner] }, [inner]],
    ['none that is inherited', Object.create({ contained: [inner] }) as object, []]
  ])('are found: %s', (_name, members, found) => {
    const resource = Object.assign(members, { resourceType: 'Observation' }) as Resource
    expect(allContainedIn(resource)).toEqual(found)
  })

  it('are patients by their type, and have ids', () => {
    expect([...patientIdsIn([outer, inner, { resourceType: 'Patient' }])]).toEqual(['inner'])
  })
})

describe('a reference', () => {
  it.each([
    ['Patient/a', 'Patient/a'],
    [`${base}/Patient/a`, 'Patient/a'],
    ['Patient/a/_history/1', 'Patient/a'],
    [`${base}/Practitioner/p`, 'Practitioner/p'],
    ['https://other.example/Patient/a', 'https://other.example/Patient/a'],
    ['#p', '#p']
  ])('%s is written as %s', (reference, canonical) => {
    expect(canonicalReference(read, reference)).toBe(canonical)
  })

  it.each<readonly [unknown, boolean]>([
    ['Patient', true],
    [definition, true],
    ['Practitioner', false],
    ['XPatient', false],
    ['Patients', false],
    [['Patient'], false],
    [undefined, false]
  ])('of the type %j is to a patient: %s', (type, isPatient) => {
    expect(isOfTypePatient(type)).toBe(isPatient)
  })
})

describe('a value that leads to another patient', () => {
  const identity: Identity = { read, patient: 'a', containedPatients: new Set(['p']) }
  const identifier = { value: '1' }
  it.each<readonly [string, unknown, string, boolean]>([
    ['a reference to the patient', to('Patient/a'), '', false],
    ['a reference to the patient by a URL', to(`${base}/Patient/a`), '', false],
    ['a reference to a version of the patient', to('Patient/a/_history/1'), '', false],
    ['a reference to another', to('Patient/b'), '', true],
    ['a reference to a patient of another server', to('https://other.example/Patient/a'), '', true],
    ['a reference by a search', to('Patient?name=a'), '', true],
    ['a reference without an id', to('Patient/'), '', true],
    ['a reference to a practitioner', to('Practitioner/a'), '', false],
    ['a reference to a practitioner that claims another type', to('Practitioner/a', { type: 'Patient' }), '', false],
    ['a practitioner of another server', to('https://other.example/Practitioner/a'), '', false],
    [
      'a practitioner of another server that claims the type',
      to('https://other.example/Practitioner/a', { type: 'Patient' }),
      '',
      true
    ],
    [
      'an address with the URL of the definition of its type',
      to('https://x.example/1', { type: definition }),
      '',
      true
    ],
    ['an address that says nothing', to('https://x.example/1'), '', false],
    ['a URN', to('urn:uuid:1'), '', true],
    ['an address that ends like a URN', to('https://x.example/urn:'), '', false],
    ['a contained patient', to('#p'), '', true],
    ['another contained resource', to('#q'), '', false],
    ['the patient, with an identifier', to('Patient/a', { identifier }), '', true],
    ['the patient by a URL, with an identifier', to(`${base}/Patient/a`, { identifier }), '', true],
    ['a practitioner, with an identifier', to('Practitioner/a', { identifier }), '', false],
    ['an identifier of a patient', { type: 'Patient', identifier }, '', true],
    ['an identifier of a group', { type: 'Group', identifier }, 'valueReference', false],
    ['an identifier of no type', { identifier }, 'subject', false],
    ['an identifier of no type in an extension', { identifier }, 'valueReference', true],
    ['an identifier of no type in a list', [{ identifier }], 'valueReference', true],
    ['a type alone', { type: 'Patient' }, 'valueReference', false],
    ['a reference that is no text', { reference: 7, type: 'Patient', identifier }, '', true],
    ['an inner value', { extension: [{ valueReference: { identifier } }] }, '', true],
    ['one of several inner values', { extension: [{ valueReference: to('Patient/a') }, to('Patient/b')] }, '', true],
    ['inner values of the patient', { extension: [{ valueReference: to('Patient/a') }] }, '', false],
    ['no inner value', [], '', false],
    ['a URI', 'Patient/b', 'valueUri', true],
    ['a URL', 'https://other.example/Patient/b', 'valueUrl', true],
    ['a canonical URL', { valueCanonical: 'Patient/b' }, '', true],
    ['a URI of the patient', 'Patient/a', 'valueUri', false],
    ['a URI of something else', 'urn:uuid:1', 'valueUri', false],
    ['a URI of a practitioner', 'https://other.example/Practitioner/b', 'valueUri', false],
    ['a text', 'Patient/b', 'valueString', false],
    ['a text whose name begins otherwise', 'Patient/b', 'xvalueUri', false],
    ['a text whose name ends otherwise', 'Patient/b', 'valueUris', false],
    ['a number', 7, 'valueUri', false],
    ['null', null, '', false]
  ])('or not: %s', (_name, value, member, isAnother) => {
    expect(leadsToAnother(identity, value, member)).toBe(isAnother)
  })

  it('is any patient where none is in question', () => {
    for (const id of ['a', 'null'])
      expect(leadsToAnother({ ...identity, patient: null }, to(`Patient/${id}`))).toBe(true)
  })
})

describe('texts of values', () => {
  const text = textsBy(read)
  it.each<readonly [string, unknown, unknown, boolean]>([
    ['members in another order', { a: 1, b: { c: 2, d: 3 } }, { b: { d: 3, c: 2 }, a: 1 }, true],
    ['another value', { a: 1 }, { a: 2 }, false],
    ['another member', { a: 1 }, { b: 1 }, false],
    ['items in another order', [1, 2], [2, 1], false],
    ['a reference in another spelling', to('Patient/b'), to(`${base}/Patient/b`), true],
    ['a URI in another spelling', { valueUri: 'Patient/b' }, { valueUri: `${base}/Patient/b` }, true],
    ['a reference that is an object', { reference: { a: 1, b: 2 } }, { reference: { b: 2, a: 1 } }, true],
    ['a text in another spelling', { display: 'Patient/b' }, { display: `${base}/Patient/b` }, false],
    ['no object', null, {}, false]
  ])('are equal or not: %s', (_name, one, other, areEqual) => {
    expect(text(one) === text(other)).toBe(areEqual)
  })

  it('have the content of what they refer to', () => {
    const [first, second] = [1, 2].map((number) => textsBy(read, new Map([['#c', number]])))
    expect(first?.(to('#c'))).not.toBe(second?.(to('#c')))
    expect(first?.(to('#d'))).toBe(second?.(to('#d')))
  })
})

describe('a new statement about the identity of a person', () => {
  const patient = (more: object = {}): Resource => ({ resourceType: 'Patient', id: 'a', ...more })
  const person = (...link: ReadonlyArray<unknown>): Resource => ({ resourceType: 'Person', id: 'x', link })
  const linked = (...link: ReadonlyArray<unknown>): Resource => patient({ link })
  const self = { other: to('Patient/a'), type: 'seealso' }
  const other = { other: to('Patient/b'), type: 'seealso' }
  const holding = (contained: object, more: object = {}): Resource => ({
    resourceType: 'Observation',
    id: 'o',
    contained: [contained],
    ...more
  })
  const claiming = (id: string, name: string): object => ({
    resourceType: 'Patient',
    id,
    name: [{ text: name }],
    link: [{ other: to('Patient/b'), type: 'seealso' }]
  })
  const referring = (reference: string, ...contained: ReadonlyArray<object>): Resource =>
    patient({ contained, link: [{ other: to(reference), type: 'seealso' }] })
  const named = (text: string, id: string | null = 'p'): object => ({
    resourceType: 'RelatedPerson',
    ...(id === null ? {} : { id }),
    name: [{ text }]
  })
  const isNew = (resource: Resource, before: Resource | null): boolean => {
    const contained = allContainedIn(resource)
    return identifiesAnew(
      { read, patient: 'a', containedPatients: patientIdsIn(contained) },
      resource,
      contained,
      before
    )
  }

  it.each<readonly [string, Resource, boolean]>([
    ['a record without links', patient({ name: [{ text: 'Ada' }], active: true }), false],
    ['a link to itself', linked(self), false],
    ['a link to itself that is no list', patient({ link: self }), false],
    ['a link to itself with an id', linked({ ...self, id: '1' }), false],
    ['a link to itself by a URL', linked({ other: to(`${base}/Patient/a`) }), false],
    ['a link to itself with a text', linked({ other: to('Patient/a', { display: 'Ada' }) }), false],
    ['a link to itself with its type', linked({ other: to('Patient/a', { type: 'Patient' }) }), false],
    ['a link to itself with the URL of its type', linked({ other: to('Patient/a', { type: definition }) }), false],
    ['a link to itself with a text that is none', linked({ other: to('Patient/a', { display: {} }) }), true],
    ['a link to itself with another type', linked({ other: to('Patient/a', { type: 'RelatedPerson' }) }), true],
    ['a link to itself with an identifier', linked({ other: to('Patient/a', { identifier: {} }) }), true],
    ['a link to itself of a type that is no text', linked({ ...self, type: {} }), true],
    ['a link to itself with an extension', linked({ ...self, extension: [] }), true],
    ['a link to itself by the member of a Person', linked({ target: to('Patient/a') }), true],
    ['a link without a target', linked({ type: 'seealso' }), true],
    ['a link to a text', linked({ other: 'Patient/a' }), true],
    ['a link to an empty target', linked({ other: {} }), true],
    ['a link that is a text', linked('x'), true],
    ['a link that is null', linked(null), true],
    ['a link to another', linked(other), true],
    ['a link to another beside one to itself', linked(self, other), true],
    ['an extension of links', patient({ _link: [] }), true],
    ['an extension of links of another type', { resourceType: 'Observation', _link: [] }, false],
    ['an extension of links in a contained record', holding(patient({ _link: [] })), true],
    ['a Person who is the patient', person({ target: to('Patient/a'), assurance: 'level4' }), false],
    ['a Person who is another', person({ target: to('Patient/b') }), true],
    ['a Person with the member of a Patient', person({ other: to('Patient/a') }), true],
    ['a reference to another patient elsewhere', patient({ extension: [{ valueReference: to('Patient/b') }] }), true],
    ['a reference to the patient elsewhere', patient({ extension: [{ valueReference: to('Patient/a') }] }), false],
    ['a practitioner', patient({ generalPractitioner: [to('Practitioner/p')] }), false],
    [
      'a contained resource of another type',
      patient({ contained: [holding({}, { subject: to('Patient/b') })] }),
      false
    ],
    ['a contained record without links', holding(patient()), false],
    ['a contained record that is the patient', holding(linked(self)), true],
    ['a contained record that is linked', holding(linked({ other: to('Patient/null') })), true],
    ['a contained Person who is the patient', holding(person({ target: to('Patient/a') })), true],
    ['a resource of another type', { resourceType: 'Observation', subject: to('Patient/b'), link: [other] }, false]
  ])('or none, where nothing is stored: %s', (_name, resource, isAnew) => {
    expect(isNew(resource, null)).toBe(isAnew)
    expect(isNew(resource, { resourceType: 'Basic', id: resource.id ?? '' })).toBe(isAnew)
  })

  it.each<readonly [string, Resource, Resource, boolean]>([
    ['a link that is there', linked(other), linked(other), false],
    ['a link that is there as no list', linked(other), patient({ link: other }), false],
    ['a link that goes', linked(), linked(other), false],
    [
      'a link in another order of its members',
      linked({ type: 'seealso', other: to('Patient/b') }),
      linked(other),
      false
    ],
    ['a link by a URL', linked({ ...other, other: to(`${base}/Patient/b`) }), linked(other), false],
    ['a link of another type', linked({ ...other, type: 'replaces' }), linked(other), true],
    ['a link that is null', linked(null), patient(), true],
    ['a second link', linked(other, { other: to('Patient/c') }), linked(other), true],
    ['a link that the record of another type has', linked(other), { ...linked(other), resourceType: 'Person' }, true],
    [
      'a reference that moves to another member',
      patient({ modifierExtension: [{ valueReference: to('Patient/b') }] }),
      patient({ extension: [{ valueReference: to('Patient/b') }] }),
      true
    ],
    [
      'a reference in an extension that is there',
      patient({ extension: [{ url: 'x' }, { valueReference: to('Patient/b') }] }),
      patient({ extension: [{ valueReference: to('Patient/b') }] }),
      false
    ],
    ['a contained record that is there', holding(claiming('p', 'x')), holding(claiming('p', 'x')), false],
    [
      'a contained record that is there in another one',
      holding(claiming('p', 'x')),
      holding({ resourceType: 'Group', id: 'g', contained: [claiming('p', 'x')] }),
      false
    ],
    ['a contained record that is changed', holding(claiming('p', 'y')), holding(claiming('p', 'x')), true],
    ['a contained record that is not there', holding(claiming('p', 'x')), holding(patient()), true],
    [
      'a contained record beside a link that is there',
      patient({ link: [other], contained: [claiming('p', 'x')] }),
      linked(other),
      true
    ],
    [
      'a link to a contained record that is there',
      referring('#p', named('x')),
      referring('#p', named('x'), named('y', 'q')),
      false
    ],
    ['a link to a contained record that is changed', referring('#p', named('y')), referring('#p', named('x')), true],
    [
      'a link to a contained record that another one replaces',
      referring('#p', named('y'), named('x', 'q')),
      referring('#p', named('x'), named('y', 'q')),
      true
    ],
    ['a link to another contained record', referring('#q', named('x', 'q')), referring('#p', named('x', 'p')), true],
    [
      'a link to a record without an id that is changed',
      referring('#', named('y', null)),
      referring('#', named('x', null)),
      true
    ]
  ])('or none, against what is stored: %s', (_name, resource, before, isAnew) => {
    expect(isNew(resource, before)).toBe(isAnew)
  })
})
