/**
 * A small store of its own process, behind HTTP, with a log that it reads when it starts again. It is what the cluster
 * is checked with: in the right form nothing may be found, and each wrong form must be found.
 */
import { once } from 'node:events'
import { closeSync, existsSync, fsyncSync, openSync, readFileSync, writeSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { Store, StoredRecord, StoreError } from '../../../src/engine/ports.js'

/**
 * `right`: compares and writes in one step, and writes the log before it answers. `readCheckWrite`: the engine reads,
 * compares, and then writes without a condition. `earlyAnswer`: it answers before it writes the log. `oldReads`: reads
 * answer what was stored a moment ago, as those of a lagging replica do.
 */
export type ReferenceForm = 'right' | 'readCheckWrite' | 'earlyAnswer' | 'oldReads'

interface Entry extends StoredRecord {
  readonly expiresAt: number
}

interface Body {
  readonly operation: 'load' | 'swap' | 'write'
  readonly key: string
  readonly expected?: string | null
  readonly text?: string
  readonly expiresAt?: number
}

/** How long the log of `earlyAnswer` waits, and how old the reads of `oldReads` are, in milliseconds. */
const lag = 400

/** Serves the store on a port, with its log in a file. */
export const serveReferenceStore = async (form: ReferenceForm, port: number, log: string): Promise<Server> => {
  const entries = new Map<string, Entry>()
  const old = new Map<string, Entry>()
  if (existsSync(log)) {
    for (const line of readFileSync(log, 'utf8').split('\n').slice(0, -1)) {
      const [key, entry] = JSON.parse(line) as [string, Entry]
      entries.set(key, entry)
      old.set(key, entry)
    }
  }
  const descriptor = openSync(log, 'a')
  const persist = (key: string, entry: Entry): void => {
    writeSync(descriptor, `${JSON.stringify([key, entry])}\n`)
    if (form !== 'earlyAnswer') fsyncSync(descriptor)
  }
  const write = (key: string, text: string, expiresAt: number): void => {
    const entry = { version: randomUUID(), text, expiresAt }
    entries.set(key, entry)
    if (form === 'earlyAnswer')
      setTimeout(() => {
        persist(key, entry)
      }, lag)
    else persist(key, entry)
    if (form === 'oldReads') setTimeout(() => old.set(key, entry), lag)
  }
  const alive = (from: ReadonlyMap<string, Entry>, key: string): Entry | null => {
    const entry = from.get(key)
    return entry !== undefined && Date.now() / 1000 < entry.expiresAt ? entry : null
  }
  const answerTo = ({ operation, key, expected = null, text = '', expiresAt = 0 }: Body): unknown => {
    if (operation === 'load') return alive(form === 'oldReads' ? old : entries, key)
    if (operation === 'swap' && (alive(entries, key)?.version ?? null) !== expected) return 'lost'
    write(key, text, expiresAt)
    return 'won'
  }
  const server = createServer((request, response) => {
    const chunks: Array<Buffer> = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      response.end(JSON.stringify(answerTo(JSON.parse(Buffer.concat(chunks).toString()) as Body)))
    })
  })
  server.on('close', () => {
    closeSync(descriptor)
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  return server
}

const unknown: StoreError = { _tag: 'Unavailable', applied: 'unknown' }

/** The store, as an engine uses it. */
export const referenceStore = (form: ReferenceForm, address: string): Store => {
  const call = async <Answer>(body: Body): Promise<Either.Either<StoreError, Answer>> => {
    try {
      const response = await fetch(address, {
        method: 'POST',
        body: JSON.stringify(body),
        signal: AbortSignal.timeout(2000)
      })
      return Either.right((await response.json()) as Answer)
    } catch {
      return Either.left(unknown)
    }
  }
  const load = (key: string) => async () =>
    Either.map((found: StoredRecord | null) =>
      Option.map(({ version, text }: StoredRecord) => ({ version, text }))(Option.fromNullable(found))
    )(await call<StoredRecord | null>({ operation: 'load', key }))
  return {
    load,
    swap: (key, expected, text, expiresAt) => async () => {
      const body = { key, expected: Option.toNullable(expected), text, expiresAt }
      if (form !== 'readCheckWrite') return call<'won' | 'lost'>({ ...body, operation: 'swap' })
      const found = await load(key)()
      if (Either.isLeft(found)) return found
      const version = Option.map(({ version: stored }: StoredRecord) => stored)(found.right)
      if (Option.toNullable(version) !== Option.toNullable(expected)) return Either.right('lost')
      await pause(2)
      return call<'won' | 'lost'>({ ...body, operation: 'write' })
    }
  }
}
