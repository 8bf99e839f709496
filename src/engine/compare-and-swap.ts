/**
 * The loop behind every change of a stored record: load, decide, swap; after `lost`, load and decide again. For a
 * stored machine, a step of its table decides.
 *
 * Nothing is answered before the new state is stored. When the store does not say whether it wrote, the record is read
 * again. If it carries our own `writeId`, our write took effect; otherwise the machine evaluates the event in the state
 * that is stored now. So an unknown result never becomes a success by itself, and our own write never looks like a
 * replay by someone else.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { Type } from 'io-ts'
import type { Store, Version } from './ports.js'
import type { StoredState } from './stored-record.js'
import { readRecord, recordText } from './stored-record.js'
import type { Machine, Tagged } from '../protocol/machine/machine.js'
import { step } from '../protocol/machine/machine.js'
import type { Refusal } from '../protocol/errors/refusal.js'
import { limits } from '../values/limits/limits.js'
import type { EpochSeconds } from '../values/time.js'

/** A state with the version of its record. */
export interface VersionedState<State> {
  readonly version: Version
  readonly state: State
}

/** The result of a change. */
export type Change<State, Command> =
  | { readonly _tag: 'NotFound' }
  | {
      readonly _tag: 'Changed'
      readonly state: State
      readonly command: Command | null
      /** The stored record if the step wrote nothing; null otherwise. */
      readonly unchanged: VersionedState<State> | null
    }

const unavailable: Refusal = { _tag: 'StoreUnavailable' }

/** Loads a state: with its version, `none`, or a refusal. */
export const loadState =
  <State>(store: Store, codec: Type<State, unknown>) =>
  (key: string): TaskEither.TaskEither<Refusal, Option.Option<VersionedState<State>>> =>
  async () => {
    const loaded = await store.load(key)()
    if (Either.isLeft(loaded)) return Either.left(unavailable)
    if (Option.isNone(loaded.right)) return Either.right(Option.none)
    const state = readRecord(codec, loaded.right.value.text)
    return Either.isRight(state)
      ? Either.right(Option.some({ version: loaded.right.value.version, state: state.right }))
      : state
  }

/** A record to write. */
export interface NewRecord {
  readonly text: string
  readonly recordExpiresAt: EpochSeconds
}

/** Writes a record under an unused key. If the result of the write is unknown, the store is unavailable. */
export const insertRecord =
  (store: Store) =>
  (key: string, { text, recordExpiresAt }: NewRecord): TaskEither.TaskEither<Refusal, 'won' | 'lost'> =>
    TaskEither.mapLeft(() => unavailable)(store.swap(key, Option.none, text, recordExpiresAt))

/** Stores the first state of a machine under a new key. */
export const openRecord =
  (store: Store) =>
  (key: string, state: StoredState): TaskEither.TaskEither<Refusal, 'opened'> =>
  async () => {
    const text = recordText(state)
    const swapped = await store.swap(key, Option.none, text, state.recordExpiresAt)()
    if (Either.isRight(swapped))
      return swapped.right === 'won' ? Either.right('opened') : Either.left({ _tag: 'StoreContended' })
    if (swapped.left.applied === 'no') return Either.left(unavailable)
    const loaded = await store.load(key)()
    return Either.isRight(loaded) && Option.isSome(loaded.right) && loaded.right.value.text === text
      ? Either.right('opened')
      : Either.left(unavailable)
  }

/**
 * The decision about a loaded record: the result, and the record to write before the result is returned; null when
 * nothing is written.
 */
export interface SwapDecision<Answer> {
  readonly answer: Answer
  readonly write: NewRecord | null
}

/** The parameters of a change. */
export interface SwapRules<Found, Answer> {
  readonly load: (key: string) => TaskEither.TaskEither<Refusal, Option.Option<Found>>
  readonly decide: (found: Option.Option<Found>) => Either.Either<Refusal, SwapDecision<Answer>>
  /** The maximum number of writes. */
  readonly tries: number
  /**
   * The result if the loaded record was written by an earlier try with an unknown outcome; null when it was not. If
   * this is null instead of a function, an unknown outcome means that the store is unavailable.
   */
  readonly recognize: ((found: Found, answer: Answer) => Answer | null) | null
}

/**
 * Loads a record, decides, and swaps it; starts again if another writer was faster. A record that the caller has loaded
 * a moment ago (`known`) takes the place of the first load: if it has changed since, the swap is lost.
 */
export const swapRecord =
  <Found extends { readonly version: Version }, Answer>(
    store: Store,
    { load, decide, tries, recognize }: SwapRules<Found, Answer>
  ) =>
  (key: string, known: Found | null = null): TaskEither.TaskEither<Refusal, Answer> =>
  async () => {
    /** The result of a write whose outcome is unknown. */
    let pending: Option.Option<Answer> = Option.none
    for (let tried = 0; ;) {
      const found = tried === 0 && known !== null ? Either.right(Option.some(known)) : await load(key)()
      if (Either.isLeft(found)) return found
      if (recognize !== null && Option.isSome(pending) && Option.isSome(found.right)) {
        const recognized = recognize(found.right.value, pending.value)
        if (recognized !== null) return Either.right(recognized)
      }
      if (tried >= tries) return Either.left(unavailable)
      const decided = decide(found.right)
      if (Either.isLeft(decided)) return decided
      const { answer, write } = decided.right
      if (write === null) return Either.right(answer)
      const version = Option.map((one: Found) => one.version)(found.right)
      const swapped = await store.swap(key, version, write.text, write.recordExpiresAt)()
      tried += 1
      if (Either.isLeft(swapped)) {
        if (recognize === null || (swapped.left.applied === 'no' && Option.isNone(pending)))
          return Either.left(unavailable)
        pending = Option.some(answer)
      } else if (swapped.right === 'won') return Either.right(answer)
      else if (tried >= tries && Option.isNone(pending)) return Either.left({ _tag: 'StoreContended' })
    }
  }

/** How a change of a stored machine handles other writers and unknown outcomes. */
export interface ChangeRules {
  /** The maximum number of writes. */
  readonly tries: number
  /**
   * Whether a later load can show that a write with an unknown outcome was our own. If not, the store is unavailable.
   */
  readonly recognizesOwn: boolean
}

const defaultChangeRules: ChangeRules = { tries: limits.recordChanges.default, recognizesOwn: true }

/** Changes a stored machine by an event. The event carries the `writeId` that its step writes into the state. */
export const changeRecord = <State extends StoredState, Event extends Tagged & { readonly writeId: string }, Command>(
  store: Store,
  codec: Type<State, unknown>,
  machine: Machine<State, Event, Command>,
  { tries, recognizesOwn }: ChangeRules = defaultChangeRules
) => {
  type Found = VersionedState<State>
  const perform = step(machine)
  const load = loadState(store, codec)
  const decide =
    (event: Event) =>
    (found: Option.Option<Found>): Either.Either<Refusal, SwapDecision<Change<State, Command>>> => {
      if (Option.isNone(found)) return Either.right({ answer: { _tag: 'NotFound' }, write: null })
      const next = perform(found.value.state, event)
      if (Either.isLeft(next)) {
        const { machine: name, state: from, event: on } = next.left
        return Either.left({ _tag: 'UnexpectedEvent', machine: name, state: from, event: on })
      }
      const { state } = next.right
      const isUnchanged = state === found.value.state
      return Either.right({
        answer: { _tag: 'Changed', ...next.right, unchanged: isUnchanged ? found.value : null },
        write: isUnchanged ? null : { text: recordText(state), recordExpiresAt: state.recordExpiresAt }
      })
    }
  const recognize =
    (event: Event) =>
    ({ state }: Found, answer: Change<State, Command>): Change<State, Command> | null =>
      answer._tag === 'Changed' && state.writeId === event.writeId ? { ...answer, state } : null
  return (
    key: string,
    event: Event,
    known: Found | null = null
  ): TaskEither.TaskEither<Refusal, Change<State, Command>> =>
    swapRecord(store, { load, decide: decide(event), tries, recognize: recognizesOwn ? recognize(event) : null })(
      key,
      known
    )
}
