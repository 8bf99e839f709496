/**
 * All the ways in which concurrent processes can meet at a store.
 *
 * Every store operation of every process waits until the scheduler lets it happen; the scheduler tries every order, and
 * for every operation every fault within a budget, by running the whole world again from its start for each schedule.
 */
import { createHash } from 'node:crypto'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Store, StoredRecord, StoreError } from '../../../src/engine/ports.js'

/** What can happen to one operation. `delayed`: the answer is "unknown" and the write takes effect some time later. */
type Outcome = 'done' | 'refused' | 'unknownApplied' | 'unknownNotApplied' | 'delayed'

interface Waiting {
  /** The process whose operation it is, and which of its operations, counted from 0. */
  readonly process: number
  readonly number: number
  readonly happen: (outcome: Outcome) => Promise<void>
  /** `ghost`: a delayed write that no process waits for any more. `pause`: no operation of the store at all. */
  readonly kind: 'load' | 'swap' | 'ghost' | 'pause'
  readonly isReady: () => boolean
}

/** A write that took effect. */
export interface Written {
  readonly process: number
  readonly before: string | null
  readonly after: string
}

/** A store whose operations wait for the scheduler. */
export interface ScheduledStore extends Store {
  /** While it is open, operations happen at once. */
  gate: 'open' | 'closed'
  /** The process whose code runs now. Only one does: all the others wait for the scheduler. */
  running: number
  readonly waiting: Array<Waiting>
  /** What each process has heard from the store, as a digest: with the same, it goes on in the same way. */
  readonly validated: Array<string>
  /**
   * Who wrote the record that is there now, by key. Versions are compared by this, so that a count of all writes is
   * not.
   */
  readonly writers: Map<string, string>
  /** Called with every write that takes effect while the gate is closed. */
  onWrite: (written: Written) => void
  /** Waits until the scheduler goes on with this process; it may as soon as `isReady`. */
  readonly pause: (isReady?: () => boolean) => Promise<void>
}

const unavailable = (applied: StoreError['applied']): Either.Either<StoreError, never> =>
  Either.left({ _tag: 'Unavailable', applied })

const always = (): boolean => true

/** Puts a gate in front of a store. */
export const scheduled = (store: Store): ScheduledStore => {
  const counts: Array<number> = []
  const wait = <Result>(
    kind: 'load' | 'swap' | 'pause',
    isReady: () => boolean,
    happen: (outcome: Outcome, process: number, number: number) => Promise<readonly [result: Result, validated: string]>
  ): Promise<Result> => {
    const process = gated.running
    const number = counts[process] ?? 0
    counts[process] = number + 1
    return new Promise((resolve) => {
      gated.waiting.push({
        process,
        number,
        kind,
        isReady,
        happen: async (outcome) => {
          const [result, validated] = await happen(outcome, process, number)
          gated.validated[process] = createHash('sha256')
            .update(`${gated.validated[process] ?? ''} ${kind} ${validated}`)
            .digest('base64url')
          gated.running = process
          resolve(result)
        }
      })
    })
  }
  const gated: ScheduledStore = {
    gate: 'open',
    running: 0,
    waiting: [],
    validated: [],
    writers: new Map(),
    onWrite: () => undefined,
    pause: (isReady = always) => wait('pause', isReady, () => Promise.resolve([undefined, ''])),
    load: (key) => async () => {
      if (gated.gate === 'open') return store.load(key)()
      return wait<Either.Either<StoreError, Option.Option<StoredRecord>>>('load', always, async (outcome) => {
        const found = outcome === 'done' ? await store.load(key)() : unavailable('no')
        if (Either.isLeft(found)) return [found, 'failed']
        return [
          found,
          Option.isNone(found.right) ? 'nothing' : `${gated.writers.get(key) ?? 'before'} ${found.right.value.text}`
        ]
      })
    },
    swap: (key, expected, text, expiresAt) => async () => {
      if (gated.gate === 'open') return store.swap(key, expected, text, expiresAt)()
      return wait<Either.Either<StoreError, 'won' | 'lost'>>('swap', always, async (outcome, process, number) => {
        const apply = async (): Promise<Either.Either<StoreError, 'won' | 'lost'>> => {
          const found = await store.load(key)()
          const swapped = await store.swap(key, expected, text, expiresAt)()
          if (Either.isRight(swapped) && swapped.right === 'won') {
            gated.writers.set(key, `${String(process)}.${String(number)}`)
            gated.onWrite({
              process,
              before: Either.isRight(found) && Option.isSome(found.right) ? found.right.value.text : null,
              after: text
            })
          }
          return swapped
        }
        switch (outcome) {
          case 'done': {
            const swapped = await apply()
            return [swapped, Either.isRight(swapped) ? swapped.right : 'failed']
          }
          case 'refused':
            return [unavailable('no'), 'failed']
          case 'unknownApplied':
            await apply()
            return [unavailable('unknown'), 'unknown']
          case 'unknownNotApplied':
            return [unavailable('unknown'), 'unknown']
          case 'delayed':
            gated.waiting.push({
              process,
              number,
              kind: 'ghost',
              isReady: always,
              happen: async () => {
                await apply()
              }
            })
            return [unavailable('unknown'), 'unknown']
        }
      })
    }
  }
  return gated
}

/** A world with processes that are about to meet, and what must be true when all have ended. */
export interface Interleaving {
  readonly store: ScheduledStore
  readonly processes: ReadonlyArray<() => Promise<unknown>>
  /** Looks at the world after each step. */
  readonly watch?: () => Promise<void>
  /** Complaints about the end; empty when all is well. */
  readonly judge: () => Promise<ReadonlyArray<string>>
}

const settled = (): Promise<void> =>
  new Promise((resolve) => {
    setImmediate(resolve)
  })

const faults: ReadonlyArray<Outcome> = ['refused', 'unknownApplied', 'unknownNotApplied', 'delayed']

/** What the scheduler can let happen: one of those that wait, in one of the ways. */
interface Choice {
  readonly operation: Waiting
  readonly outcome: Outcome
}

/** In an order that does not depend on how the world came to be as it is. */
const choicesNow = (store: ScheduledStore, faultsLeft: number): ReadonlyArray<Choice> =>
  store.waiting
    .filter(({ isReady }) => isReady())
    .toSorted((a, b) => a.process - b.process || a.number - b.number)
    .flatMap((operation): ReadonlyArray<Choice> => [
      { operation, outcome: 'done' },
      ...(faultsLeft === 0 || operation.kind === 'ghost' || operation.kind === 'pause'
        ? []
        : faults
            .filter((outcome) => operation.kind === 'swap' || outcome === 'refused')
            .map((outcome) => ({ operation, outcome })))
    ])

/** A schedule, and what it came to. */
export interface Played {
  /** The choices that were made, by their index. */
  readonly taken: ReadonlyArray<number>
  /** The same for people: which process did which of its operations, and how it ended. */
  readonly story: string
  /** What is wrong at the end; null when the schedule was broken off. */
  readonly complaints: ReadonlyArray<string> | null
}

/**
 * Plays one schedule. Before each step, `choose` is called with the number of choices and the number of faults that
 * are left. It returns one of the choices, or null to end the schedule.
 */
export const play = async (
  meeting: Interleaving,
  faultBudget: number,
  choose: (count: number, faultsLeft: number) => number | null
): Promise<Played> => {
  const { store, watch = () => Promise.resolve() } = meeting
  const taken: Array<number> = []
  const story: Array<string> = []
  let faultsLeft = faultBudget
  store.gate = 'closed'
  const running: Array<Promise<unknown>> = []
  for (const [index, process] of meeting.processes.entries()) {
    store.running = index
    running.push(process())
    await settled()
  }
  await watch()
  for (;;) {
    const choices = choicesNow(store, faultsLeft)
    const index = choose(choices.length, faultsLeft)
    if (index === null) return { taken, story: story.join(' '), complaints: null }
    if (choices.length === 0) break
    const choice = choices[index]
    if (choice === undefined) throw new Error('the meeting is not the same at every run')
    const { operation, outcome } = choice
    store.waiting.splice(store.waiting.indexOf(operation), 1)
    if (outcome !== 'done') faultsLeft -= 1
    taken.push(index)
    story.push(`${String(operation.process)}:${operation.kind}${outcome === 'done' ? '' : `-${outcome}`}`)
    await operation.happen(outcome)
    await settled()
    await watch()
  }
  store.gate = 'open'
  // Whoever still waits for something that never came stays away.
  if (store.waiting.length === 0) await Promise.all(running)
  return { taken, story: story.join(' '), complaints: await meeting.judge() }
}

/** What trying schedules found. */
export interface Findings {
  readonly schedules: number
  readonly complaints: ReadonlyArray<string>
}

const complaintsOf = ({ complaints, story }: Played): ReadonlyArray<string> =>
  (complaints ?? []).map((complaint) => `${complaint} (schedule ${story})`)

/** Runs every schedule of a meeting with up to so many faults. */
export const everySchedule = async (meet: () => Promise<Interleaving>, faultBudget: number): Promise<Findings> => {
  const complaints = new Set<string>()
  let schedules = 0
  // Each path is a list of choices by index; a run follows it and takes the first choice after its end.
  const paths: Array<ReadonlyArray<number>> = [[]]
  for (let path = paths.pop(); path !== undefined; path = paths.pop()) {
    const followed = path
    const taken: Array<number> = []
    const played = await play(await meet(), faultBudget, (count) => {
      const depth = taken.length
      if (depth >= followed.length) {
        for (let other = 1; other < count; other++) paths.push([...taken, other])
      }
      const index = followed[depth] ?? 0
      taken.push(index)
      return index
    })
    schedules += 1
    for (const complaint of complaintsOf(played)) complaints.add(complaint)
  }
  return { schedules, complaints: [...complaints] }
}

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
const randomNumbers = (seed: number) => (): number => {
  seed = (seed + 0x6d2b79f5) | 0
  let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
  mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
  return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
}

/** Runs so many drawn schedules of a meeting; the complaints name the seed that draws theirs. */
export const randomSchedules = async (
  meet: () => Promise<Interleaving>,
  faultBudget: number,
  { seeds, from = 1 }: { readonly seeds: number; readonly from?: number }
): Promise<Findings> => {
  const complaints: Array<string> = []
  for (let seed = from; seed < from + seeds; seed++) {
    const randoms = randomNumbers(seed)
    const played = await play(await meet(), faultBudget, (count) => Math.floor(randoms() * count))
    complaints.push(...complaintsOf(played).map((complaint) => `${complaint} seed ${String(seed)}`))
  }
  return { schedules: seeds, complaints }
}
