/**
 * Whether a search asks for values that no granted query covers.
 *
 * @module
 */
import type { AccessRules, Alternative } from './access-alternatives.js'
import type { SearchQuery } from './fhir-query.js'
import { conditionOf, covers } from '../scopes/condition.js'
import type { Clause } from '../scopes/scope.js'
import { clauseOf } from '../scopes/query.js'
import { fhirR4 } from '../scopes/vocabulary.js'

/** The values of a comma list; a comma behind a backslash is data. */
export const commaList = (text: string): ReadonlyArray<string> =>
  Array.from(text.matchAll(/(?:^|,)((?:[^\\,]|\\.|\\$)*)/gs), ([, value = '']) => value)

const canMeet = (clause: Clause, type: string, query: SearchQuery, rules: AccessRules): boolean => {
  const vocabulary = rules.vocabulary ?? fhirR4
  const granted = conditionOf(vocabulary, type, clause)
  if (granted.isOpaque) return true
  return query
    .filter(({ name }) => name === clause.name)
    .every(({ value }) => {
      const asked = conditionOf(vocabulary, type, clauseOf(clause.name, clause.modifier, commaList(value)))
      return asked.values.some((one) => granted.values.some((other) => covers(other, one) || covers(one, other)))
    })
}

/** Whether no alternative can meet what a search asks for, because its query asks for other values of the same parameter. */
export const isOutsideGranted = (query: SearchQuery, alternatives: ReadonlyArray<Alternative>, rules: AccessRules): boolean =>
  !alternatives.some((alternative) => alternative.query.every((clause) => canMeet(clause, alternative.type, query, rules)))
