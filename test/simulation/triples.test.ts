/**
 * Three acts on one grant at the same time, in every schedule. Where the access policy is called with each token, a
 * request reads the grant twice: these are played without store faults. Where it is called at sign-in, every fourth
 * meeting is played with one fault. Where `INTERLEAVINGS=long` is set, all meetings are played, each with one fault
 * more.
 */
import { describe, expect, it } from 'vitest'
import type { Action } from '../support/schedules/grant-interleavings.js'
import { grantInterleaving, interleavingsOf } from '../support/schedules/grant-interleavings.js'
import { everyState } from '../support/schedules/states.js'
import type { SmartPolicy } from '../../src/protocol/policy/policy.js'

const isLong = process.env['INTERLEAVINGS'] === 'long'
const triples = interleavingsOf(3)
/** Every fourth meeting; all of them in the long run. */
const sampled = isLong ? triples : triples.filter((_together, place) => place % 4 === 1)

describe.each<readonly [SmartPolicy['accessPolicyChecks'], faults: number, played: typeof triples, atLeast: bigint]>([
  ['always', isLong ? 1 : 0, triples, 10_000n],
  ['atSignIn', isLong ? 2 : 1, sampled, 100_000n]
])('the policy is queried %s, up to %i faults', (accessPolicyChecks, faults, played, atLeast) => {
  let [schedules, states, met] = [0n, 0, 0]

  it.each(played.map((together) => [together.join(', '), together] as const))(
    '%s: no invariant is broken',
    { timeout: isLong ? 3_600_000 : 120_000 },
    async (_name: string, together: ReadonlyArray<Action>) => {
      const found = await everyState(grantInterleaving(together, { policy: { accessPolicyChecks } }), faults)
      expect(found.complaints).toEqual([])
      schedules += found.schedules
      states += found.states
      met += 1
    }
  )

  it('all of them were tried', () => {
    console.log(
      `triples, policy checks ${accessPolicyChecks}, up to ${String(faults)} faults: ${String(met)} meetings, ` +
        `${String(schedules)} schedules through ${String(states)} states, 0 violations`
    )
    expect(met).toBe(played.length)
    expect(schedules).toBeGreaterThan(atLeast)
  })
})
