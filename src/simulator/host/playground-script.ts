/**
 * The bundled script of the scope playground, as the build wrote it.
 *
 * @module
 */
import { readFileSync } from 'node:fs'
import * as Option from 'fp-ts/lib/Option.js'

const built = new URL('../../playground/playground.js', import.meta.url)

/** The text of the script; a script that names what is missing, when the project was not built. */
export const playgroundScript = (): string =>
  Option.getOrElse(() => "console.error('The scope playground is missing: build the project.')")(
    Option.tryCatch(() => readFileSync(built, 'utf8'))
  )
