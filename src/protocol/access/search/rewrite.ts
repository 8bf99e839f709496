/**
 * Rewrites search requests so that any FHIR server enforces the limits of the granted scopes.
 *
 * Every request adds parameters to those of the client; an additional parameter is an additional "and" condition.
 * Several scopes give several requests, one for each combination of scope, type and compartment parameter; their
 * results may overlap. Together the requests find what the client's query matches and an alternative permits, never
 * more. When a limit cannot be expressed as a search, the result says why, and the host must check each resource of the
 * client's original search. Source: FHIR R4, search.html, "Escaping Search Parameters".
 *
 * @module
 */
import type { Alternative } from '../alternatives.js'
import { appliesTo } from '../alternatives.js'
import type { FhirInteraction } from '../fhir-interaction.js'
import type { Rule } from '../../machine/rules.js'
import { firstRefusal } from '../../machine/rules.js'
import type { SearchParameter, SearchQuery } from './query.js'
import { reachOfSearch, typesOfSearch } from './query.js'
import { isMeaningful, readClause } from './clauses.js'
import { compartmentParameters } from './search-index.js'
import { isLinkedType } from '../profiles/links.js'
import { releaseIn } from '../release.js'
import type { Clause } from '../../../scopes/scope.js'
import { isExperimental } from '../../../scopes/scope.js'
import type { Vocabulary } from '../../../scopes/vocabulary.js'
import { fhirR4 } from '../../../scopes/vocabulary.js'
import * as Either from '../../../values/either.js'
import { limits } from '../../../values/limits/limits.js'
import { ownMember } from '../../../values/own.js'

/** One request for a search of a type. */
export interface RewrittenSearch {
  readonly type: string
  /** The compartment in the client's request; null when there is none. */
  readonly compartment: { readonly type: string; readonly id: string } | null
  readonly query: SearchQuery
}

/** The reason why the limits cannot be expressed as search requests. */
export interface NotExpressible {
  readonly _tag: 'NotExpressible'
  readonly because:
    /** Only the host knows what a user may see. */
    | 'user-level'
    /** A clause of a scope that is not interpreted: a modifier, a chain, an opaque parameter. */
    | 'clause'
    /** A search without named types. */
    | 'all-types'
    /** Another resource's rules may apply to a Binary (`securityContext`), and no search parameter expresses that. */
    | 'security-context'
    /** What opens a resource is in another one: the targets of a Provenance, the documents that name a Binary. */
    | 'linked'
    /** Included resources have limits of their own. */
    | 'includes'
    /** A search for contained resources returns their containers, and a page link the rest of some other search. */
    | 'any-type'
    /** No alternative permits searching that type. */
    | 'nothing-granted'
    /** The search would need more requests than the limit. */
    | 'too-many'
}

export type Search = Extract<FhirInteraction, { readonly _tag: 'Search' }>

const cannot = (because: NotExpressible['because']): Either.Either<NotExpressible, never> =>
  Either.left({ _tag: 'NotExpressible', because })

const parameterOf = ({ name, values }: Clause): SearchParameter => ({ name, value: values.join(',') })

/** The parameters that restrict a search to a patient's compartment, one list for each path into it. */
const compartmentPaths = (alternative: Alternative, type: string): ReadonlyArray<ReadonlyArray<SearchParameter>> => {
  const { patient, sharedTypes, moreCompartment } = alternative
  if (patient === null || sharedTypes.includes(type)) return [[]]
  const release = releaseIn(alternative)
  if (type === 'Patient')
    return [
      [{ name: '_id', value: patient }],
      ...(ownMember(moreCompartment, type) ?? []).map((name) => [{ name, value: `Patient/${patient}` }])
    ]
  return compartmentParameters(type, moreCompartment, release).map((name) => [{ name, value: `Patient/${patient}` }])
}

const isInterpreted = (vocabulary: Vocabulary, scopeType: string, clause: Clause): boolean =>
  !isExperimental(clause) && isMeaningful(readClause(vocabulary, scopeType, clause))

const keyOf = ({ name, value }: SearchParameter): string => `${name}=${value}`

/** The parameters added to a search, each with its text. */
interface Added {
  readonly parameters: ReadonlyArray<SearchParameter>
  readonly keys: ReadonlySet<string>
}

const addedOf = (parameters: ReadonlyArray<SearchParameter>): Added => ({
  parameters,
  keys: new Set(parameters.map(keyOf))
})

/** Without duplicates; the order of parameters does not matter. */
const different = (all: ReadonlyArray<Added>): ReadonlyArray<Added> => {
  const seen = new Set<string>()
  return all.filter(({ keys }) => {
    const name = JSON.stringify([...keys].sort())
    const isNew = !seen.has(name)
    seen.add(name)
    return isNew
  })
}

/** Whether one request is narrower than another, so that it finds nothing in addition. */
const isNarrower = (one: Added, other: Added): boolean =>
  one.keys.size > other.keys.size && [...other.keys].every((key) => one.keys.has(key))

const withoutNarrower = (all: ReadonlyArray<Added>): ReadonlyArray<Added> =>
  all.filter((one) => !all.some((other) => isNarrower(one, other)))

interface SearchToRewrite {
  /** The types of the search; null when it names none. */
  readonly types: ReadonlyArray<string> | null
  readonly reach: ReturnType<typeof reachOfSearch>
}

type Reason = NotExpressible['because']

/** The rules of a search that can be rewritten. */
export const rewrittenSearchRules: ReadonlyArray<Rule<SearchToRewrite, Reason>> = [
  { name: 'types-named', check: ({ types }) => (types === null ? 'all-types' : null) },
  { name: 'finds-named-types', check: ({ reach: { findsAnyType } }) => (findsAnyType ? 'any-type' : null) },
  {
    name: 'without-includes',
    check: ({ reach: { includes } }) => (includes.isIncluding || includes.reverseTypes.length > 0 ? 'includes' : null)
  }
]

interface TypeToSearch {
  readonly type: string
  /** The alternatives that permit searching the type. */
  readonly granting: ReadonlyArray<Alternative>
  readonly vocabulary: Vocabulary
}

/** The rules of a type whose limits can be expressed as search parameters. */
export const rewrittenTypeRules: ReadonlyArray<Rule<TypeToSearch, Reason>> = [
  { name: 'search-permitted', check: ({ granting }) => (granting.length === 0 ? 'nothing-granted' : null) },
  {
    name: 'no-security-context',
    check: ({ type, granting }) =>
      type === 'Binary' && granting.some(({ sharedTypes }) => sharedTypes.includes(type)) ? 'security-context' : null
  },
  {
    name: 'no-linked-resources',
    check: ({ type, granting }) => (granting.some(({ links }) => isLinkedType(links, type)) ? 'linked' : null)
  },
  {
    name: 'no-user-level',
    check: ({ granting }) => (granting.some(({ level }) => level === 'user') ? 'user-level' : null)
  },
  {
    name: 'clauses-interpreted',
    check: ({ granting, vocabulary }) =>
      granting.some(({ type: named, query }) => query.some((clause) => !isInterpreted(vocabulary, named, clause)))
        ? 'clause'
        : null
  }
]

/**
 * The requests that find what a search matches within the alternatives of a decision; at most `most` requests.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { decide, defaultPolicy, interactionOf, printSearchQuery, rewriteSearch } from 'smart-app-launch/fp-ts'
 * import { parse } from 'smart-app-launch/fp-ts'
 *
 * const facts = {
 *   clientId: 'a',
 *   scopes: parse('patient/Condition.s?category=http://example.org|a'),
 *   context: { patient: '1' },
 *   user: null
 * }
 * const search = interactionOf({ method: 'GET', path: '/Condition', query: 'code=2', headers: {}, body: '' })
 * const decision = decide(defaultPolicy, facts, search)
 * const requests =
 *   search._tag === 'Search' && decision._tag === 'Filter'
 *     ? rewriteSearch(search, decision.alternatives)
 *     : Either.right([])
 * Either.isRight(requests) ? requests.right.map(({ type, query }) => `${type}?${printSearchQuery(query)}`) : []
 * // => ['Condition?code=2&category=http%3A%2F%2Fexample.org%7Ca&patient=Patient%2F1',
 * //    'Condition?code=2&category=http%3A%2F%2Fexample.org%7Ca&asserter=Patient%2F1']
 * ```
 */
export const rewriteSearch = (
  search: Search,
  alternatives: ReadonlyArray<Alternative>,
  vocabulary: Vocabulary = fhirR4,
  most: number = limits.fhirNarrowedRequests.default
): Either.Either<NotExpressible, ReadonlyArray<RewrittenSearch>> => {
  const types = search.type === null ? typesOfSearch(search.query) : [search.type]
  const because = firstRefusal(rewrittenSearchRules, { types, reach: reachOfSearch(search.query) })
  if (because !== null) return cannot(because)
  const own = search.query.filter(({ name }) => name !== '_type')
  const requests: Array<RewrittenSearch> = []
  for (const type of types ?? []) {
    // A clause of a `*` scope on a parameter that the type lacks permits nothing of that type, but a lenient server
    // would ignore the parameter.
    const granting = alternatives.filter(
      ({ query, ...alternative }) =>
        appliesTo({ ...alternative, query }, 's', type) &&
        query.every((clause) => isExperimental(clause) || vocabulary.typeOf(type, clause.name) !== 'other')
    )
    const inexpressible = firstRefusal(rewrittenTypeRules, { type, granting, vocabulary })
    if (inexpressible !== null) return cannot(inexpressible)
    const added = different(
      granting.flatMap((alternative) => {
        const clauses = alternative.query.map(parameterOf)
        return compartmentPaths(alternative, type).map((way) => addedOf([...clauses, ...way]))
      })
    )
    // Redundant requests are found pairwise, so their number is limited first.
    if (added.length > 4 * most) return cannot('too-many')
    for (const { parameters } of withoutNarrower(added))
      requests.push({ type, compartment: search.compartment, query: [...own, ...parameters] })
    if (requests.length > most) return cannot('too-many')
  }
  return Either.right(requests)
}
