/**
 * Whether a search asks for values that no granted query covers.
 *
 * @module
 */
import type { AccessRules, Alternative } from '../alternatives.js'
import { vocabularyIn } from '../release.js'
import type { SearchQuery } from './query.js'
import { conditionOf, covers } from '../../../scopes/clause.js'
import type { Clause } from '../../../scopes/scope.js'
import { clauseOf, commaList } from '../../../scopes/query.js'
import { limits } from '../../../values/limits/limits.js'

/** The parameters of a search by name: the values of each occurrence. */
type Requested = ReadonlyMap<string, ReadonlyArray<ReadonlyArray<string>>>

const requestedBy = (query: SearchQuery): Requested => {
  const requested = new Map<string, Array<ReadonlyArray<string>>>()
  for (const { name, value } of query) {
    const others = requested.get(name)
    if (others === undefined) requested.set(name, [commaList(value)])
    else others.push(commaList(value))
  }
  return requested
}

/** The number of comparisons between the values of a search and a clause. */
const comparisonsOf = ({ name, values }: Clause, requested: Requested): number =>
  (requested.get(name) ?? []).reduce((count, one) => count + one.length * values.length, 0)

const canMeet = (clause: Clause, type: string, requested: Requested, rules: AccessRules): boolean => {
  const vocabulary = vocabularyIn(rules)
  const granted = conditionOf(vocabulary, type, clause)
  return (
    granted.isOpaque ||
    (requested.get(clause.name) ?? []).every((values) =>
      conditionOf(vocabulary, type, clauseOf(clause.name, clause.modifier, values)).values.some((one) =>
        granted.values.some((other) => covers(other, one) || covers(one, other))
      )
    )
  )
}

/**
 * Whether the search can match nothing under any alternative, because each alternative's query requires other values of
 * the same parameter. False when the comparison exceeds its limit: the results of the search are checked anyway.
 */
export const isOutsideGranted = (
  query: SearchQuery,
  alternatives: ReadonlyArray<Alternative>,
  rules: AccessRules
): boolean => {
  const requested = requestedBy(query)
  let comparisons = 0
  for (const alternative of alternatives) {
    for (const clause of alternative.query) comparisons += comparisonsOf(clause, requested)
    if (comparisons > limits.fhirGrantedComparisons.default) return false
    if (alternative.query.every((clause) => canMeet(clause, alternative.type, requested, rules))) return false
  }
  return true
}
