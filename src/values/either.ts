/**
 * The part of fp-ts's `Either` that the scope language needs. The values are the same as those of fp-ts, so its
 * functions work on them. The fp-ts module itself would add 7 kB to a browser bundle.
 *
 * @module
 */
import type { Either } from 'fp-ts/lib/Either.js'

export type { Either, Left, Right } from 'fp-ts/lib/Either.js'

/** An error. */
export const left = <E>(value: E): Either<E, never> => ({ _tag: 'Left', left: value })

/** A success. */
export const right = <A>(value: A): Either<never, A> => ({ _tag: 'Right', right: value })

/** Whether it is an error. */
export const isLeft = <E, A>(either: Either<E, A>): either is Extract<Either<E, A>, { readonly _tag: 'Left' }> =>
  either._tag === 'Left'
