/**
 * The same schedules as `everySchedule` plays, with those parts that they share played once.
 *
 * Two schedules that have come to the same state go on in the same ways, so what follows is tried from one of them
 * only. A state is all that the future can depend on: the records of the store and who wrote each of them, the clock,
 * the writes that are still under way, the faults that are left, what the facts say that the invariants judge, and what
 * each process has heard from the store. A process is a function of what it has heard: everything else that it could
 * ask (clock, chance, keys) answers from the state or from the process's own count. The engine is never stopped in
 * between: all that is merged stands here.
 *
 * How many schedules there are is counted along the way, without playing them, as the ways through the states; so the
 * count can be compared with the one of `everySchedule`, which knows nothing of states.
 */
import { createHash } from 'node:crypto'
import type { Interleaving } from './schedules.js'
import { play } from './schedules.js'

/** A meeting whose state can be printed. */
export interface KnownInterleaving extends Interleaving {
  /** The records, the clock, and the facts on which the invariants are checked. */
  readonly state: () => unknown
}

/** What trying all schedules found. */
export interface StateFindings {
  /** How many schedules there are: more than fit into a number, at times. */
  readonly schedules: bigint
  /** How many states they come through. */
  readonly states: number
  readonly complaints: ReadonlyArray<string>
}

const keyOf = ({ store, state }: KnownInterleaving, faultsLeft: number): string => {
  const waiting = store.waiting
    .map(({ process, number, kind }) => `${String(process)}.${String(number)} ${kind}`)
    .sort()
  const writers = [...store.writers].sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256')
    .update(JSON.stringify([faultsLeft, waiting, writers, store.validated, state()]))
    .digest('base64url')
}

/** Comes through every state of a meeting with up to so many faults. */
export const everyState = async (
  meet: () => Promise<KnownInterleaving>,
  faultBudget: number
): Promise<StateFindings> => {
  const complaints = new Set<string>()
  /** Where each state leads, one entry for each choice. */
  const ways = new Map<string, Array<string>>()
  const paths: Array<ReadonlyArray<number>> = [[]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const followed = path
    const meeting = await meet()
    const taken: Array<number> = []
    let before: string | null = null
    const played = await play(meeting, faultBudget, (count, faultsLeft) => {
      // The states up to the last choice of the path are known.
      if (taken.length >= followed.length - 1) {
        const key = keyOf(meeting, faultsLeft)
        if (taken.length >= followed.length) {
          if (before !== null) ways.get(before)?.push(key)
          if (ways.has(key)) return null
          ways.set(key, [])
          for (let other = 1; other < count; other++) paths.push([...taken, other])
        }
        before = key
      }
      const index = followed[taken.length] ?? 0
      taken.push(index)
      return index
    })
    for (const complaint of played.complaints ?? []) complaints.add(`${complaint} (schedule ${played.story})`)
  }
  // The first state that was come to is the one from which all begin.
  const [root = ''] = ways.keys()
  return { schedules: waysThrough(ways, root), states: ways.size, complaints: [...complaints] }
}

/** How many ways lead from a state to an end. No way comes to a state twice: each step is heard by somebody. */
const waysThrough = (ways: ReadonlyMap<string, ReadonlyArray<string>>, from: string): bigint => {
  const counted = new Map<string, bigint>()
  const count = (key: string): bigint => {
    const known = counted.get(key)
    if (known !== undefined) return known
    const next = ways.get(key) ?? []
    const sum = next.length === 0 ? 1n : next.reduce((total, one) => total + count(one), 0n)
    counted.set(key, sum)
    return sum
  }
  return count(from)
}
