/**
 * Three acts on one grant at the same time, in every schedule: with one store fault always, with two where
 * `INTERLEAVINGS=long` is set (some twelve minutes).
 */
import { expect, it } from 'vitest'
import type { Act } from './grant-meetings.js'
import { grantMeeting, meetingsOf } from './grant-meetings.js'
import { everyState } from './states.js'

const isLong = process.env['INTERLEAVINGS'] === 'long'
const faults = isLong ? 2 : 1
const triples = meetingsOf(3)

let [schedules, states, met] = [0n, 0, 0]

it.each(triples.map((together) => [together.join(', '), together] as const))(
  `%s: no invariant is broken, with up to ${String(faults)} faults`, { timeout: isLong ? 3_600_000 : 120_000 },
  async (_name: string, together: ReadonlyArray<Act>) => {
    const found = await everyState(grantMeeting(together), faults)
    expect(found.complaints).toEqual([])
    schedules += found.schedules
    states += found.states
    met += 1
  }
)

it('all of them were tried', () => {
  console.log(`triples, up to ${String(faults)} faults: ${String(met)} meetings, ${String(schedules)} schedules through ${String(states)} states, 0 violations`)
  expect(met).toBe(triples.length)
  expect(schedules).toBeGreaterThan(10_000_000n)
})
