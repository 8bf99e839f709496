/**
 * `npm run bench`: measures, and prints ratios with the machine named. `npm run bench -- scopes` runs one part, and
 * `npm run bench -- http backend` the rows of a part that have this word in their titles.
 */
import { measure } from './authorization-server/over-http.js'
import { assertionRows } from './authorization-server/as-a-function.js'
import {
  assertionTarget,
  grantsHeld,
  measureAssertions,
  measureMemory,
  memoryRows,
  memoryTarget
} from './authorization-server/memory.js'
import { plainFormRow } from './authorization-server/plain-form.js'
import { httpRows } from './authorization-server/rows.js'
import { measureDecisions, measureHeld, measureInProcess } from './gate/in-process.js'
import { measureOverHttp } from './gate/over-http.js'
import { compare, machineName, printRow, summarize } from './harness.js'
import { measureProcesses } from './processes.js'
import { scopeRows } from './scopes.js'
import { printSizes } from './sizes.js'
import { measuredEngines, storeTarget } from './stores.js'

const rounds = 15
const httpRounds = 25
/** The least of many short rounds is printed. */
const gateRounds = 40
/** Many short rounds: an engine is disturbed by other work of the machine more than a function is. */
const storeRounds = 75

const [, , requested, word = ''] = process.argv

const isChosen = ({ title }: { readonly title: string }): boolean => title.toLowerCase().includes(word.toLowerCase())

const parts: Readonly<Record<string, () => Promise<void>>> = {
  scopes: async () => {
    for (const row of scopeRows().filter(isChosen)) await compare(row, rounds)
  },
  sizes: printSizes,
  function: async () => {
    for (const row of (await assertionRows()).filter(isChosen)) {
      await compare(row, rounds)
      console.log(`  target of this project: ratio ${row.target.toFixed(2)} at most`)
    }
  },
  forms: async () => {
    const row = await plainFormRow()
    if (isChosen(row)) await compare(row, rounds)
  },
  http: async () => {
    for (const row of httpRows.filter(isChosen)) {
      const title =
        `${row.title}: processor time per request (${String(httpRounds)} rounds of ` +
        `${String(row.requestsPerRound)})`
      for (const measured of await measure(row, httpRounds)) printRow(title, summarize(measured))
      console.log(`  target of this project: ratio ${row.target.toFixed(2)} at most`)
    }
  },
  stores: async () => {
    for (const { name, missing, start } of measuredEngines()) {
      if (missing !== null) {
        console.log(`\n${name}: left out (${missing})`)
        continue
      }
      const { rows, stop } = await start()
      try {
        for (const row of rows.filter(isChosen)) {
          await compare(row, storeRounds)
          console.log(`  target of this project: ratio ${storeTarget.toFixed(2)} at most`)
        }
      } finally {
        await stop()
      }
    }
  },
  processes: measureProcesses,
  gate: async () => {
    await measureInProcess(gateRounds)
    await measureOverHttp(rounds)
    await measureDecisions(rounds)
    await measureHeld()
  },
  memory: async () => {
    for (const row of memoryRows.filter(isChosen)) {
      console.log(
        `\n${row.title}: heap per grant (${String(grantsHeld)} grants; target of this project: ` +
          `${String(memoryTarget)} bytes at most)`
      )
      for (const [name, bytes] of await measureMemory(row))
        console.log(`  ${name.padEnd(48)} ${bytes.toFixed(0).padStart(9)} bytes`)
    }
    console.log(
      `\nA remembered assertion: heap per jti (${String(grantsHeld)} of them; target of this project: ` +
        `${String(assertionTarget)} bytes at most)`
    )
    for (const [name, bytes] of await measureAssertions())
      console.log(`  ${name.padEnd(48)} ${bytes.toFixed(0).padStart(9)} bytes`)
  }
}

const main = async (): Promise<void> => {
  console.log(machineName())
  for (const [name, run] of Object.entries(parts)) if (requested === undefined || requested === name) await run()
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error)
  process.exitCode = 1
})
