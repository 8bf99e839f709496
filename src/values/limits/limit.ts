/**
 * The type of a row in the table of limits.
 *
 * @module
 */

/** One limit. */
export interface Limit {
  /** The part of the toolkit that enforces it. */
  readonly subject:
    | 'scopes'
    | 'authorization'
    | 'clients'
    | 'tokens'
    | 'registration'
    | 'launch'
    | 'discovery'
    | 'fhir'
    | 'app'
    | 'http'
    | 'network'
    | 'memory'
    | 'host'
    | 'simulator'
  /** What is limited: a noun phrase. */
  readonly what: string
  readonly unit:
    | 'bytes'
    | 'characters'
    | 'items'
    | 'levels'
    | 'comparisons'
    | 'operations'
    | 'requests'
    | 'milliseconds'
    | 'seconds'
    | 'bits'
  /** The default maximum. */
  readonly default: number
  /** Where a host sets another value; null if it cannot be changed. */
  readonly setting: string | null
  /** What happens beyond the limit, and the response that the peer gets. */
  readonly beyond: string
}
