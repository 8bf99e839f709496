/** The contract of a store finds what it is meant to find: stores with one fault each fail the check for it. */
import { afterAll, describe, expect, it } from 'vitest'
import type { PlainStore } from '../../src/plain/ports.js'
import type { StoreTarget } from '../../src/testing.js'
import { storeContract } from '../../src/testing.js'
import type { Fault, LineEngine } from './line-engine.js'
import { lineStore, startLineEngine } from './line-engine.js'
import { wrongStores } from './wrong-stores.js'

const engines: Array<LineEngine> = []
afterAll(() => Promise.all(engines.map(({ close }) => close())))

const targetOf = async (fault: Fault): Promise<StoreTarget> => {
  const engine = await startLineEngine(fault)
  engines.push(engine)
  const ends = new WeakMap<PlainStore, () => void>()
  const opened = (store: PlainStore & { readonly close: () => void }): PlainStore => {
    ends.set(store, store.close)
    return store
  }
  return {
    open: (options) => opened(lineStore(engine, options, fault)),
    close: (store) => ends.get(store)?.(),
    address: () => engine,
    throughProxy: (address, options) => opened(lineStore(address, options, fault)),
    deliveringTwice: (options) => opened(lineStore(engine, { ...options, twice: true }, fault))
  }
}

/** The checks that fail, with their messages. */
const failuresOf = async (fault: Fault): Promise<ReadonlyMap<string, string>> => {
  const failed = new Map<string, string>()
  for (const { id, skipped, run } of storeContract(await targetOf(fault))) {
    if (skipped !== null) continue
    await run().catch((error: unknown) => failed.set(id, error instanceof Error ? error.message : ''))
  }
  return failed
}

describe('the contract of a store', () => {
  it('is kept by a correct store on the same engine', async () => {
    expect([...(await failuresOf({}))]).toEqual([])
  })

  it.concurrent.each(wrongStores)(
    'is broken by a store that $name: $meantFor',
    { timeout: 60_000 },
    async ({ fault, meantFor, others }) => {
      const failures = await failuresOf(fault)
      expect([...failures.keys()].sort(), JSON.stringify([...failures], null, 2)).toEqual(
        [meantFor, ...Object.keys(others)].sort()
      )
    }
  )
})
