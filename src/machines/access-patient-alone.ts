/**
 * Whether a resource concerns one patient alone, so that it may be written with that patient's authority.
 *
 * Another patient is named by the parameters of the compartment in any spelling: a reference, another server's address, a search, a
 * logical reference (`identifier`) or a contained Patient; and within contained resources too. Links of identity are looked at apart:
 * servers merge records by them, so none may come to name anybody but the patient, whatever its spelling; those that were there may stay.
 * Source: FHIR R4, compartmentdefinition-patient.html, references.html, patient-definitions.html (Patient.link).
 *
 * @module
 */
import type { Resource } from './fhir-interaction.js'
import { isResource } from './fhir-interaction.js'
import type { IndexReader, MoreCompartment } from './search-index.js'
import { compartmentParameters, elementsUnder, isAddressOf, isOfPatient } from './search-index.js'
import { noMembers, ownMember, ownMembers } from '../values/own.js'

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const listIn = (resource: Resource, member: string): ReadonlyArray<unknown> => {
  const value = Object.hasOwn(resource, member) ? resource[member] : undefined
  return Array.isArray(value) ? (value as ReadonlyArray<unknown>) : value === undefined ? [] : [value]
}

const containedIn = (resource: Resource): ReadonlyArray<Resource> => listIn(resource, 'contained').filter(isResource)

/** What a resource contains, and what that contains, though FHIR allows none. */
const allContainedIn = (resource: Resource): ReadonlyArray<Resource> =>
  containedIn(resource).flatMap((one) => [one, ...allContainedIn(one)])

/** Parameters that name patients and little else: a logical reference there means a patient, also where it does not say its type. */
const ofPatients: ReadonlySet<string> = new Set(['patient', 'subject', 'beneficiary', 'individual'])

/** Whether an element names a patient in a way that gives no value to a search: by an identifier, or as a contained resource. */
const isUnnamedPatient = (element: unknown, parameter: string, containedPatients: ReadonlySet<string>): boolean => {
  if (!isObject(element)) return false
  const { reference, type, identifier } = ownMembers(element)
  if (typeof reference === 'string') return reference.startsWith('#') && containedPatients.has(reference.slice(1))
  if (identifier === undefined) return false
  return type === undefined ? ofPatients.has(parameter) : typeof type === 'string' && /(?:^|\/)Patient$/.test(type)
}

/** Whether parameters of the compartment name another patient than one, in a resource or in what it contains. */
const namesAnother = (
  read: IndexReader, resource: Resource, patient: string, more: MoreCompartment, containedPatients: ReadonlySet<string>
): boolean =>
  compartmentParameters(resource.resourceType, more).some((name) =>
    read(resource, name).some((value) => isAddressOf('Patient', value) && value !== `Patient/${patient}`) ||
    elementsUnder(resource, name).some((element) => isUnnamedPatient(element, name, containedPatients)))

/** The types whose `link` says that records are about one person. */
const linked: ReadonlySet<string> = new Set(['Patient', 'Person'])

/** A value as a text in which the order of members does not matter. */
const textOf = (value: unknown): string =>
  JSON.stringify(value, (_name, inner: unknown) => (isObject(inner) ? Object.fromEntries(Object.entries(inner).toSorted(([one], [other]) => (one < other ? -1 : 1))) : inner))

/** To whom a link of identity leads, as the reader says it; none where it does not say it. */
const namesIn = (read: IndexReader, resourceType: string, link: unknown): ReadonlyArray<string> =>
  ['link', 'patient'].flatMap((name) => read({ resourceType, link: [link] }, name))

const targetOf = (link: unknown): unknown => (isObject(link) ? ownMember(link, 'other') ?? ownMember(link, 'target') : undefined)

/** Numbers of texts, the same for the same text: links that name one long text each hold a short number. */
type Numbers = Map<string, number>

const numberOf = (text: string, numbers: Numbers): number => {
  const number = numbers.get(text) ?? numbers.size
  numbers.set(text, number)
  return number
}

/** What links of a resource say: to whom each leads, in one spelling where it is one of ours, and of what kind it is. */
const linkTexts = (read: IndexReader, resource: Resource, links: ReadonlyArray<unknown>, numbers: Numbers): ReadonlyArray<string> => {
  const contained = new Map(containedIn(resource).map((one) => [`#${ownMember(one, 'id') ?? ''}`, numberOf(textOf(one), numbers)]))
  return links.map((link) => {
    const [names, target] = [namesIn(read, resource.resourceType, link), targetOf(link)]
    const kind = isObject(link) ? [ownMember(link, 'type'), ownMember(link, 'assurance')] : []
    const reference = isObject(target) ? ownMember(target, 'reference') : undefined
    const within = typeof reference === 'string' ? contained.get(reference) : undefined
    return textOf([names.length > 0 ? names : target ?? link, kind, within])
  })
}

/** Whether a resource has a link of identity to anybody but the patient that what is stored has not. */
const linksAnew = (read: IndexReader, resource: Resource, patient: string, before: Resource | null): boolean => {
  if (!linked.has(resource.resourceType)) return false
  const isOther = (link: unknown): boolean => {
    const names = namesIn(read, resource.resourceType, link)
    return !isObject(targetOf(link)) || names.length === 0 || names.some((name) => name !== `Patient/${patient}`)
  }
  const [links, stored] = [listIn(resource, 'link'), before?.resourceType === resource.resourceType ? listIn(before, 'link') : []]
  if (before === null || stored.length === 0) return links.some(isOther)
  const others = links.filter(isOther)
  if (others.length === 0) return false
  const numbers: Numbers = new Map()
  const kept = new Set(linkTexts(read, before, stored, numbers))
  return linkTexts(read, resource, others, numbers).some((text) => !kept.has(text))
}

/**
 * Whether a resource is in the compartment of a patient and concerns no other patient. `before` is what is stored in its place: the
 * links of identity that it has already may stay.
 */
export const isOfPatientAlone = (
  read: IndexReader, resource: Resource, patient: string, more: MoreCompartment = noMembers, before: Resource | null = null
): boolean => {
  if (!isOfPatient(read, resource, patient, more) || linksAnew(read, resource, patient, before)) return false
  const contained = allContainedIn(resource)
  const containedPatients = new Set(contained.filter(({ resourceType }) => resourceType === 'Patient').flatMap((one) => ownMember(one, 'id') ?? []))
  return [resource, ...contained].every((one) => !namesAnother(read, one, patient, more, containedPatients))
}
