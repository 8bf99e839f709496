/**
 * Answers whether a granted set permits everything that is requested, with a certificate: for a yes the granted scope
 * that covers each atom of the request, for a no the access that is missing.
 *
 * @module
 */
import * as Either from '../../values/either.js'
import type { TooComplex } from '../atoms.js'
import { canonicalAccess, withFreshWords, withinBudget } from '../atoms.js'
import type { Compiled } from '../compile.js'
import { compile } from '../compile.js'
import { format } from '../format.js'
import { parse } from '../parse.js'
import type { Access, ScopeOptions } from '../permits.js'
import { completeOptions } from '../permits.js'
import type { ResourceScope, ScopeSet } from '../scope.js'
import { isResourceScope } from '../scope.js'
import type { Vocabulary } from '../vocabulary.js'
import type { CoveredAtom, CoveredText, NotCertifiable, ScopeCertificate } from './certificate.js'
import { certificateVersion, comparedTypeOf } from './certificate.js'
import type { CoverIndex } from './cover-index.js'
import { coverIndexOf, typedCondition } from './cover-index.js'

/** Every choice of one number below each size; the last changes first. */
function* choicesBelow(sizes: ReadonlyArray<number>): Generator<ReadonlyArray<number>> {
  const digits = sizes.map(() => 0)
  for (;;) {
    yield [...digits]
    let place = sizes.length - 1
    while (place >= 0 && digits[place] === (sizes[place] ?? 1) - 1) {
      digits[place] = 0
      place -= 1
    }
    if (place < 0) return
    digits[place] = (digits[place] ?? 0) + 1
  }
}

/** The types of the parameters in the clauses of some scopes, each once. */
const typesIn = (scopes: ScopeSet, vocabulary: Vocabulary): ScopeCertificate['types'] => {
  const known = new Map<string, ScopeCertificate['types'][number]>()
  for (const { type, query } of scopes.filter(isResourceScope)) {
    for (const { name } of query) {
      const key = `${type} ${name}`
      if (!known.has(key)) known.set(key, [type, name, comparedTypeOf(vocabulary, type, name)])
    }
  }
  return [...known.values()]
}

/** What the scopes of a request are answered from. */
interface Grant {
  readonly covers: CoverIndex
  /** The place of each scope's text. */
  readonly places: ReadonlyMap<string, number>
  /** Made when it is first needed. */
  readonly compiled: () => Compiled
}

/** The covered atoms of a scope, or why there is no certificate that it is covered. */
type ScopeAnswer =
  | { readonly _tag: 'Covered'; readonly atoms: ReadonlyArray<CoveredAtom | CoveredText> }
  | { readonly _tag: 'Missing'; readonly access: Access }
  | { readonly _tag: 'ByTextAlone' }

const byTextAlone: ScopeAnswer = { _tag: 'ByTextAlone' }

const answerFor = (
  { covers, compiled }: Grant,
  scope: ResourceScope,
  requested: number,
  options: ScopeOptions
): ScopeAnswer => {
  const { vocabulary } = completeOptions(options)
  const conditions = scope.query.map((clause) => typedCondition(vocabulary, scope.type, clause))
  const named = conditions.map(covers.named)
  const atoms: Array<CoveredAtom> = []
  let isByText = false
  for (const values of choicesBelow(named.map(({ length }) => length))) {
    const chosen = named.flatMap((clause, place) => clause[values[place] ?? 0] ?? [])
    for (const permission of scope.permissions) {
      const cover = covers.find(scope.level, scope.type, permission, chosen)
      if (cover !== null) {
        atoms.push({ requested, permission, values, ...cover })
        continue
      }
      const constraints = scope.query.flatMap(({ name, modifier }, place) => {
        const { values: all = [], isOpaque = false } = conditions[place] ?? {}
        const value = all[values[place] ?? 0]
        const key = isOpaque && modifier !== null ? `${name}:${modifier}` : name
        return value === undefined ? [] : [{ key, value, name, modifier, isOpaque }]
      })
      const access = canonicalAccess({ level: scope.level, type: scope.type, permission, constraints })
      if (!compiled().permits(access)) return { _tag: 'Missing', access }
      isByText = true
    }
  }
  return isByText ? byTextAlone : { _tag: 'Covered', atoms }
}

/**
 * Whether `granted` permits everything that `requested` permits, with a certificate of the answer. The certificate is
 * about the texts of the sets. Left when the requested set exceeds the complexity limit, or when the answer is a yes
 * that does not hold for every meaning of a clause that is not interpreted.
 *
 * Its size, and the time to make and to check it, are proportional to the atoms of the request and the texts of both
 * sets.
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
): Either.Either<TooComplex | NotCertifiable, ScopeCertificate> => {
  const { vocabulary, levelOrder } = completeOptions(options)
  const texts = { granted: format(granted), requested: format(requested) }
  const [have, want] = [parse(texts.granted), parse(texts.requested)]
  const possible = withinBudget(want, options)
  if (Either.isLeft(possible)) return possible
  let compiled: Compiled | null = null
  const grant: Grant = {
    covers: coverIndexOf(have, vocabulary, levelOrder),
    places: new Map(have.map(({ text }, place) => [text, place] as const).toReversed()),
    compiled: () => (compiled ??= compile(have, options))
  }
  const question = {
    version: certificateVersion,
    ...texts,
    levelOrder,
    types: typesIn([...have, ...want], vocabulary)
  } as const
  const atoms: Array<CoveredAtom | CoveredText> = []
  let notCertifiable: NotCertifiable | null = null
  for (const [place, scope] of want.entries()) {
    // Two spaces in a row give an empty scope, which permits nothing.
    if (scope.text === '') continue
    const answer = isResourceScope(scope)
      ? answerFor(grant, scope, place, options)
      : answerForText(grant, scope.text, place)
    if (answer._tag === 'Missing')
      return Either.right({ ...question, result: false, access: withFreshWords(answer.access, [...have, ...want]) })
    if (answer._tag === 'ByTextAlone')
      notCertifiable ??= { _tag: 'NotCertifiable', requested: place, scope: scope.text }
    else for (const atom of answer.atoms) atoms.push(atom)
  }
  return notCertifiable === null ? Either.right({ ...question, result: true, atoms }) : Either.left(notCertifiable)
}

const answerForText = ({ places }: Grant, text: string, requested: number): ScopeAnswer => {
  const granted = places.get(text)
  return granted === undefined
    ? { _tag: 'Missing', access: { atom: text } }
    : { _tag: 'Covered', atoms: [{ requested, granted }] }
}
