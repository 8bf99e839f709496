/**
 * Checks of swaps that race on several connections: one of them wins.
 *
 * @module
 */
import type { PlainStore } from '../../plain/ports.js'
import type { CheckContext } from './target.js'
import { checksOf, fail, longLife, mustBe, outcomeOf, textAt, versionAt } from './target.js'

const connections = 4

/** The swaps of one race: two on each connection. */
const contenders = 8

const races = 25

const storesOf = async ({ open }: CheckContext): Promise<ReadonlyArray<PlainStore>> => {
  const stores: Array<PlainStore> = []
  for (let one = 0; one < connections; one++) stores.push(await open())
  return stores
}

/** Lets swaps race. One must win, and its text must be stored; the others lose, or say that they were not applied. */
const race = async (
  stores: ReadonlyArray<PlainStore>,
  key: string,
  expected: string | null,
  expiresAt: number
): Promise<void> => {
  const outcomes = await Promise.all(
    Array.from({ length: contenders }, async (_, place) => {
      const store = stores[place % stores.length] ?? fail('no store')
      const text = JSON.stringify({ contender: place })
      return { text, outcome: await outcomeOf(() => store.swap(key, expected, text, expiresAt)) }
    })
  )
  const winners = outcomes.filter(({ outcome }) => outcome === 'won')
  const unknown = outcomes.filter(({ outcome }) => outcome === 'unknown')
  mustBe(unknown.length, 0, 'swaps with an unknown outcome, without a fault')
  mustBe(winners.length, 1, `winners of ${String(contenders)} swaps that raced`)
  for (const store of stores) mustBe(await textAt(store, key), winners[0]?.text ?? null, 'the text of the winner')
}

/** The checks. */
export const raceChecks = checksOf([
  {
    id: 'race-create',
    what: `of ${String(contenders)} creations that race on ${String(connections)} connections, one wins`,
    check: async (context) => {
      const stores = await storesOf(context)
      for (let round = 0; round < races; round++)
        await race(stores, context.key(String(round)), null, context.now() + longLife)
    }
  },
  {
    id: 'race-replace',
    what: `of ${String(contenders)} replacements that race on ${String(connections)} connections, one wins`,
    check: async (context) => {
      const [stores, key] = [await storesOf(context), context.key('a')]
      const [first] = stores
      if (first === undefined) return
      await first.swap(key, null, '0', context.now() + longLife)
      for (let round = 0; round < races; round++)
        await race(stores, key, await versionAt(first, key), context.now() + longLife)
    }
  },
  {
    id: 'race-expired',
    what: `of ${String(contenders)} creations that race over an expired record, one wins`,
    check: async (context) => {
      const [stores, key] = [await storesOf(context), context.key('a')]
      const life = 10
      await stores[0]?.swap(key, null, '0', context.now() + life)
      for (let round = 0; round < races; round++) {
        context.advance(life)
        await race(stores, key, null, context.now() + life)
      }
    }
  },
  {
    id: 'race-counter',
    what: 'no increment is lost when several connections count in one record',
    check: async (context) => {
      const [stores, key] = [await storesOf(context), context.key('a')]
      await stores[0]?.swap(key, null, '0', context.now() + longLife)
      const won = await Promise.all(
        stores.map(async (store) => {
          let wins = 0
          for (let tried = 0; tried < races; tried++) {
            const found = (await store.load(key)) ?? fail('the record is absent')
            const next = String(Number(found.text) + 1)
            if ((await store.swap(key, found.version, next, context.now() + longLife)) === 'won') wins += 1
          }
          return wins
        })
      )
      const wins = won.reduce((sum, one) => sum + one, 0)
      for (const store of stores) mustBe(await textAt(store, key), String(wins), 'the sum of the increments that won')
    }
  },
  {
    id: 'race-load',
    what: 'load gives a version with the text of the same write, while another connection writes',
    check: async (context) => {
      const [[writer, ...readers], key] = [await storesOf(context), context.key('a')]
      if (writer === undefined) return
      const written = new Map<string, string>()
      const seen = new Map<string, { readonly version: string; readonly text: string }>()
      let isWriting = true
      const write = async (): Promise<void> => {
        try {
          let version: string | null = null
          for (let round = 0; round < 2 * races; round++) {
            mustBe(await writer.swap(key, version, String(round), context.now() + longLife), 'won', 'swap')
            version = await versionAt(writer, key)
            written.set(version, String(round))
          }
        } finally {
          isWriting = false
        }
      }
      const read = async (store: PlainStore): Promise<void> => {
        while (isWriting) {
          const found = await store.load(key)
          if (found !== null) seen.set(`${found.version} ${found.text}`, found)
        }
      }
      await Promise.all([write(), ...readers.map(read)])
      for (const { version, text } of seen.values())
        mustBe(text, written.get(version) ?? null, 'the text that load gave with a version')
    }
  }
])
