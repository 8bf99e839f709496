/** What a run says at its end about tests that were skipped. */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { reasonsOf } from '../setup/closing-line-reporter.js'

const root = join(import.meta.dirname, '..', '..')

describe('the end of a run', () => {
  it('has each reason for which tests were skipped, with their number', () => {
    const test = (fullName: string, note?: string) => ({ fullName, note })
    expect(
      reasonsOf([
        test('the proofs (skipped: not checked here: Coq not found) > and the package > agree'),
        test('the proofs (skipped: not checked here: Coq not found) > compile'),
        test('the checker > accepts', 'Ruby is not installed: not checked here'),
        test('a suite (on one engine) > is not for this run')
      ])
    ).toEqual([
      'skipped: not checked here: Coq not found (2 tests)',
      'skipped: Ruby is not installed: not checked here (1 test)'
    ])
  })

  it('says that the proofs are not checked where Coq is missing', { timeout: 120_000 }, () => {
    const { stdout } = spawnSync(
      process.execPath,
      [
        join(root, 'node_modules/vitest/vitest.mjs'),
        'run',
        '--config',
        'test/vitest.config.ts',
        'test/proof/proof.test.ts'
      ],
      { cwd: root, encoding: 'utf8', env: { ...process.env, PATH: '', ENGINES_REQUIRED: '0' } }
    )
    expect(stdout).toMatch(
      /\nskipped: not checked here: Coq and the OCaml compiler not found \((\d+) tests\)\n0 passed, 0 failed, \1 skipped\n$/
    )
  })
})
