/**
 * All the ways in which concurrent processes can meet at a store.
 *
 * Every store operation of every process waits until the scheduler lets it happen; the scheduler tries every order, and
 * for every operation every fault within a budget, by running the whole world again from its start for each schedule.
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Store, Unavailable } from '../../src/engine/ports.js'

/** What can happen to one operation. `delayed`: the answer is "unknown" and the write takes effect some time later. */
type Outcome = 'done' | 'refused' | 'unknownApplied' | 'unknownNotApplied' | 'delayed'

interface Waiting {
  readonly happen: (outcome: Outcome) => Promise<void>
  readonly isWrite: boolean
  /** A delayed write that has no process waiting for it any more: it may take effect, or never. */
  readonly isGhost: boolean
}

/** A store whose operations wait for the scheduler. */
export interface ScheduledStore extends Store {
  /** While it is open, operations happen at once. */
  gate: 'open' | 'closed'
  readonly waiting: Array<Waiting>
}

const unavailable = (applied: Unavailable['applied']): Either.Either<Unavailable, never> =>
  Either.left({ _tag: 'Unavailable', applied })

/** Puts a gate in front of a store. */
export const scheduled = (store: Store): ScheduledStore => {
  const waiting: Array<Waiting> = []
  const gated: ScheduledStore = {
    gate: 'open',
    waiting,
    load: (key) => () =>
      gated.gate === 'open'
        ? store.load(key)()
        : new Promise((resolve) => {
            waiting.push({
              isWrite: false,
              isGhost: false,
              happen: async (outcome) => { resolve(outcome === 'done' ? await store.load(key)() : unavailable('no')) }
            })
          }),
    swap: (key, expected, text, expiresAt) => () => {
      const apply = store.swap(key, expected, text, expiresAt)
      if (gated.gate === 'open') return apply()
      return new Promise((resolve) => {
        waiting.push({
          isWrite: true,
          isGhost: false,
          happen: async (outcome) => {
            if (outcome === 'done') resolve(await apply())
            else if (outcome === 'refused') resolve(unavailable('no'))
            else {
              if (outcome === 'unknownApplied') await apply()
              if (outcome === 'delayed') {
                waiting.push({ isWrite: true, isGhost: true, happen: async () => { await apply() } })
              }
              resolve(unavailable('unknown'))
            }
          }
        })
      })
    }
  }
  return gated
}

/** A world with processes that are about to meet, and what must be true when all have ended. */
export interface Meeting {
  readonly store: ScheduledStore
  readonly processes: ReadonlyArray<() => Promise<unknown>>
  /** Complaints about the end; empty when all is well. */
  readonly judge: () => Promise<ReadonlyArray<string>>
}

const settled = (): Promise<void> => new Promise((resolve) => { setImmediate(resolve) })

const faults: ReadonlyArray<Outcome> = ['refused', 'unknownApplied', 'unknownNotApplied', 'delayed']

interface Choice {
  readonly waiting: number
  readonly outcome: Outcome
}

const choicesNow = (store: ScheduledStore, faultsLeft: number): ReadonlyArray<Choice> =>
  store.waiting.flatMap((operation, waiting): ReadonlyArray<Choice> => [
    { waiting, outcome: 'done' },
    ...(faultsLeft === 0 || operation.isGhost
      ? []
      : faults
          .filter((outcome) => operation.isWrite || outcome === 'refused')
          .map((outcome) => ({ waiting, outcome })))
  ])

/** What trying all schedules found. */
export interface Findings {
  readonly schedules: number
  readonly complaints: ReadonlyArray<string>
}

/** Runs every schedule of a meeting with up to so many faults. */
export const everySchedule = async (meet: () => Promise<Meeting>, faultBudget: number): Promise<Findings> => {
  const complaints = new Set<string>()
  let schedules = 0
  // Each path is a list of choices by index; a run follows it and takes the first choice after its end.
  const paths: Array<ReadonlyArray<number>> = [[]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const meeting = await meet()
    const { store } = meeting
    store.gate = 'closed'
    const running = meeting.processes.map((process) => process())
    const taken: Array<number> = []
    const story: Array<string> = []
    let faultsLeft = faultBudget
    await settled()
    while (store.waiting.length > 0) {
      const choices = choicesNow(store, faultsLeft)
      const index = path[taken.length] ?? 0
      if (taken.length >= path.length) {
        for (let other = 1; other < choices.length; other++) paths.push([...taken, other])
      }
      const choice = choices[index]
      const operation = choice === undefined ? undefined : store.waiting.splice(choice.waiting, 1)[0]
      if (choice === undefined || operation === undefined) throw new Error('the meeting is not the same at every run')
      if (choice.outcome !== 'done') faultsLeft -= 1
      taken.push(index)
      story.push(`${String(choice.waiting)}:${choice.outcome}`)
      await operation.happen(choice.outcome)
      await settled()
    }
    store.gate = 'open'
    await Promise.all(running)
    schedules += 1
    for (const complaint of await meeting.judge()) complaints.add(`${complaint} (schedule ${story.join(' ')})`)
  }
  return { schedules, complaints: [...complaints] }
}
