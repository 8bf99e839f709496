/**
 * The scope language: parsing, printing and comparing scopes by what they permit.
 *
 * Every function takes scopes as text or parsed. A function whose name asks a question answers `true` or `false`; the
 * answer with its reason has a name of its own beside it. Functions that can exceed the complexity limit give a
 * {@link Result}. An argument of a wrong type throws a `TypeError` that names the function and the argument.
 *
 * `smart-app-launch/scopes` has what a page or a server asks; it stays within 12 KiB, minified and gzipped. Beside it
 * are `smart-app-launch/scopes/sets` (union, intersection, canonical form), `smart-app-launch/scopes/forms` (version 1,
 * URIs, other dialects) and `smart-app-launch/scopes/explain` (plain language). `smart-app-launch` has them all, and
 * `smart-app-launch/fp-ts` has the same functions with `Either` and `Option`.
 *
 * @module scopes
 */
import * as Either from '../values/either.js'
import type { TooComplex } from '../scopes/atoms.js'
import type { Compiled } from '../scopes/compile.js'
import { compile as compileScopes } from '../scopes/compile.js'
import { format as formatScopes } from '../scopes/format.js'
import type { ScopeParseError } from '../scopes/parse.js'
import { parse as parseText, parseScope as parseOne, parseStrict as parseStrictEither } from '../scopes/parse.js'
import type { Access, ScopeOptions } from '../scopes/permits.js'
import { permits as permitsAccess } from '../scopes/permits.js'
import type { Scope, ScopeSet } from '../scopes/scope.js'
import { holdsText as holdsTextIn } from '../scopes/scope.js'
import {
  coveredBy as isCovered,
  counterexample as counterexampleEither,
  disjoint as areDisjoint,
  equivalence as equivalenceEither,
  subsumption as subsumptionEither
} from '../scopes/subsumes.js'
import { textIn } from './arguments.js'
import type { Result } from './result.js'
import { resultOf } from './result.js'
import type { ScopeInput } from './scopes/scope-input.js'
import { accessIn, compiledIn, optionsIn, scopesIn } from './scopes/scope-input.js'

export type { Result } from './result.js'
export type { ScopeInput } from './scopes/scope-input.js'
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
export { clauseOf, fhirR4With, isExperimental, isResourceScope, resourceScope } from './scopes/parts.js'
export { permissionOrder } from '../scopes/scope.js'
export type { ScopeParseError } from '../scopes/parse.js'
export { fhirR4 } from '../scopes/vocabulary.js'
export type { ParameterType, RegisteredParameter, Vocabulary } from '../scopes/vocabulary.js'
export { defaultComplexityLimit } from '../scopes/permits.js'
export type { Access, LevelOrder, ScopeOptions, SearchIndex } from '../scopes/permits.js'
export type { TooComplex } from '../scopes/atoms.js'
export type { Compiled } from '../scopes/compile.js'

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
