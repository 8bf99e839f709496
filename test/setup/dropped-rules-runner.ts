/**
 * Runs each test as usual, and again without each row of a rule table that refused something in it. A row whose absence
 * makes the test fail is caught.
 *
 * `RULE_ROWS` is a JSON object: the rows as `file#table/row`, each with the test files of its table. Only these count,
 * so that all tables together have the result that each has alone. Each row that is caught becomes a line of the file
 * `RULE_REPORT`, with the test that caught it. A test counts only if it also passes the second time with every row.
 */
import { appendFileSync, existsSync, readFileSync } from 'node:fs'
import { TestRunner } from 'vitest'
import type { RunnerTestCase } from 'vitest'

interface Row {
  readonly name: string
  readonly check: (facts: unknown) => unknown
}

const suites = JSON.parse(process.env['RULE_ROWS'] ?? '{}') as Readonly<Record<string, ReadonlyArray<string>>>
const report = process.env['RULE_REPORT'] ?? ''

let dropped: string | null = null
let refusing = new Set<string>()

const droppableRow =
  (table: string) =>
  (row: Row): Row => ({
    ...row,
    check: (facts) => {
      const id = `${table}/${row.name}`
      const refused = id === dropped ? null : row.check(facts)
      if (refused !== null) refusing.add(id)
      return refused
    }
  })

Object.assign(globalThis, { droppableRow })

const caughtBefore = (): ReadonlySet<string> =>
  new Set(
    existsSync(report)
      ? readFileSync(report, 'utf8')
          .split('\n')
          .flatMap((line) => (line === '' ? [] : [(JSON.parse(line) as { readonly row: string }).row]))
      : []
  )

const passesWithout = async (row: string | null, test: RunnerTestCase): Promise<boolean> => {
  dropped = row
  try {
    await TestRunner.getTestFn(test)()
    return true
  } catch {
    return false
  } finally {
    dropped = null
  }
}

const comparesNames = ({ file, name }: RunnerTestCase): boolean =>
  file.name.endsWith('rule-cases.test.ts') && !name.startsWith('refuses ')

/** The tests with single rows dropped. */
export default class DroppedRulesRunner extends TestRunner {
  /** Runs one test. */
  async runTask(test: RunnerTestCase): Promise<void> {
    refusing = new Set()
    await TestRunner.getTestFn(test)()
    // A test that compares the names of rows notices each missing name, whatever the row does.
    if (refusing.size === 0 || comparesNames(test)) return
    const caught = caughtBefore()
    const left = [...refusing].filter((row) => suites[row]?.includes(test.file.name) === true && !caught.has(row))
    if (left.length === 0 || !(await passesWithout(null, test))) return
    for (const row of left) {
      if (await passesWithout(row, test)) continue
      // What failed because of an earlier run says nothing about the row.
      if (!(await passesWithout(null, test))) return
      appendFileSync(report, `${JSON.stringify({ row, file: test.file.name, test: test.name })}\n`)
    }
  }
}
