/**
 * The simulator's synthetic data: three patients with a few resources each, whose names and values do not change, and
 * about thirty more with the resources of US Core (see `../data/generate.ts`).
 */
import { recordNumber } from '../data/elements.js'
import { generatedResources } from '../data/generate.js'

/** A FHIR resource as JSON. */
export interface FhirResource {
  readonly resourceType: string
  readonly id: string
  readonly [member: string]: unknown
}

const category = (code: 'laboratory' | 'vital-signs'): unknown => [
  { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/observation-category', code }] }
]

const loinc = (code: string, display: string): unknown => ({
  coding: [{ system: 'http://loinc.org', code, display }],
  text: display
})

const quantity = (value: number, unit: string): unknown => ({
  value,
  unit,
  system: 'http://unitsofmeasure.org',
  code: unit
})

interface Person {
  readonly id: string
  readonly family: string
  readonly given: string
  readonly gender: string
  readonly birthDate: string
}

const people: ReadonlyArray<Person> = [
  { id: 'example-1', family: 'Synthetic', given: 'Ada', gender: 'female', birthDate: '1961-04-12' },
  { id: 'example-2', family: 'Invented', given: 'Ben', gender: 'male', birthDate: '1985-11-30' },
  { id: 'example-3', family: 'Imaginary', given: 'Cai', gender: 'other', birthDate: '2012-02-29' }
]

const patient = ({ id, family, given, gender, birthDate }: Person): FhirResource => ({
  resourceType: 'Patient',
  id,
  identifier: [recordNumber(`MRN-0000${id.slice('example-'.length)}`)],
  active: true,
  name: [{ use: 'official', family, given: [given] }],
  gender,
  birthDate
})

const practitioner = (id: string, family: string, given: string): FhirResource => ({
  resourceType: 'Practitioner',
  id,
  active: true,
  name: [{ family, given: [given], prefix: ['Dr'] }]
})

const observation = (
  of: string,
  number: number,
  kind: 'laboratory' | 'vital-signs',
  code: unknown,
  value: unknown,
  status = 'final'
): FhirResource => ({
  resourceType: 'Observation',
  id: `${of}-observation-${String(number)}`,
  status,
  category: category(kind),
  code,
  subject: { reference: `Patient/${of}` },
  encounter: { reference: `Encounter/${of}-encounter-1` },
  effectiveDateTime: '2024-05-01T09:30:00Z',
  valueQuantity: value
})

const encounter = (of: string): FhirResource => ({
  resourceType: 'Encounter',
  id: `${of}-encounter-1`,
  status: 'finished',
  class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB' },
  subject: { reference: `Patient/${of}` },
  period: { start: '2024-05-01T09:00:00Z', end: '2024-05-01T09:45:00Z' }
})

const condition = (of: string, code: string, display: string, clinicalStatus: string): FhirResource => ({
  resourceType: 'Condition',
  id: `${of}-condition-1`,
  clinicalStatus: {
    coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-clinical', code: clinicalStatus }]
  },
  category: [
    { coding: [{ system: 'http://terminology.hl7.org/CodeSystem/condition-category', code: 'problem-list-item' }] }
  ],
  code: { coding: [{ system: 'http://snomed.info/sct', code, display }], text: display },
  subject: { reference: `Patient/${of}` }
})

const record = (person: Person, index: number): ReadonlyArray<FhirResource> => [
  patient(person),
  encounter(person.id),
  observation(person.id, 1, 'vital-signs', loinc('8867-4', 'Heart rate'), quantity(62 + 9 * index, '/min')),
  observation(person.id, 2, 'vital-signs', loinc('29463-7', 'Body weight'), quantity(71 - 12 * index, 'kg')),
  observation(person.id, 3, 'laboratory', loinc('2339-0', 'Glucose'), quantity(5 + index, 'mmol/L')),
  observation(person.id, 4, 'laboratory', loinc('718-7', 'Hemoglobin'), quantity(13 + index, 'g/dL'), 'preliminary'),
  condition(
    person.id,
    index === 0 ? '38341003' : '195967001',
    index === 0 ? 'Hypertension' : 'Asthma',
    index === 2 ? 'resolved' : 'active'
  )
]

/** The patients `example-1` to `example-3` with their resources, and the practitioners `p1` and `p2`. */
export const exampleResources: ReadonlyArray<FhirResource> = [
  practitioner('p1', 'Example', 'Alice'),
  practitioner('p2', 'Example', 'Bob'),
  ...people.flatMap(record)
]

/** The initial resources of the simulator's FHIR server. */
export const syntheticResources = (): ReadonlyArray<FhirResource> => [...exampleResources, ...generatedResources()]

/** The minimum that FHIR R4 requires of each type; references to other persons are left open. */
const minimal = (resourceType: string, id: string): FhirResource => {
  const user = { resourceType, id, active: true }
  const name = [{ text: `User ${id}` }]
  switch (resourceType) {
    case 'PractitionerRole':
      return { ...user, practitioner: { display: `User ${id}` } }
    case 'RelatedPerson':
      return { ...user, patient: { display: 'unknown' }, name }
    default:
      return { ...user, name }
  }
}

/** Adds a minimal resource for each user that the data lack, so that `fhirUser` can be read. */
export const withUsers = (
  resources: ReadonlyArray<FhirResource>,
  fhirUsers: ReadonlyArray<string>
): ReadonlyArray<FhirResource> => {
  const known = new Set(resources.map(({ resourceType, id }) => `${resourceType}/${id}`))
  const missing = [...new Set(fhirUsers)].filter((reference) => !known.has(reference))
  return [
    ...resources,
    ...missing.map((reference): FhirResource => {
      const [resourceType = '', id = ''] = reference.split('/')
      return minimal(resourceType, id)
    })
  ]
}

/** A patient or an encounter offered for choice. */
export interface Choice {
  readonly id: string
  readonly label: string
  /** The patient of an encounter; the patient's own id otherwise. */
  readonly patient: string
}

const nameOf = (resource: FhirResource): string => {
  const [name] = (resource['name'] ?? []) as ReadonlyArray<{
    given?: ReadonlyArray<string>
    family?: string
    text?: string
  }>
  return name?.text ?? `${name?.given?.join(' ') ?? ''} ${name?.family ?? ''}`.trim()
}

/** The patients, sorted by name. */
export const patientsIn = (resources: ReadonlyArray<FhirResource>): ReadonlyArray<Choice> =>
  resources
    .filter(({ resourceType }) => resourceType === 'Patient')
    .map((resource) => ({ id: resource.id, label: nameOf(resource), patient: resource.id }))

/** The encounters, sorted by patient and date. */
export const encountersIn = (resources: ReadonlyArray<FhirResource>): ReadonlyArray<Choice> =>
  resources
    .filter(({ resourceType }) => resourceType === 'Encounter')
    .flatMap((resource) => {
      const { reference } = (resource['subject'] ?? {}) as { readonly reference?: string }
      const { start } = (resource['period'] ?? {}) as { readonly start?: string }
      const patient = /^Patient\/(.+)$/.exec(reference ?? '')?.[1]
      return patient === undefined ? [] : [{ id: resource.id, label: start?.slice(0, 10) ?? resource.id, patient }]
    })
