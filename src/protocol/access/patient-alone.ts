/**
 * Whether a resource concerns one patient only, so that it may be written with that patient's authority.
 *
 * A compartment parameter may name another patient in any form: a reference, a URL of another server, a search, a
 * logical reference (`identifier`, also beside a reference to the patient), or a contained Patient; contained resources
 * are checked too. Identity statements (links) are checked in `identity.ts`. Source: FHIR R4,
 * compartmentdefinition-patient.html, references.html, patient-definitions.html (Patient.link).
 *
 * @module
 */
import type { Identity } from './identity.js'
import { allContainedIn, identifiesAnew, isOfTypePatient, leadsToAnother, patientIdsIn, textsBy } from './identity.js'
import type { Resource } from './fhir-interaction.js'
import type { FhirRelease } from './release.js'
import { releaseR4 } from './release.js'
import type { IndexReader, MoreCompartment } from './search/search-index.js'
import { compartmentParameters, elementsUnder, isAddressOf, isOfPatient } from './search/search-index.js'
import { noMembers, ownMember } from '../../values/own.js'
import { isObject } from '../../values/object.js'

/**
 * Parameters that almost always refer to patients. A logical reference there is taken as one to a patient, even without
 * a type.
 */
const ofPatients: ReadonlySet<string> = new Set(['patient', 'subject', 'beneficiary', 'individual'])

/** Whether an element names a patient without giving a search value: by an identifier, or as a contained resource. */
const isUnnamedPatient = (element: unknown, parameter: string, containedPatients: ReadonlySet<string>): boolean => {
  if (!isObject(element)) return false
  const [reference, type, identifier] = ['reference', 'type', 'identifier'].map((member) => ownMember(element, member))
  if (typeof reference === 'string') return reference.startsWith('#') && containedPatients.has(reference.slice(1))
  if (identifier === undefined) return false
  return type === undefined ? ofPatients.has(parameter) : isOfTypePatient(type)
}

/**
 * Whether an element names another patient beside its reference. An identifier beside the reference names the same
 * patient: the reference takes precedence (FHIR R4, references.html), and apps send both.
 */
const namesBeside = (identity: Identity, element: unknown): boolean => {
  if (!isObject(element) || typeof ownMember(element, 'reference') !== 'string') return false
  const beside = Object.fromEntries(
    Object.entries(element).filter(([name]) => !['reference', 'identifier', 'type'].includes(name))
  )
  return leadsToAnother(identity, beside)
}

/** Whether compartment parameters of a resource or its contained resources name a patient other than the given one. */
const namesAnother = (
  identity: Identity,
  resource: Resource,
  patient: string,
  more: MoreCompartment,
  before: Resource | null,
  release: FhirRelease
): boolean => {
  const names = compartmentParameters(resource.resourceType, more, release)
  const isNamed = names.some(
    (name) =>
      identity.read(resource, name).some((value) => isAddressOf('Patient', value) && value !== `Patient/${patient}`) ||
      elementsUnder(resource, name, release).some((element) =>
        isUnnamedPatient(element, name, identity.containedPatients)
      )
  )
  if (isNamed) return true
  const beside = names
    .flatMap((name) => elementsUnder(resource, name, release))
    .filter((element) => namesBeside(identity, element))
  if (beside.length === 0) return false
  const text = textsBy(identity.read)
  const kept = new Set(
    before?.resourceType === resource.resourceType
      ? names.flatMap((name) => elementsUnder(before, name, release)).map(text)
      : []
  )
  return beside.some((element) => !kept.has(text(element)))
}

/**
 * Whether a resource is in the compartment of a patient and concerns no other patient. `before` is the stored version:
 * its links may stay.
 */
export const isOfPatientAlone = (
  read: IndexReader,
  resource: Resource,
  patient: string,
  more: MoreCompartment = noMembers,
  before: Resource | null = null,
  release: FhirRelease = releaseR4
): boolean => {
  if (!isOfPatient(read, resource, patient, more, release)) return false
  const contained = allContainedIn(resource)
  const identity: Identity = { read, patient, containedPatients: patientIdsIn(contained) }
  return (
    !identifiesAnew(identity, resource, contained, before) &&
    [resource, ...contained].every((one) => !namesAnother(identity, one, patient, more, before, release))
  )
}
