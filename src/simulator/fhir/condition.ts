/**
 * One parameter of a search as a condition on resources, with the modifiers that the simulator supports: `:missing`,
 * `:exact` and `:contains` for strings, `:not` and `:text` for tokens, and the name of a type for references.
 *
 * Source: FHIR R4, search.html, 3.1.1.4.4 (modifiers), 3.1.1.4.8 to 3.1.1.4.10.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { ParameterReader, ReadableParameter } from './parameter-values.js'
import { parametersOf, simulatorVocabulary } from './parameter-values.js'
import type { FhirResource } from './synthetic-data.js'
import { isMeaningful, meetsClause, readClause } from '../../protocol/access/search/clauses.js'
import type { FhirRelease } from '../../protocol/access/release.js'
import type { ReferenceFacts } from '../../protocol/access/search/search-index.js'
import { localReference } from '../../protocol/access/search/search-index.js'
import { fold, unescape } from '../../scopes/clause.js'
import { clauseOf, commaList } from '../../scopes/query.js'
import { isFhirId, isResourceTypeName } from '../../values/fhir.js'
import { likeliestName } from '../../values/likely-name.js'
import { isObject } from '../../values/object.js'
import { ownMembers } from '../../values/own.js'

/** Why a search is refused. */
export interface SearchFault {
  readonly code: 'not-supported' | 'invalid'
  readonly diagnostics: string
}

/** Whether a resource meets one parameter of a search. */
export type ResourceTest = (resource: FhirResource) => boolean

type Reading = Either.Either<SearchFault, ResourceTest>

/** A parameter that is not supported; its modifier alone if `isKnown`. */
const notSupported = (name: string, type: string, release: FhirRelease, isKnown = true): SearchFault => {
  const [base = '', modifier = ''] = name.split(':')
  const likely = isKnown ? null : likeliestName(base, parametersOf(release, type))
  const what =
    isKnown && modifier !== ''
      ? `The modifier ${modifier} of the search parameter ${base}`
      : `The search parameter ${name}`
  return {
    code: 'not-supported',
    diagnostics:
      `${what} is not supported for ${type}.` +
      (likely === null ? '' : ` Did you mean ${likely}?`) +
      (isKnown ? '' : ' The CapabilityStatement lists the supported ones.')
  }
}

const malformed = (name: string): SearchFault => ({
  code: 'invalid',
  diagnostics: `A value of the search parameter ${name} is malformed.`
})

/** The comparisons of a string, by modifier. Case and accents count only for `exact`. */
const stringComparisons: Readonly<Record<string, (text: string, searched: string) => boolean>> = {
  '': (text, searched) => fold(text).startsWith(fold(searched)),
  exact: (text, searched) => text === searched,
  contains: (text, searched) => fold(text).includes(fold(searched))
}

const ofString =
  ({ values }: ReadableParameter, searched: ReadonlyArray<string>, modifier: string): ResourceTest =>
  (resource) => {
    const compare = stringComparisons[modifier]
    return compare !== undefined && values(resource).some((text) => searched.some((one) => compare(text, one)))
  }

/** The texts by which people know a code: the text of a concept, the names of its codes, the text of a type. */
const textsOf = (element: unknown): ReadonlyArray<string> => {
  if (!isObject(element)) return []
  const { text, display, coding = [], type } = ownMembers(element)
  return [
    ...[text, display].filter((one) => typeof one === 'string'),
    ...(Array.isArray(coding) ? coding.flatMap(textsOf) : []),
    ...textsOf(type)
  ]
}

/** A reference value in the form `Type/id` where it is local; null if it cannot be of the type that is named. */
const referenceValue = (value: string, named: string | null, facts: ReferenceFacts): string | null => {
  const local = localReference(unescape(value), facts)
  if (named === null) return local ?? value
  if (local !== null) return local.startsWith(`${named}/`) ? local : null
  return isFhirId(value) ? `${named}/${value}` : null
}

/** What is needed to read conditions. */
export interface ConditionFacts {
  readonly parameter: ParameterReader
  readonly references: ReferenceFacts
  readonly release: FhirRelease
}

/** Reads `name[:modifier]=value`. Commas are "or". */
export const readCondition = (
  { parameter, references, release }: ConditionFacts,
  type: string,
  name: string,
  value: string
): Reading => {
  const [, base = '', modifier = ''] = /^([\w-]+)(?::(\w+))?$/.exec(name) ?? []
  const read = parameter(type, base)
  if (read === null) return Either.left(notSupported(name, type, release, false))
  if (modifier === 'missing') {
    return value === 'true' || value === 'false'
      ? Either.right((resource) => (read.elements(resource).length === 0) === (value === 'true'))
      : Either.left(malformed(name))
  }
  const searched = commaList(value)
  if (searched.includes('')) return Either.left(malformed(name))
  if (read.type === 'string') {
    return Object.hasOwn(stringComparisons, modifier)
      ? Either.right(ofString(read, searched.map(unescape), modifier))
      : Either.left(notSupported(name, type, release))
  }
  if (modifier === 'text' && read.type === 'token') {
    const folded = searched.map((one) => fold(unescape(one)))
    return Either.right((resource) =>
      read
        .elements(resource)
        .flatMap(textsOf)
        .some((text) => folded.some((one) => fold(text).startsWith(one)))
    )
  }
  const isNot = modifier === 'not' && read.type === 'token'
  const named = read.type === 'reference' && isResourceTypeName(modifier) ? modifier : null
  if (modifier !== '' && !isNot && named === null) return Either.left(notSupported(name, type, release))
  const values = read.type === 'reference' ? searched.map((one) => referenceValue(one, named, references)) : searched
  const known = values.filter((one) => one !== null)
  if (known.length < values.length) return Either.left(malformed(name))
  const clause = clauseOf(base, null, known)
  const condition = readClause(simulatorVocabulary(release), type, clause, references)
  if (condition.condition._tag === 'Opaque') return Either.left(notSupported(name, type, release))
  if (!isMeaningful(condition)) return Either.left(malformed(name))
  return Either.right((resource) => read.values(resource).some((index) => meetsClause(condition, index)) !== isNot)
}
