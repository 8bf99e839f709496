/**
 * Parses FHIR search strings without loss, and computes the permissions that a search needs in addition to searching
 * its type.
 *
 * Chains, reverse chains and lists look at resources that are not in the response, so those resources must be permitted
 * without limits. Parameters that cannot be evaluated (`_filter`, `_query`, `_in`, …) are refused. Source: FHIR R4,
 * search.html and security.html, 6.1.0.5.1.
 *
 * @module
 */
import * as Either from '../../../values/either.js'
import { formDecode } from '../../http/form.js'
import type { Permission } from '../../../scopes/scope.js'
import { limits } from '../../../values/limits/limits.js'
import { isResourceTypeName } from '../../../values/fhir.js'

/** One `name[:modifier]=value` of a search. Percent-encoding is decoded; FHIR's escapes are kept in the value. */
export interface SearchParameter {
  /** Everything before the first `=`: `category`, `subject:Patient.name`, `_has:Observation:patient:code`. */
  readonly name: string
  readonly value: string
}

/** The parameters of a search string. */
export type SearchQuery = ReadonlyArray<SearchParameter>

/**
 * The text is not a valid search string: a broken percent sequence, invalid UTF-8, a parameter without a value, or too
 * many parameters or values.
 */
export interface QueryUnreadable {
  readonly _tag: 'QueryUnreadable'
  readonly parameter: string
}

/** An upper bound of the number of values: each comma may begin another one. */
const valuesIn = (text: string): number => text.split(',').length

const decoded = (text: string): string | null => {
  const read = formDecode(text)
  return Either.isLeft(read) ? null : read.right
}

/**
 * Parses a search string from a URL or a form body. A parameter without a value is an error, because ignoring it would
 * widen the search.
 */
export const readSearchQuery = (text: string): Either.Either<QueryUnreadable, SearchQuery> => {
  const parameters: Array<SearchParameter> = []
  let values = 0
  for (const pair of text.split('&')) {
    if (pair === '') continue
    const equals = pair.indexOf('=')
    const [name, value] = [decoded(pair.slice(0, equals)), decoded(pair.slice(equals + 1))]
    if (equals < 1 || name === null || value === null || value === '')
      return Either.left({ _tag: 'QueryUnreadable', parameter: pair })
    values += valuesIn(value)
    if (parameters.length === limits.fhirSearchParameters.default || values > limits.fhirSearchValues.default) {
      return Either.left({ _tag: 'QueryUnreadable', parameter: pair })
    }
    parameters.push({ name, value })
  }
  return Either.right(parameters)
}

/** Whether a search string contains a parameter, in any percent-encoding and any case. */
export const namesParameter = (text: string, name: string): boolean =>
  text !== '' &&
  text
    .split('&')
    .flatMap((pair) => pair.split('=', 1))
    .some((one) => decoded(one)?.toLowerCase() === name)

/**
 * Why {@link readSearchQuery} does not read a pair, in words that begin with a small letter; `name` is how the
 * parameter is called there. A pair that could be read stands where the search became too long.
 */
export const unreadableBecause = (pair: string, name: string): string => {
  const equals = pair.indexOf('=')
  if (equals === 0) return 'a value in it has no parameter'
  if (equals === -1 || equals === pair.length - 1) return `${name} has no value`
  return decoded(pair) === null
    ? `the percent-encoding of ${name} is broken`
    : `it is too long: a search has at most ${String(limits.fhirSearchParameters.default)} parameters and ` +
        `${String(limits.fhirSearchValues.default)} values`
}

const encoded = (text: string): string => encodeURIComponent(text.toWellFormed())

/** Prints a search string, percent-encoded. */
export const printSearchQuery = (query: SearchQuery): string =>
  query.map(({ name, value }) => `${encoded(name)}=${encoded(value)}`).join('&')

/** Parameters that change only the presentation of the response, not its contents. */
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

/** The only parameter of the gate's own page links. */
export const pageParameter = '_page'

/** The page link parameters of common servers. Only the server knows the contents of such a page. */
const pageParameters: ReadonlySet<string> = /* @__PURE__ */ new Set([
  '_getpages',
  '_getpagesoffset',
  '_pageId',
  '_bundletype',
  pageParameter,
  '_page_token',
  '_cursor',
  '_offset',
  '_skip'
])

/**
 * Parameters of common servers that choose a page and do not begin with an underscore, in lower case: servers read them
 * in either. FHIR defines none of them.
 */
const plainPageParameters: ReadonlySet<string> = /* @__PURE__ */ new Set([
  'page',
  'offset',
  'cursor',
  'ct',
  'pagetoken',
  'pagecontext',
  '-pagecontext',
  'sessionid',
  'skip',
  'startindex'
])

/** Whether a parameter chooses a place in the results of the server. */
export const choosesPage = ({ name }: SearchParameter): boolean => {
  const [base = ''] = name.split(':', 1)
  return pageParameters.has(base) || plainPageParameters.has(base.toLowerCase())
}

/**
 * The supported parameters that begin with an underscore. All others are refused: servers give them different meanings,
 * and many look at other resources (`_in`, `_graph`, `_not-referenced`).
 */
const supportedParameters: ReadonlySet<string> = /* @__PURE__ */ new Set([
  ...presentationParameters,
  ...pageParameters,
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

/** Whether a parameter includes other resources beside the matches. */
export const isInclude = (name: string): boolean => /^_(?:rev)?include(?::|$)/.test(name)

/** Whether a parameter restricts the matches; all others sort, include or present, with a modifier too. */
export const isCriterion = ({ name }: SearchParameter): boolean => {
  const [base = ''] = name.split(':', 1)
  return (
    !presentationParameters.has(base) &&
    !pageParameters.has(base) &&
    !isInclude(base) &&
    base !== '_sort' &&
    base !== '_type'
  )
}

/**
 * A permission that a search needs in addition to searching its type, without limits by patient or query. A type of
 * null is every type.
 */
export interface SearchRequirement {
  readonly type: string | null
  readonly permission: Permission
}

/** The resources that a search includes in its response besides its matches. */
export interface Includes {
  readonly isIncluding: boolean
  /** The types that are included because they refer to a match; `*` is any type. */
  readonly reverseTypes: ReadonlyArray<string>
}

/** What a search looks at besides the resources of its type. */
export interface SearchReach {
  /** Whether matches may have any type: the containers of contained resources, or a page of some other search. */
  readonly findsAnyType: boolean
  readonly demands: ReadonlyArray<SearchRequirement>
  readonly includes: Includes
  /** A parameter that is not supported; null when there is none. */
  readonly unevaluated: string | null
}

const searchOf = (type: string | null): SearchRequirement => ({ type, permission: 's' })

/** The target types of a chain, one for each dot: `subject:Patient.name` leads to Patient. */
const chainDemands = (name: string): ReadonlyArray<SearchRequirement> => {
  const has = /^(.*\.)?_has:([^:]*):[^:]*:(.*)/s.exec(name)
  if (has !== null) {
    const [, before, type = '', rest = ''] = has
    const named = isResourceTypeName(type) ? type : null
    return [...(before === undefined ? [] : chainDemands(before)), searchOf(named), ...chainDemands(rest)]
  }
  return name
    .split('.')
    .slice(0, -1)
    .map((hop) => {
      const colon = hop.indexOf(':')
      const type = hop.slice(colon + 1)
      return searchOf(colon > 0 && isResourceTypeName(type) ? type : null)
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
 * reachOfSearch([{ name: '_filter', value: 'x eq y' }]).unevaluated // => '_filter'
 * ```
 */
export const reachOfSearch = (query: SearchQuery): SearchReach => {
  const demands: Array<SearchRequirement> = []
  const reverseTypes: Array<string> = []
  let isIncluding = false
  let findsAnyType = false
  let unevaluated: string | null = null
  for (const { name, value } of query) {
    const links = name.split(/[:.]/)
    const [base = ''] = links
    const isLong = [name, ...(base === '_sort' ? value.split(',') : [])].some(
      (chain) => chain.split(/[:.]/).length > limits.fhirSearchChain.default
    )
    if (links.includes('_list')) demands.push({ type: 'List', permission: 'r' })
    if (isLong || links.some((link) => link.startsWith('_') && !supportedParameters.has(link))) unevaluated ??= name
    else if (base === '_contained') findsAnyType ||= value !== 'false'
    else if (pageParameters.has(base)) findsAnyType = true
    else if (base === '_include') isIncluding = true
    else if (base === '_revinclude') {
      for (const source of value.split(':', 1)) reverseTypes.push(isResourceTypeName(source) ? source : '*')
    } else if (base === '_sort') {
      for (const key of value.split(',')) demands.push(...chainDemands(key.replace(/^-/, '')))
    } else demands.push(...chainDemands(name))
  }
  return { findsAnyType, demands, includes: { isIncluding, reverseTypes }, unevaluated }
}

/** The types of a search over the whole system: the values of all `_type` parameters; null when there is none. */
export const typesOfSearch = (query: SearchQuery): ReadonlyArray<string> | null => {
  const types = query.filter(({ name }) => name === '_type').flatMap(({ value }) => value.split(','))
  return types.length === 0 ? null : [...new Set(types)]
}
