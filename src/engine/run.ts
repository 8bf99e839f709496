/**
 * The interpreter: runs a machine's command, passes its result to the machine as an event, and repeats this until the
 * machine gives no command.
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
 * One handler for each command. Its result is an event, also for a failure. `Context` contains further facts for a run,
 * such as the request and the current time.
 */
export type Handlers<Event, Command extends Tagged, Context = void> = {
  readonly [Tag in Command['_tag']]: (
    command: Extract<Command, { readonly _tag: Tag }>,
    context: Context
  ) => Task.Task<Event>
}

/** The event that is reported for a machine without a command in a state that is not final. */
const noCommand = 'no command'

/** Runs a machine from its first step to one of its final states. */
export const run = <
  State extends Tagged,
  Event extends Tagged,
  Command extends Tagged,
  Final extends State['_tag'],
  Context = void
>(
  machine: Machine<State, Event, Command, Final>,
  handlers: Handlers<Event, Command, Context>
) => {
  const perform = step(machine)
  const finals: ReadonlySet<string> = new Set(machine.final)
  const isFinal = (state: State): state is Extract<State, { readonly _tag: Final }> => finals.has(state._tag)
  const handle = (command: Command, context: Context): Task.Task<Event> => {
    const handler = handlers[command._tag as Command['_tag']] as (
      command: Command,
      context: Context
    ) => Task.Task<Event>
    return handler(command, context)
  }
  return (
      first: Step<State, Command>,
      context: Context
    ): TaskEither.TaskEither<Refusal, Extract<State, { readonly _tag: Final }>> =>
    async () => {
      let current = first
      for (;;) {
        if (current.command === null) {
          const { state } = current
          return isFinal(state)
            ? Either.right(state)
            : Either.left({ _tag: 'UnexpectedEvent', machine: machine.name, state: state._tag, event: noCommand })
        }
        const next = perform(current.state, await handle(current.command, context)())
        if (Either.isLeft(next)) {
          const { machine: name, state, event } = next.left
          return Either.left({ _tag: 'UnexpectedEvent', machine: name, state, event })
        }
        current = next.right
      }
    }
}
