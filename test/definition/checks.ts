/**
 * What is demanded of an implementation of the questions, as functions of the implementation: so that wrong ones can be
 * tried.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { accesses, vocabulary } from '../support/scope-fixture.js'
import type { TooComplex } from '../../src/scopes/atoms.js'
import { format } from '../../src/scopes/format.js'
import { parse } from '../../src/scopes/parse.js'
import type { Access } from '../../src/scopes/permits.js'
import { permits } from '../../src/scopes/permits.js'
import type { ScopeSet } from '../../src/scopes/scope.js'

export const options = { vocabulary }

export const must = <A>(result: Either.Either<TooComplex, A>): A => {
  if (Either.isLeft(result)) throw new Error(`too complex: ${String(result.left.count)}`)
  return result.right
}

export const meaningOf = (set: ScopeSet): ReadonlyArray<boolean> =>
  accesses.map((access) => permits(set, access, options))

const show = (...sets: ReadonlyArray<ScopeSet>): string => sets.map((set) => JSON.stringify(format(set))).join(' ')

/** A yes must survive a search of the small world; a no must come with an access that the definition confirms. */
export const judgeSubsumption = (
  granted: ScopeSet,
  requested: ScopeSet,
  answer: boolean,
  witness: Option.Option<Access>
): ReadonlyArray<string> => {
  if (answer !== Option.isNone(witness))
    return [`${show(granted, requested)}: the answer and its counterexample differ`]
  if (Option.isSome(witness)) {
    const access = witness.value
    return permits(requested, access, options) && !permits(granted, access, options)
      ? []
      : [`${show(granted, requested)}: ${JSON.stringify(access)} is no counterexample`]
  }
  const found = accesses.find((access) => permits(requested, access, options) && !permits(granted, access, options))
  return found === undefined ? [] : [`${show(granted, requested)}: yes, but ${JSON.stringify(found)}`]
}

/** A normal form must mean the same, be its own normal form, and be the same for every spelling of one meaning. */
export const judgeNormalForm = (
  set: ScopeSet,
  other: ScopeSet,
  normalize: (scopes: ScopeSet) => ScopeSet
): ReadonlyArray<string> => {
  const normal = normalize(set)
  const complaints: Array<string> = []
  const meaning = meaningOf(set)
  if (meaningOf(normal).some((permitted, index) => permitted !== meaning[index]))
    complaints.push(`${show(set, normal)}: another meaning`)
  if (format(normalize(parse(format(normal)))) !== format(normal))
    complaints.push(`${show(set, normal)}: not its own normal form`)
  if (format(normalize(other)) !== format(normal))
    complaints.push(`${show(set, other)}: two normal forms of one meaning`)
  if (
    normal.length >
    set.length +
      set.reduce((sum, scope) => sum + (scope._tag === 'ResourceScope' ? scope.permissions.length * 4 : 0), 0)
  ) {
    complaints.push(`${show(set, normal)}: longer than needed`)
  }
  return complaints
}
