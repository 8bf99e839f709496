/**
 * `npm run proof`: compiles the proofs, compares the extracted procedures with the built package, and reproduces every
 * figure of docs/proof.md. `npm run proof -- 5000000` compares more; `npm run proof -- --write` records the figures.
 */
import { writeFileSync } from 'node:fs'
import { proveGrant, randomSteps } from './grant/proof.js'
import { randomSituations, refinement, relationOf } from './grant/relation.js'
import { buildProgram, compileProofs, coqVersion, missingPrograms, removeFolder, theorems } from './proofs.js'
import type { Results } from './run.js'
import { checkVectors } from './vectors.js'
import { compareFaults, comparePackage, faultsOf, grantFaults, rateLines, recordedResults, resultsFile } from './run.js'
import { grantMachine } from '../../src/protocol/grant/grant.js'

const standard = 1_000_000
const isWritten = process.argv.includes('--write')
const wanted = Number(process.argv.slice(2).find((word) => /^\d+$/.test(word)) ?? standard)

const say = (title: string, lines: ReadonlyArray<string>): void => {
  console.log(`\n${title}`)
  for (const line of lines) console.log(`  ${line}`)
}

/** What is wrong after a run; empty when nothing is. */
const checked = async (): Promise<ReadonlyArray<string>> => {
  const compiled = compileProofs()
  try {
    console.log(
      `${String(theorems.length)} theorems, ${String(compiled.closed.length)} of them closed under the global ` +
        'context; ' +
        `compiled in ${compiled.seconds.toFixed(0)} s`
    )
    if (compiled.faults.length > 0) return compiled.faults
    const relation = relationOf()
    const grant = proveGrant(relation)
    console.log(
      `grant machine: ${String(grant.closed)} theorems closed under the global context; ` +
        `${String(grant.rows)} rows for ` +
        `${String(grant.combinations)} combinations, ${String(grant.faults.length)} planted faults; ` +
        `compiled in ${grant.seconds.toFixed(0)} s, of which the planted faults take ${grant.faultSeconds.toFixed(0)} s`
    )
    const { outside, situations } = refinement(relation, grantMachine, randomSituations(randomSteps))
    console.log(`grant machine: ${String(situations)} random steps, ${String(outside.length)} outside of the relation`)
    if (outside.length > 0) return outside
    console.log(`all proofs together: ${(compiled.seconds + grant.seconds).toFixed(0)} s`)
    if (grantFaults(grant).length > 0) return grantFaults(grant)
    const program = buildProgram(compiled.folder)
    const comparison = await comparePackage(program, wanted)
    say(
      `${String(comparison.comparisons)} comparisons in ${String(comparison.cases)} cases`,
      Object.entries(comparison.functions).map(
        ([name, { different, total, wrongYes }]) =>
          `${name}: ${String(total)}, different ${String(different)} (wrong yes ${String(wrongYes)})`
      )
    )
    say(
      'Kinds of cases',
      Object.entries(comparison.kinds).map(([kind, count]) => `${kind}: ${String(count)}`)
    )
    say('Wrong procedures', rateLines(comparison))
    const vectors = checkVectors(program)
    say(
      'Golden vectors',
      Object.entries(vectors.kinds).map(
        ([kind, { answers, cases, certificates, notExpressed }]) =>
          `${kind}: ${String(answers)} of ${String(cases)} answers, ${String(certificates)} certificates` +
          (notExpressed === 0 ? '' : `; ${String(notExpressed)} are errors, which the proofs do not have`)
      )
    )
    const faults = await compareFaults(program)
    say(
      'Faults planted in the package',
      Object.entries(faults).map(([what, count]) => `${what}: ${String(count)} answers differ`)
    )
    const missed = Object.entries(faults).filter(([, count]) => count === 0)
    const wrong = [
      ...faultsOf(comparison),
      ...vectors.wrong,
      ...missed.map(([what]) => `the planted fault "${what}" is not noticed`)
    ]
    const results: Results = { coq: coqVersion(), comparison, faults, vectors: vectors.kinds }
    if (wrong.length > 0 || wanted !== standard) return wrong
    if (isWritten) writeFileSync(resultsFile, `${JSON.stringify(results, null, 2)}\n`)
    const recorded = recordedResults()
    // Another version of Coq is fine when it proves and extracts the same.
    const isReproduced = JSON.stringify({ ...recorded, coq: results.coq }) === JSON.stringify(results)
    if (recorded !== null && recorded.coq !== results.coq)
      console.log(`\nThe figures were recorded with Coq ${recorded.coq}; this is ${results.coq}.`)
    console.log(isReproduced ? '\nThe figures of docs/proof.md are reproduced.' : '')
    return isReproduced
      ? []
      : ['docs/proof.md has other figures: `npm run proof -- --write`, then `npm run docs:write`']
  } finally {
    removeFolder(compiled.folder)
  }
}

const missing = missingPrograms()
const wrong = missing === null ? await checked() : [missing]
for (const line of wrong) console.error(line)
process.exitCode = wrong.length === 0 ? 0 : 1
