/** Reads files named on the command line. */
import { readFileSync } from 'node:fs'
import * as Either from 'fp-ts/lib/Either.js'
import { pipe } from 'fp-ts/lib/function.js'

/** UTF-8 text without a byte order mark; null if the bytes are not UTF-8. */
const decoded = (bytes: Uint8Array): Either.Either<null, string> =>
  Either.tryCatch(
    () => new TextDecoder('utf-8', { fatal: true }).decode(bytes),
    () => null
  )

/** The text of a file; or one line with the reason why it cannot be read. */
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
