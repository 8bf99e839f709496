/**
 * Which resources the simulator's users may see. A user sees a resource only if the user may see every patient whom it
 * concerns.
 *
 * A resource concerns the patients in whose compartments it is (compartmentdefinition-patient.html of the FHIR server's
 * release), and every other patient to whom it refers, also in contained resources and in the entries of a Bundle. A
 * Binary, a Provenance, an AuditEvent and an identity link concern the patients of the resources to which they belong;
 * the same holds for a resource about a group or a device, in an encounter, or with a reference in the table
 * {@link leading}. A patient who cannot be identified is one whom the user may not see.
 */
import type { UserEntry } from '../config/config.js'
import type { Resource } from '../../protocol/access/fhir-interaction.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import { releaseIn } from '../../protocol/access/release.js'
import { isOfTypePatient } from '../../protocol/access/identity.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import {
  compartmentParameters,
  elementsUnder,
  isAddressOf,
  isInPatientCompartment,
  localReference
} from '../../protocol/access/search/search-index.js'
import { limits } from '../../values/limits/limits.js'
import { isResourceTypeName } from '../../values/fhir.js'
import { ownMember, ownMembers } from '../../values/own.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'

/** Look-ups for what the resource itself does not say. */
export interface RecordLookup {
  readonly references: ReferenceFacts
  /** The release of the FHIR server, which says what puts a resource into a patient's compartment. Default: FHIR R4. */
  readonly release?: FhirRelease
  /** A stored resource by its local reference; null if it does not exist, or cannot be looked up. */
  readonly find: (reference: string) => Resource | null
}

/** A patient who cannot be identified. */
const unknown = null

type Concerned = ReadonlyArray<string | typeof unknown>

const listOf = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) ? (value as ReadonlyArray<unknown>) : value === undefined ? [] : [value]

/** Types that refer to other resources, which determine the patients concerned. */
const referringElements: Readonly<Record<string, ReadonlyArray<readonly [string, string | null]>>> = {
  Binary: [['securityContext', null]],
  Provenance: [['target', null]],
  AuditEvent: [['entity', 'what']],
  Patient: [['link', 'other']],
  Person: [['link', 'target']]
}

/**
 * Where a type leads by reference to other resources, and so tells of whom these concern: also beside a patient whom it
 * names.
 */
const leading: Readonly<Record<string, ReadonlyArray<readonly [string, string | null]>>> = {
  AppointmentResponse: [['appointment', null]],
  DeviceMetric: [
    ['source', null],
    ['parent', null]
  ],
  EnrollmentResponse: [['request', null]],
  Linkage: [['item', 'resource']],
  List: [['entry', 'item']],
  MeasureReport: [['evaluatedResource', null]],
  MessageHeader: [['focus', null]],
  PaymentNotice: [
    ['request', null],
    ['response', null]
  ],
  PaymentReconciliation: [
    ['request', null],
    ['detail', 'request'],
    ['detail', 'response']
  ],
  Slot: [['schedule', null]],
  Task: [
    ['focus', null],
    ['basedOn', null],
    ['partOf', null]
  ],
  VerificationResult: [['target', null]]
}

/** Types that no compartment holds, and that say all the same to which patient they belong. */
const ofPatientsBesides: ReadonlySet<string> = new Set(['Device'])

/** The patient to whom an element refers, if it is a reference. */
const namedBy = ({ references }: RecordLookup, element: JsonObject): Concerned => {
  const { reference, type, identifier, resourceType } = ownMembers(element)
  if (resourceType !== undefined) return []
  if (typeof reference !== 'string') return identifier !== undefined && isOfTypePatient(type) ? [unknown] : []
  const local = localReference(reference, references)
  if (local !== null) return local.startsWith('Patient/') ? [local.slice('Patient/'.length)] : []
  return !reference.startsWith('#') && (isAddressOf('Patient', reference) || isOfTypePatient(type)) ? [unknown] : []
}

/** The elements that put a resource into patients' compartments. */
const compartmentElements = (
  records: RecordLookup,
  resource: Resource
): ReadonlyArray<readonly [parameter: string, element: unknown]> =>
  [
    ...new Set([...compartmentParameters(resource.resourceType, undefined, releaseIn(records)), 'patient', 'subject'])
  ].flatMap((name) => elementsUnder(resource, name, releaseIn(records)).map((element) => [name, element] as const))

/** Parameters that refer almost only to patients. */
const ofPatients: ReadonlySet<string> = new Set(['patient', 'subject', 'beneficiary', 'individual'])

/**
 * Elements with only an identifier and no type. They count as an unidentified patient if the element is for patients,
 * or if no other element identifies the patient.
 */
const identifiedOnly = (elements: ReturnType<typeof compartmentElements>, isKnown: boolean): Concerned =>
  elements
    .filter(([name]) => !isKnown || ofPatients.has(name))
    .flatMap(([, element]) =>
      isObject(element) &&
      !Object.hasOwn(element, 'reference') &&
      Object.hasOwn(element, 'identifier') &&
      !Object.hasOwn(element, 'type')
        ? [unknown]
        : []
    )

/** A reference to a resource to which this one belongs. */
interface Belonging {
  /** Null if it is not given as a reference. */
  readonly reference: string | null
  /** Whether the patients are known without it, and it only adds more. */
  readonly isFurther: boolean
}

const referenceOf = (element: unknown): string | null => {
  const reference = isObject(element) ? ownMember(element, 'reference') : undefined
  return typeof reference === 'string' ? reference : null
}

/** The elements of a resource in a table of members. */
const elementsIn = (
  table: Readonly<Record<string, ReadonlyArray<readonly [string, string | null]>>>,
  resource: Resource
): ReadonlyArray<unknown> =>
  (Object.hasOwn(table, resource.resourceType) ? (table[resource.resourceType] ?? []) : []).flatMap(([member, inner]) =>
    listOf(ownMember(resource, member)).flatMap((one) =>
      inner === null ? [one] : isObject(one) ? listOf(ownMember(one, inner)) : []
    )
  )

/**
 * The references of a resource to those to which it belongs: the references of its type, the group or device that it is
 * about, and its encounter.
 */
const belongsTo = ({ references }: RecordLookup, resource: Resource, isKnown: boolean): ReadonlyArray<Belonging> => {
  const leadsTo =
    (types: RegExp) =>
    (element: unknown): boolean =>
      types.test(localReference(referenceOf(element) ?? '', references) ?? '')
  const contexts = listOf(ownMember(resource, 'context'))
  const encounters = [
    ...listOf(ownMember(resource, 'encounter')),
    ...contexts,
    ...contexts.flatMap((one) => (isObject(one) ? listOf(ownMember(one, 'encounter')) : []))
  ]
  return [
    ...elementsIn(referringElements, resource).map((element) => ({
      reference: referenceOf(element),
      isFurther: false
    })),
    ...elementsIn(leading, resource).map((element) => ({ reference: referenceOf(element), isFurther: isKnown })),
    ...listOf(ownMember(resource, 'subject'))
      .filter(leadsTo(/^(?:Group|Device)\//))
      .map((element) => ({ reference: referenceOf(element), isFurther: false })),
    ...encounters
      .filter(leadsTo(/^(?:Encounter|EpisodeOfCare)\//))
      .map((element) => ({ reference: referenceOf(element), isFurther: isKnown }))
  ].filter(({ reference }) => reference === null || !/^(?:#|urn:)/.test(reference))
}

/** What a resource says by itself: the patients concerned, and the resources to which it belongs. */
interface OwnFacts {
  readonly patients: Concerned
  readonly belongsTo: ReadonlyArray<Belonging>
}

const ownFacts = (records: RecordLookup, value: unknown, isContained: boolean): ReadonlyArray<OwnFacts> => {
  if (Array.isArray(value)) return value.flatMap((one: unknown) => ownFacts(records, one, isContained))
  if (!isObject(value)) return []
  const inner = Object.entries(value).flatMap(([member, one]) =>
    ownFacts(records, one, isContained || member === 'contained')
  )
  if (typeof value['resourceType'] !== 'string') {
    const named = namedBy(records, value)
    return named.length === 0 ? inner : [{ patients: named, belongsTo: [] }, ...inner]
  }
  const resource = value as Resource
  // A contained Patient has no id outside its container.
  const self = resource.resourceType !== 'Patient' ? [] : [isContained ? unknown : (resource.id ?? unknown)]
  const elements = compartmentElements(records, resource)
  const isKnown =
    self.length > 0 || elements.some(([, element]) => isObject(element) && namedBy(records, element).length > 0)
  return [
    { patients: [...self, ...identifiedOnly(elements, isKnown)], belongsTo: belongsTo(records, resource, isKnown) },
    ...inner
  ]
}

/**
 * A local reference to a resource that may concern a patient; null for types that never do; undefined if the target
 * cannot be determined.
 */
const toFollow = (records: RecordLookup, reference: string): string | null | undefined => {
  const local = localReference(reference, records.references)
  const [type = ''] = (local ?? '').split('/')
  if (local === null || !isResourceTypeName(type)) return undefined
  const mayConcern =
    isInPatientCompartment(type, undefined, releaseIn(records)) ||
    ofPatientsBesides.has(type) ||
    Object.hasOwn(referringElements, type) ||
    Object.hasOwn(leading, type)
  return type !== 'Patient' && mayConcern ? local : null
}

/**
 * Whether a user may access a resource. A user who may see all patients may see all resources. The returned function
 * caches what each stored resource says.
 */
export const mayUserTouch = (records: RecordLookup, user: UserEntry | undefined): ((resource: Resource) => boolean) => {
  const seen = new Set(user?.patients ?? [])
  if (seen.has('*')) return () => true
  const remembered = new WeakMap<Resource, ReadonlyArray<OwnFacts>>()
  const factsOf = (resource: Resource): ReadonlyArray<OwnFacts> => {
    const facts = remembered.get(resource) ?? ownFacts(records, resource, false)
    remembered.set(resource, facts)
    return facts
  }
  return (resource) => {
    const [waiting, known] = [[resource], new Set<string>()]
    for (const one of waiting) {
      for (const facts of factsOf(one)) {
        if (!facts.patients.every((patient) => patient !== unknown && seen.has(patient))) return false
        for (const { reference, isFurther } of facts.belongsTo) {
          const local = reference === null ? undefined : toFollow(records, reference)
          if (local === null || (local !== undefined && known.has(local))) continue
          const found = local === undefined || known.size >= limits.fhirFollowed.default ? null : records.find(local)
          if (found === null && !isFurther) return false
          if (found === null) continue
          if (local !== undefined) known.add(local)
          waiting.push(found)
        }
      }
    }
    return true
  }
}
