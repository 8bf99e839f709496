/**
 * The answer of the scope playground: what two scope sets mean, and how they relate. It calls the library's functions
 * and nothing else, and needs no server.
 *
 * @module
 */
import type { Because } from './because.js'
import { becauseOf } from './because.js'
import type { ExampleResource } from './example-resource.js'
import { exampleResource } from './example-resource.js'
import type { Question } from './question.js'
import { withRealType } from './real-type.js'
import type { TooComplex } from '../scopes/atoms.js'
import { accessInWords } from '../scopes/explain/access.js'
import { english } from '../scopes/explain/english.js'
import type { Descriptor } from '../scopes/explain/explain.js'
import { explain } from '../scopes/explain/explain.js'
import { hasUnknownType, likelyScope } from '../scopes/explain/likely-scope.js'
import { reasonInWords } from '../scopes/explain/malformed.js'
import { format } from '../scopes/format.js'
import { normalize } from '../scopes/normalize.js'
import { parse } from '../scopes/parse.js'
import type { ScopeOptions } from '../scopes/permits.js'
import { isAtom, permits } from '../scopes/permits.js'
import type { Scope, ScopeSet } from '../scopes/scope.js'
import { intersect, uncovered, union } from '../scopes/set-operations.js'
import { counterexample, disjoint } from '../scopes/subsumes.js'
import * as Either from '../values/either.js'

/** A malformed scope in a text: from `start` up to `end`, counted in UTF-16 code units from 0. */
export interface MalformedPlace {
  readonly start: number
  readonly end: number
  /** Where parsing failed. */
  readonly at: number
  readonly scope: string
  readonly expected: string
}

/** A well-formed scope that is probably misspelled: servers may know it as an extension. */
export interface DoubtfulScope {
  readonly scope: string
  /** The type that FHIR R4 does not have; null if the whole scope is none of SMART App Launch. */
  readonly type: string | null
  /** The scope that it probably means; null if none is like it. */
  readonly meant: string | null
}

/** What one scope set means. */
export interface Meaning {
  readonly canonical: string
  readonly allows: ReadonlyArray<Descriptor>
  readonly doesNotAllow: ReadonlyArray<string>
}

/** One text of the question. */
export interface Side {
  readonly text: string
  readonly faults: ReadonlyArray<MalformedPlace>
  readonly doubts: ReadonlyArray<DoubtfulScope>
  readonly meaning: Either.Either<TooComplex, Meaning>
}

/** An access that one set permits and the other does not. */
export interface Difference {
  readonly words: string
  /** The type of the example, if it is one of all types that no scope names; null for any other. */
  readonly anyType: string | null
  readonly example: ExampleResource | null
}

/** How the requested set relates to the granted set. */
export type Relation = 'equal' | 'within' | 'includes' | 'disjoint' | 'overlapping'

/** The comparison of both sets. */
export interface SetComparison {
  readonly relation: Relation
  /** Why the granted set includes the requested set; null if it does not. */
  readonly because: Because | null
  /** Permitted by the requested set only; null when there is none. */
  readonly onlyRequested: Difference | null
  /** Permitted by the granted set only; null when there is none. */
  readonly onlyGranted: Difference | null
  readonly intersection: string
  readonly union: string
  /** Requested and not granted. */
  readonly missing: string
  /** Granted and not requested. */
  readonly excess: string
}

/** The answer to a question. */
export interface Answer {
  readonly requested: Side
  readonly granted: Side
  /** Null while one of the texts is empty. */
  readonly comparison: Either.Either<TooComplex, SetComparison> | null
}

/** The options of the library's functions for a question. */
export const optionsOf = ({ userIncludesPatient }: Question): ScopeOptions =>
  userIncludesPatient ? { levelOrder: [['user', 'patient']] } : {}

/** All malformed scopes of a text. An empty scope, which an additional space makes, is marked at that space. */
export const faultsIn = (scopes: ScopeSet): ReadonlyArray<MalformedPlace> => {
  let start = 0
  return scopes.flatMap((scope) => {
    const from = start
    start += scope.text.length + 1
    if (scope._tag !== 'MalformedScope') return []
    const end = Math.max(from + scope.text.length, from + 1)
    return [{ start: from, end, at: from + scope.position, scope: scope.text, expected: reasonInWords[scope.reason] }]
  })
}

/** How many doubtful scopes of a text are shown: each is compared with all names. */
const shownDoubts = 10

const isDoubtful = (scope: Scope): boolean => scope._tag === 'UnknownScope' || hasUnknownType(scope)

const doubtsIn = (scopes: ScopeSet): ReadonlyArray<DoubtfulScope> =>
  scopes
    .filter(isDoubtful)
    .slice(0, shownDoubts)
    .map((scope) => ({ scope: scope.text, type: 'type' in scope ? scope.type : null, meant: likelyScope(scope) }))

const meaningOf = (scopes: ScopeSet, options: ScopeOptions): Either.Either<TooComplex, Meaning> => {
  const canonical = normalize(scopes, options)
  if (Either.isLeft(canonical)) return canonical
  const explained = explain(scopes, english, options)
  if (Either.isLeft(explained)) return explained
  const { allows, doesNotAllow } = explained.right
  return Either.right({ canonical: format(canonical.right), allows, doesNotAllow })
}

const sideOf = (text: string, scopes: ScopeSet, options: ScopeOptions): Side => ({
  text,
  faults: faultsIn(scopes),
  doubts: doubtsIn(scopes),
  meaning: meaningOf(scopes, options)
})

/** An access that only `requested` permits, as the definition confirms; null when there is none. */
const difference = (
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions
): Either.Either<TooComplex, Difference | null> => {
  const found = counterexample(granted, requested, options)
  if (Either.isLeft(found)) return found
  if (found.right._tag === 'None') return Either.right(null)
  const { access, isAnyType } = withRealType(found.right.value, granted, requested, options)
  return permits(requested, access, options) && !permits(granted, access, options)
    ? Either.right({
        words: accessInWords(access),
        anyType: isAnyType && !isAtom(access) ? access.type : null,
        example: exampleResource(access)
      })
    : Either.right(null)
}

const relationOf = (onlyRequested: boolean, onlyGranted: boolean, areDisjoint: boolean): Relation => {
  if (!onlyRequested && !onlyGranted) return 'equal'
  if (!onlyRequested) return 'within'
  if (!onlyGranted) return 'includes'
  return areDisjoint ? 'disjoint' : 'overlapping'
}

const canonicalText = (
  scopes: Either.Either<TooComplex, ScopeSet>,
  options: ScopeOptions
): Either.Either<TooComplex, string> => {
  const canonical = Either.isLeft(scopes) ? scopes : normalize(scopes.right, options)
  return Either.isLeft(canonical) ? canonical : Either.right(format(canonical.right))
}

const comparisonOf = (
  requested: ScopeSet,
  granted: ScopeSet,
  options: ScopeOptions
): Either.Either<TooComplex, SetComparison> => {
  const onlyRequested = difference(granted, requested, options)
  if (Either.isLeft(onlyRequested)) return onlyRequested
  const onlyGranted = difference(requested, granted, options)
  if (Either.isLeft(onlyGranted)) return onlyGranted
  const intersection = canonicalText(intersect(requested, granted, options), options)
  if (Either.isLeft(intersection)) return intersection
  const missing = canonicalText(uncovered(granted, requested, options), options)
  if (Either.isLeft(missing)) return missing
  const excess = canonicalText(uncovered(requested, granted, options), options)
  if (Either.isLeft(excess)) return excess
  const together = canonicalText(union(requested, granted, options), options)
  if (Either.isLeft(together)) return together
  const because = onlyRequested.right === null ? becauseOf(granted, requested, options) : Either.right(null)
  if (Either.isLeft(because)) return because
  return Either.right({
    because: because.right,
    relation: relationOf(
      onlyRequested.right !== null,
      onlyGranted.right !== null,
      disjoint(requested, granted, options)
    ),
    onlyRequested: onlyRequested.right,
    onlyGranted: onlyGranted.right,
    intersection: intersection.right,
    union: together.right,
    missing: missing.right,
    excess: excess.right
  })
}

/**
 * Answers a question.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { playgroundAnswer } from './answer.js'
 *
 * const question = { requested: 'patient/*.r', granted: 'patient/*.rs', userIncludesPatient: false }
 * const { comparison } = playgroundAnswer(question)
 * comparison !== null && Either.isRight(comparison) && comparison.right.relation // => 'within'
 * ```
 */
export const playgroundAnswer = (question: Question): Answer => {
  const options = optionsOf(question)
  const [requested, granted] = [question.requested.trimEnd(), question.granted.trimEnd()]
  const [wanted, given] = [requested === '' ? [] : parse(requested), granted === '' ? [] : parse(granted)]
  return {
    requested: sideOf(requested, wanted, options),
    granted: sideOf(granted, given, options),
    comparison: requested === '' || granted === '' ? null : comparisonOf(wanted, given, options)
  }
}
