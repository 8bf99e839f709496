/** Suites on real engines: a missing one is skipped and said, or fails where `ENGINES_REQUIRED` is 1. */
import { describe, expect, it } from 'vitest'

/** Whether a missing engine is a failure. */
const areRequired = process.env['ENGINES_REQUIRED'] === '1'

/** A suite on an engine. `missing` says why there is none, or is null; `isRequired`, whether that can be a failure. */
export const describeEngine = (title: string, missing: string | null, suite: () => void, isRequired = true): void => {
  if (missing === null) describe(title, suite)
  else if (areRequired && isRequired) it(`${title} is there`, () => expect.fail(missing))
  else describe.skip(`${title} (skipped: ${missing})`, suite)
}
