/**
 * What a resource states about a person's identity: links of a Patient or a Person, and references to another Patient
 * in them. Servers merge records on such statements. With a patient's authority, new statements may therefore only
 * concern that patient; stored statements may stay.
 *
 * A link counts as the patient's own only if it states nothing else. Everything else is compared as a whole with the
 * stored version: a link, another element with a reference, a contained record. Only the spelling of URLs may differ.
 * Source: FHIR R4, patient-definitions.html (Patient.link) and references.html.
 *
 * @module
 */
import type { Resource } from './fhir-interaction.js'
import { isResource } from './fhir-interaction.js'
import type { IndexReader } from './search/search-index.js'
import { isAddressOf } from './search/search-index.js'
import { isTypeAndId } from '../../values/fhir.js'
import { ownMember } from '../../values/own.js'
import type { JsonObject } from '../../values/object.js'
import { isObject } from '../../values/object.js'

const listIn = (resource: Resource, member: string): ReadonlyArray<unknown> => {
  const value = Object.hasOwn(resource, member) ? resource[member] : undefined
  return Array.isArray(value) ? (value as ReadonlyArray<unknown>) : value === undefined ? [] : [value]
}

const containedIn = (resource: Resource): ReadonlyArray<Resource> => listIn(resource, 'contained').filter(isResource)

/** The contained resources of a resource at all depths. FHIR does not allow nesting, but a client may send it. */
export const allContainedIn = (resource: Resource): ReadonlyArray<Resource> =>
  containedIn(resource).flatMap((one) => [one, ...allContainedIn(one)])

/** The ids of the Patients among contained resources. */
export const patientIdsIn = (contained: ReadonlyArray<Resource>): ReadonlySet<string> =>
  new Set(
    contained.filter(({ resourceType }) => resourceType === 'Patient').flatMap((one) => ownMember(one, 'id') ?? [])
  )

/** The patient in question, and how references are read. */
export interface Identity {
  readonly read: IndexReader
  /** Null when there is no patient in question: a contained record is never the patient's own record. */
  readonly patient: string | null
  readonly containedPatients: ReadonlySet<string>
}

/** A reference in canonical form if it is local, otherwise as it is written. */
export const canonicalReference = (read: IndexReader, reference: string): string =>
  read({ resourceType: 'Patient', link: [{ other: { reference } }] }, 'link')[0] ?? reference

/** Whether `Reference.type` names Patient, by name or as the URL of its definition. */
export const isOfTypePatient = (type: unknown): boolean => typeof type === 'string' && /(?:^|\/)Patient$/.test(type)

const isAnotherName = ({ read, patient, containedPatients }: Identity, reference: string, type: unknown): boolean => {
  if (reference.startsWith('#')) return containedPatients.has(reference.slice(1))
  const name = canonicalReference(read, reference)
  if (patient !== null && name === `Patient/${patient}`) return false
  const isOther = isTypeAndId(name) && !name.startsWith('Patient/')
  return !isOther && (isAddressOf('Patient', name) || isOfTypePatient(type) || name.startsWith('urn:'))
}

const isUri = (member: string): boolean => /^value(?:Uri|Url|Canonical)$/.test(member)

/**
 * Whether a value contains a reference to another patient, at any depth. A logical reference in an extension may refer
 * to any patient.
 */
export const leadsToAnother = (identity: Identity, value: unknown, member = ''): boolean => {
  if (Array.isArray(value)) return value.some((one: unknown) => leadsToAnother(identity, one, member))
  if (typeof value === 'string')
    return isUri(member) && isAddressOf('Patient', value) && isAnotherName(identity, value, undefined)
  if (!isObject(value)) return false
  const [reference, type, identifier] = ['reference', 'type', 'identifier'].map((name) => ownMember(value, name))
  if (typeof reference === 'string') {
    if (isAnotherName(identity, reference, type)) return true
    // An identifier beside the reference may belong to another patient.
    if (identifier !== undefined && canonicalReference(identity.read, reference).startsWith('Patient/')) return true
  } else if (
    identifier !== undefined &&
    (isOfTypePatient(type) || (type === undefined && member.endsWith('Reference')))
  )
    return true
  return Object.entries(value).some(([name, inner]) => leadsToAnother(identity, inner, name))
}

/**
 * The types that state identities, with the member that holds the target of a link and the member that holds the link's
 * type.
 */
const linked: ReadonlyMap<string, readonly [target: string, kind: string]> = new Map([
  ['Patient', ['other', 'type']],
  ['Person', ['target', 'assurance']]
])

const hasOnly = (value: JsonObject, names: ReadonlyArray<string>): boolean =>
  Object.keys(value).every((name) => names.includes(name))

const isText = (value: unknown): boolean => value === undefined || typeof value === 'string'

/** Whether a link leads to the patient and states nothing else. */
const isSelf = ({ read, patient }: Identity, [member, kind]: readonly [string, string], link: unknown): boolean => {
  if (patient === null || !isObject(link) || !hasOnly(link, [member, kind, 'id']) || !isText(ownMember(link, kind)))
    return false
  const target = ownMember(link, member)
  return (
    isObject(target) &&
    hasOnly(target, ['reference', 'type', 'display']) &&
    isText(ownMember(target, 'display')) &&
    isOfTypePatient(ownMember(target, 'type') ?? 'Patient') &&
    canonicalReference(read, String(ownMember(target, 'reference'))) === `Patient/${patient}`
  )
}

/** The statements of one record about other persons, by member. They must be in the stored version already. */
const saidOfOthers = (
  identity: Identity,
  record: Resource
): ReadonlyArray<readonly [member: string, element: unknown]> => {
  const places = linked.get(record.resourceType)
  if (places === undefined) return []
  return Object.keys(record)
    .filter((member) => member !== 'contained')
    .flatMap((member) =>
      listIn(record, member)
        .filter((element) =>
          member === 'link' ? !isSelf(identity, places, element) : leadsToAnother(identity, element, member)
        )
        .map((element) => [member, element] as const)
    )
}

/** Numbers for texts, so that keys of elements that share a long text stay short. Equal texts have equal numbers. */
type Numbers = Map<string, number>

const numberOf = (text: string, numbers: Numbers): number => {
  const number = numbers.get(text) ?? numbers.size
  numbers.set(text, number)
  return number
}

/**
 * Makes comparable texts of values: the order of members and the spelling of URLs do not matter. `within` maps
 * references to contained resources to their replacements.
 */
export const textsBy =
  (read: IndexReader, within: ReadonlyMap<string, number> = new Map()): ((value: unknown) => string) =>
  (value) =>
    JSON.stringify(value, (member, inner: unknown) => {
      if (typeof inner === 'string' && (member === 'reference' || isUri(member)))
        return within.has(inner) ? [inner, within.get(inner)] : canonicalReference(read, inner)
      return isObject(inner)
        ? Object.fromEntries(
            Object.keys(inner)
              .toSorted()
              .map((name) => [name, inner[name]])
          )
        : inner
    })

/** Texts of values that refer to contained resources, in which the reference is replaced by the contained content. */
const textsAbove = (
  read: IndexReader,
  contained: ReadonlyArray<Resource>,
  numbers: Numbers
): ((value: unknown) => string) => {
  const plain = textsBy(read)
  return textsBy(
    read,
    new Map(contained.map((one) => [`#${ownMember(one, 'id') ?? ''}`, numberOf(plain(one), numbers)]))
  )
}

/**
 * Whether a resource makes a new statement that a person is someone other than the patient, in itself (a Patient or a
 * Person) or in a contained resource. `before` is the stored version.
 */
export const identifiesAnew = (
  identity: Identity,
  resource: Resource,
  contained: ReadonlyArray<Resource>,
  before: Resource | null
): boolean => {
  const records = [resource, ...contained].filter(({ resourceType }) => linked.has(resourceType))
  // A link is an element, not a primitive value, so `_link` must not exist.
  if (records.some((record) => Object.hasOwn(record, '_link'))) return true
  const said = saidOfOthers(identity, resource)
  const others = contained.filter((record) => saidOfOthers({ ...identity, patient: null }, record).length > 0)
  if (said.length === 0 && others.length === 0) return false
  if (before?.resourceType !== resource.resourceType) return true
  const numbers: Numbers = new Map()
  const storedContained = allContainedIn(before)
  const [stored, now] = [
    textsAbove(identity.read, storedContained, numbers),
    textsAbove(identity.read, contained, numbers)
  ]
  const members = new Set(said.map(([member]) => member))
  const kept = new Set([
    ...[...members].flatMap((member) => listIn(before, member).map((element) => stored([member, element]))),
    ...storedContained.map(stored)
  ])
  return said.some((one) => !kept.has(now(one))) || others.some((one) => !kept.has(now(one)))
}
