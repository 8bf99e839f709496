/**
 * Numbers that look random and follow from a seed, for the synthetic data. Source: the generator mulberry32 (public
 * domain).
 */

/** Draws from a seed: the same seed gives the same draws in the same order. */
export interface Draw {
  /** A whole number from `low` to `high`, both included. */
  readonly between: (low: number, high: number) => number
  /** A number near `middle`, at most `spread` away, with so many decimal places. */
  readonly near: (middle: number, spread: number, places: number) => number
  /** One item of a list, which must not be empty. */
  readonly oneOf: <Item>(items: readonly [Item, ...ReadonlyArray<Item>]) => Item
  /** `count` different items of a list, or all of them. */
  readonly someOf: <Item>(items: ReadonlyArray<Item>, count: number) => ReadonlyArray<Item>
}

const mulberry32 = (seed: number): (() => number) => {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** The draws of a seed. */
export const drawFrom = (seed: number): Draw => {
  const next = mulberry32(seed)
  const between = (low: number, high: number): number => low + Math.floor(next() * (high - low + 1))
  return {
    between,
    near: (middle, spread, places) => Number((middle + (next() * 2 - 1) * spread).toFixed(places)),
    oneOf: (items) => items[between(0, items.length - 1)] ?? items[0],
    someOf: (items, count) => {
      const left = [...items]
      return Array.from({ length: Math.min(count, left.length) }, () =>
        left.splice(between(0, left.length - 1), 1)
      ).flat()
    }
  }
}
