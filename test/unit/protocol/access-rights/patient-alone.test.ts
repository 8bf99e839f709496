/** Whether a resource concerns one patient only, one way of naming a patient a row. */
import { describe, expect, it } from 'vitest'
import type { Resource } from '../../../../src/protocol/access/fhir-interaction.js'
import { isOfPatientAlone } from '../../../../src/protocol/access/patient-alone.js'
import { releaseR5 } from '../../../../src/protocol/access/releases.js'
import { indexReader } from '../../../../src/protocol/access/search/search-index.js'

const base = 'https://ehr.example/fhir'
const read = indexReader({ base })
const self = { reference: 'Patient/a' }
const another = { extension: [{ valueReference: { reference: 'Patient/b' } }] }
const observation = (more: object = {}): Resource => ({ resourceType: 'Observation', id: '1', subject: self, ...more })
const performed = (...performer: ReadonlyArray<unknown>): Resource => observation({ performer })
const identifier = { value: '1' }
const p = { resourceType: 'Patient', id: 'p' }

describe('a resource that concerns the patient alone', () => {
  it.each<readonly [string, Resource, boolean]>([
    ['about the patient', observation(), true],
    ['about the patient by a URL', observation({ subject: { reference: `${base}/Patient/a` } }), true],
    ['about another', observation({ subject: { reference: 'Patient/b' } }), false],
    ['about no patient', { resourceType: 'Observation' }, false],
    ['of a type outside the compartment', { resourceType: 'Organization', subject: self }, false],
    ['the own record', { resourceType: 'Patient', id: 'a' }, true],
    ['the record of another', { resourceType: 'Patient', id: 'b' }, false],
    [
      'the own record with a link to another',
      { resourceType: 'Patient', id: 'a', link: [{ other: { reference: 'Patient/b' } }] },
      false
    ],
    ['by another patient', performed({ reference: 'Patient/b' }), false],
    ['by the patient', performed(self), true],
    ['by a patient of another server', performed({ reference: 'https://other.example/Patient/a' }), false],
    ['by a practitioner', performed({ reference: 'Practitioner/b' }), true],
    ['by what is said to be a patient', performed({ reference: 'https://other.example/1', type: 'Patient' }), false],
    [
      'by what is said to be a practitioner',
      performed({ reference: 'https://other.example/1', type: 'Practitioner' }),
      true
    ],
    ['by an address of another server', performed({ reference: 'https://other.example/1' }), true],
    ['by a URN', performed({ reference: 'urn:uuid:1' }), false],
    ['by a search for patients', performed({ reference: 'Patient?name=b' }), false],
    ['by a patient with an identifier', performed({ type: 'Patient', identifier }), false],
    ['by a practitioner with an identifier', performed({ type: 'Practitioner', identifier }), true],
    ['by an identifier of no type', performed({ identifier }), true],
    ['by a text', performed('x', null, { display: 'x' }), true],
    ['by a contained patient', observation({ contained: [p], performer: [{ reference: '#p' }] }), false],
    [
      'by a contained practitioner',
      observation({ contained: [{ ...p, resourceType: 'Practitioner' }], performer: [{ reference: '#p' }] }),
      true
    ],
    ['by another contained resource', observation({ contained: [p], performer: [{ reference: '#q' }] }), true],
    [
      'by a reference that ends like a contained one',
      observation({ contained: [p], performer: [{ reference: 'xp' }] }),
      true
    ],
    [
      'with a contained resource about another',
      observation({ contained: [observation({ subject: { reference: 'Patient/b' } })] }),
      false
    ],
    ['with a contained resource about the patient', observation({ contained: [observation()] }), true],
    [
      'with a contained resource about a contained patient',
      observation({ contained: [p, observation({ subject: { reference: '#p' } })] }),
      false
    ],
    [
      'with a subject of no type, by its identifier',
      { resourceType: 'Condition', subject: { identifier }, asserter: self },
      false
    ],
    [
      'with a beneficiary of no type, by its identifier',
      { resourceType: 'Coverage', beneficiary: { identifier }, subscriber: self },
      false
    ],
    [
      'with a subject that only has a text',
      { resourceType: 'Condition', subject: { display: 'x' }, asserter: self },
      true
    ],
    [
      'with an identifier beside the reference',
      observation({ subject: { ...self, identifier, type: 'Patient' } }),
      true
    ],
    ['with another patient beside the reference', observation({ subject: { ...self, ...another } }), false],
    ['with another patient in place of a reference', performed(another), false],
    [
      'with the patient beside the reference',
      observation({ subject: { ...self, extension: [{ valueReference: self }] } }),
      true
    ],
    [
      'with another patient beside a contained reference',
      observation({ contained: [observation({ subject: { ...self, ...another } })] }),
      false
    ]
  ])('or not: %s', (_name, resource, isAlone) => {
    expect(isOfPatientAlone(read, resource, 'a')).toBe(isAlone)
  })

  it.each<readonly [string, Resource, Resource, boolean]>([
    [
      'stays',
      observation({ subject: { ...self, ...another } }),
      observation({ subject: { ...self, ...another } }),
      true
    ],
    [
      'stays in another spelling',
      observation({ subject: { reference: `${base}/Patient/a`, ...another } }),
      observation({ subject: { ...another, ...self } }),
      true
    ],
    ['goes', observation(), observation({ subject: { ...self, ...another } }), true],
    ['is new', observation({ subject: { ...self, ...another } }), observation(), false],
    [
      'stays, and there is a second one',
      performed({ ...self, ...another }, { reference: 'Practitioner/p', ...another }),
      performed({ ...self, ...another }),
      false
    ],
    [
      'was in a resource of another type',
      observation({ subject: { ...self, ...another } }),
      { ...observation({ subject: { ...self, ...another } }), resourceType: 'DiagnosticReport' },
      false
    ],
    [
      'moves to a contained resource of the type',
      observation({ contained: [performed({ ...self, ...another })] }),
      performed({ ...self, ...another }),
      false
    ],
    [
      'moves to a contained resource of another type',
      observation({ contained: [{ resourceType: 'Condition', subject: { ...self, ...another } }] }),
      observation({ subject: { ...self, ...another } }),
      false
    ]
  ])('and what is beside a reference: it %s', (_name, resource, before, isAlone) => {
    expect(isOfPatientAlone(read, resource, 'a', {}, before)).toBe(isAlone)
  })

  it.each<readonly [string, Resource]>([
    ['as performer', performed({ reference: 'Patient/b' })],
    ['as performer of another server', performed({ reference: 'https://other.example/Patient/a' })],
    ['as a contained performer', observation({ contained: [p], performer: [{ reference: '#p' }] })],
    ['by an identifier', performed({ type: 'Patient', identifier })],
    [
      'in a contained resource',
      observation({ contained: [observation(), observation({ subject: { reference: 'Patient/b' } })] })
    ]
  ])('and another patient %s may not stay', (_name, resource) => {
    expect(isOfPatientAlone(read, resource, 'a', {}, resource)).toBe(false)
  })

  it('is found by further parameters, and by those of the release', () => {
    const device = { resourceType: 'Device', patient: self }
    expect(isOfPatientAlone(read, device, 'a')).toBe(false)
    expect(isOfPatientAlone(read, device, 'a', { Device: ['patient'] })).toBe(true)
    expect(isOfPatientAlone(read, { ...device, patient: { ...self, ...another } }, 'a', { Device: ['patient'] })).toBe(
      false
    )
    const allergy = {
      resourceType: 'AllergyIntolerance',
      patient: self,
      participant: [{ actor: { reference: 'Patient/b' } }]
    }
    expect(isOfPatientAlone(read, allergy, 'a')).toBe(true)
    expect(isOfPatientAlone(indexReader({}, releaseR5), allergy, 'a', {}, null, releaseR5)).toBe(false)
  })
})

describe('an element that leads beyond the patient and is stored', () => {
  const beyond = { ...self, ...another }
  const contained = (subject: object): object => ({ contained: [{ resourceType: 'Observation', id: 'c', subject }] })

  it.each<readonly [string, Resource, Resource, boolean]>([
    ['stays', observation({ subject: beyond }), observation({ subject: beyond }), true],
    ['stays in a contained resource', observation(contained(beyond)), observation(contained(beyond)), true],
    ['moves into a contained resource', observation(contained(beyond)), observation({ subject: beyond }), false],
    ['moves out of a contained resource', observation({ subject: beyond }), observation(contained(beyond)), false],
    [
      'stays beside a contained resource that changes',
      observation({ contained: [{ resourceType: 'Observation', id: 'c', status: 'final', subject: beyond }] }),
      observation(contained(beyond)),
      false
    ],
    ['comes anew', observation({ subject: beyond }), observation(), false]
  ])('%s', (_name, resource, before, isAlone) => {
    expect(isOfPatientAlone(read, resource, 'a', {}, before)).toBe(isAlone)
  })

  it('never leaves the compartment of the patient, also where another names it', () => {
    const moved = { resourceType: 'Observation', id: '1', contained: [observation({ subject: self })] }
    expect(isOfPatientAlone(read, moved, 'a', {}, observation())).toBe(false)
    const [other, own] = [observation({ subject: { reference: 'Patient/b' } }), observation()]
    expect([isOfPatientAlone(read, other, 'a', {}, own), isOfPatientAlone(read, other, 'a', {}, other)]).toEqual([
      false,
      false
    ])
  })
})
