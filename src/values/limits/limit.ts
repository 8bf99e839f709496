/**
 * What a bound is: a row of the table of limits.
 *
 * @module
 */

/** One bound. */
export interface Limit {
  /** The part of the toolkit that keeps it. */
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
    | 'simulator'
  /** What is bounded: a noun phrase that says of what. */
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
  /** The most that is taken, where a host says nothing else. */
  readonly standard: number
  /** Where a host sets another value; null where none may need one. */
  readonly setting: string | null
  /** What the peer is told beyond it, or what happens to what is beyond. */
  readonly beyond: string
}
