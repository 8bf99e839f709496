/**
 * Searching the simulator's resources: by id, by the tokens and references of the table below, with `_include` and `_revinclude`
 * along those references.
 *
 * A parameter that is not known here is refused, never ignored: ignoring it would widen the search.
 * Source: FHIR R4, search.html.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { FhirResource } from './synthetic-data.js'
import type { Parameters } from '../../messages/form.js'

/** A coded value with its system; the system is null for plain codes. */
interface Token {
  readonly system: string | null
  readonly code: string
}

/** Where the values of a parameter stand. */
const tokenMembers: Readonly<Record<string, string>> = {
  category: 'category', code: 'code', status: 'status', 'clinical-status': 'clinicalStatus', type: 'type', class: 'class',
  'verification-status': 'verificationStatus', intent: 'intent', gender: 'gender', identifier: 'identifier'
}

const referenceMembers: Readonly<Record<string, ReadonlyArray<string>>> = {
  patient: ['subject', 'patient', 'beneficiary'], subject: ['subject'], encounter: ['encounter'], performer: ['performer'],
  author: ['author'], 'general-practitioner': ['generalPractitioner'], practitioner: ['practitioner']
}

/** The parameters of the types that the synthetic data hold. */
export const searchParameters: Readonly<Record<string, ReadonlyArray<string>>> = {
  Patient: ['_id', 'gender', 'identifier', 'general-practitioner'],
  Practitioner: ['_id', 'identifier'],
  Encounter: ['_id', 'patient', 'subject', 'status', 'class', 'type'],
  Observation: ['_id', 'patient', 'subject', 'encounter', 'performer', 'category', 'code', 'status'],
  Condition: ['_id', 'patient', 'subject', 'encounter', 'category', 'code', 'clinical-status', 'verification-status']
}

/** The parameters of a type that was not there in the beginning. */
const otherParameters: ReadonlyArray<string> = ['_id', 'patient', 'subject', 'encounter', 'category', 'code', 'status', 'type', 'identifier']

/** The parameters by which a type can be searched. */
export const parametersOf = (type: string): ReadonlyArray<string> => searchParameters[type] ?? otherParameters

/** Parameters of the answer's form, not of its content. */
const presentation: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_count', '_total', '_elements', '_include', '_revinclude'])

const tokensOf = (value: unknown): ReadonlyArray<Token> => {
  if (typeof value === 'string') return [{ system: null, code: value }]
  if (Array.isArray(value)) return value.flatMap(tokensOf)
  if (typeof value !== 'object' || value === null) return []
  const { coding, system, code, value: text } = value as Readonly<Record<string, unknown>>
  if (Array.isArray(coding)) return coding.flatMap(tokensOf)
  const word = typeof code === 'string' ? code : text
  return typeof word === 'string' ? [{ system: typeof system === 'string' ? system : null, code: word }] : []
}

const referencesAt = (value: unknown): ReadonlyArray<string> => {
  if (Array.isArray(value)) return value.flatMap(referencesAt)
  if (typeof value !== 'object' || value === null) return []
  const { reference } = value as { readonly reference?: unknown }
  return typeof reference === 'string' ? [reference] : []
}

/** What a resource refers to by a parameter, as `Type/id`. */
const referencesOf = (resource: FhirResource, name: string): ReadonlyArray<string> =>
  (referenceMembers[name] ?? [])
    .flatMap((member) => referencesAt(resource[member]))
    .filter((reference) => name !== 'patient' || reference.startsWith('Patient/'))

/** The patient whom a resource belongs to, or null. */
export const patientOf = (resource: FhirResource): string | null => {
  if (resource.resourceType === 'Patient') return resource.id
  return referencesOf(resource, 'patient')[0]?.slice('Patient/'.length) ?? null
}

/** Cuts at a character that no backslash precedes. */
const cut = (text: string, separator: string): ReadonlyArray<string> => {
  const parts = ['']
  for (let index = 0; index < text.length; index++) {
    const character = text.charAt(index)
    if (character === '\\' && index + 1 < text.length) parts.push(`${parts.pop() ?? ''}${character}${text.charAt(++index)}`)
    else if (character === separator) parts.push('')
    else parts.push(`${parts.pop() ?? ''}${character}`)
  }
  return parts
}

const unescaped = (text: string): string => text.replaceAll(/\\([,|$\\])/g, '$1')

const matchesToken = (wanted: string, token: Token): boolean => {
  const [first = '', second, ...rest] = cut(wanted, '|').map(unescaped)
  if (rest.length > 0) return false
  if (second === undefined) return token.code === first
  if (first === '') return token.system === null && token.code === second
  return token.system === first && (second === '' || token.code === second)
}

const matchesReference = (wanted: string, reference: string): boolean =>
  wanted === reference || (!wanted.includes('/') && /^[A-Za-z]+\/([^/]+)$/.exec(reference)?.[1] === wanted)

const matchesOne = (resource: FhirResource, name: string, wanted: string): boolean => {
  if (name === '_id') return resource.id === wanted
  return referenceMembers[name] === undefined
    ? tokensOf(resource[tokenMembers[name] ?? '']).some((token) => matchesToken(wanted, token))
    : referencesOf(resource, name).some((reference) => matchesReference(unescaped(wanted), reference))
}

/** Why a search is not carried out. */
export interface SearchFault {
  readonly code: 'not-supported' | 'invalid'
  readonly diagnostics: string
}

const notSupported = (name: string, type: string): SearchFault =>
  ({ code: 'not-supported', diagnostics: `The search parameter ${name} is not supported for ${type}.` })

/** What `_include=Type:parameter[:Target]` names. */
const readInclude = (text: string): { readonly type: string; readonly name: string; readonly target: string | null } | null => {
  const [type = '', name = '', target, ...rest] = text.split(':')
  return rest.length > 0 || referenceMembers[name] === undefined ? null : { type, name, target: target ?? null }
}

/** The resources to which matches refer, or that refer to matches, as asked. */
const included = (
  resources: ReadonlyArray<FhirResource>,
  matches: ReadonlyArray<FhirResource>,
  parameters: Parameters
): Either.Either<SearchFault, ReadonlyArray<FhirResource>> => {
  const named = new Set(matches.map(({ resourceType, id }) => `${resourceType}/${id}`))
  const found = new Map<string, FhirResource>()
  for (const direction of ['_include', '_revinclude']) {
    for (const text of parameters.get(direction) ?? []) {
      const path = readInclude(text)
      if (path === null) return Either.left({ code: 'not-supported', diagnostics: `${direction}=${text} is not supported.` })
      const forward = new Set(matches.filter(({ resourceType }) => resourceType === path.type).flatMap((one) => referencesOf(one, path.name)))
      for (const resource of resources) {
        const name = `${resource.resourceType}/${resource.id}`
        const isThere = direction === '_include'
          ? forward.has(name) && (path.target === null || path.target === resource.resourceType)
          : resource.resourceType === path.type && referencesOf(resource, path.name).some((reference) => named.has(reference))
        if (isThere && !named.has(name)) found.set(name, resource)
      }
    }
  }
  return Either.right([...found.values()])
}

/** What a search found. */
export interface Found {
  readonly matches: ReadonlyArray<FhirResource>
  readonly included: ReadonlyArray<FhirResource>
}

/** The resources of a type that match every parameter, and those that come along. Commas are "or", repetitions are "and". */
export const search = (
  resources: ReadonlyArray<FhirResource>,
  type: string,
  parameters: Parameters
): Either.Either<SearchFault, Found> => {
  const known = parametersOf(type)
  const unknown = [...parameters.keys()].find((name) => !known.includes(name) && !presentation.has(name))
  if (unknown !== undefined) return Either.left(notSupported(unknown, type))
  const clauses = [...parameters]
    .filter(([name]) => !presentation.has(name))
    .flatMap(([name, values]) => values.map((value) => [name, cut(value, ',')] as const))
  const matches = resources
    .filter(({ resourceType }) => resourceType === type)
    .filter((resource) => clauses.every(([name, values]) => values.some((value) => matchesOne(resource, name, value))))
  return Either.map((along: ReadonlyArray<FhirResource>) => ({ matches, included: along }))(included(resources, matches, parameters))
}
