/**
 * The input of an operation: the parameters of its URL, of a form, and of a Parameters body.
 *
 * Source: FHIR R4, operations.html, "Executing an Operation Synchronously".
 *
 * @module
 */
import * as Option from 'fp-ts/lib/Option.js'
import type { SearchParameter } from '../search/query.js'
import { readSearchQuery } from '../search/query.js'
import { isForm, ndjsonType } from '../../http/media-type.js'
import type { PlainRequest } from '../../http/message.js'
import * as Either from '../../../values/either.js'
import { isNestedWithin, parseJson } from '../../../values/json.js'
import { isObject } from '../../../values/object.js'
import { ownMember } from '../../../values/own.js'

/** One parameter of an operation. */
export interface OperationParameter {
  readonly name: string
  /** A primitive value as text, or the text of a reference; null for a resource, for parts and for complex types. */
  readonly value: string | null
  /** The member of the Parameters body; undefined for a parameter of the URL or of a form. */
  readonly json?: Readonly<Record<string, unknown>>
}

/** The input of an operation. */
export interface OperationInput {
  /** GET may only be used for operations that change nothing. */
  readonly method: string
  /** In the order of the URL, then of the body. */
  readonly parameters: ReadonlyArray<OperationParameter>
  /** The parsed JSON body; null when there is none. */
  readonly body: unknown
}

const primitive = (value: unknown): string | null =>
  typeof value === 'string'
    ? value
    : typeof value === 'boolean' || typeof value === 'number'
      ? String(value)
      : isObject(value) && typeof ownMember(value, 'reference') === 'string'
        ? String(ownMember(value, 'reference'))
        : null

/** A parameter of a Parameters body; null when it is none. */
const parameterIn = (json: unknown): OperationParameter | null => {
  if (!isObject(json)) return null
  const name = ownMember(json, 'name')
  if (typeof name !== 'string' || name === '') return null
  const [member, ...more] = Object.keys(json).filter((one) => one !== 'name' && one !== 'id')
  const value = member?.startsWith('value') === true && more.length === 0 ? primitive(json[member]) : null
  return { name, value, json }
}

const parametersIn = (body: unknown): ReadonlyArray<OperationParameter> | null => {
  if (!isObject(body) || ownMember(body, 'resourceType') !== 'Parameters') return []
  const given = ownMember(body, 'parameter') ?? []
  if (!Array.isArray(given)) return null
  const read = given.map(parameterIn)
  const known = read.filter((one) => one !== null)
  return known.length === read.length ? known : null
}

/**
 * A parameter of a URL or form. Clients of Bulk Data write the plus of `_outputFormat=application/fhir+ndjson` as it
 * is, which decodes as a blank.
 */
const withPlus = ({ name, value }: SearchParameter): SearchParameter => ({
  name,
  value: name === '_outputFormat' && value === ndjsonType.replace('+', ' ') ? ndjsonType : value
})

/** Reads the input of an operation; null when it cannot be read. */
export const readOperationInput = (
  request: Pick<PlainRequest, 'query' | 'body' | 'headers'>,
  method: string,
  depth: number
): OperationInput | null => {
  const form = isForm(request)
  const query = readSearchQuery(form ? `${request.query}&${request.body}` : request.query)
  if (Either.isLeft(query)) return null
  const written = query.right.map(withPlus)
  if (request.body === '' || form) return { method, parameters: written, body: null }
  const json = parseJson(request.body)
  // `null` is a body, and not Parameters.
  if (Option.isNone(json) || json.value === null || !isNestedWithin(depth, json.value)) return null
  const parameters = parametersIn(json.value)
  return parameters === null ? null : { method, parameters: [...written, ...parameters], body: json.value }
}

/** The values of a parameter, each item of comma lists for itself. */
export const listedValues = (parameters: ReadonlyArray<OperationParameter>, name: string): ReadonlyArray<string> =>
  parameters
    .filter((one) => one.name === name)
    .flatMap(({ value }) => value?.split(',') ?? [])
    .map((item) => item.trim())
    .filter((item) => item !== '')
