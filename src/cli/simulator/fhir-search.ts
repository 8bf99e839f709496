/**
 * Searching the simulator's resources: `_id`, `patient`, `subject`, `category`, `code`, `status`, `clinical-status`.
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

/** The parameters of each type; `_id` belongs to all of them. */
export const searchParameters: Readonly<Record<string, ReadonlyArray<string>>> = {
  Patient: ['_id'],
  Practitioner: ['_id'],
  Encounter: ['_id', 'patient', 'subject', 'status'],
  Observation: ['_id', 'patient', 'subject', 'category', 'code', 'status'],
  Condition: ['_id', 'patient', 'subject', 'category', 'code', 'clinical-status']
}

/** Parameters of the answer's form, not of its content. */
const presentation: ReadonlySet<string> = new Set(['_format', '_pretty', '_summary', '_count'])

const tokensOf = (value: unknown): ReadonlyArray<Token> => {
  if (typeof value === 'string') return [{ system: null, code: value }]
  if (Array.isArray(value)) return value.flatMap(tokensOf)
  if (typeof value !== 'object' || value === null) return []
  const { coding } = value as { readonly coding?: ReadonlyArray<{ readonly system?: string; readonly code?: string }> }
  return (coding ?? []).flatMap(({ system, code }) => (code === undefined ? [] : [{ system: system ?? null, code }]))
}

const member: Readonly<Record<string, string>> = {
  category: 'category', code: 'code', status: 'status', 'clinical-status': 'clinicalStatus'
}

/** The patient whom a resource belongs to, or null. */
export const patientOf = (resource: FhirResource): string | null => {
  if (resource.resourceType === 'Patient') return resource.id
  const subject = resource['subject'] as { readonly reference?: string } | undefined
  return /^Patient\/(.+)$/.exec(subject?.reference ?? '')?.[1] ?? null
}

/** Cuts at a character that no backslash precedes, and undoes FHIR's escapes. */
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

const matchesOne = (resource: FhirResource, name: string, wanted: string): boolean => {
  switch (name) {
    case '_id':
      return resource.id === wanted
    case 'patient':
    case 'subject': {
      const patient = patientOf(resource)
      return patient !== null && (wanted === patient || wanted === `Patient/${patient}`)
    }
    default:
      return tokensOf(resource[member[name] ?? '']).some((token) => matchesToken(wanted, token))
  }
}

/** The name of a parameter that this server does not serve. */
export interface UnknownParameter {
  readonly _tag: 'UnknownParameter'
  readonly name: string
}

/** The resources of a type that match every parameter. Commas are "or", repetitions are "and". */
export const search = (
  resources: ReadonlyArray<FhirResource>,
  type: string,
  parameters: Parameters
): Either.Either<UnknownParameter, ReadonlyArray<FhirResource>> => {
  const known = searchParameters[type] ?? ['_id']
  const names = [...parameters.keys()]
  const unknown = names.find((name) => !known.includes(name) && !presentation.has(name))
  if (unknown !== undefined) return Either.left({ _tag: 'UnknownParameter', name: unknown })
  const clauses = [...parameters]
    .filter(([name]) => !presentation.has(name))
    .flatMap(([name, values]) => values.map((value) => [name, cut(value, ',')] as const))
  return Either.right(
    resources
      .filter(({ resourceType }) => resourceType === type)
      .filter((resource) => clauses.every(([name, values]) => values.some((value) => matchesOne(resource, name, value))))
  )
}
