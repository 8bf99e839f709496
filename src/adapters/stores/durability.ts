/**
 * What the stores on database engines have in common: their options, the settings that they refuse, texts that an
 * engine cannot hold, and the time limit of one request.
 *
 * @module
 */
import * as Either from 'fp-ts/lib/Either.js'
import type { Clock, StoreError } from '../../engine/ports.js'
import { likeliestName } from '../../values/likely-name.js'
import { limits } from '../../values/limits/limits.js'
import { ownMembers } from '../../values/own.js'
import { systemClock } from '../system.js'

/** A setting of the engine, of the client or of the store with which a store is not opened. */
export interface UnsafeSetting {
  /** Its name, as the engine spells it. */
  readonly setting: string
  readonly found: string
  readonly required: string
  /** What is lost with the value that was found. */
  readonly risk: string
  /** Whether `acceptUnsafe` may name it. */
  readonly isAcceptable: boolean
}

/** A setting that is checked before a store is opened, for the page of all of them. */
export type SettingText = Pick<UnsafeSetting, 'setting' | 'required' | 'risk' | 'isAcceptable'>

/** Why a store was not opened. */
export interface StoreRefusal {
  readonly _tag: 'StoreRefused'
  /** Every setting that is wrong or unsafe; never empty. */
  readonly settings: ReadonlyArray<UnsafeSetting>
}

/** The options of every store on a database engine. */
export interface DurableStoreOptions {
  /** Judges whether a record has expired. Default: the system clock. */
  readonly clock?: Clock
  /** The longest time of one request to the engine, in milliseconds; then its outcome is unknown. */
  readonly timeoutMilliseconds?: number
  /** The names of unsafe settings that are accepted, such as `['synchronous_commit']`. */
  readonly acceptUnsafe?: ReadonlyArray<string>
}

/** Options that were checked. */
export interface CheckedStoreOptions {
  readonly clock: Clock
  readonly timeoutMilliseconds: number
  readonly accepted: ReadonlySet<string>
}

const commonNames = ['clock', 'timeoutMilliseconds', 'acceptUnsafe']

/** The longest delay of a timer of the platform. */
const longestTime = 2 ** 31 - 1

const isText = (value: unknown): value is string => typeof value === 'string'

/** A setting that cannot be accepted, because the store does not work with it. */
export const wrongSetting = (setting: string, found: string, required: string, risk: string): UnsafeSetting => ({
  setting,
  found,
  required,
  risk,
  isAcceptable: false
})

const wrongOption = (name: string, found: unknown, required: string): UnsafeSetting =>
  wrongSetting(
    name,
    isText(found) ? JSON.stringify(found.slice(0, limits.shownText.default)) : found === null ? 'null' : typeof found,
    required,
    'the option would have no effect, or another one than intended'
  )

const meant = (name: string, known: ReadonlyArray<string>): string => {
  const likeliest = likeliestName(name, known)
  return likeliest === null ? `one of ${known.join(', ')}` : `a known name, probably \`${likeliest}\``
}

/** The refusal of settings. */
export const refused = (settings: ReadonlyArray<UnsafeSetting>): Either.Either<StoreRefusal, never> =>
  Either.left({ _tag: 'StoreRefused', settings })

/**
 * Checks the options of a store. `acceptable` are the settings that `acceptUnsafe` may name, `more` the options that
 * only this store has. An unknown option and an unknown name in `acceptUnsafe` are refused.
 *
 * @example
 * ```ts
 * import * as Either from 'fp-ts/lib/Either.js'
 * import { checkedStoreOptions } from './durability.js'
 *
 * const checked = checkedStoreOptions({ acceptUnsafe: ['synchronous_comit'] }, ['synchronous_commit'], [])
 * Either.isLeft(checked) && checked.left.settings[0]?.required // => 'a known name, probably `synchronous_commit`'
 * ```
 */
export const checkedStoreOptions = (
  options: DurableStoreOptions,
  acceptable: ReadonlyArray<string>,
  more: ReadonlyArray<string>
): Either.Either<StoreRefusal, CheckedStoreOptions> => {
  const given = ownMembers(options) as Readonly<Record<string, unknown>>
  const { clock, timeoutMilliseconds, acceptUnsafe } = given as DurableStoreOptions
  const known = [...commonNames, ...more]
  const wrong: Array<UnsafeSetting> = Object.keys(given)
    .filter((name) => given[name] !== undefined && !known.includes(name))
    .map((name) => wrongOption(name, given[name], meant(name, known)))
  if (clock !== undefined && typeof (clock as Partial<Clock> | null)?.now !== 'function')
    wrong.push(wrongOption('clock', clock, 'a clock, or nothing'))
  if (
    timeoutMilliseconds !== undefined &&
    !(Number.isInteger(timeoutMilliseconds) && timeoutMilliseconds > 0 && timeoutMilliseconds <= longestTime)
  ) {
    const found = typeof timeoutMilliseconds === 'number' ? String(timeoutMilliseconds) : timeoutMilliseconds
    wrong.push(wrongOption('timeoutMilliseconds', found, `a whole number from 1 to ${String(longestTime)}`))
  }
  const names: ReadonlyArray<unknown> = Array.isArray(acceptUnsafe) ? (acceptUnsafe as ReadonlyArray<unknown>) : []
  if (acceptUnsafe !== undefined && !Array.isArray(acceptUnsafe))
    wrong.push(wrongOption('acceptUnsafe', acceptUnsafe, 'an array of names'))
  for (const name of names) {
    if (isText(name) && acceptable.includes(name)) continue
    wrong.push(wrongOption('acceptUnsafe', name, isText(name) ? meant(name, acceptable) : 'an array of names'))
  }
  if (wrong.length > 0) return refused(wrong)
  return Either.right({
    clock: clock ?? systemClock,
    timeoutMilliseconds: timeoutMilliseconds ?? limits.storeRequestTime.default,
    accepted: new Set(names.filter(isText))
  })
}

/** The settings that remain when those are left out that the host accepts by name. */
export const withoutAccepted = (
  settings: ReadonlyArray<UnsafeSetting>,
  { accepted }: CheckedStoreOptions
): ReadonlyArray<UnsafeSetting> =>
  settings.filter(({ setting, isAcceptable }) => !(isAcceptable && accepted.has(setting)))

/** The failure of a request to an engine; the reason is for the log and holds neither keys nor texts. */
export const storeUnavailable = (applied: StoreError['applied'], reason: string): StoreError => ({
  _tag: 'Unavailable',
  applied,
  reason
})

/**
 * Why an engine cannot hold texts: null when it can. NUL ends a text in some engines, and half of a surrogate pair has
 * no UTF-8 form, so that two keys would become one.
 */
export const unstorable = (...texts: ReadonlyArray<string>): StoreError | null =>
  texts.some((text) => text.includes('\0') || !text.isWellFormed())
    ? storeUnavailable('no', 'a key or text with NUL or half of a surrogate pair cannot be stored')
    : null

/** Why a record cannot be written; null when it can. */
export const unwritable = (key: string, text: string, expiresAt: number): StoreError | null =>
  Number.isFinite(expiresAt)
    ? unstorable(key, text)
    : storeUnavailable('no', 'the time at which a record expires must be a finite number')

/** What came of a request: an answer, an error, or nothing within the time. */
export type Settled<Answer> =
  | { readonly _tag: 'Answered'; readonly answer: Answer }
  | { readonly _tag: 'Failed'; readonly error: unknown }
  | { readonly _tag: 'Late' }

/** Waits for a request for a limited time. A late answer or error is dropped; `onLate` may end the request. */
export const settledWithin = <Answer>(
  milliseconds: number,
  request: () => PromiseLike<Answer>,
  onLate?: () => void
): Promise<Settled<Answer>> =>
  new Promise((resolve) => {
    const timer = setTimeout(() => {
      resolve({ _tag: 'Late' })
      onLate?.()
    }, milliseconds)
    const settle = (settled: Settled<Answer>): void => {
      clearTimeout(timer)
      resolve(settled)
    }
    try {
      request().then(
        (answer) => {
          settle({ _tag: 'Answered', answer })
        },
        (error: unknown) => {
          settle({ _tag: 'Failed', error })
        }
      )
    } catch (error) {
      settle({ _tag: 'Failed', error })
    }
  })

/** The failure of a request that took too long after it may have been sent. */
export const lateFailure: StoreError = storeUnavailable('unknown', 'the engine did not answer in time')

/** A fresh version: 122 random bits, so that no version repeats. */
export const freshVersion = (): string => crypto.randomUUID()
