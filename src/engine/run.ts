/**
 * The interpreter: carries out a machine's commands, tells the machine what came of them, and goes on until the machine
 * asks for nothing more.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Task from 'fp-ts/lib/Task.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Machine, Step, Tagged } from '../machines/kernel.js'
import { step } from '../machines/kernel.js'
import type { Refusal } from '../messages/refusal.js'

/** How each command is carried out. Whatever comes of it is an event, failure included. */
export type Handlers<Event, Command extends Tagged> = {
  readonly [Tag in Command['_tag']]: (command: Extract<Command, { readonly _tag: Tag }>) => Task.Task<Event>
}

/** Runs a machine from its first step to the state in which it has no command left. */
export const run =
  <State extends Tagged, Event extends Tagged, Command extends Tagged>(
    machine: Machine<State, Event, Command>,
    handlers: Handlers<Event, Command>
  ) =>
  (first: Step<State, Command>): TaskEither.TaskEither<Refusal, State> => {
    const perform = step(machine)
    const goOn = (current: Step<State, Command>): TaskEither.TaskEither<Refusal, State> => {
      const command = current.commands[0]
      if (command === undefined) return TaskEither.right(current.state)
      const handler = handlers[command._tag as Command['_tag']] as (command: Command) => Task.Task<Event>
      return Task.chain((event: Event): TaskEither.TaskEither<Refusal, State> => {
        const next = perform(current.state, event)
        return Either.isRight(next)
          ? goOn(next.right)
          : TaskEither.left({
              _tag: 'EventUnexpected',
              machine: next.left.machine,
              state: next.left.state,
              event: next.left.event
            })
      })(handler(command))
    }
    return goOn(first)
  }
