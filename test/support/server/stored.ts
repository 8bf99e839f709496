/** What the store of a world holds, and that something leaves it alone. */
import { expect } from 'vitest'
import type { Fixture } from '../server-fixture.js'

/** The whole store, in an order that does not depend on when a record was written. */
export const storeOf = (fixture: Fixture): ReadonlyArray<readonly [string, string]> =>
  [...fixture.memory.entries()].sort(([a], [b]) => (a < b ? -1 : 1))

/** Does something, and asserts that not one record of the store is another than before. */
export const leavesStoreAlone = async <Outcome>(fixture: Fixture, act: () => Promise<Outcome>): Promise<Outcome> => {
  const before = storeOf(fixture)
  const outcome = await act()
  expect(storeOf(fixture)).toEqual(before)
  return outcome
}
