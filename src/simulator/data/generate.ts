/**
 * The synthetic data of the simulator: about thirty invented patients with the resources of US Core. It is a pure
 * function of a seed, so that all processes, and every start, have the same data. Nothing in it comes from a real
 * record.
 */
import { complaints, hl7, snomed } from './codes.js'
import type { GeneratedResource } from './elements.js'
import { concept, minutesAfter, profiled, to } from './elements.js'
import type { VisitKind } from './observations.js'
import { visitObservations } from './observations.js'
import { patientOf, restOfRecord } from './patient-record.js'
import type { InventedPerson } from './people.js'
import { inventedPeople } from './people.js'
import type { Draw } from './random.js'
import { drawFrom } from './random.js'
import { practitionerIds, sharedResources } from './shared.js'

/** The seed of the simulator's data. */
export const defaultSeed = 20240501

/** The visits of the first patient, one every two months; the others have one or two. */
const manyVisits = 56

/** When the last visits were; all dates are fixed, so that the data do not depend on the day. */
const lastVisit = '2025-03-10T09:00:00Z'

const minutesPerDay = 1440

const visitOf = (
  draw: Draw,
  patient: string,
  practitioner: string,
  number: number,
  start: string,
  kind: VisitKind
): ReadonlyArray<GeneratedResource> => {
  const encounter = `${patient}-encounter-${String(number)}`
  const complaint = draw.oneOf(complaints)
  const subject = to(`Patient/${patient}`)
  return [
    {
      resourceType: 'Encounter',
      id: encounter,
      meta: profiled('us-core-encounter'),
      identifier: [{ system: 'http://hospital.example.org/visit', value: encounter }],
      status: 'finished',
      class: hl7('v3-ActCode', 'AMB', 'ambulatory'),
      type: [concept(snomed('185349003', 'Encounter for check up'))],
      subject,
      participant: [{ individual: to(`Practitioner/${practitioner}`), period: { start } }],
      period: { start, end: minutesAfter(start, 45) },
      reasonCode: [concept(complaint)],
      location: [{ location: to('Location/location-1') }],
      serviceProvider: to('Organization/organization-1')
    },
    {
      resourceType: 'Condition',
      id: `${encounter}-diagnosis`,
      meta: profiled('us-core-condition-encounter-diagnosis'),
      clinicalStatus: { coding: [hl7('condition-clinical', 'resolved', 'Resolved')] },
      verificationStatus: { coding: [hl7('condition-ver-status', 'confirmed', 'Confirmed')] },
      category: [concept(hl7('condition-category', 'encounter-diagnosis', 'Encounter Diagnosis'))],
      code: concept(complaint),
      subject,
      encounter: to(`Encounter/${encounter}`),
      onsetDateTime: start,
      recordedDate: minutesAfter(start, 18)
    },
    ...visitObservations(draw, { patient, encounter, practitioner, start }, kind)
  ]
}

const recordOf = (seed: number, person: InventedPerson, index: number): ReadonlyArray<GeneratedResource> => {
  const draw = drawFrom(seed + 7919 * (index + 1))
  const practitioner = draw.oneOf(practitionerIds)
  const count = index === 0 ? manyVisits : draw.between(1, 2)
  const shift = draw.between(0, 60) * 15
  const starts = Array.from({ length: count }, (_, number) =>
    minutesAfter(lastVisit, shift - (count - 1 - number) * 60 * minutesPerDay - index * 7 * minutesPerDay)
  )
  const { id } = person
  const facts = { id, practitioner, encounter: `${id}-encounter-1`, start: starts[0] ?? lastVisit }
  return [
    patientOf(draw, person, index + 4, practitioner),
    ...starts.flatMap((start, number) =>
      visitOf(draw, id, practitioner, number + 1, start, {
        isFirst: number === 0,
        panel: number % 4 === 0 ? number / 4 : null
      })
    ),
    ...restOfRecord(draw, facts, person.family)
  ]
}

/** The resources of a seed; each call makes the same ones. */
export const generatedResources = (seed: number = defaultSeed): ReadonlyArray<GeneratedResource> => [
  ...sharedResources,
  ...inventedPeople.flatMap((person, index) => recordOf(seed, person, index))
]
