/** Ends a run with one plain line, `N passed, N failed, N skipped`; before it, why tests were skipped. */
import type { Reporter, TestModule } from 'vitest/node'

/** A test that was skipped: its name with those of its suites, and the note of its `skip`. */
export interface SkippedTest {
  readonly fullName: string
  readonly note: string | undefined
}

/**
 * Why tests were skipped, one line for each reason. A reason is the note of a test, or what a suite says in its name:
 * `the proofs (skipped: not checked here: Coq not found)`.
 */
export const reasonsOf = (skipped: ReadonlyArray<SkippedTest>): ReadonlyArray<string> => {
  const counts = new Map<string, number>()
  for (const { fullName, note } of skipped) {
    const reason = note ?? /\(skipped: (.+?)\)(?: > |$)/.exec(fullName)?.[1]
    if (reason !== undefined) counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].map(([reason, count]) => `skipped: ${reason} (${String(count)} ${count === 1 ? 'test' : 'tests'})`)
}

/** Counts tests, and files that could not even be loaded, when everything has ended. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    let passed = 0
    let failed = unhandled.length
    const skipped: Array<SkippedTest> = []
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') passed += 1
        else if (result.state === 'skipped') skipped.push({ fullName: test.fullName, note: result.note })
        else failed += 1
      }
    }
    const line =
      `${String(passed)} passed, ${String(failed)} failed` +
      (skipped.length === 0 ? '' : `, ${String(skipped.length)} skipped`)
    process.on('exit', () => {
      for (const reason of reasonsOf(skipped)) console.log(reason)
      console.log(line)
    })
  }
}
