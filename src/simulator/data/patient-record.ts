/** The synthetic record of one patient, besides the visits. Source: FHIR R4; US Core 6.1 for the choice of elements. */
import {
  allergens,
  concerns,
  ethnicities,
  hl7,
  loinc,
  procedures,
  problems,
  races,
  reactions,
  snomed,
  usCore,
  vaccines
} from './codes.js'
import type { GeneratedResource } from './elements.js'
import { concept, dayOf, minutesAfter, profiled, recordNumber, to } from './elements.js'
import type { InventedPerson } from './people.js'
import type { Draw } from './random.js'
import { medicationIds } from './shared.js'

const ethnicExtension = (name: string, coding: unknown, text: string): unknown => ({
  url: `http://hl7.org/fhir/us/core/StructureDefinition/${name}`,
  extension: [
    { url: 'ombCategory', valueCoding: coding },
    { url: 'text', valueString: text }
  ]
})

/** The Patient. `number` is the number in its id. */
export const patientOf = (
  draw: Draw,
  { id, family, given, gender, birthDate }: InventedPerson,
  number: number,
  practitioner: string
): GeneratedResource => {
  const [race, ethnicity] = [draw.oneOf(races), draw.oneOf(ethnicities)]
  return {
    resourceType: 'Patient',
    id,
    meta: profiled('us-core-patient'),
    extension: [
      ethnicExtension('us-core-race', race, race.display),
      ethnicExtension('us-core-ethnicity', ethnicity, ethnicity.display)
    ],
    identifier: [
      recordNumber(`MRN-${String(number).padStart(5, '0')}`),
      { system: 'urn:oid:2.16.840.1.113883.19.5.1', value: `P${String(1000 + number)}` }
    ],
    active: true,
    name: [{ use: 'official', family, given: [given] }],
    telecom: [
      { system: 'phone', value: `555-01${String(20 + number)}`, use: 'home' },
      { system: 'email', value: `${id}@example.org` }
    ],
    gender,
    birthDate,
    address: [
      {
        use: 'home',
        line: [`${String(number)} Example Street`],
        city: draw.oneOf(['Sampletown', 'Exampleville', 'Mockford']),
        state: 'MA',
        postalCode: `000${String(10 + number)}`,
        country: 'US'
      }
    ],
    communication: [{ language: concept({ system: 'urn:ietf:bcp:47', code: 'en', display: 'English' }) }],
    generalPractitioner: [to(`Practitioner/${practitioner}`)],
    managingOrganization: to('Organization/organization-1')
  }
}

/** What the parts of a record share. */
export interface RecordFacts {
  readonly id: string
  readonly practitioner: string
  /** The id and the start of the first visit. */
  readonly encounter: string
  readonly start: string
}

/** A problem of the problem list, with its medicine, goal and plan. */
const problemOf = (
  { id, practitioner, encounter, start }: RecordFacts,
  index: number,
  number: number
): ReadonlyArray<GeneratedResource> => {
  const { code, medicine } = problems[index] ?? problems[0] ?? { code: concerns[0], medicine: concerns[0] }
  const subject = to(`Patient/${id}`)
  const prescription = {
    resourceType: 'MedicationRequest',
    id: `${id}-prescription-${String(number)}`,
    meta: profiled('us-core-medicationrequest'),
    status: 'active',
    intent: 'order',
    subject,
    encounter: to(`Encounter/${encounter}`),
    authoredOn: minutesAfter(start, 25),
    requester: to(`Practitioner/${practitioner}`),
    reasonReference: [to(`Condition/${id}-problem-${String(number)}`)],
    dosageInstruction: [{ text: 'One a day' }]
  }
  return [
    {
      resourceType: 'Condition',
      id: `${id}-problem-${String(number)}`,
      meta: profiled('us-core-condition-problems-health-concerns'),
      clinicalStatus: { coding: [hl7('condition-clinical', 'active', 'Active')] },
      verificationStatus: { coding: [hl7('condition-ver-status', 'confirmed', 'Confirmed')] },
      category: [concept(hl7('condition-category', 'problem-list-item', 'Problem List Item'))],
      code: concept(code),
      subject,
      encounter: to(`Encounter/${encounter}`),
      onsetDateTime: dayOf(start),
      recordedDate: minutesAfter(start, 20),
      recorder: to(`Practitioner/${practitioner}`)
    },
    // The first medicine is named by reference, the others by their code.
    number === 1
      ? { ...prescription, medicationReference: to(`Medication/${medicationIds[index] ?? ''}`) }
      : { ...prescription, medicationCodeableConcept: concept(medicine) },
    {
      resourceType: 'Goal',
      id: `${id}-goal-${String(number)}`,
      meta: profiled('us-core-goal'),
      lifecycleStatus: 'active',
      description: { text: `Keep under control: ${code.display}` },
      subject,
      startDate: dayOf(start),
      target: [{ dueDate: '2026-12-31' }],
      addresses: [to(`Condition/${id}-problem-${String(number)}`)]
    }
  ]
}

/** The note of the first visit: a DocumentReference with the Binary that it names. */
const noteOf = ({ id, practitioner, encounter, start }: RecordFacts): ReadonlyArray<GeneratedResource> => {
  const text = 'Invented note. It describes no real person.\n'
  return [
    {
      resourceType: 'Binary',
      id: `${id}-note-content`,
      contentType: 'text/plain',
      securityContext: to(`DocumentReference/${id}-note`),
      data: btoa(text)
    },
    {
      resourceType: 'DocumentReference',
      id: `${id}-note`,
      meta: profiled('us-core-documentreference'),
      identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5.2', value: `${id}-note` }],
      status: 'current',
      type: concept(loinc('11506-3', 'Progress note')),
      category: [concept(usCore('us-core-documentreference-category', 'clinical-note', 'Clinical Note'))],
      subject: to(`Patient/${id}`),
      date: minutesAfter(start, 30),
      author: [to(`Practitioner/${practitioner}`)],
      content: [
        {
          attachment: { contentType: 'text/plain', url: `Binary/${id}-note-content`, size: text.length },
          format: {
            system: 'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode',
            code: 'urn:ihe:iti:xds:2017:mimeTypeSufficient',
            display: 'mimeType Sufficient'
          }
        }
      ],
      context: { encounter: [to(`Encounter/${encounter}`)], period: { start, end: minutesAfter(start, 30) } }
    },
    {
      resourceType: 'Provenance',
      id: `${id}-note-provenance`,
      meta: profiled('us-core-provenance'),
      target: [to(`DocumentReference/${id}-note`)],
      recorded: minutesAfter(start, 31),
      agent: [
        {
          type: concept(hl7('provenance-participant-type', 'author', 'Author')),
          who: to(`Practitioner/${practitioner}`),
          onBehalfOf: to('Organization/organization-1')
        }
      ]
    }
  ]
}

const careOf = (
  { id, practitioner, encounter, start }: RecordFacts,
  family: string
): ReadonlyArray<GeneratedResource> => {
  const subject = to(`Patient/${id}`)
  return [
    {
      resourceType: 'RelatedPerson',
      id: `${id}-relative`,
      meta: profiled('us-core-relatedperson'),
      active: true,
      patient: subject,
      relationship: [concept(hl7('v3-RoleCode', 'FAMMEMB', 'family member'))],
      name: [{ family, given: ['Relative'] }],
      telecom: [{ system: 'phone', value: '555-0199', use: 'mobile' }]
    },
    {
      resourceType: 'CareTeam',
      id: `${id}-team`,
      meta: profiled('us-core-careteam'),
      status: 'active',
      name: 'Primary care',
      subject,
      participant: [
        {
          role: [concept(snomed('17561000', 'Cardiologist'))],
          member: to(`Practitioner/${practitioner}`)
        },
        { role: [concept(snomed('133932002', 'Caregiver'))], member: to(`RelatedPerson/${id}-relative`) }
      ]
    },
    {
      resourceType: 'CarePlan',
      id: `${id}-plan`,
      meta: profiled('us-core-careplan'),
      text: { status: 'generated', div: '<div xmlns="http://www.w3.org/1999/xhtml">Regular visits</div>' },
      status: 'active',
      intent: 'plan',
      category: [concept(usCore('careplan-category', 'assess-plan', 'Assessment and Plan of Treatment'))],
      subject,
      encounter: to(`Encounter/${encounter}`),
      period: { start: dayOf(start) },
      careTeam: [to(`CareTeam/${id}-team`)],
      goal: [to(`Goal/${id}-goal-1`)]
    },
    {
      resourceType: 'Coverage',
      id: `${id}-coverage`,
      meta: profiled('us-core-coverage'),
      identifier: [{ system: 'http://insurance.example.org/member', value: `M-${id}` }],
      status: 'active',
      type: concept(hl7('v3-ActCode', 'EHCPOL', 'extended healthcare')),
      subscriberId: `M-${id}`,
      beneficiary: subject,
      relationship: concept(hl7('subscriber-relationship', 'self', 'Self')),
      payor: [to('Organization/organization-2')]
    }
  ]
}

/** The record of a patient, besides the Patient and the visits. */
export const restOfRecord = (draw: Draw, facts: RecordFacts, family: string): ReadonlyArray<GeneratedResource> => {
  const { id, practitioner, encounter, start } = facts
  const subject = to(`Patient/${id}`)
  const chosen = draw.someOf(
    problems.map((_, index) => index),
    draw.between(1, 2)
  )
  const allergen = draw.oneOf(allergens)
  return [
    ...chosen.flatMap((index, place) => problemOf(facts, index, place + 1)),
    {
      resourceType: 'Condition',
      id: `${id}-concern`,
      meta: profiled('us-core-condition-problems-health-concerns'),
      clinicalStatus: { coding: [hl7('condition-clinical', 'active', 'Active')] },
      category: [concept(usCore('condition-category', 'health-concern', 'Health Concern'))],
      code: concept(draw.oneOf(concerns)),
      subject,
      recordedDate: minutesAfter(start, 22)
    },
    {
      resourceType: 'AllergyIntolerance',
      id: `${id}-allergy`,
      meta: profiled('us-core-allergyintolerance'),
      clinicalStatus: { coding: [hl7('allergyintolerance-clinical', 'active', 'Active')] },
      verificationStatus: { coding: [hl7('allergyintolerance-verification', 'confirmed', 'Confirmed')] },
      code: concept(allergen),
      patient: subject,
      recordedDate: minutesAfter(start, 21),
      reaction: [{ manifestation: [concept(draw.oneOf(reactions))] }]
    },
    {
      resourceType: 'Immunization',
      id: `${id}-immunization`,
      meta: profiled('us-core-immunization'),
      status: 'completed',
      vaccineCode: concept(draw.oneOf(vaccines)),
      patient: subject,
      encounter: to(`Encounter/${encounter}`),
      occurrenceDateTime: dayOf(start),
      primarySource: true,
      location: to('Location/location-1')
    },
    {
      resourceType: 'Procedure',
      id: `${id}-procedure`,
      meta: profiled('us-core-procedure'),
      status: 'completed',
      code: concept(draw.oneOf(procedures)),
      subject,
      encounter: to(`Encounter/${encounter}`),
      performedDateTime: minutesAfter(start, 28),
      performer: [{ actor: to(`Practitioner/${practitioner}`) }]
    },
    ...(draw.between(1, 4) === 1
      ? [
          {
            resourceType: 'Device',
            id: `${id}-device`,
            meta: profiled('us-core-implantable-device'),
            udiCarrier: [{ deviceIdentifier: '00000000000000', carrierHRF: `(01)00000000000000(21)${id}` }],
            status: 'active',
            distinctIdentifier: id,
            type: concept(snomed('14106009', 'Cardiac pacemaker, device')),
            patient: subject
          }
        ]
      : []),
    ...noteOf(facts),
    ...careOf(facts, family)
  ]
}
