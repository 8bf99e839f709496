/**
 * The few words of fp-ts's `Either` that the scope language needs: the same values, without the 7 kB that the whole
 * module weighs in a browser. Whoever has fp-ts uses its functions on them.
 *
 * @module
 */
import type { Either } from 'fp-ts/lib/Either.js'

export type { Either, Left, Right } from 'fp-ts/lib/Either.js'

/** The bad answer. */
export const left = <E>(value: E): Either<E, never> => ({ _tag: 'Left', left: value })

/** The good answer. */
export const right = <A>(value: A): Either<never, A> => ({ _tag: 'Right', right: value })

/** Whether it is the bad answer. */
export const isLeft = <E, A>(either: Either<E, A>): either is Extract<Either<E, A>, { readonly _tag: 'Left' }> =>
  either._tag === 'Left'
