/**
 * The loop behind every change of a stored machine: load, step, swap; on `lost` load and step again.
 *
 * Nothing is answered before the new state is stored. When the store does not say whether it wrote, the record is read
 * again: if it carries our own `writeId`, it was our write that took effect; if not, the machine judges the event
 * against what it finds now. So an ambiguous answer never becomes a success by itself, and our own write never looks
 * like a stranger's replay.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Type } from 'io-ts'
import type { Store, Version } from './ports.js'
import type { Machine, Step, Tagged } from '../protocol/machine/machine.js'
import { step } from '../protocol/machine/machine.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { parseJson } from '../values/json.js'
import { limits } from '../values/limits/limits.js'
import type { EpochSeconds } from '../values/time.js'

/** What every stored state has. */
export interface StoredState extends Tagged {
  readonly writeId: string
  readonly recordExpiresAt: EpochSeconds
}

/** What came of a change. */
export type Change<State, Command> =
  { readonly _tag: 'NotFound' } | { readonly _tag: 'Changed'; readonly state: State; readonly command: Command | null }

const unavailable: Refusal = { _tag: 'StoreUnavailable' }

/** Reads a stored text, which is the state itself as JSON; `none` when it is no state of this machine. */
const read = <State>(codec: Type<State, unknown>, text: string): Option.Option<State> => {
  const json = parseJson(text)
  return Option.isSome(json) && codec.is(json.value) ? Option.some(json.value) : Option.none
}

/** Loads a state: with its version, or nothing, or a refusal. */
export const loadState =
  <State>(store: Store, codec: Type<State, unknown>) =>
  (key: string): TaskEither.TaskEither<Refusal, Option.Option<{ readonly version: Version; readonly state: State }>> =>
  async () => {
    const loaded = await store.load(key)()
    if (Either.isLeft(loaded)) return Either.left(unavailable)
    if (Option.isNone(loaded.right)) return Either.right(Option.none)
    const state = read(codec, loaded.right.value.text)
    return Option.isSome(state)
      ? Either.right(Option.some({ version: loaded.right.value.version, state: state.value }))
      : Either.left({ _tag: 'StoreUnreadable' })
  }

/** Stores the first state of a machine under a key that nobody used before. */
export const openRecord =
  (store: Store) =>
  (key: string, state: StoredState): TaskEither.TaskEither<Refusal, 'opened'> =>
  async () => {
    const text = JSON.stringify(state)
    const swapped = await store.swap(key, Option.none, text, state.recordExpiresAt)()
    if (Either.isRight(swapped))
      return swapped.right === 'won' ? Either.right('opened') : Either.left({ _tag: 'StoreContended' })
    if (swapped.left.applied === 'no') return Either.left(unavailable)
    const loaded = await store.load(key)()
    return Either.isRight(loaded) && Option.isSome(loaded.right) && loaded.right.value.text === text
      ? Either.right('opened')
      : Either.left(unavailable)
  }

/** Changes a stored machine by an event. The event carries the `writeId` that its step writes into the state. */
export const changeRecord = <State extends StoredState, Event extends Tagged & { readonly writeId: string }, Command>(
  store: Store,
  codec: Type<State, unknown>,
  machine: Machine<State, Event, Command>
) => {
  const perform = step(machine)
  const load = loadState(store, codec)
  return (key: string, event: Event): TaskEither.TaskEither<Refusal, Change<State, Command>> =>
    async () => {
      /** The step whose write may or may not have taken effect; null when there is none. */
      let pending: Step<State, Command> | null = null
      for (let tries = 0; ; tries++) {
        const found = await load(key)()
        if (Either.isLeft(found)) return found
        if (Option.isNone(found.right)) return Either.right({ _tag: 'NotFound' })
        const { state, version } = found.right.value
        if (pending !== null && state.writeId === event.writeId) {
          return Either.right({ _tag: 'Changed', state, command: pending.command })
        }
        if (tries >= limits.recordChanges.standard)
          return Either.left(pending === null ? { _tag: 'StoreContended' } : unavailable)
        const next = perform(state, event)
        if (Either.isLeft(next)) {
          const { machine: name, state: from, event: on } = next.left
          return Either.left({ _tag: 'UnexpectedEvent', machine: name, state: from, event: on })
        }
        if (next.right.state === state) return Either.right({ _tag: 'Changed', ...next.right })
        const { state: to } = next.right
        const swapped = await store.swap(key, Option.some(version), JSON.stringify(to), to.recordExpiresAt)()
        if (Either.isLeft(swapped)) {
          if (swapped.left.applied === 'no' && pending === null) return Either.left(unavailable)
          pending = next.right
        } else if (swapped.right === 'won') return Either.right({ _tag: 'Changed', ...next.right })
      }
    }
}
