/**
 * Whom a user of the simulator may see: one resource of each kind that concerns another patient, and one that does not.
 */
import { describe, expect, it } from 'vitest'
import type { UserEntry } from '../../../src/simulator/config/config.js'
import { mayUserTouch } from '../../../src/simulator/fhir/visible-patients.js'
import type { Resource } from '../../../src/protocol/access/fhir-interaction.js'
import { releaseR4 } from '../../../src/protocol/access/release.js'
import { releaseR5 } from '../../../src/protocol/access/releases.js'
import { patientCompartment } from '../../../src/values/fhir-r4/compartment.js'
import { parameterPaths } from '../../../src/values/fhir-r4/paths.js'

const base = 'https://ehr.example/fhir'
const user = (...patients: ReadonlyArray<string>): UserEntry => ({
  username: 'u',
  password: 'u',
  fhirUser: null,
  patients
})
const bob = user('mine')
const stored: Readonly<Record<string, Resource>> = {
  'Observation/theirs': { resourceType: 'Observation', id: 'theirs', subject: { reference: 'Patient/theirs' } },
  'Observation/mine': { resourceType: 'Observation', id: 'mine', subject: { reference: 'Patient/mine' } },
  'RelatedPerson/theirs': { resourceType: 'RelatedPerson', id: 'theirs', patient: { reference: 'Patient/theirs' } },
  'RelatedPerson/mine': { resourceType: 'RelatedPerson', id: 'mine', patient: { reference: 'Patient/mine' } },
  'Group/theirs': {
    resourceType: 'Group',
    id: 'theirs',
    member: [{ entity: { reference: 'Patient/mine' } }, { entity: { reference: 'Patient/theirs' } }]
  },
  'Group/mine': { resourceType: 'Group', id: 'mine', member: [{ entity: { reference: 'Patient/mine' } }] },
  'Encounter/theirs': { resourceType: 'Encounter', id: 'theirs', subject: { reference: 'Patient/theirs' } },
  'Encounter/mine': { resourceType: 'Encounter', id: 'mine', subject: { reference: 'Patient/mine' } },
  'Observation/met': { resourceType: 'Observation', id: 'met', encounter: { reference: 'Encounter/theirs' } },
  ...Object.fromEntries(
    ['mine', 'theirs'].flatMap((id) =>
      [
        { resourceType: 'Schedule', id, actor: [{ reference: `Patient/${id}` }] },
        { resourceType: 'ServiceRequest', id, subject: { reference: `Patient/${id}` } },
        { resourceType: 'Claim', id, patient: { reference: `Patient/${id}` } },
        { resourceType: 'EnrollmentRequest', id, candidate: { reference: `Patient/${id}` } },
        { resourceType: 'Device', id, patient: { reference: `Patient/${id}` } },
        { resourceType: 'Appointment', id, participant: [{ actor: { reference: `Patient/${id}` } }] },
        { resourceType: 'Task', id, focus: { reference: `Observation/${id}` } },
        { resourceType: 'DeviceMetric', id, source: { reference: `Device/${id}` } }
      ].map((resource) => [`${resource.resourceType}/${id}`, resource] as const)
    )
  ),
  'Schedule/rooms': { resourceType: 'Schedule', id: 'rooms', actor: [{ reference: 'Location/1' }] },
  'Binary/theirs': { resourceType: 'Binary', id: 'theirs', securityContext: { reference: 'Patient/theirs' } }
}
const records = {
  references: { base, aliases: ['http://10.0.0.1/r4'] },
  find: (reference: string): Resource | null => stored[reference] ?? null
}
const mayTouch = (who: UserEntry | undefined, resource: object): boolean =>
  mayUserTouch(records, who)(resource as Resource)

/**
 * A resource with an element at a path; arrays are written where FHIR has them often enough for the reader not to mind.
 */
const at = (resourceType: string, path: string, element: unknown): object => ({
  resourceType,
  id: 'x',
  ...(path.split('.').reduceRight<unknown>((inner, member) => ({ [member]: [inner] }), element) as object)
})

/** Every element by which R4 puts a resource into a patient's compartment. */
const elements = Object.entries(patientCompartment).flatMap(([type, names]) =>
  names.split(' ').flatMap((name) => {
    const word = (parameterPaths[type] ?? '').split(' ').find((one) => one.split(/[=*:@]/)[0] === name) ?? name
    return (word.includes('=') ? word.slice(word.indexOf('=') + 1) : word)
      .split('|')
      .map((path) => [type, path.replace(/[@:].*$/, '').replaceAll('*', '')] as const)
  })
)

/** Where a resource leads to another, and through it to a patient. */
const ways: ReadonlyArray<readonly [type: string, path: string, to: string]> = [
  ['Slot', 'schedule', 'Schedule'],
  ['Task', 'focus', 'Observation'],
  ['Task', 'basedOn', 'ServiceRequest'],
  ['Task', 'partOf', 'Task'],
  ['MessageHeader', 'focus', 'Observation'],
  ['MessageHeader', 'focus', 'Task'],
  ['Linkage', 'item.resource', 'Observation'],
  ['List', 'entry.item', 'Observation'],
  ['MeasureReport', 'evaluatedResource', 'Observation'],
  ['PaymentNotice', 'request', 'Claim'],
  ['PaymentReconciliation', 'detail.request', 'Claim'],
  ['EnrollmentResponse', 'request', 'EnrollmentRequest'],
  ['AppointmentResponse', 'appointment', 'Appointment'],
  ['DeviceMetric', 'source', 'Device'],
  ['DeviceMetric', 'parent', 'Device'],
  ['VerificationResult', 'target', 'DeviceMetric'],
  ['ImagingStudy', 'subject', 'Device'],
  ['Observation', 'subject', 'Device']
]

describe('a user who may see one patient', () => {
  it.each(ways)('sees %s by %s where that leads to %s of the own patient alone', (type, path, to) => {
    const leadingTo = (id: string): object => at(type, path, { reference: `${to}/${id}` })
    expect([
      mayTouch(bob, leadingTo('mine')),
      mayTouch(bob, leadingTo('theirs')),
      mayTouch(user('mine', 'theirs'), leadingTo('theirs')),
      // Nobody knows whom it concerns.
      mayTouch(bob, leadingTo('gone'))
    ]).toEqual([true, false, true, false])
  })

  it('sees resources that lead to no patient, and references to nothing beside the own patient', () => {
    const task = (focus: string): object => ({
      resourceType: 'Task',
      id: 't',
      for: { reference: 'Patient/mine' },
      focus: { reference: focus }
    })
    expect([
      mayTouch(bob, at('Slot', 'schedule', { reference: 'Schedule/rooms' })),
      mayTouch(bob, at('MessageHeader', 'focus', { reference: 'Organization/1' })),
      mayTouch(bob, task('Observation/gone')),
      mayTouch(bob, task('Observation/mine')),
      mayTouch(bob, task('Observation/theirs'))
    ]).toEqual([true, true, true, true, false])
  })

  it.each(elements)('sees no %s whose %s is another patient, though the own is beside', (type, path) => {
    const own = at(type, path, { reference: 'Patient/mine' }) as Record<string, unknown>
    const member = path.split('.')[0] ?? ''
    const both = {
      ...own,
      [member]: [
        ...(own[member] as ReadonlyArray<unknown>),
        ...((at(type, path, { reference: 'Patient/theirs' }) as Record<string, ReadonlyArray<unknown>>)[member] ?? [])
      ]
    }
    const about = (resource: object) => (type === 'Patient' ? { ...resource, id: 'mine' } : resource)
    expect([
      mayTouch(bob, about(own)),
      mayTouch(bob, about(both)),
      mayTouch(user('mine', 'theirs'), about(both)),
      mayTouch(user('*'), about(both))
    ]).toEqual([true, false, true, true])
  })

  it.each<readonly [string, object, boolean]>([
    ['the own record', { resourceType: 'Patient', id: 'mine' }, true],
    ["another's record", { resourceType: 'Patient', id: 'theirs' }, false],
    ['what is about nobody', { resourceType: 'Organization', id: 'o', name: 'x' }, true],
    [
      'a relative whose patient is not known',
      { resourceType: 'RelatedPerson', id: 'r', patient: { display: 'unknown' } },
      true
    ],
    ['an absolute reference', { resourceType: 'Task', id: 't', for: { reference: `${base}/Patient/theirs` } }, false],
    [
      'a reference below another address of the server',
      { resourceType: 'Task', id: 't', for: { reference: 'http://10.0.0.1/r4/Patient/theirs/_history/2' } },
      false
    ],
    [
      'a patient of another server',
      { resourceType: 'Task', id: 't', owner: { reference: 'https://other.example/Patient/mine' } },
      false
    ],
    [
      'a search for a patient',
      { resourceType: 'Basic', id: 'b', subject: { reference: 'Patient?identifier=1' } },
      false
    ],
    [
      'a patient by identifier',
      { resourceType: 'Task', id: 't', requester: { type: 'Patient', identifier: { value: '1' } } },
      false
    ],
    [
      'a subject by identifier',
      {
        resourceType: 'Condition',
        id: 'c',
        subject: { identifier: { value: '1' } },
        asserter: { reference: 'Patient/mine' }
      },
      false
    ],
    [
      'a performer by identifier',
      {
        resourceType: 'Observation',
        id: 'o',
        subject: { reference: 'Patient/mine' },
        performer: [{ identifier: { value: '1' } }]
      },
      true
    ],
    [
      'an extension',
      {
        resourceType: 'Observation',
        id: 'o',
        subject: { reference: 'Patient/mine' },
        extension: [{ url: 'x', valueReference: { reference: 'Patient/theirs' } }]
      },
      false
    ],
    [
      'a contained resource',
      {
        resourceType: 'List',
        id: 'l',
        subject: { reference: 'Patient/mine' },
        contained: [stored['Observation/theirs']]
      },
      false
    ],
    [
      'a contained patient',
      {
        resourceType: 'Observation',
        id: 'o',
        contained: [{ resourceType: 'Patient', id: 'mine' }],
        subject: { reference: '#mine' }
      },
      false
    ],
    [
      "a Bundle with another's record",
      {
        resourceType: 'Bundle',
        id: 'b',
        type: 'document',
        entry: [{ resource: stored['Observation/mine'] }, { resource: { resourceType: 'Patient', id: 'theirs' } }]
      },
      false
    ],
    [
      'a Bundle with the own record',
      {
        resourceType: 'Bundle',
        id: 'b',
        type: 'document',
        entry: [{ resource: { resourceType: 'Patient', id: 'mine' } }]
      },
      true
    ],
    [
      'a Binary of another',
      { resourceType: 'Binary', id: 'b', securityContext: { reference: 'Patient/theirs' } },
      false
    ],
    [
      "a Binary that belongs to another's resource",
      { resourceType: 'Binary', id: 'b', securityContext: { reference: 'Observation/theirs' } },
      false
    ],
    [
      'a Binary that belongs to the own resource',
      { resourceType: 'Binary', id: 'b', securityContext: { reference: 'Observation/mine/_history/1' } },
      true
    ],
    [
      'a Binary that belongs to nobody knows what',
      { resourceType: 'Binary', id: 'b', securityContext: { reference: 'Observation/none' } },
      false
    ],
    [
      'a Binary that belongs to an organization',
      { resourceType: 'Binary', id: 'b', securityContext: { reference: 'Organization/o' } },
      true
    ],
    [
      'a Binary whose context is an identifier',
      { resourceType: 'Binary', id: 'b', securityContext: { identifier: { value: '1' } } },
      false
    ],
    ['a Binary whose context is a name', { resourceType: 'Binary', id: 'b', securityContext: { display: 'x' } }, false],
    [
      "a Binary that belongs to what was found at another's encounter",
      { resourceType: 'Binary', id: 'b', securityContext: { reference: 'Observation/met' } },
      false
    ],
    [
      'the provenance of what an identifier names',
      { resourceType: 'Provenance', id: 'p', target: [{ identifier: { value: '1' } }] },
      false
    ],
    ["what was found at another's encounter", stored['Observation/met'] ?? {}, false],
    [
      'what was found at the own encounter',
      { resourceType: 'Observation', id: 'o', encounter: { reference: 'Encounter/mine' } },
      true
    ],
    [
      "what is the own and was found at another's encounter",
      {
        resourceType: 'Observation',
        id: 'o',
        subject: { reference: 'Patient/mine' },
        encounter: { reference: 'Encounter/theirs' }
      },
      false
    ],
    [
      'what is the own, at an encounter that is not there',
      {
        resourceType: 'Observation',
        id: 'o',
        subject: { reference: 'Patient/mine' },
        encounter: { reference: 'Encounter/none' }
      },
      true
    ],
    [
      "what is nobody's, at an encounter that is not there",
      { resourceType: 'Observation', id: 'o', encounter: { reference: 'Encounter/none' } },
      false
    ],
    [
      "a dose that was given at another's encounter",
      { resourceType: 'MedicationAdministration', id: 'm', context: { reference: 'Encounter/theirs' } },
      false
    ],
    [
      "a document of another's encounter",
      { resourceType: 'DocumentReference', id: 'd', context: { encounter: [{ reference: 'Encounter/theirs' }] } },
      false
    ],
    [
      'what is about a group with another',
      { resourceType: 'Observation', id: 'o', subject: { reference: `${base}/Group/theirs` } },
      false
    ],
    [
      'what is about a group of the own',
      { resourceType: 'Observation', id: 'o', subject: { reference: 'Group/mine' } },
      true
    ],
    [
      'what is about a group that is not there',
      { resourceType: 'Observation', id: 'o', subject: { reference: 'Group/none' } },
      false
    ],
    [
      'an author by identifier',
      { resourceType: 'Composition', id: 'c', author: [{ identifier: { value: '1' } }] },
      false
    ],
    [
      'a recipient by identifier',
      { resourceType: 'Communication', id: 'c', recipient: [{ identifier: { value: '1' } }] },
      false
    ],
    [
      "a performer by identifier of nobody's observation",
      { resourceType: 'Observation', id: 'o', performer: [{ identifier: { value: '1' } }] },
      false
    ],
    [
      'a performer by identifier of a type',
      { resourceType: 'Observation', id: 'o', performer: [{ type: 'Practitioner', identifier: { value: '1' } }] },
      true
    ],
    ['a Binary without context', { resourceType: 'Binary', id: 'b' }, true],
    [
      "the provenance of another's resource",
      {
        resourceType: 'Provenance',
        id: 'p',
        target: [{ reference: 'Observation/mine' }, { reference: 'Observation/theirs' }]
      },
      false
    ],
    [
      "the provenance of another's Binary",
      { resourceType: 'Provenance', id: 'p', target: [{ reference: 'Binary/theirs' }] },
      false
    ],
    [
      'the provenance of the own resource',
      { resourceType: 'Provenance', id: 'p', target: [{ reference: 'Observation/mine' }] },
      true
    ],
    [
      "an event about another's resource",
      { resourceType: 'AuditEvent', id: 'a', entity: [{ what: { reference: 'Observation/theirs' } }] },
      false
    ],
    [
      "the own record linked to another's relative",
      {
        resourceType: 'Patient',
        id: 'mine',
        link: [{ other: { reference: 'RelatedPerson/theirs' }, type: 'seealso' }]
      },
      false
    ],
    [
      'the own record linked to the own relative',
      { resourceType: 'Patient', id: 'mine', link: [{ other: { reference: 'RelatedPerson/mine' }, type: 'seealso' }] },
      true
    ]
  ])('and %s', (_name, resource, isSeen) => {
    expect([mayTouch(bob, resource), mayTouch(user('*'), resource)]).toEqual([isSeen, true])
  })

  it('sees resources that lead back to themselves without another patient between', () => {
    const requests: Array<string> = []
    const ring = {
      references: { base },
      find: (reference: string): Resource => {
        requests.push(reference)
        return { resourceType: 'Provenance', target: [{ reference: 'Provenance/1' }, { reference: 'Provenance/2' }] }
      }
    }
    expect(
      mayUserTouch(ring, bob)({ resourceType: 'Provenance', id: '1', target: [{ reference: 'Provenance/1' }] })
    ).toBe(true)
    expect(requests).toEqual(['Provenance/1', 'Provenance/2'])
  })

  it('sees by the compartments of the release, which name other elements', () => {
    const participant = [{ actor: { identifier: { value: '1' } } }]
    const condition = { resourceType: 'Condition', id: 'c', participant } as Resource
    const isSeen = [releaseR4, releaseR5].map((release) => mayUserTouch({ ...records, release }, bob)(condition))
    expect(isSeen).toEqual([true, false])
  })

  it('sees no patient if the user is unknown', () => {
    expect([
      mayTouch(undefined, stored['Observation/mine'] ?? {}),
      mayTouch(undefined, { resourceType: 'Organization', id: 'o' })
    ]).toEqual([false, true])
  })
})
