/**
 * The scope language: parsing, printing and comparing scopes by what they permit.
 *
 * Every function takes scopes as text or parsed. A function whose name asks a question answers `true` or `false`; the
 * answer with its reason has a name of its own beside it. Functions that can exceed the complexity limit give a
 * {@link Result}. An argument of a wrong type throws a `TypeError` that names the function and the argument.
 * `smart-app-launch/fp-ts` has the same functions with `Either` and `Option`.
 *
 * @module scopes
 */
import * as Either from '../values/either.js'
import type { TooComplex } from '../scopes/atoms.js'
import type { GrantComparison } from '../scopes/compare-grant.js'
import { compareGrant as compareGrantEither } from '../scopes/compare-grant.js'
import type { Compiled } from '../scopes/compile.js'
import { compile as compileScopes } from '../scopes/compile.js'
import { english } from '../scopes/explain/english.js'
import type { Descriptor, ExplainOptions, Explanation } from '../scopes/explain/explain.js'
import {
  explain as explainEither,
  explainEach as explainEachOf,
  explainScope as explainOne
} from '../scopes/explain/explain.js'
import type { Rights, RightsOptions } from '../scopes/explain/claims.js'
import { rightsOf as rightsOfScopes } from '../scopes/explain/claims.js'
import type { Sentences } from '../scopes/explain/sentences.js'
import { format as formatScopes } from '../scopes/format.js'
import { normalize as normalizeEither } from '../scopes/normalize.js'
import type { ScopeParseError } from '../scopes/parse.js'
import { parse as parseText, parseScope as parseOne, parseStrict as parseStrictEither } from '../scopes/parse.js'
import type { Access, ScopeOptions } from '../scopes/permits.js'
import { permits as permitsAccess } from '../scopes/permits.js'
import type { ResourceScope, Scope, ScopeSet } from '../scopes/scope.js'
import { holdsText as holdsTextIn } from '../scopes/scope.js'
import {
  intersect as intersectEither,
  uncovered as uncoveredEither,
  union as unionEither
} from '../scopes/set-operations.js'
import {
  counterexample as counterexampleEither,
  coveredBy as isCovered,
  disjoint as areDisjoint,
  equivalence as equivalenceEither,
  subsumption as subsumptionEither
} from '../scopes/subsumes.js'
import { fromUri as fromUriText, toUri as toUriText } from '../scopes/uri-form.js'
import type { NotExpressibleInV1 } from '../scopes/version-1.js'
import { toV1 as toV1Either, toV2 as toV2Scope } from '../scopes/version-1.js'
import type { Result } from './result.js'
import { resultOf } from './result.js'
import type { ScopeInput } from './scope-input.js'
import { accessIn, compiledIn, optionsIn, resourceScopeIn, scopeIn, scopesIn, textIn } from './scope-input.js'

export type { Result } from './result.js'
export type { ScopeInput } from './scope-input.js'
export type {
  Clause,
  ExtensionScope,
  IdentityScope,
  LaunchScope,
  Level,
  MalformedScopeReason,
  MalformedScope,
  Permission,
  RefreshScope,
  ResourceScope,
  Scope,
  ScopeSet,
  UnknownScope
} from '../scopes/scope.js'
export { isExperimental, isResourceScope, permissionOrder } from '../scopes/scope.js'
export type { ScopeParseError } from '../scopes/parse.js'
export { clauseOf } from '../scopes/query.js'
export { resourceScope } from '../scopes/format.js'
export { fhirR4, fhirR4With } from '../scopes/vocabulary.js'
export type { ParameterType, RegisteredParameter, Vocabulary } from '../scopes/vocabulary.js'
export { defaultComplexityLimit } from '../scopes/permits.js'
export type { Access, LevelOrder, ScopeOptions, SearchIndex } from '../scopes/permits.js'
export type { TooComplex } from '../scopes/atoms.js'
export type { Compiled } from '../scopes/compile.js'
export type { NotExpressibleInV1 } from '../scopes/version-1.js'
export { openidScopePrefix, smartScopePrefix } from '../scopes/uri-form.js'
export { readAzureScopes, readVerbScopes, readVersion1WithQuery } from '../scopes/dialects.js'
export type { DialectReading, Repair } from '../scopes/dialects.js'
export type { GrantComparison } from '../scopes/compare-grant.js'
export type { Descriptor, ExplainOptions, Explanation } from '../scopes/explain/explain.js'
export type { Explained, ExplainedResource, Sentences } from '../scopes/explain/sentences.js'
export { claims, claimsFor } from '../scopes/explain/claims.js'
export type { Act, Claim, ClaimName, Rights, RightsOptions } from '../scopes/explain/claims.js'
export type { ExplainedClause, ExplainedValue } from '../scopes/explain/clauses.js'
export { english } from '../scopes/explain/english.js'

/**
 * Parses a `scope` parameter leniently. One space separates two scopes; an additional space gives an empty scope, which
 * is malformed. Nothing is lost: {@link format} gives the same text back. An empty text gives no scopes.
 *
 * @example
 * ```ts
 * import { parse } from 'smart-app-launch/scopes'
 *
 * parse('patient/*.rs openid').map(({ _tag }) => _tag) // => ['ResourceScope', 'IdentityScope']
 * ```
 */
export const parse = (text: string): ScopeSet => parseText(textIn('parse', 'text', text))

/**
 * Parses one scope.
 *
 * @example
 * ```ts
 * import { parseScope } from 'smart-app-launch/scopes'
 *
 * parseScope('patient/*.rs')._tag // => 'ResourceScope'
 * ```
 */
export const parseScope = (text: string): Scope => parseOne(textIn('parseScope', 'text', text))

/**
 * Parses a `scope` parameter; a failure, with its position, for a character that no scope may contain (RFC 6749).
 *
 * @example
 * ```ts
 * import { parseStrict } from 'smart-app-launch/scopes'
 *
 * const read = parseStrict('openid "')
 * read.ok ? null : read.failure.position // => 7
 * ```
 */
export const parseStrict = (text: string): Result<ScopeSet, ScopeParseError> =>
  resultOf(parseStrictEither(textIn('parseStrict', 'text', text)))

/**
 * The text of scopes, separated by spaces: the inverse of {@link parse}.
 *
 * @example
 * ```ts
 * import { format, parse } from 'smart-app-launch/scopes'
 *
 * format(parse('patient/*.rs openid')) // => 'patient/*.rs openid'
 * ```
 */
export const format = (scopes: ScopeInput): string => formatScopes(scopesIn('format', 'scopes', scopes))

/**
 * Whether the set contains a scope with exactly this text. For scopes that permit only themselves (`openid`, `launch`,
 * …).
 *
 * @example
 * ```ts
 * import { holdsText } from 'smart-app-launch/scopes'
 *
 * holdsText('openid fhirUser', 'openid') // => true
 * ```
 */
export const holdsText = (scopes: ScopeInput, text: string): boolean =>
  holdsTextIn(scopesIn('holdsText', 'scopes', scopes), textIn('holdsText', 'text', text))

/**
 * Whether `granted` permits everything that `requested` permits. Compared by meaning, never by text. It fails closed:
 * `false` when `requested` exceeds the complexity limit; {@link subsumption} says which it is.
 *
 * @example
 * ```ts
 * import { subsumes } from 'smart-app-launch/scopes'
 *
 * subsumes('patient/*.read', 'patient/Observation.rs') // => true
 * subsumes('patient/Observation.r patient/Observation.s', 'patient/Observation.rs') // => true
 * subsumes('user/Observation.rs', 'patient/Observation.rs') // => false
 * subsumes('patient/Observation.rs?category=laboratory', 'patient/Observation.rs') // => false
 * ```
 */
export const subsumes = (granted: ScopeInput, requested: ScopeInput, options?: ScopeOptions): boolean => {
  const answer = subsumptionEither(
    scopesIn('subsumes', 'granted', granted),
    scopesIn('subsumes', 'requested', requested),
    optionsIn('subsumes', options)
  )
  return !Either.isLeft(answer) && answer.right
}

/**
 * Whether `granted` permits everything that `requested` permits, or that this was not decided: a failure when
 * `requested` exceeds the complexity limit. The granted set may be of any size.
 *
 * @example
 * ```ts
 * import { subsumption } from 'smart-app-launch/scopes'
 *
 * subsumption('patient/*.rs', 'patient/Observation.r') // => { ok: true, value: true }
 * subsumption('openid', 'patient/*.r patient/*.s', { budget: 1 })
 * // => { ok: false, failure: { _tag: 'TooComplex', limit: 1, count: 2 } }
 * ```
 */
export const subsumption = (
  granted: ScopeInput,
  requested: ScopeInput,
  options?: ScopeOptions
): Result<boolean, TooComplex> =>
  resultOf(
    subsumptionEither(
      scopesIn('subsumption', 'granted', granted),
      scopesIn('subsumption', 'requested', requested),
      optionsIn('subsumption', options)
    )
  )

/**
 * Whether two sets permit the same. It fails closed: `false` when a set exceeds the complexity limit;
 * {@link equivalence} says which it is.
 *
 * @example
 * ```ts
 * import { equivalent } from 'smart-app-launch/scopes'
 *
 * equivalent('patient/*.read', 'patient/*.rs') // => true
 * ```
 */
export const equivalent = (left: ScopeInput, right: ScopeInput, options?: ScopeOptions): boolean => {
  const answer = equivalenceEither(
    scopesIn('equivalent', 'left', left),
    scopesIn('equivalent', 'right', right),
    optionsIn('equivalent', options)
  )
  return !Either.isLeft(answer) && answer.right
}

/**
 * Whether two sets permit the same, or that this was not decided: a failure when a set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { equivalence } from 'smart-app-launch/scopes'
 *
 * equivalence('patient/*.read', 'patient/*.rs') // => { ok: true, value: true }
 * ```
 */
export const equivalence = (left: ScopeInput, right: ScopeInput, options?: ScopeOptions): Result<boolean, TooComplex> =>
  resultOf(
    equivalenceEither(
      scopesIn('equivalence', 'left', left),
      scopesIn('equivalence', 'right', right),
      optionsIn('equivalence', options)
    )
  )

/**
 * Whether no access is permitted by both sets. Queries do not matter, because one resource can satisfy two queries. It
 * has no complexity limit and is always decided.
 *
 * @example
 * ```ts
 * import { disjoint } from 'smart-app-launch/scopes'
 *
 * disjoint('patient/Observation.r', 'patient/Observation.s') // => true
 * disjoint('patient/*.r', 'patient/Observation.rs?category=laboratory') // => false
 * ```
 */
export const disjoint = (left: ScopeInput, right: ScopeInput, options?: ScopeOptions): boolean =>
  areDisjoint(scopesIn('disjoint', 'left', left), scopesIn('disjoint', 'right', right), optionsIn('disjoint', options))

/**
 * Whether a scope set permits an access. It has no complexity limit and is always decided. For many accesses, compile
 * the set once.
 *
 * @example
 * ```ts
 * import { permits } from 'smart-app-launch/scopes'
 *
 * const read = { level: 'patient', type: 'Observation', permission: 'r', resource: {} } as const
 * permits('patient/Observation.rs', read) // => true
 * permits('patient/Observation.rs?category=laboratory', read) // => false
 * ```
 */
export const permits = (granted: ScopeInput, access: Access, options?: ScopeOptions): boolean =>
  permitsAccess(scopesIn('permits', 'granted', granted), accessIn('permits', access), optionsIn('permits', options))

/**
 * Compiles a set, to decide about many accesses quickly.
 *
 * @example
 * ```ts
 * import { compile } from 'smart-app-launch/scopes'
 *
 * const compiled = compile('patient/*.rs')
 * compiled.permits({ level: 'patient', type: 'Observation', permission: 'r', resource: {} }) // => true
 * ```
 */
export const compile = (granted: ScopeInput, options?: ScopeOptions): Compiled =>
  compileScopes(scopesIn('compile', 'granted', granted), optionsIn('compile', options))

/**
 * Whether a compiled set permits everything that `requested` permits. It has no complexity limit: the caller bounds the
 * size of `requested`.
 *
 * @example
 * ```ts
 * import { compile, coveredBy } from 'smart-app-launch/scopes'
 *
 * coveredBy(compile('patient/*.rs'), 'patient/Observation.r') // => true
 * ```
 */
export const coveredBy = (granted: Compiled, requested: ScopeInput, options?: ScopeOptions): boolean =>
  isCovered(
    compiledIn('coveredBy', granted),
    scopesIn('coveredBy', 'requested', requested),
    optionsIn('coveredBy', options)
  )

/**
 * An access that `requested` permits and `granted` does not; null when there is none. A failure when the requested set
 * exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { counterexample } from 'smart-app-launch/scopes'
 *
 * counterexample('openid', 'openid fhirUser') // => { ok: true, value: { atom: 'fhirUser' } }
 * ```
 */
export const counterexample = (
  granted: ScopeInput,
  requested: ScopeInput,
  options?: ScopeOptions
): Result<Access | null, TooComplex> => {
  const found = counterexampleEither(
    scopesIn('counterexample', 'granted', granted),
    scopesIn('counterexample', 'requested', requested),
    optionsIn('counterexample', options)
  )
  if (Either.isLeft(found)) return { ok: false, failure: found.left }
  return { ok: true, value: found.right._tag === 'Some' ? found.right.value : null }
}

/**
 * What both sets permit: how much of a request may be granted. A requested scope that the limit covers entirely keeps
 * its spelling; a scope that is covered in part is printed in v2. A failure when the sets exceed the complexity limit.
 *
 * @example
 * ```ts
 * import { format, intersect } from 'smart-app-launch/scopes'
 *
 * const both = intersect('patient/*.cruds openid', 'patient/Observation.rs patient/Condition.r')
 * both.ok ? format(both.value) : both.failure // => 'patient/Observation.rs patient/Condition.r'
 * ```
 */
export const intersect = (
  requested: ScopeInput,
  limit: ScopeInput,
  options?: ScopeOptions
): Result<ScopeSet, TooComplex> =>
  resultOf(
    intersectEither(
      scopesIn('intersect', 'requested', requested),
      scopesIn('intersect', 'limit', limit),
      optionsIn('intersect', options)
    )
  )

/**
 * What either set permits, in canonical form. A failure when the sets exceed the complexity limit.
 *
 * @example
 * ```ts
 * import { format, union } from 'smart-app-launch/scopes'
 *
 * const both = union('patient/Observation.r', 'patient/Observation.s')
 * both.ok ? format(both.value) : both.failure // => 'patient/Observation.rs'
 * ```
 */
export const union = (left: ScopeInput, right: ScopeInput, options?: ScopeOptions): Result<ScopeSet, TooComplex> =>
  resultOf(unionEither(scopesIn('union', 'left', left), scopesIn('union', 'right', right), optionsIn('union', options)))

/**
 * The part of the requested set that the granted set does not cover, split as finely as needed. A failure when the
 * requested set exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { format, uncovered } from 'smart-app-launch/scopes'
 *
 * const rest = uncovered('patient/Observation.r', 'patient/Observation.rs')
 * rest.ok ? format(rest.value) : rest.failure // => 'patient/Observation.s'
 * ```
 */
export const uncovered = (
  granted: ScopeInput,
  requested: ScopeInput,
  options?: ScopeOptions
): Result<ScopeSet, TooComplex> =>
  resultOf(
    uncoveredEither(
      scopesIn('uncovered', 'granted', granted),
      scopesIn('uncovered', 'requested', requested),
      optionsIn('uncovered', options)
    )
  )

/**
 * The canonical form of a set: equivalent sets have the same one. A failure when it exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { format, normalize } from 'smart-app-launch/scopes'
 *
 * const canonical = normalize('patient/Observation.r patient/Observation.s')
 * canonical.ok ? format(canonical.value) : canonical.failure // => 'patient/Observation.rs'
 * ```
 */
export const normalize = (scopes: ScopeInput, options?: ScopeOptions): Result<ScopeSet, TooComplex> =>
  resultOf(normalizeEither(scopesIn('normalize', 'scopes', scopes), optionsIn('normalize', options)))

/**
 * Compares the scopes of a token, refresh or introspection response with the requested ones. A failure when the
 * comparison exceeds the complexity limit.
 *
 * @example
 * ```ts
 * import { compareGrant } from 'smart-app-launch/scopes'
 *
 * const compared = compareGrant('patient/*.rs openid', 'patient/Observation.rs openid')
 * compared.ok ? compared.value.verdict : compared.failure // => 'narrowed'
 * ```
 */
export const compareGrant = (
  requested: ScopeInput,
  granted: ScopeInput,
  options?: ScopeOptions
): Result<GrantComparison, TooComplex> =>
  resultOf(
    compareGrantEither(
      scopesIn('compareGrant', 'requested', requested),
      scopesIn('compareGrant', 'granted', granted),
      optionsIn('compareGrant', options)
    )
  )

/**
 * A resource scope in version 1 syntax; a failure when version 1 cannot express it.
 *
 * @example
 * ```ts
 * import { toV1 } from 'smart-app-launch/scopes'
 *
 * const scope = toV1('patient/Observation.rs')
 * scope.ok ? scope.value.text : scope.failure // => 'patient/Observation.read'
 * ```
 */
export const toV1 = (scope: string | ResourceScope): Result<ResourceScope, NotExpressibleInV1> =>
  resultOf(toV1Either(resourceScopeIn('toV1', 'scope', scope)))

/**
 * A resource scope in version 2 syntax. Every version 1 scope has one.
 *
 * @example
 * ```ts
 * import { toV2 } from 'smart-app-launch/scopes'
 *
 * toV2('patient/Observation.read').text // => 'patient/Observation.rs'
 * ```
 */
export const toV2 = (scope: string | ResourceScope): ResourceScope => toV2Scope(resourceScopeIn('toV2', 'scope', scope))

/**
 * The URI of a scope, as some servers print it.
 *
 * @example
 * ```ts
 * import { toUri } from 'smart-app-launch/scopes'
 *
 * toUri('patient/*.rs') // => 'http://smarthealthit.org/fhir/scopes/patient/*.rs'
 * ```
 */
export const toUri = (scope: string | Scope): string => toUriText(scopeIn('toUri', 'scope', scope))

/**
 * The scope that a URI stands for. A URI with neither prefix is parsed as a scope itself.
 *
 * @example
 * ```ts
 * import { fromUri } from 'smart-app-launch/scopes'
 *
 * fromUri('http://smarthealthit.org/fhir/scopes/patient/*.rs').text // => 'patient/*.rs'
 * ```
 */
export const fromUri = (uri: string): Scope => fromUriText(textIn('fromUri', 'uri', uri))

/**
 * What a set permits in plain language, after normalization, and what it does not allow. A failure when the set exceeds
 * the complexity limit; {@link explainEach} has none.
 *
 * @example
 * ```ts
 * import { explain } from 'smart-app-launch/scopes'
 *
 * const explained = explain('patient/Observation.rs')
 * explained.ok ? explained.value.allows.map(({ short }) => short) : explained.failure
 * // => ['Read and search Observation records of this patient']
 * ```
 */
export const explain = (
  scopes: ScopeInput,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Result<Explanation, TooComplex> => resultOf(explainEither(scopesIn('explain', 'scopes', scopes), sentences, options))

/**
 * Explains each scope of a set as it is spelled, without a complexity limit.
 *
 * @example
 * ```ts
 * import { explainEach } from 'smart-app-launch/scopes'
 *
 * explainEach('openid').allows.map(({ short }) => short) // => ['Know that it is you']
 * ```
 */
export const explainEach = (
  scopes: ScopeInput,
  sentences: Sentences = english,
  options: ExplainOptions = {}
): Explanation => explainEachOf(scopesIn('explainEach', 'scopes', scopes), sentences, options)

/**
 * Explains one scope; `beside` is the set in which it stands.
 *
 * @example
 * ```ts
 * import { explainScope } from 'smart-app-launch/scopes'
 *
 * explainScope('patient/*.r').marks.everyType // => true
 * ```
 */
export const explainScope = (
  scope: string | Scope,
  sentences: Sentences = english,
  options: ExplainOptions = {},
  beside?: ScopeInput
): Descriptor => {
  const one = scopeIn('explainScope', 'scope', scope)
  return explainOne(one, sentences, options, beside === undefined ? [one] : scopesIn('explainScope', 'beside', beside))
}

/**
 * The rights that a set gives: the facts on which its claims depend.
 *
 * @example
 * ```ts
 * import { rightsOf } from 'smart-app-launch/scopes'
 *
 * rightsOf('patient/Observation.rs openid').hasOpenid // => true
 * ```
 */
export const rightsOf = (scopes: ScopeInput, options: RightsOptions = {}): Rights =>
  rightsOfScopes(scopesIn('rightsOf', 'scopes', scopes), options)
