/**
 * Looks at the settings of a store again while it is used. A setting that becomes unsafe stops the store: each
 * operation is refused, without effect, until a later look finds the settings safe.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import type { Clock, Store, StoreError } from '../../engine/ports.js'

/** How the settings are looked at. */
export interface SettingsWatch {
  readonly clock: Clock
  /** The time from one look to the next, in seconds. No look is made while the store is not used. */
  readonly seconds: number
  /** Whether the settings are safe; rejects when they cannot be read, which changes nothing. */
  readonly look: () => Promise<boolean>
}

const refused: StoreError = { _tag: 'Unavailable', applied: 'no' }

/**
 * A store whose settings are looked at again. The first operation after the time starts a look and does not wait for
 * it, so a write may still be acknowledged in the time of one look after the setting changed.
 */
export const watchedStore = (store: Store, { clock, seconds, look }: SettingsWatch): Store => {
  let isSafe = true
  let lookedAt = clock.now()
  const guarded =
    <Answer>(work: TaskEither<StoreError, Answer>): TaskEither<StoreError, Answer> =>
    async () => {
      const now = clock.now()
      if (now >= lookedAt + seconds || now < lookedAt) {
        lookedAt = now
        look().then(
          (safe) => {
            isSafe = safe
          },
          () => undefined
        )
      }
      return isSafe ? work() : Either.left(refused)
    }
  return {
    load: (key) => guarded(store.load(key)),
    swap: (key, expected, text, expiresAt) => guarded(store.swap(key, expected, text, expiresAt))
  }
}
