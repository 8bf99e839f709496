/**
 * The plain form of stores on database engines: promises, and one error that names every setting that is refused.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type * as TaskEither from 'fp-ts/lib/TaskEither.js'
import type { DurableStoreOptions, StoreRefusal } from '../../adapters/stores/durability.js'
import type { Clock, Store } from '../../engine/ports.js'
import { ownMembers } from '../../values/own.js'
import type { EpochSeconds } from '../../values/time.js'
import type { SmartConfigurationError } from '../configuration-error.js'
import { plainStore } from '../engine-ports.js'
import type { PlainStore } from '../ports.js'

/** The options of every store on a database engine. */
export interface PlainDurableStoreOptions extends Omit<DurableStoreOptions, 'clock'> {
  /** The time in seconds since the epoch, which judges whether a record has expired. Default: the system clock. */
  readonly clock?: () => EpochSeconds
}

/** The options of a store with the engine's form of a clock. */
export const engineStoreOptions = <Options extends PlainDurableStoreOptions>(
  options: Options
): Omit<Options, 'clock'> & { readonly clock?: Clock } => {
  const { clock, ...others } = ownMembers(options)
  // What is no function is passed on, so that it is refused by its name.
  return clock === undefined ? others : { ...others, clock: { now: clock } }
}

const refusalError = (calledFunction: string, { settings }: StoreRefusal): SmartConfigurationError => {
  const lines = settings.map(({ setting, found, required, risk, isAcceptable }) => {
    const override = isAcceptable ? ` To accept it: acceptUnsafe: ['${setting}'].` : ''
    return `  ${setting}: expected ${required}; found ${found}. Risk: ${risk}.${override}`
  })
  return Object.assign(new Error(`${calledFunction} refuses these settings:\n${lines.join('\n')}`), {
    name: 'SmartConfigurationError' as const,
    errors: settings.map(({ setting, required, found }) => ({ path: setting, expected: required, found }))
  })
}

/** The plain form of a store that is opened; rejects with a `SmartConfigurationError`. */
export const openedStore = async (
  calledFunction: string,
  opening: TaskEither.TaskEither<StoreRefusal, Store>
): Promise<PlainStore> => {
  const opened = await opening()
  if (Either.isLeft(opened)) throw refusalError(calledFunction, opened.left)
  return plainStore(opened.right, {})
}
