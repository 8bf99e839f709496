/** A store that keeps nothing but one JSON text: what is not in the text is lost with the process. */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { systemClock } from '../../../src/adapters/system.js'
import type { Store } from '../../../src/engine/ports.js'

interface Row {
  readonly version: string
  readonly text: string
  readonly expiresAt: number
}

/** Where the text is. */
export interface JsonFile {
  text: string
}

/** A store in a text. Several stores may share one. */
export const jsonStore = (file: JsonFile): Store => {
  const rows = (): Record<string, Row | undefined> => JSON.parse(file.text) as Record<string, Row | undefined>
  const alive = (row: Row | undefined): Row | undefined =>
    row !== undefined && systemClock.now() < row.expiresAt ? row : undefined
  /** Other requests run before the answer, as with a real store. */
  const answered = <Value>(work: () => Value) => {
    return async () => {
      await new Promise((resolve) => {
        setImmediate(resolve)
      })
      return Either.right(work())
    }
  }
  return {
    load: (key) =>
      answered(() => {
        const row = alive(rows()[key])
        return row === undefined ? Option.none : Option.some({ version: row.version, text: row.text })
      }),
    swap: (key, expected, text, expiresAt) =>
      answered(() => {
        const all = rows()
        if ((alive(all[key])?.version ?? null) !== Option.toNullable(expected)) return 'lost'
        file.text = JSON.stringify({ ...all, [key]: { version: globalThis.crypto.randomUUID(), text, expiresAt } })
        return 'won'
      })
  }
}
