/**
 * The rules of access decisions, one row each. A broken rule denies the interaction.
 *
 * @module
 */
import type { AccessRefusalName } from './access-refusals.js'
import type { AccessFacts, AccessRules, Alternative } from './alternatives.js'
import { isClosedType } from './acting-types.js'
import { releaseR4 } from './release.js'
import type { Decision, Denial, DenyReason } from './decision-types.js'
import type { AlternativeFilter, Need } from './missing-scopes.js'
import { isAnswered, missingScopes, missingSearch } from './missing-scopes.js'
import { isOutsideGranted } from './search/overlap.js'
import type { SearchQuery } from './search/query.js'
import { choosesPage, reachOfSearch, typesOfSearch } from './search/query.js'
import type { Rule } from '../machine/rules.js'
import type { SmartPolicy } from '../policy/policy.js'
import { ownMember } from '../../values/own.js'

/** The rules of the reasons that no row of a table gives, and those of the rows. */
const ruleOfReason: Readonly<Record<DenyReason, AccessRefusalName>> = {
  'unknown-interaction': 'interaction-known',
  'unknown-resource-type': 'resource-type-known',
  'method-override': 'method-not-overridden',
  'nested-batch': 'batch-not-nested',
  'bundle-type': 'bundle-type-served',
  'foreign-address': 'entry-at-this-server',
  'path-encoding': 'request-readable',
  query: 'request-readable',
  'not-json': 'request-readable',
  'too-deep': 'request-readable',
  'not-a-resource': 'request-readable',
  'wrong-type': 'request-readable',
  'wrong-id': 'request-readable',
  'bundle-entry': 'request-readable',
  'insufficient-scope': 'scope-sufficient',
  'operation-body': 'operation-input-readable',
  'operation-not-mapped': 'operation-mapped',
  'parameter-not-evaluated': 'parameters-evaluated',
  'foreign-compartment': 'own-compartment',
  'outside-granted': 'search-within-granted',
  'unknown-type': 'types-known',
  'acting-type': 'acting-type-opened'
}

/**
 * A denial with the smallest scopes that would have permitted the request. {@link firstDenial} puts the name of the row
 * in place of the default rule.
 */
export const deny = (
  reason: DenyReason,
  missing: ReadonlyArray<string> = [],
  rule: string = ruleOfReason[reason]
): Denial => ({ _tag: 'Deny', reason, rule, missing })

/** The denial of the first broken rule of a table, with the name of its row; null when all rules hold. */
export const firstDenial = <Facts>(rules: ReadonlyArray<Rule<Facts, Decision>>, facts: Facts): Decision | null => {
  for (const { name, check } of rules) {
    const decision = check(facts)
    if (decision !== null) return decision._tag === 'Deny' ? { ...decision, rule: name } : decision
  }
  return null
}

interface SearchFacts {
  /** The search parameters of the interaction. */
  readonly query: SearchQuery
  /** The resource types of the server's release. Default: those of FHIR R4. */
  readonly types?: ReadonlySet<string>
}

/** The rules of the search parameters of an interaction. They are checked before its needs are determined. */
export const searchParameterRules: ReadonlyArray<Rule<SearchFacts, Decision>> = [
  {
    name: 'parameters-evaluated',
    check: ({ query }) => (reachOfSearch(query).unevaluated === null ? null : deny('parameter-not-evaluated'))
  },
  {
    name: 'types-known',
    check: ({ query, types = releaseR4.types }) =>
      typesOfSearch(query)?.some((type) => !types.has(type)) === true ? deny('unknown-type') : null
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
  /** Selects the alternatives that may be used for the compartment or for the Patient of the request. */
  readonly fits: AlternativeFilter
  /** The needs of the search that may be filtered. */
  readonly searched: ReadonlyArray<Need>
  /** The fitting alternatives that permit the search. */
  readonly searching: ReadonlyArray<Alternative>
}

const missingOf = ({ facts, rules, unmet, fits }: InteractionFacts): ReadonlyArray<string> =>
  missingScopes(facts, rules, unmet, fits)

/** Whether a scope names what is needed, whether or not it is closed. */
const names = ({ permission, type }: Alternative, need: Need): boolean =>
  permission === need.permission && (type === '*' || type === need.type)

/** The denial of a write by which the server would act; null when a scope for the type is all that is lacking. */
const actingDenial = (all: InteractionFacts): Decision | null => {
  const closed = all.unmet.find(
    ({ type, permission }) => type !== null && isClosedType(type, permission, ownMember(all.rules, 'actingTypes') ?? [])
  )
  if (closed === undefined) return null
  // A token without a scope for the type only lacks one, if there is a scope that would do.
  const missing = missingOf(all)
  return missing.length === 0 || all.granted.some((one) => names(one, closed)) ? deny('acting-type', missing) : null
}

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
    check: actingDenial
  },
  {
    name: 'pages-by-links',
    check: (all) =>
      all.query.some(choosesPage) &&
      all.unmet.length > 0 &&
      all.unmet.every(({ type, isUnlimited }) => isUnlimited && all.searched.some((one) => one.type === type))
        ? deny('insufficient-scope', missingOf(all))
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
