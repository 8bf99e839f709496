/**
 * Whether a search asks for values that no granted query covers.
 *
 * @module
 */
import type { AccessRules, Alternative } from '../alternatives.js'
import type { SearchQuery } from './query.js'
import { conditionOf, covers } from '../../../scopes/clause.js'
import type { Clause } from '../../../scopes/scope.js'
import { clauseOf } from '../../../scopes/query.js'
import { fhirR4 } from '../../../scopes/vocabulary.js'
import { limits } from '../../../values/limits/limits.js'
import { ownMember } from '../../../values/own.js'

/** The values of a comma list; a comma behind a backslash is data. */
export const commaList = (text: string): ReadonlyArray<string> =>
  Array.from(`,${text}`.matchAll(/,((?:[^\\,]|\\.|\\$)*)/gs), ([, value = '']) => value)

/** What a search asks for under each name: the values of each of its parameters. */
type Asked = ReadonlyMap<string, ReadonlyArray<ReadonlyArray<string>>>

const askedBy = (query: SearchQuery): Asked => {
  const asked = new Map<string, Array<ReadonlyArray<string>>>()
  for (const { name, value } of query) {
    const others = asked.get(name)
    if (others === undefined) asked.set(name, [commaList(value)])
    else others.push(commaList(value))
  }
  return asked
}

/** How many values of a search are compared with those of a clause. */
const comparisonsOf = ({ name, values }: Clause, asked: Asked): number =>
  (asked.get(name) ?? []).reduce((count, one) => count + one.length * values.length, 0)

const canMeet = (clause: Clause, type: string, asked: Asked, rules: AccessRules): boolean => {
  const vocabulary = ownMember(rules, 'vocabulary') ?? fhirR4
  const granted = conditionOf(vocabulary, type, clause)
  return (
    granted.isOpaque ||
    (asked.get(clause.name) ?? []).every((values) =>
      conditionOf(vocabulary, type, clauseOf(clause.name, clause.modifier, values)).values.some((one) =>
        granted.values.some((other) => covers(other, one) || covers(one, other))
      )
    )
  )
}

/**
 * Whether no alternative can meet what a search asks for, because its query asks for other values of the same
 * parameter. Not so where it would take too many comparisons to know: what such a search finds is judged all the same.
 */
export const isOutsideGranted = (
  query: SearchQuery,
  alternatives: ReadonlyArray<Alternative>,
  rules: AccessRules
): boolean => {
  const asked = askedBy(query)
  let comparisons = 0
  for (const alternative of alternatives) {
    for (const clause of alternative.query) comparisons += comparisonsOf(clause, asked)
    if (comparisons > limits.fhirGrantedComparisons.standard) return false
    if (alternative.query.every((clause) => canMeet(clause, alternative.type, asked, rules))) return false
  }
  return true
}
