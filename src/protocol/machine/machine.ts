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

/** The entry of a transition table for one event in one state. */
export interface Transition<State extends Tagged, Command, From, On> {
  /**
   * The states to which this transition can lead. The diagrams show them, and the exploration in the tests verifies
   * them.
   */
  readonly to: ReadonlyArray<State['_tag']>
  /** Computes the next state and command. The arguments have the types of the entry's state and event. */
  readonly step: (state: From, event: On) => Step<State, Command>
}

/** The transitions by state and event; an absent event is not expected in the state. */
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

/** A table with its name, the states in which it begins, and those in which it ends. */
export interface Machine<
  State extends Tagged,
  Event extends Tagged,
  Command,
  Final extends State['_tag'] = State['_tag']
> {
  readonly name: string
  readonly initial: ReadonlyArray<State['_tag']>
  /**
   * The states that no event leaves. A machine that runs from its first step to its end has no command in these states,
   * and in no others, and expects no event in them. A stored machine stays there as it is, whatever it is asked.
   */
  readonly final: ReadonlyArray<Final>
  readonly table: Table<State, Event, Command>
}

/** A programming error: the event has no entry in this state. The state is unchanged. */
export interface UnexpectedEvent {
  readonly _tag: 'UnexpectedEvent'
  readonly machine: string
  readonly state: string
  readonly event: string
  /** The expected events. */
  readonly expected: ReadonlyArray<string>
}

type AnyTransition<State extends Tagged, Event, Command> = Transition<State, Command, State, Event>

/**
 * The row of a state: event tags and their transitions. The table's type binds every transition to its state and event;
 * the lookup by tags preserves that, so the cast is safe.
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
 *   final: ['Open'],
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

/** A step that stays in its state and only says something; or nothing at all. */
export const stay = <State, Command>(state: State, command: Command | null = null): Step<State, Command> => ({
  state,
  command
})
