/**
 * Resources that are opened by a reference or by a document: which other resources their access depends on, and whether
 * these permit it.
 *
 * The other resources are evidence that the host loads before it judges; without evidence nothing is opened. Evidence
 * is checked by the token's own alternatives and never leads further: a target whose own type is opened by a reference
 * (the Provenance of a Provenance) does not count.
 *
 * @module
 */
import type { AccessProfile, AccessProfileRow, NamingDocument } from './profile.js'
import type { Resource } from '../fhir-interaction.js'
import type { ReferenceFacts } from '../search/search-index.js'
import { elementsAt, localReference } from '../search/search-index.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'
import { limits } from '../../../values/limits/limits.js'

/** How a token may read or search a resource by itself: as the patient's own, as a shared one, or not at all. */
export type TargetAccess = 'own' | 'shared' | 'none'

/** The loaded resources on which access depends. */
export interface LinkEvidence {
  /** The stored resource of a local reference (`Observation/a1`); undefined if it is missing or was not loaded. */
  readonly find: (reference: string) => Resource | undefined
  /** The loaded documents that name a resource by a local reference (`Binary/x`). */
  readonly naming: (reference: string) => ReadonlyArray<Resource>
  /** How the token may read or search a loaded resource in this patient's compartment. */
  readonly accessTo: (patient: string, resource: Resource) => TargetAccess
}

/** The rows of a resource's type. */
const rowsOf = (links: AccessProfile, { resourceType }: Resource): AccessProfile =>
  links.filter(({ type }) => type === resourceType)

/** Whether rows open a type by a reference or by a document. */
export const isLinkedType = (links: AccessProfile, type: string): boolean => links.some((row) => row.type === type)

const targetsRead = (resource: Resource, member: string, facts: ReferenceFacts): ReadonlyArray<string | null> => {
  const elements = elementsAt(resource, [member])
  const most = limits.fhirEvidenceTargets.default
  const targets = elements.slice(0, most).map((element) => {
    const reference = isObject(element) ? ownMember(element, 'reference') : undefined
    return typeof reference === 'string' ? localReference(reference, facts) : null
  })
  return elements.length > most ? [...targets, null] : targets
}

/** The targets of a resource that were read, by the member that holds them. */
interface ReadTargets {
  readonly facts: ReferenceFacts
  readonly byMember: Map<string, ReadonlyArray<string | null>>
}

const readBefore = new WeakMap<Resource, ReadTargets>()

/**
 * The target of each reference in a member of a resource, as a local reference; null for any other target. Those beyond
 * the limit are not read: they are one null. They are read once for each resource.
 */
const targetsIn = (resource: Resource, member: string, facts: ReferenceFacts): ReadonlyArray<string | null> => {
  const before = readBefore.get(resource)
  const known = before?.facts === facts ? before : { facts, byMember: new Map<string, ReadonlyArray<string | null>>() }
  const targets = known.byMember.get(member) ?? targetsRead(resource, member, facts)
  known.byMember.set(member, targets)
  readBefore.set(resource, known)
  return targets
}

/** Whether a local reference leads to a type that is itself opened by a reference. */
const leadsFurther = (links: AccessProfile, reference: string): boolean =>
  isLinkedType(links, reference.slice(0, reference.indexOf('/')))

/** The local references of a resource by a row that its access depends on; at most the limit. */
const dependsOn = (
  links: AccessProfile,
  { by }: AccessProfileRow,
  resource: Resource,
  facts: ReferenceFacts
): ReadonlyArray<string> =>
  typeof by === 'object' && 'target' in by
    ? targetsIn(resource, by.target, facts)
        .filter((reference) => reference !== null)
        .filter((reference) => !leadsFurther(links, reference))
    : []

/** What the access to a resource depends on. */
export interface AccessDependencies {
  /** Local references: `Observation/a1`. */
  readonly targets: ReadonlyArray<string>
  /** The documents that may name the resource; empty where none is looked for. */
  readonly documents: ReadonlyArray<NamingDocument>
}

/** Whether documents may open a resource: only without a `securityContext`, which takes precedence. */
const isOpenToDocuments = (resource: Resource): boolean => !Object.hasOwn(resource, 'securityContext')

/** The resources that the access to a resource depends on, by the rows of a token. */
export const accessDependencies = (
  links: AccessProfile,
  resource: Resource,
  facts: ReferenceFacts
): AccessDependencies => {
  const rows = rowsOf(links, resource)
  return {
    targets: [...new Set(rows.flatMap((row) => dependsOn(links, row, resource, facts)))],
    documents: isOpenToDocuments(resource)
      ? rows.flatMap(({ by }) => (typeof by === 'object' && 'documents' in by ? by.documents : []))
      : []
  }
}

/** The local references at the address of a document. */
export const namedByDocument = (document: Resource, path: string, facts: ReferenceFacts): ReadonlyArray<string> =>
  elementsAt(document, path.split('.')).flatMap((url) =>
    typeof url === 'string' ? (localReference(url, facts) ?? []) : []
  )

const opensByTargets = (
  links: AccessProfile,
  resource: Resource,
  member: string,
  patient: string,
  evidence: LinkEvidence,
  facts: ReferenceFacts
): boolean => {
  const accesses = targetsIn(resource, member, facts).map((reference): TargetAccess => {
    if (reference === null || leadsFurther(links, reference)) return 'none'
    const found = evidence.find(reference)
    return found === undefined ? 'none' : evidence.accessTo(patient, found)
  })
  return accesses.includes('own') || (accesses.length > 0 && !accesses.includes('none'))
}

/** Whether the evidence opens a resource for a patient by one of the rows. */
export const isOpenedByLink = (
  links: AccessProfile,
  resource: Resource,
  patient: string,
  evidence: LinkEvidence,
  facts: ReferenceFacts
): boolean =>
  rowsOf(links, resource).some(({ by, type }) => {
    if (typeof by === 'string' || 'compartment' in by) return false
    if ('target' in by) return opensByTargets(links, resource, by.target, patient, evidence, facts)
    if (!isOpenToDocuments(resource) || resource.id === undefined) return false
    const name = `${type}/${resource.id}`
    return evidence
      .naming(name)
      .some(
        (document) =>
          by.documents.some(
            (one) => one.type === document.resourceType && namedByDocument(document, one.path, facts).includes(name)
          ) && evidence.accessTo(patient, document) !== 'none'
      )
  })

/**
 * Whether a document names a resource that documents open, and that its stored version does not name: writing it would
 * open the resource for reading.
 */
export const opensByNaming = (
  rows: AccessProfile,
  document: Resource,
  before: Resource | null,
  facts: ReferenceFacts
): boolean =>
  rows.some(({ by, type }) => {
    if (typeof by === 'string' || !('documents' in by)) return false
    const paths = by.documents.filter((one) => one.type === document.resourceType).map(({ path }) => path)
    const namedIn = (resource: Resource): ReadonlyArray<string> =>
      paths
        .flatMap((path) => namedByDocument(resource, path, facts))
        .filter((reference) => reference.startsWith(`${type}/`))
    const kept = new Set(before?.resourceType === document.resourceType ? namedIn(before) : [])
    return namedIn(document).some((reference) => !kept.has(reference))
  })
