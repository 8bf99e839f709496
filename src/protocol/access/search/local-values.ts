/**
 * Reference values of searches and scopes in the one spelling that every server finds: `Type/id`. An absolute
 * reference below one of the server's URLs and a reference with a version become relative; all other values stay as
 * they are.
 *
 * @module
 */
import type { FhirInteraction, Target } from '../fhir-interaction.js'
import type { SearchParameter, SearchQuery } from './query.js'
import { typesOfSearch } from './query.js'
import type { ReferenceFacts } from './search-index.js'
import { localReference } from './search-index.js'
import { clauseOf, commaList } from '../../../scopes/query.js'
import type { Clause } from '../../../scopes/scope.js'
import type { Vocabulary } from '../../../scopes/vocabulary.js'
import { isResourceTypeName } from '../../../values/fhir.js'
import { limits } from '../../../values/limits/limits.js'

/** The type and the parameter at which a chain ends, as far as it names its types and is no longer than it may be. */
const endOfChain = (type: string, name: string): readonly [type: string, name: string] => {
  let end: readonly [type: string, name: string] = [type, name]
  for (let links = 0; links < limits.fhirSearchChain.default; links += 1) {
    const [, next, rest] = /^_has:([^:.]+):[^:.]+:(.+)/s.exec(end[1]) ?? /^[^:.]+:([^:.]+)\.(.+)/s.exec(end[1]) ?? []
    if (next === undefined || rest === undefined) break
    end = [next, rest]
  }
  return end
}

/**
 * Whether a parameter holds references: it has no modifier, or a resource type as modifier. A chain is followed as far
 * as it names its types: `encounter:Encounter.subject`, `_has:Observation:patient:performer`.
 */
const holdsReferences = (vocabulary: Vocabulary, type: string, name: string): boolean => {
  const [ofType, parameter] = endOfChain(type, name)
  const [base = '', modifier, ...rest] = parameter.split(':')
  return (
    rest.length === 0 &&
    (modifier === undefined || isResourceTypeName(modifier)) &&
    vocabulary.typeOf(ofType, base) === 'reference'
  )
}

/** A search parameter of a resource type in which the references to this server are relative and without a version. */
export const withLocalValue = (
  vocabulary: Vocabulary,
  type: string,
  parameter: SearchParameter,
  references: ReferenceFacts
): SearchParameter => {
  const { name, value } = parameter
  if (!value.includes('/') || !holdsReferences(vocabulary, type, name)) return parameter
  const local = commaList(value)
    .map((one) => localReference(one, references) ?? one)
    .join(',')
  return local === value ? parameter : { name, value: local }
}

/** A clause of a scope in which the references to this server are relative and without a version. */
export const withLocalClause = (
  vocabulary: Vocabulary,
  type: string,
  clause: Clause,
  references: ReferenceFacts
): Clause => {
  const { name, modifier, values } = clause
  if (!values.some((value) => value.includes('/')) || vocabulary.typeOf(type, name) !== 'reference') return clause
  if (modifier !== null) return clause
  return clauseOf(
    name,
    null,
    values.map((value) => localReference(value, references) ?? value)
  )
}

const localQuery = (
  vocabulary: Vocabulary,
  types: ReadonlyArray<string>,
  query: SearchQuery,
  references: ReferenceFacts
): SearchQuery => {
  const [type, ...others] = types
  if (type === undefined) return query
  return query.map((parameter) => {
    const local = withLocalValue(vocabulary, type, parameter, references)
    return others.every((other) => withLocalValue(vocabulary, other, parameter, references).value === local.value)
      ? local
      : parameter
  })
}

const localTarget = (vocabulary: Vocabulary, type: string, target: Target, references: ReferenceFacts): Target =>
  target._tag === 'Id' ? target : { ...target, query: localQuery(vocabulary, [type], target.query, references) }

/** An interaction whose searches and conditions hold references in one spelling. */
export const withLocalValues = (
  interaction: FhirInteraction,
  vocabulary: Vocabulary,
  references: ReferenceFacts
): FhirInteraction => {
  switch (interaction._tag) {
    case 'Search': {
      const { type, query } = interaction
      const types = type === null ? (typesOfSearch(query) ?? []) : [type]
      return { ...interaction, query: localQuery(vocabulary, types, query, references) }
    }
    case 'Create':
      return interaction.condition === null
        ? interaction
        : { ...interaction, condition: localQuery(vocabulary, [interaction.type], interaction.condition, references) }
    case 'Update':
    case 'Patch':
    case 'Delete':
      return { ...interaction, target: localTarget(vocabulary, interaction.type, interaction.target, references) }
    case 'Batch':
      return {
        ...interaction,
        entries: interaction.entries.map((entry) => ({
          ...entry,
          interaction: withLocalValues(entry.interaction, vocabulary, references)
        }))
      }
    default:
      return interaction
  }
}
