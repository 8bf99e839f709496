/** Certificates of random questions: what the package certifies, every checker accepts; and nothing that is wrong. */
import * as Either from 'fp-ts/lib/Either.js'
import { describe, expect, it } from 'vitest'
import { certify } from '../../src/scopes/certificates/certify.js'
import { parse } from '../../src/scopes/parse.js'
import type { LevelOrder } from '../../src/scopes/permits.js'
import { subsumption } from '../../src/scopes/subsumes.js'
import { comparedTypeOf, fhirR4 } from '../../src/scopes/vocabulary.js'
import type { Line, TypeTable } from './checkers.js'
import { checkers, isPermitted, typeOfIn } from './checkers.js'
import { planted } from './planted.js'
import { parameters, randomOf, randomQuestion } from './random.js'

/** The table of the checkers. It has every parameter of the random scopes. */
const types: TypeTable = Object.fromEntries(
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
const header: Line = { kinds: {}, types }

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

interface Certified {
  readonly lines: ReadonlyArray<Line>
  readonly counts: Readonly<Record<'yes' | 'no', number>>
  /** The ids of lines whose certificate contradicts the answer of the package. */
  readonly contradictions: ReadonlyArray<string>
}

const certifiedLines = (count: number, seed: number): Certified => {
  const random = randomOf(seed)
  const counts = { yes: 0, no: 0 }
  const lines: Array<Line> = []
  const contradictions: Array<string> = []
  for (let id = 0; id < count; id++) {
    const { granted, requested } = randomQuestion(random)
    const levelOrder = random.pick(orders)
    const answer = certify(parse(granted), parse(requested), { levelOrder })
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

const runs = Number(process.env['CERTIFICATE_RUNS'] ?? 4000)
const { lines, counts, contradictions } = certifiedLines(runs, 19)

describe('certificates of random questions', () => {
  it('say what the package answers, and are there for every answer', () => {
    console.log(`${String(runs)} questions: ${String(counts.yes)} yes, ${String(counts.no)} no`)
    expect(contradictions).toEqual([])
    expect(counts.yes).toBeGreaterThan(runs / 8)
    expect(counts.no).toBeGreaterThan(runs / 8)
  })

  it('ask about parameters that `*` and a type read differently', () => {
    const differ = lines.filter(({ certificate }) => {
      const { types: rows } = certificate as { readonly types: ReadonlyArray<readonly [string, string, string]> }
      return rows.some(([type, name, read]) =>
        rows.some(([other, same, alike]) => type === '*' && other !== '*' && same === name && alike !== read)
      )
    })
    const yes = differ.filter(({ certificate }) => (certificate as { readonly result: boolean }).result)
    console.log(`read differently: ${String(yes.length)} yes, ${String(differ.length - yes.length)} no`)
    expect(yes.length).toBeGreaterThan(runs / 100)
    expect(differ.length - yes.length).toBeGreaterThan(runs / 50)
  })

  it('have accesses that the checker permits to the one and not to the other', () => {
    const typeOf = typeOfIn(types)
    const refuted = lines.filter(({ certificate }) => !(certificate as { result: boolean }).result)
    const unconfirmed = refuted.filter(({ granted, requested, levelOrder, certificate }) => {
      const { access } = certificate as { access: unknown }
      const isAllowed = (text: unknown): boolean =>
        isPermitted(text as string, access, typeOf, levelOrder as LevelOrder)
      return isAllowed(granted) || !isAllowed(requested)
    })
    expect(unconfirmed).toEqual([])
  })
})

/** Wrong certificates of the random questions, with the kind of what is wrong. */
const wrong: ReadonlyArray<{ readonly kind: string; readonly line: Line }> = lines.slice(0, 500).flatMap((line) =>
  Object.entries(planted).flatMap(([kind, plant]) => {
    const changed = plant(structuredClone(line))
    return changed === null ? [] : [{ kind, line: { ...changed, id: `${kind} ${String(line['id'])}` } }]
  })
)

describe.each(checkers())('the checker in $language', ({ run }) => {
  it.skipIf(run === null)('accepts every certificate of the package', { timeout: 240_000 }, () => {
    const accepted = run?.([header, ...lines]) ?? new Set()
    expect(
      lines
        .filter(({ id }) => !accepted.has(String(id)))
        .map((line) => JSON.stringify(line))
        .slice(0, 3)
    ).toEqual([])
  })

  it.skipIf(run === null)('refuses every planted one', { timeout: 240_000 }, () => {
    const accepted = run?.([header, ...wrong.map(({ line }) => line)]) ?? new Set()
    const passed = wrong.filter(({ line }) => accepted.has(String(line['id'])))
    expect(passed.map(({ line }) => JSON.stringify(line)).slice(0, 3)).toEqual([])
  })
})

it('plants every kind of wrong certificate many times', () => {
  const perKind = Object.keys(planted).map((kind) => [kind, wrong.filter((one) => one.kind === kind).length] as const)
  console.log(perKind.map(([kind, count]) => `${kind} ${String(count)}`).join(', '))
  expect(perKind.length).toBeGreaterThanOrEqual(15)
  expect(perKind.filter(([, count]) => count < 5)).toEqual([])
})
