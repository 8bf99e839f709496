/** Compares a built package with the procedures that Coq extracted, on random cases. */
import { spawnSync } from 'node:child_process'
import type { Case, PlannedAccess } from './generator.js'
import { caseFor, foldedCharacters, knownTypes, plainText, randomFrom, readAs, typeRows } from './generator.js'
import { kindsOfText } from './text-kinds.js'
import { opponents } from './opponents.js'
import type { ScopePackage } from './package.js'
import { must } from './package.js'
import type { Access, LevelOrder, ScopeOptions } from '../../src/scopes/permits.js'
import type { ParameterType, Vocabulary } from '../../src/scopes/vocabulary.js'

/** How often one function was compared, and how often it differed. */
export interface Compared {
  readonly total: number
  readonly different: number
  /** Differences in which the package says yes and the proved procedure says no. */
  readonly wrongYes: number
}

/** The result of a run. */
export interface Comparison {
  readonly cases: number
  readonly comparisons: number
  /** The cases in which the wrong procedures ran too. */
  readonly opposed: number
  readonly functions: Readonly<Record<string, Compared>>
  /** How often each kind of case was reached. */
  readonly kinds: Readonly<Record<string, number>>
  /** Wrong answers of each opponent: yes for no, and no for yes. */
  readonly opponents: Readonly<Record<string, { readonly wrongYes: number; readonly wrongNo: number }>>
  /** The first cases that differ. */
  readonly examples: ReadonlyArray<string>
}

const vocabulary: Vocabulary = {
  // `*` becomes a fresh type, which is none of the known ones.
  typeOf: (type, name) => readAs(type, name) as ParameterType,
  knows: (type) => knownTypes.includes(type)
}

const levelNames: Readonly<Record<string, LevelOrder[number][0]>> = { p: 'patient', u: 'user', s: 'system' }

const optionsFor = ({ order }: Case): ScopeOptions => ({
  vocabulary,
  // A rare set of the comparison needs more atoms than the default allows.
  budget: 1_000_000,
  levelOrder: (order.match(/../g) ?? []).map(([wider = '', narrower = '']) => [
    levelNames[wider]!,
    levelNames[narrower]!
  ])
})

const accessText = (access: Access | PlannedAccess): string =>
  'atom' in access
    ? access.atom
    : [
        access.level,
        access.type,
        access.permission,
        ...Object.entries(access.resource).map(([name, values]) => [name, ...values].join('\x1f'))
      ].join('\x1e')

const bits = (answers: ReadonlyArray<boolean>): string => answers.map((one) => (one ? '1' : '0')).join('')

/** What the package answers in a case, as a line for the extracted program. */
const lineFor = (scopes: ScopePackage, one: Case, isOpposed: boolean): string => {
  const options = optionsFor(one)
  const [granted, requested] = [scopes.parse(one.grantedText), scopes.parse(one.requestedText)]
  const access = one.access as Access
  const witness = must(scopes.counterexample(granted, requested, options))
  const decide = (wider: Case['granted'], narrower: Case['granted']): boolean =>
    must(scopes.subsumption(scopes.parse(plainText(wider)), scopes.parse(plainText(narrower)), options))
  return [
    'case',
    one.order,
    one.grantedText,
    one.requestedText,
    bits([
      must(scopes.subsumption(granted, requested, options)),
      must(scopes.equivalence(granted, requested, options)),
      scopes.disjoint(granted, requested, options)
    ]),
    scopes.format(must(scopes.intersect(requested, granted, options))),
    scopes.format(must(scopes.union(granted, requested, options))),
    scopes.format(must(scopes.uncovered(granted, requested, options))),
    scopes.format(must(scopes.normalize(granted, options))),
    scopes.format(must(scopes.normalize(requested, options))),
    witness._tag === 'None' ? '-' : accessText(witness.value),
    accessText(one.access),
    bits([scopes.permits(granted, access, options), scopes.compile(granted, options).permits(access)]),
    isOpposed ? bits(Object.values(opponents).map((wrong) => wrong(one, decide))) : ''
  ].join('\t')
}

const types: ReadonlyArray<ParameterType> = [
  'token',
  'reference',
  'uri',
  'string',
  'date',
  'number',
  'quantity',
  'other'
]

/** A random table of search parameters, and the type that the package gives a parameter for `*`. */
const tableLine = (scopes: ScopePackage, seed: number): string => {
  const random = randomFrom(seed)
  const rows = ['A', 'B', 'C', 'Resource'].slice(random.below(4)).map((type) => {
    const parameters = ['x', 'y', 'z'].filter(() => random.chance(0.6))
    return [type, new Map(parameters.map((name) => [name, random.pick(types.slice(0, 1 + random.below(8)))]))] as const
  })
  const name = random.pick(['x', 'y', 'z'])
  const text = rows
    .map(([type, parameters]) => [type, ...[...parameters].map(([one, kind]) => `${one}:${kind}`)].join(' '))
    .join(';')
  return ['table', text, name, scopes.vocabularyWith(new Map(rows), []).typeOf('*', name)].join('\t')
}

/** Case folding, character by character. The proofs hold for every folding that is idempotent. */
const foldLines = foldedCharacters().map((character) => {
  const folded = character.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replaceAll('\u03c2', '\u03c3')
  return [
    'fold',
    String(character.codePointAt(0)),
    ...Array.from(folded).map((one) => String(one.codePointAt(0)))
  ].join('\t')
})

const setup = [
  ...foldLines,
  ...typeRows.map(([type, name, read]) => `kind\t${type}\t${name}\t${read === 'date' ? 'other' : read}`)
]

const batchSize = 2000

/** The wrong procedures run in every third case: they cost more than all that is compared. */
const opposedEvery = 3

const added = (sums: Map<string, Array<number>>, name: string, numbers: ReadonlyArray<number>): void => {
  const before = sums.get(name) ?? numbers.map(() => 0)
  sums.set(
    name,
    numbers.map((number, place) => number + before[place]!)
  )
}

const entriesOf = <A>(
  sums: ReadonlyMap<string, ReadonlyArray<number>>,
  make: (numbers: ReadonlyArray<number>) => A
): Readonly<Record<string, A>> =>
  Object.fromEntries(
    [...sums].sort(([one], [other]) => (one < other ? -1 : 1)).map(([name, numbers]) => [name, make(numbers)])
  )

/**
 * Compares until at least `wanted` comparisons are made.
 *
 * @param program - The path of the extracted program.
 */
export const compareWith = (scopes: ScopePackage, program: string, wanted: number, seed: number): Comparison => {
  const random = randomFrom(seed)
  const [compared, reached, caught] = [
    new Map<string, Array<number>>(),
    new Map<string, Array<number>>(),
    new Map<string, Array<number>>()
  ]
  const examples: Array<string> = []
  const names = Object.keys(opponents)
  const comparisons = (): number => [...compared.values()].reduce((sum, [total = 0]) => sum + total, 0)
  let cases = 0
  for (; comparisons() < wanted; cases += batchSize) {
    const lines: Array<string> = []
    for (let index = 0; index < batchSize; index++) {
      const one = caseFor(random)
      for (const [kind, pattern] of Object.entries(kindsOfText))
        added(reached, kind, [pattern.test(one.grantedText) || pattern.test(one.requestedText) ? 1 : 0])
      lines.push(lineFor(scopes, one, index % opposedEvery === 0))
    }
    const tables = Array.from({ length: Math.ceil(lines.length / 20) }, (_, index) =>
      tableLine(scopes, seed + cases + index)
    )
    const { status, stdout, stderr } = spawnSync(program, {
      input: [...setup, ...lines, ...tables, ''].join('\n'),
      encoding: 'utf8',
      maxBuffer: 2 ** 28
    })
    if (status !== 0) throw new Error(`The extracted program failed: ${stderr}`)
    for (const line of stdout.split('\n').filter((text) => text !== '')) {
      const [what = '', name = '', ...numbers] = line.split('\t')
      if (what === 'compared') added(compared, name, numbers.map(Number))
      else if (what === 'reached') added(reached, name, numbers.map(Number))
      else if (what === 'opponent') added(caught, names[Number(name)] ?? name, numbers.map(Number))
      else if (examples.length < 10)
        examples.push(`${name}: ${(lines[Number(numbers[0]) - 1] ?? '').replaceAll('\t', ' | ')}`)
    }
  }
  return {
    cases,
    comparisons: comparisons(),
    opposed: (cases / batchSize) * Math.ceil(batchSize / opposedEvery),
    functions: entriesOf(compared, ([total = 0, different = 0, wrongYes = 0]) => ({ total, different, wrongYes })),
    kinds: entriesOf(reached, ([count = 0]) => count),
    opponents: Object.fromEntries(
      names.map((name) => {
        const [wrongYes = 0, wrongNo = 0] = caught.get(name) ?? []
        return [name, { wrongYes, wrongNo }]
      })
    ),
    examples
  }
}
