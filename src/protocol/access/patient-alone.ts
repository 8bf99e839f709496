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
 * Whether an element leads to another patient: by an extension, by the type that it states, or by a URN. An identifier
 * beside the reference names the same patient: the reference takes precedence (FHIR R4, references.html), and apps send
 * both.
 */
const leadsBeyond = (identity: Identity, element: unknown): boolean =>
  isObject(element) &&
  leadsToAnother(identity, Object.fromEntries(Object.entries(element).filter(([name]) => name !== 'identifier')))

/** The elements of a resource under its compartment parameters. */
const compartmentElements = (resource: Resource, more: MoreCompartment, release: FhirRelease): ReadonlyArray<unknown> =>
  compartmentParameters(resource.resourceType, more, release).flatMap((name) => elementsUnder(resource, name, release))

/** Whether a compartment parameter of a resource names a patient other than the given one. */
const namesAnother = (
  identity: Identity,
  resource: Resource,
  patient: string,
  more: MoreCompartment,
  release: FhirRelease
): boolean =>
  compartmentParameters(resource.resourceType, more, release).some(
    (name) =>
      identity.read(resource, name).some((value) => isAddressOf('Patient', value) && value !== `Patient/${patient}`) ||
      elementsUnder(resource, name, release).some((element) =>
        isUnnamedPatient(element, name, identity.containedPatients)
      )
  )

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
  if (identifiesAnew(identity, resource, contained, before)) return false
  const all = [resource, ...contained]
  if (all.some((one) => namesAnother(identity, one, patient, more, release))) return false
  const beyondIn = (one: Resource): ReadonlyArray<unknown> =>
    compartmentElements(one, more, release).filter((element) => leadsBeyond(identity, element))
  const [own, others] = [beyondIn(resource), contained.filter((one) => beyondIn(one).length > 0)]
  if (own.length === 0 && others.length === 0) return true
  if (before?.resourceType !== resource.resourceType) return false
  const text = textsBy(read)
  // What is stored stays where it is: an element of the resource there, and a contained resource as a whole.
  const kept = new Set(compartmentElements(before, more, release).map(text))
  const keptContained = new Set(others.length === 0 ? [] : allContainedIn(before).map(text))
  return own.every((element) => kept.has(text(element))) && others.every((one) => keptContained.has(text(one)))
}
