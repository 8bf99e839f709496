/**
 * The interpreter: carries out a machine's command, tells the machine what came of it, and goes on until the machine asks
 * for nothing more.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as Task from 'fp-ts/lib/Task.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Machine, Step, Tagged } from '../protocol/machine/machine.js'
import { step } from '../protocol/machine/machine.js'
import type { Refusal } from '../protocol/errors/refusal.js'

/**
 * How each command is carried out. Whatever comes of it is an event, failure included. `Context` is what a run knows
 * besides: the request that is answered, the present.
 */
export type Handlers<Event, Command extends Tagged, Context = void> = {
  readonly [Tag in Command['_tag']]: (
    command: Extract<Command, { readonly _tag: Tag }>,
    context: Context
  ) => Task.Task<Event>
}

/** Runs a machine from its first step to the state in which it has no command left. */
export const run = <State extends Tagged, Event extends Tagged, Command extends Tagged, Context = void>(
  machine: Machine<State, Event, Command>,
  handlers: Handlers<Event, Command, Context>
) => {
  const perform = step(machine)
  const handle = (command: Command, context: Context): Task.Task<Event> => {
    const handler = handlers[command._tag as Command['_tag']] as (
      command: Command,
      context: Context
    ) => Task.Task<Event>
    return handler(command, context)
  }
  return (first: Step<State, Command>, context: Context): TaskEither.TaskEither<Refusal, State> =>
    async () => {
      let current = first
      for (;;) {
        if (current.command === null) return Either.right(current.state)
        const next = perform(current.state, await handle(current.command, context)())
        if (Either.isLeft(next)) {
          const { machine: name, state, event } = next.left
          return Either.left({ _tag: 'UnexpectedEvent', machine: name, state, event })
        }
        current = next.right
      }
    }
}
