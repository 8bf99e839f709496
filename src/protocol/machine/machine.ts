/**
 * What a machine is: a table, as data.
 *
 * A machine is in a state; an event arrives; the table says what the next state is and which command must be carried
 * out, if any. Everything that happens is an event, bad news included; everything to do is a command. Nothing here knows what a
 * state means. An event that the table does not expect in a state is our own caller's mistake and changes nothing.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'

/** A member of a tagged union. */
export interface Tagged {
  readonly _tag: string
}

/** The next state, and what must be done now that it is reached; null when there is nothing to do. */
export interface Step<State, Command> {
  readonly state: State
  readonly command: Command | null
}

/** What the table says of one event in one state. */
export interface Transition<State extends Tagged, Command, From, On> {
  /** The states that this transition can lead to. The pictures show it; exploration in the tests proves it. */
  readonly to: ReadonlyArray<State['_tag']>
  /** What happens. Arguments have the state and the event that the table's place names. */
  readonly step: (state: From, event: On) => Step<State, Command>
}

/** What each event does in each state; an absent event is not expected there. */
export type Table<State extends Tagged, Event extends Tagged, Command> = {
  readonly [From in State['_tag']]: {
    readonly [On in Event['_tag']]?: Transition<
      State,
      Command,
      Extract<State, { readonly _tag: From }>,
      Extract<Event, { readonly _tag: On }>
    >
  }
}

/** A table with its name, and the states in which it begins. */
export interface Machine<State extends Tagged, Event extends Tagged, Command> {
  readonly name: string
  readonly initial: ReadonlyArray<State['_tag']>
  readonly table: Table<State, Event, Command>
}

/** Our caller's mistake: this event has no place in this state. The state is unchanged. */
export interface UnexpectedEvent {
  readonly _tag: 'UnexpectedEvent'
  readonly machine: string
  readonly state: string
  readonly event: string
  /** The events that would have been expected. */
  readonly expected: ReadonlyArray<string>
}

type AnyTransition<State extends Tagged, Event, Command> = Transition<State, Command, State, Event>

/**
 * The row of a state: event tags and their transitions. The table's type ties every transition to its own state and
 * event; here they are looked up by tags, so the tie is the lookup itself.
 */
export const stateRow = <State extends Tagged, Event extends Tagged, Command>(
  machine: Machine<State, Event, Command>,
  state: State['_tag']
): ReadonlyMap<string, AnyTransition<State, Event, Command>> => {
  const row: object = machine.table[state]
  return new Map(Object.entries(row) as ReadonlyArray<[string, AnyTransition<State, Event, Command>]>)
}

/**
 * One step of a machine: a pure function of state and event.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import type { Machine } from './machine.js'
 * import { step } from './machine.js'
 *
 * type Door = { readonly _tag: 'Open' } | { readonly _tag: 'Shut' }
 * type Push = { readonly _tag: 'Pushed' }
 * const door: Machine<Door, Push, 'Creak'> = {
 *   name: 'door',
 *   initial: ['Shut'],
 *   table: {
 *     Open: {},
 *     Shut: { Pushed: { to: ['Open'], step: () => ({ state: { _tag: 'Open' }, command: 'Creak' }) } }
 *   }
 * }
 * step(door)({ _tag: 'Shut' }, { _tag: 'Pushed' })
 * // => Either.right({ state: { _tag: 'Open' }, command: 'Creak' })
 * Either.isLeft(step(door)({ _tag: 'Open' }, { _tag: 'Pushed' })) // => true
 * ```
 */
export const step = <State extends Tagged, Event extends Tagged, Command>(machine: Machine<State, Event, Command>) => {
  const rows = new Map(Object.keys(machine.table).map((state) => [state, stateRow(machine, state)]))
  return (state: State, event: Event): Either.Either<UnexpectedEvent, Step<State, Command>> => {
    const row = rows.get(state._tag)
    const transition = row?.get(event._tag)
    return transition === undefined
      ? Either.left({
          _tag: 'UnexpectedEvent',
          machine: machine.name,
          state: state._tag,
          event: event._tag,
          expected: [...(row?.keys() ?? [])]
        })
      : Either.right(transition.step(state, event))
  }
}

/** A rule of the specification: what must hold, and what is said when it does not. */
export interface Rule<Facts, Refused> {
  /** Whether the rule is kept. */
  readonly holds: (facts: Facts) => boolean
  /** What is said when it is not. */
  readonly otherwise: (facts: Facts) => Refused
}

/** What the first broken rule says, in the order of the rows; null when all hold. To add a rule is to add a row. */
export const firstBroken = <Facts, Refused>(
  rules: ReadonlyArray<Rule<Facts, Refused>>,
  facts: Facts
): Refused | null => {
  const broken = rules.find((rule) => !rule.holds(facts))
  return broken === undefined ? null : broken.otherwise(facts)
}

/** A step that stays in its state and only says something; or nothing at all. */
export const stay = <State, Command>(state: State, command: Command | null = null): Step<State, Command> => ({
  state,
  command
})
