/**
 * The references in the input of an operation of the table, in the one spelling that every server finds: `Type/id`.
 *
 * The parameters that name a patient, subject or practitioner are references, and so are the search parameters that an
 * operation takes and those of a `_typeFilter`. All other values stay as they are.
 *
 * @module
 */
import type { OperationInput, OperationParameter } from './input.js'
import type { Operation } from './operation-rules.js'
import { searchesIn, typeFilterIn } from './type-filters.js'
import type { AccessRules } from '../alternatives.js'
import { vocabularyIn } from '../release.js'
import { withLocalValue } from '../search/local-values.js'
import type { SearchParameter } from '../search/query.js'
import { printSearchQuery, readSearchQuery } from '../search/query.js'
import { localReference } from '../search/search-index.js'
import { isResourceTypeName } from '../../../values/fhir.js'
import { commaList } from '../../../scopes/query.js'
import * as Either from '../../../values/either.js'
import { isObject } from '../../../values/object.js'
import { noMembers, ownMember } from '../../../values/own.js'

/** The parameters of operations that are references. */
const referenceParameters: ReadonlySet<string> = new Set(['patient', 'subject', 'practitioner'])

/** Whether a parameter is a reference, with or without the type as a modifier. */
const isReferenceParameter = (name: string): boolean => {
  const colon = name.indexOf(':')
  return colon === -1
    ? referenceParameters.has(name)
    : referenceParameters.has(name.slice(0, colon)) && isResourceTypeName(name.slice(colon + 1))
}

/** An operation, and what the spelling of its references depends on. */
interface LocalInput {
  readonly operation: Pick<Operation, 'name' | 'type'>
  readonly rules: AccessRules
}

const localText = ({ operation, rules }: LocalInput, { name, value }: SearchParameter): string => {
  if (!value.includes('/')) return value
  const references = ownMember(rules, 'references') ?? noMembers
  const vocabulary = vocabularyIn(rules)
  if (name === '_typeFilter' && operation.name === 'export')
    return searchesIn(value)
      .map((search) => {
        const filter = typeFilterIn(search)
        if (filter === null) return search
        const query = filter.query.map((one) => withLocalValue(vocabulary, filter.type, one, references))
        return query.every((one, place) => one === filter.query[place])
          ? search
          : `${filter.type}?${printSearchQuery(query)}`
      })
      .join(',')
  if (isReferenceParameter(name))
    return commaList(value)
      .map((one) => localReference(one, references) ?? one)
      .join(',')
  return operation.type === null ? value : withLocalValue(vocabulary, operation.type, { name, value }, references).value
}

/** A member of a Parameters body with another text, or another text of its reference. */
const withText = (json: Readonly<Record<string, unknown>>, text: string): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(json).map(([name, value]) => [
      name,
      !name.startsWith('value') ? value : isObject(value) ? { ...value, reference: text } : text
    ])
  )

const localParameter =
  (local: LocalInput) =>
  (parameter: OperationParameter): OperationParameter => {
    const { name, value, json } = parameter
    if (value === null) return parameter
    const text = localText(local, { name, value })
    if (text === value) return parameter
    return json === undefined ? { name, value: text } : { name, value: text, json: withText(json, text) }
  }

/** The input of an operation in which the references to this server are relative and without a version. */
export const localInput = (
  operation: LocalInput['operation'],
  input: OperationInput,
  rules: AccessRules
): OperationInput => {
  const parameters = input.parameters.map(localParameter({ operation, rules }))
  if (parameters.every((one, place) => one === input.parameters[place])) return input
  const members = parameters.flatMap(({ json }) => json ?? [])
  const body = isObject(input.body) && members.length > 0 ? { ...input.body, parameter: members } : input.body
  return { ...input, parameters, body }
}

/** The same for the text of a query or of a form; it stays as it is written if no reference in it changes. */
export const localInputText = (operation: LocalInput['operation'], text: string, rules: AccessRules): string => {
  const read = readSearchQuery(text)
  if (Either.isLeft(read)) return text
  const query = read.right.map(({ name, value }) => ({ name, value: localText({ operation, rules }, { name, value }) }))
  return query.every(({ value }, place) => value === read.right[place]?.value) ? text : printSearchQuery(query)
}
