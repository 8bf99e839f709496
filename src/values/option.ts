/**
 * The part of fp-ts's `Option` that the scope language needs; see `either.ts`.
 *
 * @module
 */
import type { Option } from 'fp-ts/lib/Option.js'

export type { Option } from 'fp-ts/lib/Option.js'

/** No value. */
export const none: Option<never> = { _tag: 'None' }

/** A value. */
export const some = <A>(value: A): Option<A> => ({ _tag: 'Some', value })
