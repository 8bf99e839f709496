/**
 * Search strings of FHIR: reading them without losing anything, and what a search needs besides a search right on its
 * type.
 *
 * A chain, a reverse chain and a list look at resources that are not in the answer, so what is looked at must be
 * granted without limits. What cannot be judged (`_filter`, `_query`, `_in`, …) is refused. Source: FHIR R4,
 * search.html and security.html, 6.1.0.5.1.
 *
 * @module
 */
import * as Either from '../../../values/either.js'
import type { Permission } from '../../../scopes/scope.js'
import { limits } from '../../../values/limits/limits.js'
import { isResourceTypeName } from '../../../values/fhir.js'

/** One `name[:modifier]=value` of a search. Percent-encoding is undone; FHIR's escapes still stand in the value. */
export interface SearchParameter {
  /** Everything before the first `=`: `category`, `subject:Patient.name`, `_has:Observation:patient:code`. */
  readonly name: string
  readonly value: string
}

/** A search string. */
export type SearchQuery = ReadonlyArray<SearchParameter>

/**
 * The text is no search string: a broken percent sequence, bytes that are not UTF-8, or a parameter without a value; or
 * it has more parameters or values than one search may have.
 */
export interface QueryUnreadable {
  readonly _tag: 'QueryUnreadable'
  readonly parameter: string
}

/** How many values a search string has at most: each comma may begin one more. */
const valuesIn = (text: string): number => text.split(',').length

const decoded = (text: string): string | null => {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '))
  } catch {
    return null
  }
}

/**
 * Reads a search string, from an address or a form body. A parameter without a value is an error: ignoring it would
 * widen the search.
 */
export const readSearchQuery = (text: string): Either.Either<QueryUnreadable, SearchQuery> => {
  const parameters: Array<SearchParameter> = []
  let values = 0
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const name = decoded(equals === -1 ? pair : pair.slice(0, equals))
    const value = decoded(equals === -1 ? '' : pair.slice(equals + 1))
    if (name === null || value === null || name === '' || value === '')
      return Either.left({ _tag: 'QueryUnreadable', parameter: pair })
    values += valuesIn(value)
    if (parameters.length === limits.fhirSearchParameters.standard || values > limits.fhirSearchValues.standard) {
      return Either.left({ _tag: 'QueryUnreadable', parameter: pair })
    }
    parameters.push({ name, value })
  }
  return Either.right(parameters)
}

/** Whether a search string names a parameter, however it is percent-encoded and in whatever case. */
export const namesParameter = (text: string, name: string): boolean =>
  text.split('&').some((pair) => decoded(pair.split('=')[0] ?? '')?.toLowerCase() === name)

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** Prints a search string, percent-encoded. */
export const printSearchQuery = (query: SearchQuery): string =>
  query.map(({ name, value }) => `${encoded(name)}=${encoded(value)}`).join('&')

/** Parameters that say how the answer looks and not what is in it. */
export const presentationParameters: ReadonlySet<string> = new Set([
  '_format',
  '_pretty',
  '_summary',
  '_elements',
  '_count',
  '_total',
  '_contained',
  '_containedType'
])

/** The parameter of the gate's own page links: how many entries came before. */
export const offsetParameter = '_gate-offset'

/** The parameters of page links, as well-known servers write them. What a page holds is the server's word alone. */
const pageParameters: ReadonlySet<string> = /* @__PURE__ */ new Set([
  '_getpages',
  '_getpagesoffset',
  '_pageId',
  '_bundletype',
  '_page',
  '_page_token',
  '_cursor',
  '_offset',
  '_skip'
])

/**
 * The parameters with an underscore that are judged. Any other is refused: each server gives them its own meaning, and
 * many look at other resources (`_in`, `_graph`, `_not-referenced`).
 */
const judgedParameters: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...presentationParameters,
  ...pageParameters,
  offsetParameter,
  '_id',
  '_lastUpdated',
  '_tag',
  '_profile',
  '_security',
  '_source',
  '_language',
  '_text',
  '_content',
  '_list',
  '_has',
  '_type',
  '_sort',
  '_include',
  '_revinclude',
  '_since',
  '_at'
])

const isInclude = (name: string): boolean => /^_(?:rev)?include(?::|$)/.test(name)

/** Whether a parameter narrows a search; the others sort, include or present. */
export const isCriterion = ({ name }: SearchParameter): boolean =>
  !presentationParameters.has(name) &&
  !pageParameters.has(name) &&
  !isInclude(name) &&
  name !== offsetParameter &&
  name !== '_sort' &&
  name !== '_type'

/** What must be granted besides the search itself, without limits of patient or query; a type of null is every type. */
export interface SearchRequirement {
  readonly type: string | null
  readonly permission: Permission
}

/** What a search includes in its answer besides what it matches. */
export interface Includes {
  readonly isIncluding: boolean
  /** The types that are included because they refer to a match; `*` is any type. */
  readonly reverseTypes: ReadonlyArray<string>
}

/** What else a search looks at. */
export interface SearchReach {
  /** Whether resources of any type may be found: the containers of contained ones, or the page of some other search. */
  readonly findsAnyType: boolean
  readonly demands: ReadonlyArray<SearchRequirement>
  readonly includes: Includes
  /** A parameter that cannot be judged; null when there is none. */
  readonly unjudged: string | null
}

const searchOf = (type: string | null): SearchRequirement => ({ type, permission: 's' })

/** The types that a chain leads to, one for each dot: `subject:Patient.name` leads to Patient. */
const chainDemands = (name: string): ReadonlyArray<SearchRequirement> => {
  const has = /^(.*\.)?_has:([^:]*):[^:]*:(.*)$/s.exec(name)
  if (has !== null) {
    const [, before = '', type = '', rest = ''] = has
    const named = isResourceTypeName(type) ? type : null
    return [...(before === '' ? [] : chainDemands(before)), searchOf(named), ...chainDemands(rest)]
  }
  return name
    .split('.')
    .slice(0, -1)
    .map((hop) => {
      const [, type] = /^[^:]+:([^:]+)$/.exec(hop) ?? []
      return searchOf(type !== undefined && isResourceTypeName(type) ? type : null)
    })
}

/**
 * What a search looks at besides the resources of its type.
 *
 * @example
 * ```ts
 * import { reachOfSearch } from 'smart-app-launch/resource'
 *
 * reachOfSearch([{ name: 'performer:Practitioner.name', value: 'x' }]).demands
 * // => [{ type: 'Practitioner', permission: 's' }]
 * reachOfSearch([{ name: '_has:Observation:patient:code', value: 'x' }]).demands
 * // => [{ type: 'Observation', permission: 's' }]
 * reachOfSearch([{ name: 'patient.name', value: 'x' }]).demands // => [{ type: null, permission: 's' }]
 * reachOfSearch([{ name: '_filter', value: 'x eq y' }]).unjudged // => '_filter'
 * ```
 */
export const reachOfSearch = (query: SearchQuery): SearchReach => {
  const demands: Array<SearchRequirement> = []
  const reverseTypes: Array<string> = []
  let isIncluding = false
  let findsAnyType = false
  let unjudged: string | null = null
  for (const { name, value } of query) {
    const links = name.split(/[:.]/)
    const [base = ''] = links
    const isLong = [name, ...(base === '_sort' ? value.split(',') : [])].some(
      (chain) => chain.split(/[:.]/).length > limits.fhirSearchChain.standard
    )
    if (links.includes('_list')) demands.push({ type: 'List', permission: 'r' })
    if (isLong || links.some((link) => link.startsWith('_') && !judgedParameters.has(link))) unjudged ??= name
    else if (base === '_contained') findsAnyType ||= value !== 'false'
    else if (pageParameters.has(base)) findsAnyType = true
    else if (base === '_include') isIncluding = true
    else if (base === '_revinclude') {
      const source = value.split(':')[0] ?? '*'
      reverseTypes.push(isResourceTypeName(source) ? source : '*')
    } else if (base === '_sort') {
      for (const key of value.split(',')) demands.push(...chainDemands(key.replace(/^-/, '')))
    } else demands.push(...chainDemands(name))
  }
  return { findsAnyType, demands, includes: { isIncluding, reverseTypes }, unjudged }
}

/** The types of a search over the whole system: the values of all `_type` parameters; null when there is none. */
export const typesOfSearch = (query: SearchQuery): ReadonlyArray<string> | null => {
  const types = query.filter(({ name }) => name === '_type').flatMap(({ value }) => value.split(','))
  return types.length === 0 ? null : [...new Set(types)]
}
