/** Random questions with the certificates of the package, and wrong certificates that are made from them. */
import * as Either from 'fp-ts/lib/Either.js'
import type { Line, TypeTable } from './checkers.js'
import { planted } from '../support/planted-certificates.js'
import { commonScopes, parameters, randomOf, randomQuestion, rareScopes } from './random.js'
import { certify } from '../../src/scopes/certificates/certify.js'
import { parse } from '../../src/scopes/parse.js'
import type { LevelOrder } from '../../src/scopes/permits.js'
import { subsumption } from '../../src/scopes/subsumes.js'
import { comparedTypeOf, fhirR4 } from '../../src/scopes/vocabulary.js'

/** The table of the checkers. It has every parameter of the random scopes. */
export const types: TypeTable = Object.fromEntries(
  Object.keys(parameters).map((type) => [
    type,
    Object.fromEntries(
      [...new Set(Object.values(parameters).flatMap((all) => all.map(([name]) => name.split(':')[0]!)))].map((name) => [
        name,
        comparedTypeOf(fhirR4, type, name)
      ])
    )
  ])
)

/** The header of the lines. */
export const header: Line = { kinds: {}, types }

const orders: ReadonlyArray<LevelOrder> = [
  [],
  [],
  [],
  [['user', 'patient']],
  [
    ['system', 'user'],
    ['user', 'patient']
  ]
]

/** Questions with certificates. */
export interface Certified {
  readonly lines: ReadonlyArray<Line>
  readonly counts: Readonly<Record<'yes' | 'no', number>>
  /** The questions whose certificate contradicts the answer of the package. */
  readonly contradictions: ReadonlyArray<string>
}

/** The functions of a package that certify. */
export interface Certifier {
  readonly certify: typeof certify
  readonly parse: typeof parse
}

/** So many random questions, certified by the package or by another one. */
export const certifiedLines = (count: number, seed: number, by: Certifier = { certify, parse }): Certified => {
  const random = randomOf(seed)
  const counts = { yes: 0, no: 0 }
  const lines: Array<Line> = []
  const contradictions: Array<string> = []
  for (let id = 0; id < count; id++) {
    const { granted, requested } = randomQuestion(random, [...commonScopes, ...commonScopes, ...rareScopes])
    const levelOrder = random.pick(orders)
    const answer = by.certify(by.parse(granted), by.parse(requested), { levelOrder })
    const plain = subsumption(parse(granted), parse(requested), { levelOrder })
    if (Either.isLeft(answer)) {
      contradictions.push(`${granted} | ${requested}`)
      continue
    }
    counts[answer.right.result ? 'yes' : 'no'] += 1
    if (!Either.isRight(plain) || plain.right !== answer.right.result) contradictions.push(`${granted} | ${requested}`)
    // As it arrives somewhere else.
    const certificate: unknown = JSON.parse(JSON.stringify(answer.right))
    lines.push({ id: String(id), granted, requested, levelOrder, certificate })
  }
  return { lines, counts, contradictions }
}

/** Wrong certificates of some questions, with the kind of what is wrong. */
export const wrongLines = (lines: ReadonlyArray<Line>): ReadonlyArray<{ readonly kind: string; readonly line: Line }> =>
  lines.flatMap((line) =>
    Object.entries(planted).flatMap(([kind, plant]) => {
      const changed = plant(structuredClone(line))
      return changed === null ? [] : [{ kind, line: { ...changed, id: `${kind} ${String(line['id'])}` } }]
    })
  )
