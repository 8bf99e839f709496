/**
 * One reader, decision or merge, and an input for it that grows.
 *
 * To add a row: name what is measured, and give a function that makes the input of a size and returns the work on it.
 * Making the input is not counted. Choose the shape that costs most (many scopes, one long value, a common beginning,
 * nothing that is found early), and a size whose double is still within the bounds of `src/values/limits/limits.ts`:
 * what is refused costs little. A row is measured after a small one of its kind, so that what is made once is not
 * counted.
 */
export interface LinearRow {
  readonly name: string
  /** The size of the smaller input. Default: 200. */
  readonly size?: number
  readonly of: (size: number) => (() => unknown) | Promise<() => unknown>
}

/** By how much twice the input may cost more. */
export const mostGrowth = 2.5
