/** Ends a run with one plain line: `N passed, N failed`. */
import type { Reporter, TestModule } from 'vitest/node'

/** Counts tests, and files that could not even be loaded, when everything has ended. */
export default class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    let passed = 0
    let failed = unhandled.length
    let skipped = 0
    for (const module of modules) {
      failed += module.errors().length
      for (const test of module.children.allTests()) {
        const { state } = test.result()
        if (state === 'passed') passed += 1
        else if (state === 'skipped') skipped += 1
        else failed += 1
      }
    }
    const line =
      `${String(passed)} passed, ${String(failed)} failed` + (skipped === 0 ? '' : `, ${String(skipped)} skipped`)
    process.on('exit', () => {
      console.log(line)
    })
  }
}
