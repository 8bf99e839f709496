import { countingNatives } from './native-work.js'

/**
 * The work that is done, in operations: what `counted-source.ts` and `native-work.ts` report. Nothing is counted
 * between measurements.
 */
const state = { isCounting: false, count: 0 }

const add = (operations: number): void => {
  if (state.isCounting) state.count += operations
}

/** How long a text is; 1 for whatever else was added or printed. */
const lengthOf = (value: unknown): number => (typeof value === 'string' ? value.length : 1)

function* counted(items: Iterable<unknown>): Generator {
  for (const item of items) {
    add(1)
    yield item
  }
}

/** What the changed sources call. Each gives back what it was given. */
export const work = {
  step: (): void => {
    add(1)
  },
  ofText: <A>(value: A): A => {
    add(lengthOf(value))
    return value
  },
  ofObject: <A>(value: A): A => {
    if (typeof value === 'object' && value !== null) add(Reflect.ownKeys(value).length)
    return value
  },
  ofItems: (value: unknown): unknown => {
    if (value === null || value === undefined || typeof value !== 'object') {
      if (typeof value === 'string') add(value.length)
      return value
    }
    if (Array.isArray(value) || ArrayBuffer.isView(value)) add((value as { readonly length: number }).length)
    else if (value instanceof Map || value instanceof Set) add(value.size)
    else if (Symbol.iterator in value) return counted(value as Iterable<unknown>)
    return value
  }
}

const begin = (): (() => number) => {
  const restore = countingNatives(add)
  state.count = 0
  state.isCounting = true
  return () => {
    state.isCounting = false
    restore()
    return state.count
  }
}

/** How many operations a piece of work takes, in one turn or in several. */
export const workOf = async (run: () => unknown): Promise<number> => {
  const end = begin()
  try {
    const answer = run()
    if (answer instanceof Promise) await answer
  } finally {
    end()
  }
  return state.count
}
