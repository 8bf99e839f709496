/**
 * The built-in index reader: it reads the search index of a resource by a table of element paths. The table covers
 * dates, numbers and quantities, the codes that the scopes of US Core need, and the patient compartment. A parameter
 * that is not in the table has no values, so no clause on it matches.
 *
 * Tokens are `system|code` (`|code` without system), references `Type/id`, uris text; `ordered.ts` describes dates,
 * numbers and quantities. A reference is local only if it is relative, or below one of this server's URLs. Contained
 * and logical references have no value, and URLs of other servers stay URLs. Source: FHIR R4, search.html and
 * references.html; the table is src/values/fhir-r4/paths.ts.
 *
 * @module
 */
import type { Resource } from '../fhir-interaction.js'
import type { SearchIndex } from '../../../scopes/permits.js'
import { dateTexts, numberTexts, quantityTexts } from './elements.js'
import type { ElementPath } from './paths.js'
import { pathsOf } from './paths.js'
import { escaped } from './texts.js'
import { patientCompartment } from '../../../values/fhir-r4/compartment.js'
import { withoutTrailingSlash } from '../../../values/urls.js'
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

const listOf = (value: unknown): ReadonlyArray<unknown> =>
  Array.isArray(value) ? (value as ReadonlyArray<unknown>) : [value]

/** All elements at a path. */
const elementsAt = (resource: unknown, members: ReadonlyArray<string>): ReadonlyArray<unknown> =>
  members.reduce<ReadonlyArray<unknown>>(
    (found, member) => found.flatMap((one) => (isObject(one) && Object.hasOwn(one, member) ? listOf(one[member]) : [])),
    [resource]
  )

/** The beginnings of local references by facts, computed once. */
const rootsKnown = new WeakMap<ReferenceFacts, ReadonlyArray<string>>()

const rootsIn = (facts: ReferenceFacts): ReadonlyArray<string> => {
  const known = rootsKnown.get(facts)
  if (known !== undefined) return known
  const { aliases = [], base } = ownMembers(facts)
  const roots = [...(base === undefined ? [] : [base]), ...aliases].map((one) => `${withoutTrailingSlash(one)}/`)
  rootsKnown.set(facts, roots)
  return roots
}

/** A local reference in the form `Type/id`; null when it is not local. */
export const localReference = (text: string, facts: ReferenceFacts): string | null => {
  const known = ownMember(facts, 'entries')?.get(text)
  if (known !== undefined) return known
  // One base URL may be a prefix of another.
  const longest = rootsIn(facts).reduce(
    (length, root) => (root.length > length && text.startsWith(root) ? root.length : length),
    0
  )
  const relative = longest === 0 ? text : text.slice(longest)
  const read = relativeReference(relative)
  return read === null ? null : `${read.type}/${read.id}`
}

const token = (system: unknown, code: unknown): ReadonlyArray<string> =>
  typeof code === 'string' && code !== '' && (system === undefined || typeof system === 'string')
    ? [`${escaped(system ?? '')}|${escaped(code)}`]
    : []

/**
 * The elements of a resource that a parameter indexes, in their original form; empty when the built-in reader does not
 * support the parameter.
 */
export const elementsUnder = (resource: Resource, parameter: string): ReadonlyArray<unknown> =>
  pathsOf(resource.resourceType, parameter).flatMap(({ members }) => elementsAt(resource, members))

/** Whether a non-local reference leads to a resource of a type: by a URL of another server, or as a search. */
export const isAddressOf = (type: string, reference: string): boolean =>
  new RegExp(`(?:^|[^A-Za-z])${type}\\s*[/?]`).test(reference)

const codedOrReferred = (target: string | null, element: unknown, facts: ReferenceFacts): ReadonlyArray<string> => {
  if (typeof element === 'string' && target === null) return [...token(undefined, element)]
  if (typeof element === 'boolean') return [`|${String(element)}`]
  if (!isObject(element)) return []
  const { reference, coding, system, code, value } = ownMembers(element)
  if (typeof reference === 'string') {
    const local = localReference(reference, facts)
    if (local !== null) return target === null || local.startsWith(`${target}/`) ? [local] : []
    return !reference.startsWith('#') && (target === null || isAddressOf(target, reference)) ? [reference] : []
  }
  if (target !== null) return []
  if (Array.isArray(coding))
    return coding.flatMap((one: unknown) =>
      isObject(one) ? token(ownMember(one, 'system'), ownMember(one, 'code')) : []
    )
  return code !== undefined ? token(system, code) : token(system, value)
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
 * The built-in index reader. A host that supports more parameters wraps it.
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
  (facts: ReferenceFacts = {}): IndexReader =>
  (resource, parameter) =>
    pathsOf(resource.resourceType, parameter).flatMap((path) =>
      elementsAt(resource, path.members).flatMap((element) => valuesOf(path, element, facts))
    )

/** The index values of a resource for the given parameters. */
export const searchIndexOf = (read: IndexReader, resource: Resource, parameters: ReadonlyArray<string>): SearchIndex =>
  Object.fromEntries(parameters.map((name) => [name, read(resource, name)]))

/**
 * Parameters that put resources into a patient's compartment in addition to FHIR R4, by type: `{ Device: ['patient']
 * }`.
 */
export type MoreCompartment = Readonly<Record<string, ReadonlyArray<string>>>

const namedIn = <A>(table: Readonly<Record<string, A>>, type: string): A | undefined =>
  Object.hasOwn(table, type) ? table[type] : undefined

/** The parameters by additions and type, computed once: each resource of a page asks for them. */
const parametersKnown = new WeakMap<MoreCompartment, Map<string, ReadonlyArray<string>>>()

/** The parameters that put resources of a type into a patient's compartment; empty for a type outside it. */
export const compartmentParameters = (type: string, more: MoreCompartment = noMembers): ReadonlyArray<string> => {
  if (type === 'Patient') return []
  const known = parametersKnown.get(more) ?? new Map<string, ReadonlyArray<string>>()
  const before = known.get(type)
  if (before !== undefined) return before
  const parameters = [
    ...new Set([...(namedIn(patientCompartment, type)?.split(' ') ?? []), ...(namedIn(more, type) ?? [])])
  ]
  // A type that is none must not fill the memory.
  if (parameters.length > 0) parametersKnown.set(more, known.set(type, parameters))
  return parameters
}

/** Whether resources of a type can be in a patient's compartment at all. */
export const isInPatientCompartment = (type: string, more: MoreCompartment = noMembers): boolean =>
  type === 'Patient' || compartmentParameters(type, more).length > 0

/**
 * Whether a resource is in the compartment of a patient. The patient's own record is; a record that is linked to it is
 * not.
 */
export const isOfPatient = (
  read: IndexReader,
  resource: Resource,
  patient: string,
  more: MoreCompartment = noMembers
): boolean =>
  resource.resourceType === 'Patient'
    ? resource.id === patient
    : compartmentParameters(resource.resourceType, more).some((name) =>
        read(resource, name).includes(`Patient/${patient}`)
      )
