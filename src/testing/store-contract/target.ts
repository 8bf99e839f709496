/**
 * What a test of a store gives, and what it gets: a target, and checks that any test runner can run.
 *
 * @module
 */
import type { PlainStore } from '../../plain/ports.js'
import type { EpochSeconds } from '../../values/time.js'
import type { ServerAddress } from './fault-proxy.js'

/** How a store under test is opened. */
export interface ContractOptions {
  /** The clock that judges expiry. It stands still and is moved by the checks. It begins half an hour ago. */
  readonly clock: () => EpochSeconds
}

/** How a store under test is opened through a proxy that disturbs it. */
export interface ProxiedOptions extends ContractOptions {
  /** The time after which a request must have failed. */
  readonly timeoutMilliseconds: number
}

/** Settings with which a store must not open. */
export interface UnsafeTarget {
  /** The name that the error must contain, such as `synchronous_commit`. */
  readonly name: string
  /** Opens the store with these settings; must reject. */
  readonly open: () => PlainStore | Promise<PlainStore>
}

/** A store under test. Only `open` is required; a check whose means are missing says that it is skipped. */
export interface StoreTarget {
  /** Opens a store on the same data each time, and on a new connection where there are connections. */
  readonly open: (options: ContractOptions) => PlainStore | Promise<PlainStore>
  /** Closes a store that one of the other functions opened. */
  readonly close?: (store: PlainStore) => unknown
  /** Gives where the engine listens. Needed with `throughProxy`. */
  readonly address?: () => ServerAddress | Promise<ServerAddress>
  /** Opens a store on the same data that connects to this address instead of the engine's. */
  readonly throughProxy?: (address: ServerAddress, options: ProxiedOptions) => PlainStore | Promise<PlainStore>
  /**
   * Opens a store on the same data whose client delivers each command to the engine twice and gives the second answer.
   */
  readonly deliveringTwice?: (options: ContractOptions) => PlainStore | Promise<PlainStore>
  /** Unsafe settings, each of which must be refused by its name. */
  readonly unsafe?: ReadonlyArray<UnsafeTarget>
}

/** A check of the contract. */
export interface StoreCheck {
  /** The name of the check; it does not change between releases. */
  readonly id: string
  /** The id, what must hold, and why the check is skipped, if it is. */
  readonly title: string
  /** Which means are missing; null when the check runs. */
  readonly skipped: string | null
  /**
   * Rejects when the store breaks the contract. A skipped check calls the function `skip` of the test context, if the
   * runner passes one, as Vitest and `node:test` do.
   */
  readonly run: (...context: ReadonlyArray<unknown>) => Promise<void>
}

/** What a check works with. */
export interface CheckContext {
  readonly target: StoreTarget
  /** Moves the clock of all stores forward. */
  readonly advance: (seconds: number) => void
  readonly now: () => EpochSeconds
  /** A key that only this check uses. */
  readonly key: (name: string) => string
  /** Another connection to the same data; closed after the check. */
  readonly open: () => Promise<PlainStore>
  /** A store that is closed after the check. */
  readonly opened: (opening: () => PlainStore | Promise<PlainStore>) => Promise<PlainStore>
  readonly options: ContractOptions
}

/** A check before it is bound to a target. */
export interface CheckDefinition {
  readonly id: string
  readonly what: string
  /** The members of the target without which the check is skipped. */
  readonly needs?: ReadonlyArray<keyof StoreTarget>
  readonly check: (context: CheckContext) => Promise<void>
}

/** A list of checks. */
export const checksOf = (checks: ReadonlyArray<CheckDefinition>): ReadonlyArray<CheckDefinition> => checks

/** Far enough in the future for checks that are not about expiry: thirty days. */
export const longLife = 30 * 86_400

/** Fails a check. */
export const fail = (what: string): never => {
  throw new Error(what)
}

/** A value in a message. */
export const shown = (value: unknown): string => {
  const text = JSON.stringify(value) as string | undefined
  return text === undefined
    ? String(value)
    : text.length > 200
      ? `${text.slice(0, 200)}... (${String(text.length)})`
      : text
}

/** Fails unless two values are the same text, number or null. */
export const mustBe = (found: unknown, expected: string | number | null, what: string): void => {
  if (found !== expected) fail(`${what}: expected ${shown(expected)}, found ${shown(found)}`)
}

/** The text of a record; null when there is none. */
export const textAt = async (store: PlainStore, key: string): Promise<string | null> =>
  (await store.load(key))?.text ?? null

/** The version of a record that must exist. */
export const versionAt = async (store: PlainStore, key: string): Promise<string> => {
  const found = await store.load(key)
  return found === null ? fail('a record that was written is absent') : found.version
}

/** What came of a swap. */
export type SwapOutcome = 'won' | 'lost' | 'not applied' | 'unknown'

const failedOutcome = (error: unknown): SwapOutcome =>
  typeof error === 'object' && error !== null && Object.hasOwn(error, 'applied') && 'applied' in error
    ? error.applied === 'no'
      ? 'not applied'
      : 'unknown'
    : 'unknown'

/** The outcome of a swap; an error is an outcome too. */
export const outcomeOf = async (swap: () => 'won' | 'lost' | PromiseLike<'won' | 'lost'>): Promise<SwapOutcome> => {
  try {
    return await swap()
  } catch (error) {
    return failedOutcome(error)
  }
}
