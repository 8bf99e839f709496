/**
 * No code is redeemed twice, however many processes race for it. `RACES=long` races for 100,000 codes on each engine.
 */
import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import type { TaskEither } from 'fp-ts/lib/TaskEither.js'
import { setTimeout as pause } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, describe, expect, it } from 'vitest'
import { memoryStore } from '../../src/adapters/stores/memory-store.js'
import type { StoreRefusal } from '../../src/adapters/stores/durability.js'
import { openPostgresStore, postgresMigration } from '../../src/adapters/stores/postgres.js'
import type { Store } from '../../src/engine/ports.js'
import { describeEngine } from '../support/engines/engine.js'
import { missingPostgres, startPostgres } from '../support/engines/postgres.js'
import { raceClock, raceRedemptions } from './redemptions.js'

const codes = process.env['RACES'] === 'long' ? 100_000 : 2000

/** An engine, and two stores on it with connections of their own. */
interface RaceRow {
  readonly name: string
  readonly missing: string | null
  readonly start: () => Promise<{ readonly stores: readonly [Store, Store]; readonly stop: () => Promise<void> }>
}

const opened = async (opening: TaskEither<StoreRefusal, Store>): Promise<Store> => {
  const store = await opening()
  if (Either.isLeft(store)) throw new Error(JSON.stringify(store.left))
  return store.right
}

const rows: ReadonlyArray<RaceRow> = [
  {
    name: 'PostgreSQL',
    missing: missingPostgres(),
    start: async () => {
      const server = await startPostgres()
      const pools = [new Pool({ ...server, max: 8 }), new Pool({ ...server, max: 8 })] as const
      await pools[0].query(postgresMigration)
      const open = (pool: Pool) => opened(openPostgresStore(pool, { clock: raceClock }))
      return {
        stores: [await open(pools[0]), await open(pools[1])],
        stop: async () => {
          for (const pool of pools) await pool.end()
          await server.stop()
        }
      }
    }
  }
]

describe.each(rows)('codes on $name', ({ name, missing, start }) => {
  const stops: Array<() => Promise<void>> = []
  afterAll(async () => {
    for (const stop of stops) await stop()
  })

  describeEngine(`${name} with two servers`, missing, () => {
    it(`${String(codes)} codes are redeemed once`, { timeout: codes * 100 }, async () => {
      const { stores, stop } = await start()
      stops.push(stop)
      const report = await raceRedemptions(stores, codes)
      console.log(`${name}: ${JSON.stringify(report)}`)
      expect(report).toMatchObject({ codes, redeemedTwice: 0, redeemedNever: 0, unavailable: 0 })
    })
  })
})

describe('the race', () => {
  it('finds a store that reads, checks and writes in separate steps', async () => {
    const memory = memoryStore(raceClock)
    const torn: Store = {
      load: memory.load,
      swap: (key, expected, text, expiresAt) => async () => {
        const found = await memory.load(key)()
        if (Either.isLeft(found)) return found
        const version = Option.map(({ version }: { readonly version: string }) => version)(found.right)
        if (Option.toNullable(version) !== Option.toNullable(expected)) return Either.right('lost')
        await pause(1)
        const now = await memory.load(key)()
        if (Either.isLeft(now)) return now
        return memory.swap(
          key,
          Option.map(({ version: one }: { readonly version: string }) => one)(now.right),
          text,
          expiresAt
        )()
      }
    }
    const report = await raceRedemptions([torn, torn], 20)
    expect(report.redeemedTwice).toBeGreaterThan(0)
  })
})
