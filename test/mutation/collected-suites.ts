/**
 * Stands in for `vitest` in a mutation run: it collects the tests of the suites, so that one process plays them once
 * for each mutant and does not load them again. The expectations are those of vitest.
 */
import { readFileSync } from 'node:fs'
import { expect as real } from 'vitest'

type Play = (...values: ReadonlyArray<unknown>) => unknown

/** A test, by its full name. */
export interface CollectedTest {
  readonly name: string
  readonly play: () => unknown
}

/** The tests of the suites that are loaded. */
export const collected: Array<CollectedTest> = []

let path: ReadonlyArray<string> = []

/** How many tests have a name: further ones get a number. */
const named = new Map<string, number>()

/** The last function among the arguments: a test may have options before or behind it. */
const playOf = (rest: ReadonlyArray<unknown>): Play => rest.find((one) => typeof one === 'function') as Play

const add = (name: string, play: () => unknown): void => {
  const whole = [...path, name].join(' > ')
  const before = named.get(whole) ?? 0
  named.set(whole, before + 1)
  collected.push({ name: before === 0 ? whole : `${whole} (${String(before)})`, play })
}

export const it = (name: string, ...rest: ReadonlyArray<unknown>): void => {
  const play = playOf(rest)
  add(name, () => play())
}

it.each =
  (rows: ReadonlyArray<unknown>) =>
  (name: string, ...rest: ReadonlyArray<unknown>): void => {
    const play = playOf(rest)
    for (const row of rows) add(name, () => (Array.isArray(row) ? play(...(row as ReadonlyArray<unknown>)) : play(row)))
  }

export const test = it

export const describe = (name: string, ...rest: ReadonlyArray<unknown>): void => {
  const outer = path
  path = [...path, name]
  playOf(rest)()
  path = outer
}

describe.each =
  (rows: ReadonlyArray<unknown>) =>
  (name: string, ...rest: ReadonlyArray<unknown>): void => {
    for (const row of rows)
      describe(name, () => playOf(rest)(...(Array.isArray(row) ? (row as ReadonlyArray<unknown>) : [row])))
  }

/** Vitest's own, but for snapshots in files: these need a run of vitest. */
const comparing = (received: unknown): unknown =>
  new Proxy(real(received), {
    get: (assertion, name) =>
      name === 'toMatchFileSnapshot'
        ? (file: string) => {
            if (readFileSync(file, 'utf8') !== received) throw new Error(`it is not what ${file} holds`)
          }
        : (Reflect.get(assertion, name) as unknown)
  })

export const expect = Object.assign(comparing, real)
