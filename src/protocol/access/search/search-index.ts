/**
 * The built-in index reader: it reads the search index of a resource by a table of element paths. The table covers
 * dates, numbers and quantities, the codes that the scopes of US Core need, and the patient compartment. A parameter
 * that is not in the table has no values, so no clause on it matches.
 *
 * Tokens are `system|code` (`|code` without system), references `Type/id`, uris text; `ordered.ts` describes dates,
 * numbers and quantities. A reference is local only if it is relative, or below one of this server's URLs. Contained
 * and logical references have no value, and URLs of other servers stay URLs. Source: FHIR R4, search.html and
 * references.html; the tables are src/values/fhir-r4/paths.ts and those of other
 * releases.
 *
 * @module
 */
import type { Resource } from '../fhir-interaction.js'
import type { FhirRelease } from '../release.js'
import { releaseR4 } from '../release.js'
import type { SearchIndex } from '../../../scopes/permits.js'
import { dateTexts, numberTexts, quantityTexts } from './elements.js'
import type { ElementPath } from './path-table.js'
import { pathsOf } from './paths.js'
import { escaped } from './texts.js'
import { partBelow } from '../../../values/urls.js'
import { noMembers, ownMember, ownMembers } from '../../../values/own.js'
import { isObject } from '../../../values/object.js'
import { relativeReference } from '../../../values/fhir.js'

/** Gives the index values of a resource under one parameter. */
export type IndexReader = (resource: Resource, parameter: string) => ReadonlyArray<string>

/** Facts about the server that reading references needs. */
export interface ReferenceFacts {
  /** The FHIR base URL: absolute references below it are local. */
  readonly base?: string
  /** Other base URLs of the same FHIR server, such as that of an upstream server. */
  readonly aliases?: ReadonlyArray<string>
  /** The resources that `urn:uuid:` URLs denote in a transaction: `Type/id`. */
  readonly entries?: ReadonlyMap<string, string>
}

/** All elements at a path of members. */
export const elementsAt = (resource: unknown, members: ReadonlyArray<string>): ReadonlyArray<unknown> => {
  const found: Array<unknown> = []
  addElements(found, resource, members, 0)
  return found
}

/** Adds all elements at the rest of a path of members. */
const addElements = (found: Array<unknown>, element: unknown, members: ReadonlyArray<string>, place: number): void => {
  const member = place < members.length ? members[place] : undefined
  if (member === undefined) {
    found.push(element)
    return
  }
  if (!isObject(element) || !Object.hasOwn(element, member)) return
  const value = element[member]
  if (!Array.isArray(value)) addElements(found, value, members, place + 1)
  else for (const item of value as ReadonlyArray<unknown>) addElements(found, item, members, place + 1)
}

const typeAndIdOf = (text: string): string | null => {
  const read = relativeReference(text)
  if (read === null) return null
  return read.version === null ? text : `${read.type}/${read.id}`
}

/**
 * A local reference in the form `Type/id`; null when it is not local. A reference is local if it is relative, below one
 * of this server's URLs (scheme and host in any case), or the `urn:uuid:` URL of an entry; its version is left out. All
 * of the gate reads references by this function.
 */
export const localReference = (text: string, facts: ReferenceFacts): string | null => {
  // Most references are relative, and only these hold no colon.
  if (!text.includes(':')) return typeAndIdOf(text)
  const { aliases = [], base, entries } = ownMembers(facts)
  const known = entries?.get(text)
  if (known !== undefined) return known
  // One base URL may be a prefix of another: the longest counts.
  let found = text
  for (const root of base === undefined ? aliases : [base, ...aliases]) {
    const part = partBelow(root, text)
    if (part !== null && part.length < found.length) found = part
  }
  return typeAndIdOf(found)
}

const token = (system: unknown, code: unknown): ReadonlyArray<string> =>
  typeof code === 'string' && code !== '' && (system === undefined || typeof system === 'string')
    ? [`${escaped(system ?? '')}|${escaped(code)}`]
    : []

/**
 * The elements of a resource that a parameter indexes, in their original form; empty when the built-in reader does not
 * support the parameter.
 */
export const elementsUnder = (
  resource: Resource,
  parameter: string,
  release: FhirRelease = releaseR4
): ReadonlyArray<unknown> =>
  pathsOf(resource.resourceType, parameter, release).flatMap(({ members }) => elementsAt(resource, members))

/** Whether a non-local reference leads to a resource of a type: by a URL of another server, or as a search. */
export const isAddressOf = (type: string, reference: string): boolean =>
  new RegExp(`(?:^|[^A-Za-z])${type}\\s*[/?]`).test(reference)

const codedOrReferred = (target: string | null, element: unknown, facts: ReferenceFacts): ReadonlyArray<string> => {
  if (typeof element === 'string' && target === null) return [...token(undefined, element)]
  if (typeof element === 'boolean') return [`|${String(element)}`]
  if (!isObject(element)) return []
  const reference = ownMember(element, 'reference')
  if (typeof reference === 'string') {
    const local = localReference(reference, facts)
    if (local !== null) return target === null || local.startsWith(`${target}/`) ? [local] : []
    return !reference.startsWith('#') && (target === null || isAddressOf(target, reference)) ? [reference] : []
  }
  if (target !== null) return []
  const coding = ownMember(element, 'coding')
  if (Array.isArray(coding))
    return coding.flatMap((one: unknown) =>
      isObject(one) ? token(ownMember(one, 'system'), ownMember(one, 'code')) : []
    )
  const code = ownMember(element, 'code')
  return token(ownMember(element, 'system'), code !== undefined ? code : ownMember(element, 'value'))
}

const valuesOf = (
  { isNumber, kind, target }: ElementPath,
  element: unknown,
  facts: ReferenceFacts
): ReadonlyArray<string> => {
  switch (kind) {
    case 'u':
      return typeof element === 'string' && element !== '' ? [element] : []
    case 'd':
    case 't':
    case 'p':
    case 'm':
      return dateTexts(element)
    case 'n':
    case 'q':
    case 'y':
    case 'a':
      return isNumber ? numberTexts(element) : quantityTexts(element)
    case 'c':
    case 'b':
    case 'k':
    case 'g':
    case 'r':
      return codedOrReferred(target, element, facts)
  }
}

/**
 * The built-in index reader. A host that supports more parameters wraps it. `release` says where the values are;
 * default: FHIR R4.
 *
 * @example
 * ```ts
 * import { indexReader } from 'smart-app-launch/resource'
 *
 * const read = indexReader({ base: 'https://ehr.example/fhir' })
 * const observation = {
 *   resourceType: 'Observation',
 *   id: '1',
 *   status: 'final',
 *   subject: { reference: 'https://ehr.example/fhir/Patient/a' },
 *   category: [{ coding: [{ system: 'http://example.org', code: 'laboratory' }] }],
 *   performer: [{ reference: '#me' }],
 *   effectivePeriod: { start: '2024-05' },
 *   valueQuantity: { value: 5.4, unit: 'mg' }
 * }
 * read(observation, 'category') // => ['http://example.org|laboratory']
 * read(observation, 'patient') // => ['Patient/a']
 * read(observation, 'status') // => ['|final']
 * read(observation, 'performer') // => []
 * read(observation, 'date') // => ['2024-05/..']
 * read(observation, 'value-quantity') // => ['5.4|||mg']
 * ```
 */
export const indexReader =
  (facts: ReferenceFacts = {}, release: FhirRelease = releaseR4): IndexReader =>
  (resource, parameter) => {
    const found: Array<string> = []
    for (const path of pathsOf(resource.resourceType, parameter, release)) {
      for (const element of elementsAt(resource, path.members))
        for (const value of valuesOf(path, element, facts)) found.push(value)
    }
    return found
  }

/** The index values of a resource for the given parameters. */
export const searchIndexOf = (read: IndexReader, resource: Resource, parameters: ReadonlyArray<string>): SearchIndex =>
  Object.fromEntries(parameters.map((name) => [name, read(resource, name)]))

/**
 * Parameters that put resources into a patient's compartment in addition to those of the FHIR release, by type: `{
 * Device: ['patient'] }`.
 */
export type MoreCompartment = Readonly<Record<string, ReadonlyArray<string>>>

const namedIn = <A>(table: Readonly<Record<string, A>>, type: string): A | undefined =>
  Object.hasOwn(table, type) ? table[type] : undefined

/** The parameters that put resources of a type into a patient's compartment; empty for a type outside it. */
export const compartmentParameters = (
  type: string,
  more: MoreCompartment = noMembers,
  { compartments }: Pick<FhirRelease, 'compartments'> = releaseR4
): ReadonlyArray<string> => {
  if (type === 'Patient') return []
  const [own = [], added] = [compartments.Patient.get(type), namedIn(more, type)]
  return added === undefined ? own : [...new Set([...own, ...added])]
}

/** Whether resources of a type can be in a patient's compartment at all. */
export const isInPatientCompartment = (
  type: string,
  more: MoreCompartment = noMembers,
  release: FhirRelease = releaseR4
): boolean => type === 'Patient' || compartmentParameters(type, more, release).length > 0

/**
 * Whether a resource is in the compartment of a patient. The patient's own record is; a record that links to it is only
 * if the host adds the parameter `link` of Patient.
 */
export const isOfPatient = (
  read: IndexReader,
  resource: Resource,
  patient: string,
  more: MoreCompartment = noMembers,
  release: FhirRelease = releaseR4
): boolean => {
  if (resource.resourceType === 'Patient' && resource.id === patient) return true
  const reference = `Patient/${patient}`
  const names =
    resource.resourceType === 'Patient'
      ? (namedIn(more, 'Patient') ?? [])
      : compartmentParameters(resource.resourceType, more, release)
  for (const name of names) if (read(resource, name).includes(reference)) return true
  return false
}
