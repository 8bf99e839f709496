/** Rows of the attacks on the token endpoint. */
import type { AttackRow, Variant } from '../row.js'
import type { Fixture, FixtureOptions } from '../../support/server-fixture.js'
import { withTokenClients } from '../../support/token-fixture.js'

export const variant = (name: string, run: (fixture: Fixture) => Promise<void>): Variant => ({ name, run })

export const row = (
  id: string,
  variants: ReadonlyArray<Variant>,
  more: Pick<AttackRow, 'differs' | 'once'> & { readonly options?: FixtureOptions } = {}
): AttackRow => {
  const { options, ...rest } = more
  return { id, variants, fixture: withTokenClients(options), ...rest }
}
