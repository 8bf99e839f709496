/**
 * Answers whether a granted set permits everything that is requested, with a certificate: for a yes the granted scope
 * that covers each atom of the request, for a no the access that is missing.
 *
 * @module
 */
import * as Either from '../../values/either.js'
import type { TooComplex } from '../atoms.js'
import {
  canonicalAccess,
  choicesBelow,
  comparisonLimit,
  constraintsOf,
  withFreshWords,
  withinBudget
} from '../atoms.js'
import { conditionOf } from '../clause.js'
import { format } from '../format.js'
import { parse } from '../parse.js'
import type { Access, ScopeOptions } from '../permits.js'
import { completeOptions } from '../permits.js'
import type { ResourceScope, ScopeSet } from '../scope.js'
import { isResourceScope } from '../scope.js'
import type { Vocabulary } from '../vocabulary.js'
import { comparedTypeOf } from '../vocabulary.js'
import type { CoveredAtom, CoveredText, ScopeCertificate } from './certificate.js'
import { certificateVersion } from './certificate.js'
import type { CoverIndex } from './cover-index.js'
import { coverIndexOf } from './cover-index.js'

/** The types of the parameters in the clauses of some scopes, each once. */
const typesIn = (scopes: ScopeSet, vocabulary: Vocabulary): ScopeCertificate['types'] => {
  const known = new Map<string, ScopeCertificate['types'][number]>()
  for (const { type, query } of scopes.filter(isResourceScope)) {
    for (const { name } of query) known.set(`${type} ${name}`, [type, name, comparedTypeOf(vocabulary, type, name)])
  }
  return [...known.values()]
}

/** What the scopes of a request are answered from. */
interface Grant {
  readonly covers: CoverIndex
  /** The place of each scope's text. */
  readonly places: ReadonlyMap<string, number>
  /** How many pairs all atoms may name, one for each clause of the scope that covers the atom. */
  readonly limit: number
  /** How many they name so far. */
  pairs: number
}

/** The covered atoms of a scope; left: an access that is missing, or a certificate that would be too large. */
type ScopeAnswer = Either.Either<Access | TooComplex, ReadonlyArray<CoveredAtom | CoveredText>>

const answerFor = (grant: Grant, scope: ResourceScope, requested: number, options: ScopeOptions): ScopeAnswer => {
  const { covers, limit } = grant
  const { vocabulary } = completeOptions(options)
  const named = scope.query.map((clause) => covers.named(conditionOf(vocabulary, scope.type, clause)))
  const atoms: Array<CoveredAtom> = []
  for (const values of choicesBelow(named.map(({ length }) => length))) {
    const chosen = named.flatMap((clause, place) => clause[values[place] ?? 0] ?? [])
    for (const permission of scope.permissions) {
      const cover = covers.find(scope.level, scope.type, permission, chosen)
      if (cover !== null) {
        atoms.push({ requested, permission, values, ...cover })
        grant.pairs += cover.by.length
        if (grant.pairs > limit) return Either.left({ _tag: 'TooComplex', limit, count: grant.pairs })
        continue
      }
      const constraints = scope.query.flatMap(
        (clause, place) => constraintsOf(scope, clause, options)[values[place] ?? 0] ?? []
      )
      return Either.left(canonicalAccess({ level: scope.level, type: scope.type, permission, constraints }))
    }
  }
  return Either.right(atoms)
}

/**
 * Whether `granted` permits everything that `requested` permits, with a certificate of the answer. The certificate is
 * about the texts of the sets. Left when the requested set exceeds the complexity limit, or when the atoms of a yes
 * would name more pairs than 50 for each atom of the limit.
 *
 * Its size, and the time to make and to check it, are proportional to the texts of both sets, the atoms of the request,
 * and the pairs: an atom names one for each clause of the granted scope that covers it.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { certify, parse } from 'smart-app-launch/fp-ts'
 *
 * const yes = certify(parse('patient/*.read openid'), parse('openid patient/Patient.r'))
 * Either.isRight(yes) && yes.right.result ? yes.right.atoms : []
 * // => [
 * //     { requested: 0, granted: 1 },
 * //     { requested: 1, permission: 'r', values: [], granted: 0, by: [] }
 * //   ]
 * ```
 */
export const certify = (
  granted: ScopeSet,
  requested: ScopeSet,
  options: ScopeOptions = {}
): Either.Either<TooComplex, ScopeCertificate> => {
  const { vocabulary, levelOrder } = completeOptions(options)
  const texts = { granted: format(granted), requested: format(requested) }
  const [have, want] = [parse(texts.granted), parse(texts.requested)]
  const possible = withinBudget(want, options)
  if (Either.isLeft(possible)) return possible
  const grant: Grant = {
    covers: coverIndexOf(have, vocabulary, levelOrder),
    places: new Map(have.map(({ text }, place) => [text, place] as const).toReversed()),
    limit: comparisonLimit(options),
    pairs: 0
  }
  const question = {
    version: certificateVersion,
    ...texts,
    levelOrder,
    types: typesIn([...have, ...want], vocabulary)
  } as const
  const atoms: Array<CoveredAtom | CoveredText> = []
  for (const [place, scope] of want.entries()) {
    // Two spaces in a row give an empty scope, which permits nothing.
    if (scope.text === '') continue
    const answer = isResourceScope(scope)
      ? answerFor(grant, scope, place, options)
      : answerForText(grant, scope.text, place)
    if (Either.isLeft(answer)) {
      const { left } = answer
      return '_tag' in left
        ? Either.left(left)
        : Either.right({ ...question, result: false, access: withFreshWords(left, [...have, ...want]) })
    }
    for (const atom of answer.right) atoms.push(atom)
  }
  return Either.right({ ...question, result: true, atoms })
}

const answerForText = ({ places }: Grant, text: string, requested: number): ScopeAnswer => {
  const granted = places.get(text)
  return granted === undefined ? Either.left({ atom: text }) : Either.right([{ requested, granted }])
}
