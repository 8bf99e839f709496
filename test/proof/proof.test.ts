/** The proofs compile without an axiom, and the built package agrees with what Coq extracts from them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { faults } from './faults.js'
import type { Compiled } from './proofs.js'
import { buildProgram, compileProofs, missingPrograms, removeFolder, theorems } from './proofs.js'
import { compareFaults, comparePackage, faultsOf, rateLines } from './run.js'
import { describeEngine } from '../support/engines/engine.js'

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
