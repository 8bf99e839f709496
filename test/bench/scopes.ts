/**
 * The scope language against plain floors: a split-and-regular-expression loop for reading, and a hand-indexed map with
 * bit masks for questions. The floors know plain scopes only and refuse nothing.
 */
import type { Opponent, Row } from './harness.js'
import { compile, coveredBy, parse, subsumption } from 'smart-app-launch/fp-ts'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const pattern = /^(patient|user|system)\/(\*|[A-Za-z0-9]+)\.(c?r?u?d?s?|read|write|\*)(?:\?(.*))?$/

const floorParse = (text: string): ReadonlyArray<RegExpExecArray | null> =>
  text.split(' ').map((token) => pattern.exec(token))

const bits: Readonly<Record<string, number>> = { c: 1, r: 2, u: 4, d: 8, s: 16 }

const maskOf = (suffix: string): number => Array.from(suffix).reduce((mask, letter) => mask | (bits[letter] ?? 0), 0)

type FloorIndex = Map<string, number>

const floorCompile = (text: string): FloorIndex => {
  const index: FloorIndex = new Map()
  for (const match of floorParse(text)) {
    if (match === null) continue
    const key = `${match[1] ?? ''}/${match[2] ?? ''}`
    index.set(key, (index.get(key) ?? 0) | maskOf(match[3] ?? ''))
  }
  return index
}

const floorPermits = (index: FloorIndex, level: string, type: string, mask: number): boolean =>
  (((index.get(`${level}/${type}`) ?? 0) | (index.get(`${level}/*`) ?? 0)) & mask) === mask

const usCore = JSON.parse(readFileSync(join(import.meta.dirname, '..', 'data', 'us-core-scopes.json'), 'utf8')) as {
  readonly granular: ReadonlyArray<string>
  readonly resourceLevel: ReadonlyArray<string>
}

const types = usCore.resourceLevel.map((text) => text.slice('patient/'.length, text.indexOf('.')))

/** So many plain scopes, all different: the names of real resource types, with letters after them once they run out. */
const plain = (count: number): string =>
  Array.from({ length: count }, (_, index) => {
    const round = Math.floor(index / types.length)
    return `patient/${types[index % types.length] ?? ''}${round === 0 ? '' : `X${round.toString(36)}`}.rs`
  }).join(' ')

const granular = (count: number): string =>
  Array.from(
    { length: count },
    (_, index) => `patient/Observation.rs?category=http://example.org|c${String(index)}`
  ).join(' ')

let sink = 0

const repeat = (name: string, times: number, job: () => unknown): Opponent => ({
  name,
  job: () => {
    for (let done = 0; done < times; done++) if (job() === null) sink += 1
    return Promise.resolve(sink)
  }
})

const parsing = (title: string, text: string, times: number): Row => ({
  title: `Reading ${title}`,
  jobsPerRound: 5,
  opponents: [
    repeat('split and regular expression', times, () => floorParse(text)),
    repeat('parse', times, () => parse(text))
  ]
})

const checking = (): Row => {
  const [small, large] = [plain(10), plain(1000)]
  const index = floorCompile(large)
  const [compiledSmall, compiledLarge] = [compile(parse(small)), compile(parse(large))]
  const access = { level: 'patient', type: 'Condition', permission: 'r', resource: {} } as const
  return {
    title: 'A request check against a compiled set',
    jobsPerRound: 5,
    opponents: [
      repeat('hand-indexed map, 1000 granted', 100000, () => floorPermits(index, 'patient', 'Condition', 2)),
      repeat('compiled, 10 granted', 100000, () => compiledSmall.permits(access)),
      repeat('compiled, 1000 granted', 100000, () => compiledLarge.permits(access))
    ]
  }
}

const subsuming = (): Row => {
  const large = plain(1000)
  const requested = plain(10)
  const index = floorCompile(large)
  const requestedAtoms = [...floorCompile(requested)]
  const compiled = compile(parse(large))
  const scopes = parse(requested)
  return {
    title: 'Subsumption of 10 requested under 1000 compiled',
    jobsPerRound: 5,
    opponents: [
      repeat('hand-indexed map', 10000, () =>
        requestedAtoms.every(([key, mask]) => floorPermits(index, key.slice(0, 7), key.slice(8), mask))
      ),
      repeat('coveredBy', 10000, () => coveredBy(compiled, scopes))
    ]
  }
}

const strings = (): Row => {
  const [large, requested] = [plain(1000), plain(10)]
  return {
    title: 'Subsumption of 10 requested under 1000, both as strings',
    jobsPerRound: 5,
    opponents: [
      repeat('hand-indexed map', 20, () => {
        const index = floorCompile(large)
        return [...floorCompile(requested)].every(([key, mask]) =>
          floorPermits(index, key.slice(0, 7), key.slice(8), mask)
        )
      }),
      repeat('parse and subsumes', 20, () => subsumption(parse(large), parse(requested)))
    ]
  }
}

const growth = (): Row => {
  const [half, whole] = [
    [parse(granular(1000)), parse(granular(100))],
    [parse(granular(2000)), parse(granular(200))]
  ] as const
  return {
    title: 'Granular sets: twice the scopes',
    jobsPerRound: 5,
    opponents: [
      repeat('1000 granted, 100 requested', 10, () => subsumption(...half)),
      repeat('2000 granted, 200 requested', 10, () => subsumption(...whole))
    ]
  }
}

/** The rows of the scope language. */
export const scopeRows = (): ReadonlyArray<Row> => [
  parsing('one plain scope', 'patient/Observation.rs', 20000),
  parsing('one granular scope', usCore.granular[0] ?? '', 20000),
  parsing('30 US Core scopes', [...usCore.resourceLevel, ...usCore.granular].slice(0, 30).join(' '), 1000),
  parsing('2000 scopes', plain(2000), 20),
  checking(),
  subsuming(),
  strings(),
  growth()
]
