/** Files that people name on the command line. */
import { readFileSync } from 'node:fs'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

/** UTF-8, without the mark that some editors put at the beginning; what is no UTF-8 is not guessed at. */
const decoded = (bytes: Uint8Array): Either.Either<null, string> =>
  Either.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => null
  )

/** The text of a file; or one line that says why there is none. */
export const readTextFile = (fileName: string): Either.Either<string, string> =>
  pipe(
    Either.tryCatch(
      () => readFileSync(fileName),
      (error) => `${fileName}: cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`
    ),
    Either.chain((bytes) =>
      pipe(
        decoded(bytes),
        Either.mapLeft(() => `${fileName}: expected text in UTF-8`)
      )
    )
  )
