/**
 * Walks a machine through everything that can happen to it, up to a depth, and reports what was reached.
 *
 * A machine is explored from its initial states with a list of sample events: for each state that is reached, every
 * sample is tried. Two states are the same when they print the same (after `shape`, which leaves out what tells nothing
 * apart).
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Machine, Step, Tagged } from '../../src/protocol/machine/machine.js'
import { stateRow, step } from '../../src/protocol/machine/machine.js'

/** One step that was walked. */
export interface Walked<State, Event, Command> {
  readonly from: State
  readonly event: Event
  readonly step: Step<State, Command>
}

/** What must be true of every walked step; the text says what was broken, null that nothing was. */
export type Invariant<State, Event, Command> = (walked: Walked<State, Event, Command>) => string | null

/** What an exploration found. */
export interface Exploration<State, Event, Command> {
  readonly reached: ReadonlySet<string>
  readonly walkedEdges: ReadonlySet<string>
  readonly declaredEdges: ReadonlySet<string>
  readonly steps: ReadonlyArray<Walked<State, Event, Command>>
  readonly refusedEvents: number
  readonly distinctStates: number
  readonly broken: ReadonlyArray<string>
}

/** How to explore. */
export interface Plan<State extends Tagged, Event extends Tagged, Command> {
  readonly machine: Machine<State, Event, Command>
  readonly starts: ReadonlyArray<State>
  /** The events to try in a state. */
  readonly samples: (state: State) => ReadonlyArray<Event>
  /** Leaves out of a state what distinguishes no two states (writers' ids, for example). */
  readonly shape?: (state: State) => unknown
  readonly depth: number
  /**
   * Whether to stop at the first step that is not declared or breaks something: for machines that are wrong on purpose.
   */
  readonly untilBroken?: boolean
  readonly invariants?: Readonly<Record<string, Invariant<State, Event, Command>>>
}

const edge = (from: string, event: string, to: string): string => `${from} --${event}--> ${to}`

/** Explores breadth first. */
export const explore = <State extends Tagged, Event extends Tagged, Command>(
  plan: Plan<State, Event, Command>
): Exploration<State, Event, Command> => {
  const { machine } = plan
  const shape = plan.shape ?? ((state: State): unknown => state)
  const seen = new Set<string>()
  const reached = new Set<string>()
  const walkedEdges = new Set<string>()
  const steps: Array<Walked<State, Event, Command>> = []
  const broken: Array<string> = []
  const declaredEdges = new Set(
    Object.keys(machine.table).flatMap((from) =>
      [...stateRow(machine, from)].flatMap(([event, transition]) => transition.to.map((to) => edge(from, event, to)))
    )
  )
  let refusedEvents = 0
  const found = (): Exploration<State, Event, Command> => ({
    reached,
    walkedEdges,
    declaredEdges,
    steps,
    refusedEvents,
    distinctStates: seen.size,
    broken
  })
  let frontier: ReadonlyArray<State> = plan.starts
  for (const state of plan.starts) seen.add(JSON.stringify(shape(state)))
  for (let depth = 0; depth <= plan.depth && frontier.length > 0; depth++) {
    const next: Array<State> = []
    for (const from of frontier) {
      reached.add(from._tag)
      const before = JSON.stringify(from)
      for (const event of plan.samples(from)) {
        const result = step(machine)(from, event)
        const expected = stateRow(machine, from._tag).has(event._tag)
        if (JSON.stringify(from) !== before)
          broken.push(`${from._tag}: ${event._tag} changed the state that it was given`)
        if (Either.isLeft(result)) {
          refusedEvents += 1
          if (expected) broken.push(`${from._tag}: ${event._tag} is declared and was refused`)
          continue
        }
        if (!expected) broken.push(`${from._tag}: ${event._tag} is not declared and was accepted`)
        const walked = { from, event, step: result.right }
        steps.push(walked)
        const walkedEdge = edge(from._tag, event._tag, result.right.state._tag)
        walkedEdges.add(walkedEdge)
        for (const [name, invariant] of Object.entries(plan.invariants ?? {})) {
          const complaint = invariant(walked)
          if (complaint !== null) broken.push(`${name}: ${walkedEdge}: ${complaint}`)
        }
        if (plan.untilBroken === true && (broken.length > 0 || !declaredEdges.has(walkedEdge))) return found()
        const key = JSON.stringify(shape(result.right.state))
        if (!seen.has(key)) {
          seen.add(key)
          next.push(result.right.state)
        }
      }
    }
    frontier = next
  }
  return found()
}

/**
 * What is wrong with the final states of a machine: they are the states that no declared arrow leaves. Where none of
 * them expects an event, the machine runs to its end: it has a command after every step but the last. Where they expect
 * events, or where there is none, the machine is stored: it stays as it is.
 */
const finalComplaints = <State extends Tagged, Event extends Tagged, Command>(
  machine: Machine<State, Event, Command>,
  { steps }: Exploration<State, Event, Command>
): ReadonlyArray<string> => {
  const finals = new Set<string>(machine.final)
  const isLeft = (state: string): boolean =>
    [...stateRow(machine, state).values()].some(({ to }) => to.some((next) => next !== state))
  const isRun = machine.final.length > 0 && machine.final.every((state) => stateRow(machine, state).size === 0)
  return [
    ...Object.keys(machine.table).flatMap((state) =>
      finals.has(state) === isLeft(state) ? [finals.has(state) ? `final, but left: ${state}` : `final: ${state}`] : []
    ),
    ...new Set(
      steps.flatMap(({ from, event, step: { state, command } }) => {
        const walked = edge(from._tag, event._tag, state._tag)
        if (!isRun) return finals.has(from._tag) && state !== from ? [`changed after its end: ${walked}`] : []
        if (finals.has(state._tag)) return command === null ? [] : [`a command after the end: ${walked}`]
        return command === null ? [`no command before the end: ${walked}`] : []
      })
    )
  ]
}

/** Everything that is wrong with an exploration, in words; empty when the table tells the truth. */
export const complaintsAbout = <State extends Tagged, Event extends Tagged, Command>(
  machine: Machine<State, Event, Command>,
  exploration: Exploration<State, Event, Command>
): ReadonlyArray<string> => [
  ...exploration.broken,
  ...finalComplaints(machine, exploration),
  ...Object.keys(machine.table)
    .filter((state) => !exploration.reached.has(state))
    .map((state) => `never reached: ${state}`),
  ...[...exploration.declaredEdges]
    .filter((one) => !exploration.walkedEdges.has(one))
    .map((one) => `declared, never walked: ${one}`),
  ...[...exploration.walkedEdges]
    .filter((one) => !exploration.declaredEdges.has(one))
    .map((one) => `walked, not declared: ${one}`)
]

/** A trace: everything that happened, from a start on. */
export type Trace<State, Event, Command> = ReadonlyArray<Walked<State, Event, Command>>

/**
 * Walks every sequence of sample events up to the depth, without merging equal states, and asks each invariant about
 * each whole trace. Events that are refused end a trace: they change nothing.
 *
 * `shape` names everything that the invariants read in a step. Each step is checked. Of several steps of one shape out
 * of one state, only the first is followed. A step whose shape is null changes nothing and is not followed.
 */
export const exploreTraces = <State extends Tagged, Event extends Tagged, Command>(
  plan: Omit<Plan<State, Event, Command>, 'invariants' | 'shape'> & {
    readonly shape?: (walked: Walked<State, Event, Command>) => unknown
  },
  invariants: Readonly<Record<string, (trace: Trace<State, Event, Command>) => string | null>>
): { readonly traces: number; readonly broken: ReadonlyArray<string> } => {
  const perform = step(plan.machine)
  const broken = new Set<string>()
  let traces = 0
  const judge = (trace: Trace<State, Event, Command>): void => {
    traces += 1
    for (const [name, invariant] of Object.entries(invariants)) {
      const complaint = invariant(trace)
      if (complaint !== null) broken.add(`${name}: ${trace.map(({ event }) => event._tag).join(', ')}: ${complaint}`)
    }
  }
  const walk = (state: State, trace: Trace<State, Event, Command>): void => {
    judge(trace)
    if (trace.length === plan.depth) return
    const followed = new Set<string>()
    for (const event of plan.samples(state)) {
      const result = perform(state, event)
      if (Either.isLeft(result)) continue
      const walked = { from: state, event, step: result.right }
      const shape = plan.shape === undefined ? followed.size : plan.shape(walked)
      const key = JSON.stringify(shape)
      if (shape === null || followed.has(key)) {
        judge([...trace, walked])
        continue
      }
      followed.add(key)
      walk(result.right.state, [...trace, walked])
    }
  }
  for (const start of plan.starts) walk(start, [])
  return { traces, broken: [...broken] }
}
