/**
 * The result of an operation that can fail, as plain data.
 *
 * @module
 */
import type { Either } from 'fp-ts/lib/Either.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'

/** A success with its value, or a failure with its reason. The promise of an operation never rejects. */
export type Result<Value, Failure> =
  { readonly ok: true; readonly value: Value } | { readonly ok: false; readonly failure: Failure }

/** A value, or a promise of it: what a function of the host may return. */
export type Awaitable<Value> = Value | Promise<Value>

/** An `Either` as a result. */
export const resultOf = <Failure, Value>(either: Either<Failure, Value>): Result<Value, Failure> =>
  either._tag === 'Right' ? { ok: true, value: either.right } : { ok: false, failure: either.left }

/** Runs a `TaskEither`, and gives its result. */
export const runResult = async <Failure, Value>(work: TaskEither<Failure, Value>): Promise<Result<Value, Failure>> =>
  resultOf(await work())
