/**
 * The rules of access decisions, one row each. A broken rule denies the interaction.
 *
 * @module
 */
import type { AccessFacts, AccessRules, Alternative } from './alternatives.js'
import { isClosedType } from './acting-types.js'
import { resourceTypes } from './fhir-interaction.js'
import type { Decision, DenyReason } from './decision-types.js'
import type { AlternativeFilter, Need } from './missing-scopes.js'
import { isAnswered, missingScopes, missingSearch } from './missing-scopes.js'
import { isOutsideGranted } from './search/overlap.js'
import type { SearchQuery } from './search/query.js'
import { reachOfSearch, typesOfSearch } from './search/query.js'
import type { Rule } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import { ownMember } from '../../values/own.js'

/** A denial with the smallest scopes that would have permitted the request. */
export const deny = (reason: DenyReason, missing: ReadonlyArray<string> = []): Decision => ({
  _tag: 'Deny',
  reason,
  missing
})

interface SearchFacts {
  /** The search parameters of the interaction. */
  readonly query: SearchQuery
}

/** The rules of the search parameters of an interaction. They are checked before its needs are determined. */
export const searchParameterRules: ReadonlyArray<Rule<SearchFacts, Decision>> = [
  {
    name: 'parameters-evaluated',
    check: ({ query }) => (reachOfSearch(query).unevaluated === null ? null : deny('parameter-not-evaluated'))
  },
  {
    name: 'types-known',
    check: ({ query }) =>
      typesOfSearch(query)?.some((type) => !resourceTypes.has(type)) === true ? deny('unknown-type') : null
  }
]

/** The facts about an interaction and the alternatives of the token. */
export interface InteractionFacts {
  readonly policy: SmartPolicy
  readonly facts: AccessFacts
  readonly rules: AccessRules
  readonly query: SearchQuery
  readonly needs: ReadonlyArray<Need>
  /** The needs that no fitting alternative answers. */
  readonly unmet: ReadonlyArray<Need>
  /** All alternatives of the token. */
  readonly granted: ReadonlyArray<Alternative>
  /** Selects the alternatives that may be used in the compartment of the request. */
  readonly fits: AlternativeFilter
  /** The needs of the search that may be filtered. */
  readonly searched: ReadonlyArray<Need>
  /** The fitting alternatives that permit the search. */
  readonly searching: ReadonlyArray<Alternative>
}

const missingOf = ({ facts, rules, unmet, fits }: InteractionFacts): ReadonlyArray<string> =>
  missingScopes(facts, rules, unmet, fits)

/** The rules of an interaction with resources. */
export const interactionRules: ReadonlyArray<Rule<InteractionFacts, Decision>> = [
  {
    name: 'own-compartment',
    check: (all) =>
      all.unmet.length > 0 && all.needs.every(isAnswered(all.granted))
        ? deny('foreign-compartment', missingOf(all))
        : null
  },
  {
    name: 'acting-type-opened',
    check: (all) =>
      all.unmet.some(
        ({ type, permission }) =>
          type !== null && isClosedType(type, permission, ownMember(all.rules, 'actingTypes') ?? [])
      )
        ? deny('acting-type', missingOf(all))
        : null
  },
  {
    name: 'scope-sufficient',
    check: (all) => (all.unmet.length > 0 ? deny('insufficient-scope', missingOf(all)) : null)
  },
  {
    name: 'search-within-granted',
    check: ({ policy, facts, rules, query, searched, searching, fits }) =>
      policy.granularSearchOutside === 'forbid' && searching.length > 0 && isOutsideGranted(query, searching, rules)
        ? deny('outside-granted', missingSearch(facts, rules, searched, query, searching, fits))
        : null
  }
]
