import type { LimitName } from '../../src/values/limits/limits.js'

/**
 * How a bound is reached. `run` sends something of a size to the real code and gives back `within` when it was taken,
 * or else what the peer receives; one row, or more, for every bound of `src/values/limits/limits.ts`.
 */
export interface ShownLimit {
  readonly limit: LimitName
  /** Where the bound is reached, where one bound holds in several places. */
  readonly at?: string
  /** A size that is taken, and one that is not. Default: the bound itself, and one more. */
  readonly sizes?: readonly [below: number, above: number]
  readonly run: (size: number) => Promise<string>
  /** What the peer receives beyond the bound. */
  readonly peerResponse: string
}
