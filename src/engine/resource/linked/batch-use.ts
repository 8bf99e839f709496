/**
 * Whether an upstream server takes a batch, as far as lookups have found out. It is remembered for each server as long
 * as the server object is used, and learned again after a number of rounds, because a refusal may have had another
 * cause and servers change. Rounds are counted; there is no clock.
 *
 * @module
 */
import type { FhirServer } from '../../ports.js'
import { limits } from '../../../values/limits/limits.js'

/** What is known about one server. */
export interface BatchUse {
  /** Whether a round is sent as a batch. A round that is not is counted. */
  readonly isTried: () => boolean
  /** Takes whether the server took a batch. */
  readonly learn: (isTaken: boolean) => void
}

const known = new WeakMap<FhirServer, BatchUse>()

const newBatchUse = (): BatchUse => {
  let alone = 0
  return {
    isTried: () => {
      if (alone === 0) return true
      alone -= 1
      return false
    },
    learn: (isTaken) => {
      alone = isTaken ? 0 : limits.fhirRoundsAlone.default
    }
  }
}

/**
 * What is known about a server; the same for all requests to it.
 *
 * @example
 * ```ts
 * import { batchUseOf } from './batch-use.js'
 *
 * const server = { answer: () => () => Promise.reject(new Error('no server')) }
 * batchUseOf(server).learn(false)
 * batchUseOf(server).isTried() // => false
 * ```
 */
export const batchUseOf = (server: FhirServer): BatchUse => {
  const use = known.get(server) ?? newBatchUse()
  known.set(server, use)
  return use
}
