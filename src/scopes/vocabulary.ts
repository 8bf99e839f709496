/**
 * The types of search parameters. The type decides how values are compared.
 *
 * Source: FHIR R4 (4.0.1), search parameters. A caller can register further ones, such as those of US Core.
 *
 * @module
 */
import { commonParameters, parametersByResourceType } from '../values/fhir-r4/parameters.js'

/**
 * The parameter types that are distinguished. Comparing scopes: values of the first four types are interpreted, all
 * others are opaque and equal only to themselves. Evaluating resources: dates, numbers and quantities are interpreted
 * too.
 */
export type ParameterType = 'token' | 'reference' | 'uri' | 'string' | 'date' | 'number' | 'quantity' | 'other'

const comparedByMeaning: ReadonlySet<ParameterType> = /* @__PURE__ */ new Set<ParameterType>([
  'token',
  'reference',
  'uri',
  'string'
])

/** Whether values of a type are interpreted when scopes are compared. */
export const isComparedByMeaning = (type: ParameterType): boolean => comparedByMeaning.has(type)

/** The search parameters that are known. */
export interface Vocabulary {
  /**
   * The type of a parameter for a resource type. For `*`: the type on which all resource types that define the
   * parameter agree. `fallback` where they disagree or no type defines the parameter.
   */
  readonly typeOf: (resourceType: string, name: string) => ParameterType
  /**
   * Whether the vocabulary has the resource type. The search index of a resource of another type is read as `*` is
   * read. Default: it has every type.
   */
  readonly knows?: (resourceType: string) => boolean
}

/**
 * The type of a parameter as far as it matters when scopes are compared; `opaque` stands for all types whose values are
 * not interpreted.
 */
export type ComparedType = 'token' | 'reference' | 'uri' | 'string' | 'opaque'

/** The type by which values of a parameter are compared: see {@link ComparedType}. */
export const comparedTypeOf = (vocabulary: Vocabulary, resourceType: string, name: string): ComparedType => {
  const type: ParameterType = vocabulary.typeOf(resourceType, name)
  return isComparedByMeaning(type) ? (type as ComparedType) : 'opaque'
}

/** A search parameter that FHIR R4 does not define, or defines differently. */
export interface RegisteredParameter {
  readonly resourceType: string
  readonly name: string
  readonly type: ParameterType
}

/** The search parameters of each resource type with their types; `Resource` holds those of all types. */
export type ParameterTable = ReadonlyMap<string, ReadonlyMap<string, ParameterType>>

/** The letters of the types in the table. */
const typesByLetter: Readonly<Record<string, ParameterType>> = {
  t: 'token',
  r: 'reference',
  u: 'uri',
  s: 'string',
  d: 'date',
  n: 'number',
  q: 'quantity'
}

/** The number of a letter in a text: 0 for `A`, 26 for `a`. */
const numberAt = (text: string, place: number): number => {
  const letter = text.charCodeAt(place)
  return letter - (letter < 97 ? 65 : 71)
}

/** Reads the generated table of a release: see src/values/fhir-r4/parameters.ts. */
export const readParameterTable = (commonWords: string, rows: Readonly<Record<string, string>>): ParameterTable => {
  const common = commonWords.split(' ')
  return new Map(
    Object.entries(rows).map(([resourceType, row]) => {
      const [codes = '', ...words] = row.split(' ')
      for (const pair of codes.match(/../g) ?? [])
        words.push(common.at(numberAt(pair, 0) * 52 + numberAt(pair, 1)) ?? '')
      return [resourceType, new Map(words.map((word) => [word.slice(1), typesByLetter[word.charAt(0)] ?? 'other']))]
    })
  )
}

/** The types of each parameter name over all resource types, inherited parameters included. */
const agreedTypes = (table: ParameterTable): ReadonlyMap<string, ParameterType> => {
  const agreed = new Map<string, ParameterType>()
  for (const parameters of table.values()) {
    for (const [name, type] of parameters) {
      const before = agreed.get(name)
      agreed.set(name, before === undefined || before === type ? type : 'other')
    }
  }
  return agreed
}

const vocabularyOf = (table: ParameterTable): Vocabulary => {
  const agreed = agreedTypes(table)
  const inherited = table.get('Resource')
  return {
    typeOf: (resourceType, name) =>
      (resourceType === '*' ? agreed.get(name) : (table.get(resourceType)?.get(name) ?? inherited?.get(name))) ??
      'other',
    knows: (resourceType) => table.has(resourceType)
  }
}

/** The vocabulary of a table, extended by registered parameters. */
export const vocabularyWith = (table: ParameterTable, registered: ReadonlyArray<RegisteredParameter>): Vocabulary => {
  const extended = new Map(table)
  for (const { resourceType, name, type } of registered) {
    extended.set(resourceType, new Map(extended.get(resourceType)).set(name, type))
  }
  return vocabularyOf(extended)
}

/**
 * The vocabulary of FHIR R4, extended by registered parameters.
 *
 * @example
 * ```ts
 * import { fhirR4With } from 'smart-app-launch/scopes'
 *
 * const usCore = fhirR4With([{ resourceType: 'Patient', name: 'race', type: 'token' }])
 * usCore.typeOf('Patient', 'race') // => 'token'
 * usCore.typeOf('Observation', 'category') // => 'token'
 * usCore.typeOf('Observation', 'date') // => 'date'
 * usCore.typeOf('*', 'location') // => 'other'
 * ```
 */
export const fhirR4With = (registered: ReadonlyArray<RegisteredParameter>): Vocabulary =>
  vocabularyWith(readParameterTable(commonParameters, parametersByResourceType), registered)

/** The vocabulary of FHIR R4 (4.0.1). */
export const fhirR4: Vocabulary = /* @__PURE__ */ fhirR4With([])
