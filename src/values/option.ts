/**
 * The few words of fp-ts's `Option` that the scope language needs; see `either.ts`.
 *
 * @module
 */
import type { Option } from 'fp-ts/lib/Option.js'

export type { Option } from 'fp-ts/lib/Option.js'

/** Nothing. */
export const none: Option<never> = { _tag: 'None' }

/** Something. */
export const some = <A>(value: A): Option<A> => ({ _tag: 'Some', value })
