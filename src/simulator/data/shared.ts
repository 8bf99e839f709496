/** The synthetic resources that belong to no patient: organizations, places, practitioners and medicines. */
import { hl7, problems } from './codes.js'
import type { GeneratedResource } from './elements.js'
import { concept, profiled, to } from './elements.js'

const telecom = (phone: string, email: string): unknown => [
  { system: 'phone', value: phone, use: 'work' },
  { system: 'email', value: email, use: 'work' }
]

const address = (line: string): unknown => ({
  line: [line],
  city: 'Sampletown',
  state: 'MA',
  postalCode: '00001',
  country: 'US'
})

const practitioners: ReadonlyArray<readonly [id: string, family: string, given: string, code: string, name: string]> = [
  ['practitioner-1', 'Invented', 'Greta', '207Q00000X', 'Family Medicine Physician'],
  ['practitioner-2', 'Fictional', 'Hugo', '207R00000X', 'Internal Medicine Physician'],
  ['practitioner-3', 'Imaginary', 'Inès', '208000000X', 'Pediatrics Physician']
]

/** The ids of the practitioners. */
export const practitionerIds = practitioners.map(([id]) => id) as [string, ...ReadonlyArray<string>]

/** The medicines, in the order of the problems for which they are given. */
export const medicationIds = problems.map((_, index) => `medication-${String(index + 1)}`)

/** The shared resources. */
export const sharedResources: ReadonlyArray<GeneratedResource> = [
  {
    resourceType: 'Organization',
    id: 'organization-1',
    meta: profiled('us-core-organization'),
    identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: 'ORG-1' }],
    active: true,
    type: [concept(hl7('organization-type', 'prov', 'Healthcare Provider'))],
    name: 'Sampletown Example Clinic',
    telecom: telecom('555-0100', 'clinic@example.org'),
    address: [address('1 Example Street')]
  },
  {
    resourceType: 'Organization',
    id: 'organization-2',
    meta: profiled('us-core-organization'),
    active: true,
    type: [concept(hl7('organization-type', 'ins', 'Insurance Company'))],
    name: 'Invented Mutual Insurance',
    telecom: telecom('555-0101', 'insurance@example.org'),
    address: [address('2 Example Street')]
  },
  {
    resourceType: 'Location',
    id: 'location-1',
    meta: profiled('us-core-location'),
    status: 'active',
    name: 'Example Clinic, ground floor',
    type: [concept(hl7('v3-RoleCode', 'OF', 'outpatient facility'))],
    address: address('1 Example Street'),
    managingOrganization: to('Organization/organization-1')
  },
  ...practitioners.flatMap(([id, family, given, code, name], index): ReadonlyArray<GeneratedResource> => [
    {
      resourceType: 'Practitioner',
      id,
      meta: profiled('us-core-practitioner'),
      identifier: [{ system: 'urn:oid:2.16.840.1.113883.19.5', value: `PR-${String(index + 1)}` }],
      active: true,
      name: [{ family, given: [given], prefix: ['Dr'] }],
      telecom: telecom(`555-011${String(index)}`, `${id}@example.org`)
    },
    {
      resourceType: 'PractitionerRole',
      id: `${id}-role`,
      meta: profiled('us-core-practitionerrole'),
      active: true,
      practitioner: to(`Practitioner/${id}`),
      organization: to('Organization/organization-1'),
      location: [to('Location/location-1')],
      code: [concept(hl7('practitioner-role', 'doctor', 'Doctor'))],
      specialty: [concept({ system: 'http://nucc.org/provider-taxonomy', code, display: name })],
      telecom: telecom(`555-011${String(index)}`, `${id}@example.org`)
    }
  ]),
  ...problems.map(({ medicine }, index): GeneratedResource => ({
    resourceType: 'Medication',
    id: medicationIds[index] ?? '',
    meta: profiled('us-core-medication'),
    code: concept(medicine),
    status: 'active'
  }))
]
