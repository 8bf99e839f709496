/** Redemptions of authorization codes that race through the token endpoints of two servers on one store. */
import type { Store } from '../../src/engine/ports.js'
import { systemRandom } from '../../src/adapters/system.js'
import { exchange, newFixture, obtainCode } from '../support/server-fixture.js'

/** The second at which the servers and their stores stand. */
export const raceClock = { now: () => 1000 }

/** What came of the races. */
export interface RaceReport {
  /** The codes that were raced for. */
  readonly codes: number
  /** The requests at the token endpoints. */
  readonly requests: number
  /** The codes for which two requests or more got tokens. */
  readonly redeemedTwice: number
  /** The codes for which no request got tokens. */
  readonly redeemedNever: number
  /** The requests that were answered with 503. */
  readonly unavailable: number
}

/** The requests for one code: half of them at each server. */
const requestsPerCode = 4

/** The codes that are raced for at the same time. */
const codesAtOnce = 8

const serverOn = (store: Store) => newFixture({ ports: { store, random: systemRandom } })

/** Lets two servers, each on its own store, redeem each of so many codes in several requests at the same time. */
export const raceRedemptions = async (stores: readonly [Store, Store], codes: number): Promise<RaceReport> => {
  const servers = [serverOn(stores[0]), serverOn(stores[1])] as const
  const counts = { requests: 0, redeemedTwice: 0, redeemedNever: 0, unavailable: 0 }
  let left = codes
  const raceForOne = async (): Promise<void> => {
    const code = await obtainCode(servers[left % 2 === 0 ? 0 : 1], { scope: 'launch/patient patient/*.rs' })
    const statuses = await Promise.all(
      Array.from({ length: requestsPerCode }, async (_, place) => {
        const { status } = await exchange(servers[place % 2 === 0 ? 0 : 1], code)
        return status
      })
    )
    const redeemed = statuses.filter((status) => status === 200).length
    counts.requests += statuses.length
    if (redeemed > 1) counts.redeemedTwice += 1
    if (redeemed === 0) counts.redeemedNever += 1
    counts.unavailable += statuses.filter((status) => status === 503).length
  }
  const work = async (): Promise<void> => {
    while (left > 0) {
      left -= 1
      await raceForOne()
    }
  }
  await Promise.all(Array.from({ length: codesAtOnce }, work))
  return { codes, ...counts }
}
