/** The proofs compile without an axiom, and the built package agrees with what Coq extracts from them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faults } from './faults.js'
import type { Compiled } from './proofs.js'
import { buildProgram, compileProofs, missingPrograms, removeFolder, theorems } from './proofs.js'
import { compareFaults, comparePackage, faultsOf, rateLines, recordedResults } from './run.js'
import { checkVectors, vectorFile, withWrongAnswer } from './vectors.js'
import { describeEngine } from '../support/engines/engine.js'
import { planted } from '../support/planted-certificates.js'

const missing = missingPrograms()

const comparisons = 200_000

describeEngine('the proofs', missing === null ? null : `not checked here: ${missing}`, () => {
  let compiled: Compiled = { folder: '', seconds: 0, closed: [], faults: [] }
  beforeAll(() => {
    compiled = compileProofs()
  }, 600_000)
  afterAll(() => {
    removeFolder(compiled.folder)
  })

  it('compile, and each theorem is closed under the global context', () => {
    expect(compiled.faults).toEqual([])
    expect(compiled.closed).toEqual(theorems.map(({ name }) => name))
  })

  describe('and the golden vectors', { timeout: 600_000 }, () => {
    const [header = {}, ...cases] = vectorFile()
    const first = Object.keys(header['kinds'] as object).flatMap((kind) =>
      [...new Set(cases.flatMap((line) => (line['kind'] === kind ? [line['op']] : [])))].map((op) =>
        cases.find((line) => line['kind'] === kind && line['op'] === op && !('error' in line))!
      )
    )

    it('agree in every answer and certificate', () => {
      const { kinds, wrong } = checkVectors(buildProgram(compiled.folder))
      expect(wrong).toEqual([])
      expect(kinds).toEqual(recordedResults()?.vectors)
      expect(
        Object.values(kinds).filter(({ answers, cases: all, notExpressed }) => answers + notExpressed !== all)
      ).toEqual([])
    })

    it('do not agree where an expected answer is wrong', () => {
      const { wrong } = checkVectors(`${compiled.folder}/oracle`, [header, ...first.map(withWrongAnswer)])
      expect(wrong).toEqual(first.map(({ id, op }) => `${String(id)} ${String(op)}: wrong`))
    })

    it('do not agree where a certificate is wrong', () => {
      const faultsOfCovers = [
        'an atom is missing',
        'an atom is doubled',
        'a granted scope that does not exist',
        'a granted scope before the first',
        'a granted scope without the permission',
        'a granted scope of another type',
        'a granted scope of another level',
        'a granted scope that has lost the permission',
        'a granted scope that is of another level now',
        'a granted scope that is of another type now',
        'a clause is not covered',
        'a value that is not granted',
        'a requested clause that does not exist',
        'a requested clause of another parameter',
        'no with an access that is not requested',
        'no with a permission that is none'
      ]
      const lines = cases
        .filter((line, place) => 'certificate' in line && place % 3 === 0)
        .flatMap((line) =>
          faultsOfCovers.flatMap((kind) => {
            const changed = planted[kind]?.({ levelOrder: [], ...structuredClone(line) }) ?? null
            return changed === null ? [] : [{ ...changed, id: `${kind} ${String(line['id'])}` }]
          })
        )
      const { wrong } = checkVectors(`${compiled.folder}/oracle`, [header, ...lines])
      const refused = new Set(wrong.map((one) => one.replace(/ (?:yes|no): .*$/, '')))
      const missed = lines.filter(({ id }) => !refused.has(id))
      expect(missed.slice(0, 3)).toEqual([])
      expect(faultsOfCovers.filter((kind) => !lines.some(({ id }) => id.startsWith(kind)))).toEqual([])
    })
  })

  describe('and the package', { timeout: 600_000 }, () => {
    it(`agree in ${String(comparisons)} comparisons, and wrong procedures are caught`, async () => {
      const comparison = await comparePackage(buildProgram(compiled.folder), comparisons)
      console.log(rateLines(comparison).join('\n'))
      expect(comparison.comparisons).toBeGreaterThanOrEqual(comparisons)
      expect(faultsOf(comparison)).toEqual([])
    })

    it('do not agree where a fault is planted', async () => {
      const found = await compareFaults(`${compiled.folder}/oracle`, faults.slice(0, 3))
      expect(Object.values(found).filter((count) => count === 0)).toEqual([])
    })
  })
})
