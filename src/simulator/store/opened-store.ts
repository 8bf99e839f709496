/** What the openers of the simulator's stores have in common. */
import type { StoreRefusal } from '../../adapters/stores/durability.js'
import { messageOf } from '../../adapters/error-message.js'
import type { Store } from '../../engine/ports.js'
import { limits } from '../../values/limits/limits.js'
import { ownMember } from '../../values/own.js'

/** A store that was opened. */
export interface OpenedStore extends StoreConnection {
  /** The address, without user name and password. */
  readonly inWords: string
}

/** A store, and the end of its connections. */
export interface StoreConnection {
  /** Null: everything is kept in the memory of the process. */
  readonly store: Store | null
  /** Closes the connections. */
  readonly close: () => Promise<void>
}

/** Why a store cannot be used. */
export interface StoreComplaint {
  readonly expected: string
  /** A reason, such as the message of the client; null if there is none. */
  readonly because: string | null
}

/** The message of a client's error, or its code where the message is empty. */
export const clientMessage = (error: unknown): string => {
  if (!(error instanceof Error) || error.message !== '') return messageOf(error)
  return ownMember(error as NodeJS.ErrnoException, 'code') ?? 'unknown'
}

/** How long a client may try to connect, in milliseconds. */
export const connectTime = limits.storeRequestTime.default

/** The complaint about a client that is not installed. */
export const notInstalled = (what: string, command: string): StoreComplaint => ({
  expected: `${what} (${command})`,
  because: null
})

/** The complaint about settings of the engine. `accept` says how those that may be accepted are accepted. */
export const refusedSettings = (
  { settings }: StoreRefusal,
  accept: (names: ReadonlyArray<string>) => string
): StoreComplaint => {
  const acceptable = settings.filter(({ isAcceptable }) => isAcceptable).map(({ setting }) => setting)
  const required = settings.map(({ setting, required: value, risk }) => `${setting}: ${value} (else ${risk})`)
  return {
    expected: `${required.join('; ')}${acceptable.length === 0 ? '' : `; or ${accept(acceptable)}`}`,
    because: settings.map(({ setting, found }) => `${setting}: ${found}`).join('; ')
  }
}

/** How the address of a database server accepts unsafe settings. */
export const acceptedInAddress = (names: ReadonlyArray<string>): string =>
  `?acceptUnsafe=${names.join(',')} at the end of the address`
