/**
 * Whom the simulator's users may see. A resource is shown to a user who may see every patient whom it concerns; one that concerns a
 * patient whom the user may not see is not there, whoever else it concerns.
 *
 * A resource concerns the patients in whose compartments it is (FHIR R4, compartmentdefinition-patient.html), and every other patient to
 * whom it refers: also by what it contains and by the entries of a Bundle. A Binary, a Provenance, an AuditEvent and a link of identity
 * concern whom the resources concern to which they belong. A patient whom nobody can tell is one whom the user may not see.
 */
import type { UserEntry } from './config.js'
import type { Resource } from '../../machines/fhir-interaction.js'
import type { ReferenceFacts } from '../../machines/search-index.js'
import { compartmentParameters, elementsUnder, isAddressOf, isInPatientCompartment, localReference } from '../../machines/search-index.js'

/** What is known besides the resource. */
export interface Records {
  readonly references: ReferenceFacts
  /** A stored resource by its local reference; null where it is not there, or cannot be looked up. */
  readonly find: (reference: string) => Resource | null
}

/** Somebody whom nobody can tell. */
const unknown = null

type Concerned = ReadonlyArray<string | typeof unknown>

type Members = Readonly<Record<string, unknown>>

const isObject = (value: unknown): value is Members => typeof value === 'object' && value !== null && !Array.isArray(value)

const listOf = (value: unknown): ReadonlyArray<unknown> => (Array.isArray(value) ? (value as ReadonlyArray<unknown>) : value === undefined ? [] : [value])

/** Where a type tells by reference to other resources whom it concerns. */
const followed: Readonly<Record<string, ReadonlyArray<readonly [string, string | null]>>> = {
  Binary: [['securityContext', null]],
  Provenance: [['target', null]],
  AuditEvent: [['entity', 'what']],
  Patient: [['link', 'other']],
  Person: [['link', 'target']]
}

/** How many resources one may have to look at, one behind the other, to tell whom it concerns. */
const farthest = 3

const isOfTypePatient = (type: unknown): boolean => typeof type === 'string' && /(?:^|\/)Patient$/.test(type)

/** The patient whom an object names, when it is a reference. */
const namedBy = ({ references }: Records, { reference, type, identifier, resourceType }: Members): Concerned => {
  if (resourceType !== undefined) return []
  if (typeof reference !== 'string') return identifier !== undefined && isOfTypePatient(type) ? [unknown] : []
  const local = localReference(reference, references)
  if (local !== null) return local.startsWith('Patient/') ? [local.slice('Patient/'.length)] : []
  return !reference.startsWith('#') && (isAddressOf('Patient', reference) || isOfTypePatient(type)) ? [unknown] : []
}

/** Elements that name whom a resource is about by an identifier alone: patients, whatever type they do not say. */
const aboutSomebody = (resource: Resource): Concerned =>
  [...new Set([...compartmentParameters(resource.resourceType), 'patient', 'subject'])]
    .filter((name) => name === 'patient' || name === 'subject' || name === 'beneficiary' || name === 'individual')
    .flatMap((name) => elementsUnder(resource, name))
    .flatMap((element) => (isObject(element) && element['reference'] === undefined && element['identifier'] !== undefined && element['type'] === undefined ? [unknown] : []))

/** Whom the resources concern to which a resource belongs. */
const concernedBehind = (records: Records, resource: Resource, distance: number): Concerned =>
  (Object.hasOwn(followed, resource.resourceType) ? followed[resource.resourceType] ?? [] : [])
    .flatMap(([member, inner]) => listOf(resource[member]).flatMap((one) => (inner === null ? [one] : isObject(one) ? listOf(one[inner]) : [])))
    .flatMap((element): Concerned => {
      const { reference } = isObject(element) ? element : {}
      if (typeof reference !== 'string' || reference.startsWith('#') || reference.startsWith('urn:')) return []
      const local = localReference(reference, records.references)
      const type = /^[A-Z][A-Za-z]*/.exec(local ?? '')?.[0] ?? null
      // Another server's address, or a search: nobody knows what is there.
      if (local === null || type === null) return [unknown]
      if (type === 'Patient' || !(isInPatientCompartment(type) || Object.hasOwn(followed, type))) return []
      const found = distance >= farthest ? null : records.find(local)
      return found === null ? [unknown] : concerned(records, found, distance + 1)
    })

const within = (records: Records, value: unknown, isContained: boolean, distance: number): Concerned => {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => within(records, one, isContained, distance))
  if (!isObject(value)) return []
  const named = namedBy(records, value)
  const inner = Object.entries(value).flatMap(([member, one]) => within(records, one, isContained || member === 'contained', distance))
  if (typeof value['resourceType'] !== 'string') return [...named, ...inner]
  const resource = value as Resource
  // A contained Patient has no id that anybody could know.
  const self = resource.resourceType !== 'Patient' ? [] : [isContained ? unknown : resource.id ?? unknown]
  return [...self, ...aboutSomebody(resource), ...concernedBehind(records, resource, distance), ...inner]
}

function concerned(records: Records, resource: Resource, distance: number): Concerned {
  return within(records, resource, false, distance)
}

/** Whether a user may see and touch a resource. One who may see all patients may see all there is. */
export const mayUserTouch = (records: Records, user: UserEntry | undefined) => (resource: Resource): boolean => {
  const seen = new Set(user?.patients ?? [])
  return seen.has('*') || concerned(records, resource, 0).every((patient) => patient !== unknown && seen.has(patient))
}
