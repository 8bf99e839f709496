/**
 * The access profile `us-core`: the resources that US Core and the (g)(10) certification expect under `patient/` scopes
 * beside the patient compartment of FHIR R4.
 *
 * RelatedPerson needs no row: FHIR R4 has it in the patient compartment by `patient`.
 *
 * @module
 */
import type { AccessProfile, AccessWay } from './profile.js'

const scopesChapter = 'US Core 7.0.0, scopes.html; ONC (g)(10) test kit, scope_constants.rb'

const reading = ['r', 's'] as const

const shared = (type: string, because: string, source = scopesChapter): AccessProfile[number] => ({
  type,
  permissions: reading,
  by: 'shared',
  because,
  source
})

const opened = (type: string, by: AccessWay, because: string, source: string): AccessProfile[number] => ({
  type,
  permissions: reading,
  by,
  because,
  source
})

/** The rows of the profile. */
export const usCoreProfile: AccessProfile = [
  shared('Practitioner', 'Records of the patient refer to the people who cared for her.'),
  shared('PractitionerRole', 'Records of the patient refer to people in their roles.'),
  shared('Organization', 'Records of the patient refer to organizations.'),
  shared('Location', 'Encounters of the patient refer to the places.'),
  shared('Medication', 'A MedicationRequest may refer to the medication instead of holding its code.'),
  opened(
    'Device',
    { compartment: ['patient'] },
    'An implanted device belongs to the patient in `patient`; R4 has Device in no patient compartment.',
    `${scopesChapter}; US Core Implantable Device Profile`
  ),
  opened(
    'Provenance',
    { target: 'target' },
    'It states the origin of the resource in `target`; R4 has it in the compartment only if that is the Patient.',
    `${scopesChapter}; US Core Basic Provenance`
  ),
  opened(
    'Binary',
    { target: 'securityContext' },
    'The access to it is that of the resource in `securityContext`.',
    'FHIR R4, binary.html, Security'
  ),
  opened(
    'Binary',
    {
      documents: [
        { type: 'DocumentReference', path: 'content.attachment.url', parameter: 'location' },
        { type: 'DiagnosticReport', path: 'presentedForm.url', parameter: null },
        { type: 'Media', path: 'content.url', parameter: null }
      ]
    },
    'Without a `securityContext`, the access to it is that of a resource that names it.',
    'FHIR R4, binary.html, Security; US Core Clinical Notes'
  )
]
