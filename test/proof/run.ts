/** One run of everything: the proofs, the comparison with the package, and the planted faults. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Comparison } from './differential.js'
import { compareWith } from './differential.js'
import { faults } from './faults.js'
import type { GrantProof } from './grant/proof.js'
import { unbroken } from './grant/proof.js'
import { packageAt } from './package.js'
import { removeFolder } from './proofs.js'
import { withFault } from '../support/planted-package.js'
import type { CheckedKind } from './vectors.js'

export const dist = join(import.meta.dirname, '..', '..', 'dist')

const resultsFile = join(import.meta.dirname, 'results.json')

/** The figures of docs/proof.md: what `npm run proof` recorded. */
export interface Results {
  /** The version of Coq that compiled the proofs. */
  readonly coq: string
  readonly comparison: Comparison
  /** The number of answers that differ, for each planted fault. */
  readonly faults: Readonly<Record<string, number>>
  /** What was checked of the golden vectors, by kind. */
  readonly vectors: Readonly<Record<string, CheckedKind>>
}

export const recordedResults = (): Results | null =>
  existsSync(resultsFile) ? (JSON.parse(readFileSync(resultsFile, 'utf8')) as Results) : null

export { resultsFile }

/** The recorded figures of the proof of the grant machine. */
export type GrantFigures = Readonly<Record<'combinations' | 'steps' | 'rows' | 'theorems' | 'faults', number>>

export const grantFigures = (): GrantFigures =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'grant', 'figures.json'), 'utf8')) as GrantFigures

/** What is wrong with the proof of the grant machine; empty when it gives the recorded figures. */
export const grantFaults = (proof: GrantProof): ReadonlyArray<string> => {
  const { combinations, faults: planted, rows, steps, theorems } = grantFigures()
  const found = [proof.rows, proof.combinations, proof.steps, proof.closed, proof.faults.length]
  return [
    ...(proof.isProved && proof.complaints === '' ? [] : [`grant machine: not proved: ${proof.complaints}`]),
    ...proof.faults
      .filter(({ fails }) => fails.length === 0)
      .map(({ name }) => `grant machine: the planted fault "${name}" is not noticed`),
    ...unbroken(proof.faults).map((what) => `grant machine: ${what}`),
    ...(found.join() === [rows, combinations, steps, theorems, planted].join()
      ? []
      : [`grant machine: other figures than recorded: ${found.join(', ')}`])
  ]
}

const seed = 19
/** The comparisons with a package that has a planted fault. */
export const comparisonsPerFault = 20_000

/** Compares the built package with the extracted program. */
export const comparePackage = async (program: string, wanted: number): Promise<Comparison> =>
  compareWith(await packageAt(dist), program, wanted, seed)

/** Compares copies of the package with one fault each. The results are numbers of answers that differ. */
export const compareFaults = async (
  program: string,
  some: typeof faults = faults
): Promise<Readonly<Record<string, number>>> => {
  const found: Record<string, number> = {}
  for (const fault of some) {
    const folder = withFault(dist, fault)
    const { functions } = compareWith(await packageAt(folder), program, comparisonsPerFault, seed)
    found[fault.what] = Object.values(functions).reduce((sum, { different }) => sum + different, 0)
    removeFolder(folder)
  }
  return found
}

/** What is wrong with a comparison; empty when nothing is. */
export const faultsOf = ({ examples, functions, kinds, opponents }: Comparison): ReadonlyArray<string> => [
  ...Object.entries(functions)
    .filter(([, { different }]) => different > 0)
    .map(([name, { different }]) => `${name}: ${String(different)} answers differ`),
  ...examples,
  ...Object.entries(kinds)
    .filter(([, count]) => count === 0)
    .map(([kind]) => `no case of the kind "${kind}"`),
  ...Object.entries(opponents)
    .filter(([, { wrongNo, wrongYes }]) => wrongNo + wrongYes === 0)
    .map(([name]) => `the wrong procedure "${name}" makes no difference`)
]

/** The rate of wrong answers of each wrong procedure, for people. */
export const rateLines = ({ opposed, opponents }: Comparison): ReadonlyArray<string> =>
  Object.entries(opponents).map(
    ([name, { wrongNo, wrongYes }]) =>
      `${name}: ${((100 * (wrongNo + wrongYes)) / opposed).toFixed(2)} % wrong ` +
      `(${String(wrongYes)} wrong yes, ${String(wrongNo)} wrong no in ${String(opposed)} cases)`
  )
