/**
 * The definition of what a scope set permits.
 *
 * The algebra (`subsumes.ts` and its neighbors) is tested against this definition. Therefore it is as simple as
 * possible and shares no code with the algebra; both use the clauses of the same parser.
 *
 * An access is one thing that a client might do: it has a level, a resource type, a permission and a resource. The
 * resource is represented by its search index: the set of values that FHIR indexing extracts for each search parameter.
 * A token is `system|code` (`|code` has no system), a reference is `Type/id` or a URL, strings and uris are plain text.
 * A backslash escapes a `|` inside a system. Of an opaque clause the whole text is the value.
 *
 * The values under a name are read as the resource's type reads the parameter, or as `*` reads it where the vocabulary
 * does not have the type. A scope that reads the parameter differently does not use them: it looks under `type/name`
 * with `type` its own, so that an opaque clause never meets a value that is interpreted.
 *
 * @module
 */
import type { Clause, Level, Permission, ResourceScope, ScopeSet } from './scope.js'
import type { ParameterType, Vocabulary } from './vocabulary.js'
import { fhirR4 } from './vocabulary.js'
import { scopeNumbers } from '../values/limits/scope-numbers.js'
import { ownMember } from '../values/own.js'

/**
 * The search index of a resource: values by parameter name (`name:modifier` for an opaque clause with a modifier,
 * `type/name` for a scope that reads the parameter otherwise than the type of the resource).
 */
export type SearchIndex = Readonly<Record<string, ReadonlyArray<string>>>

/**
 * One thing that a client might do: an access to a resource, or the use of a scope that permits only itself (`openid`,
 * `launch`), given by its text.
 */
export type Access =
  | { readonly level: Level; readonly type: string; readonly permission: Permission; readonly resource: SearchIndex }
  | { readonly atom: string }

/** Pairs of levels: the first includes the second. The host declares them; SMART does not order the levels. */
export type LevelOrder = ReadonlyArray<readonly [wider: Level, narrower: Level]>

/** Options of the questions about scopes. */
export interface ScopeOptions {
  /** Default: FHIR R4. */
  readonly vocabulary?: Vocabulary
  /** Default: none, levels are incomparable. */
  readonly levelOrder?: LevelOrder
  /**
   * The complexity limit: how many atoms a question may be split into, each counted once for every pair of its clauses
   * (see `TooComplex`). Default: {@link defaultComplexityLimit}.
   */
  readonly budget?: number
}

/** The default of {@link ScopeOptions.budget}. */
export const defaultComplexityLimit = scopeNumbers.scopePieces

/** Options with their defaults filled in. Inherited members are ignored. */
export const completeOptions = (options: ScopeOptions): Required<ScopeOptions> => ({
  vocabulary: ownMember(options, 'vocabulary') ?? fhirR4,
  levelOrder: ownMember(options, 'levelOrder') ?? [],
  budget: ownMember(options, 'budget') ?? defaultComplexityLimit
})

/** Whether an access is the use of a scope that permits only itself. */
export const isAtom = (access: Access): access is Extract<Access, { readonly atom: string }> =>
  Object.hasOwn(access, 'atom')

/** Undoes FHIR's escapes. */
const plain = (text: string): string => text.replace(/\\([,|$\\])/g, '$1')

/** Splits a token into system and code at the first unescaped `|`. The system is null when there is no `|`. */
const splitToken = (text: string): { readonly system: string | null; readonly code: string } => {
  const end = /^(?:[^\\|]|\\.)*\|/s.exec(text)?.[0].length
  return end === undefined
    ? { system: null, code: plain(text) }
    : { system: plain(text.slice(0, end - 1)), code: plain(text.slice(end)) }
}

/**
 * Removes accents and case. A final sigma becomes a plain sigma: lower-casing depends on its position in the word, and
 * a prefix must match regardless of that.
 */
const folded = (text: string): string =>
  text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('\u03c2', '\u03c3')

const matchesToken = (queried: string, indexed: string): boolean => {
  const wanted = splitToken(queried)
  const found = splitToken(indexed)
  if (wanted.system === null) return wanted.code === found.code
  if (wanted.code === '') return wanted.system === found.system
  return wanted.system === found.system && wanted.code === found.code
}

const matchesReference = (queried: string, indexed: string): boolean =>
  plain(queried) === indexed ||
  (!queried.includes('/') && !queried.includes(':') && /^[^/:]+\/([^/]+)$/.exec(indexed)?.[1] === plain(queried))

const matchesValue = (type: ParameterType, modifier: string | null, queried: string, indexed: string): boolean => {
  if (type === 'token') return matchesToken(queried, indexed)
  if (type === 'reference') return matchesReference(queried, indexed)
  if (type === 'uri' || modifier === 'exact') return plain(queried) === indexed
  return folded(indexed).startsWith(folded(plain(queried)))
}

const isKnown = (type: ParameterType): boolean => ['token', 'reference', 'uri', 'string'].includes(type)

/** Whether a clause is interpreted: a parameter of a known type without modifier, or a string with `:exact`. */
const isInterpreted = (type: ParameterType, clause: Clause): boolean =>
  isKnown(type) && (clause.modifier === null || (type === 'string' && clause.modifier === 'exact'))

/** The name under which the values for a clause stand in the index of a resource. */
const indexName = (clause: Clause, scopeType: string, resourceType: string, vocabulary: Vocabulary): string => {
  const { name, modifier } = clause
  const type = vocabulary.typeOf(scopeType, name)
  if (modifier !== null && !isInterpreted(type, clause)) return `${name}:${modifier}`
  const own = vocabulary.typeOf(vocabulary.knows?.(resourceType) === false ? '*' : resourceType, name)
  return own === type || (!isKnown(own) && !isKnown(type)) ? name : `${scopeType}/${name}`
}

const matches = (
  clause: Clause,
  scopeType: string,
  { type: resourceType, resource }: Exclude<Access, { readonly atom: string }>,
  vocabulary: Vocabulary
): boolean => {
  const name = indexName(clause, scopeType, resourceType, vocabulary)
  const indexed = ownMember(resource, name)
  if (indexed === undefined) return false
  const type = vocabulary.typeOf(scopeType, clause.name)
  return isInterpreted(type, clause)
    ? clause.values.some((queried) => indexed.some((one) => matchesValue(type, clause.modifier, queried, one)))
    : indexed.includes(clause.values.join(','))
}

const includes = (order: LevelOrder, wider: Level, narrower: Level): boolean =>
  wider === narrower ||
  order.some(
    ([one, other]) =>
      one === wider &&
      includes(
        order.filter(([from]) => from !== wider),
        other,
        narrower
      )
  )

/**
 * Whether a scope set permits an access.
 *
 * @example
 * ```ts
 * import { parse, permits } from 'smart-app-launch/scopes'
 *
 * const granted = parse('patient/Observation.rs?category=laboratory')
 * const read = { level: 'patient', type: 'Observation', permission: 'r' } as const
 * permits(granted, { ...read, resource: { category: ['http://example.org|laboratory', '|survey'] } }) // => true
 * permits(granted, { ...read, resource: { category: ['|survey'] } }) // => false
 * ```
 */
export const permits = (granted: ScopeSet, access: Access, options: ScopeOptions = {}): boolean => {
  const { vocabulary, levelOrder } = completeOptions(options)
  const permitsAccess = (scope: ResourceScope): boolean =>
    !isAtom(access) &&
    includes(levelOrder, scope.level, access.level) &&
    (scope.type === '*' || scope.type === access.type) &&
    scope.permissions.includes(access.permission) &&
    scope.query.every((clause) => matches(clause, scope.type, access, vocabulary))
  return granted.some((scope) =>
    scope._tag === 'ResourceScope'
      ? permitsAccess(scope)
      : isAtom(access) && scope.text !== '' && scope.text === access.atom
  )
}
