/**
 * Checks of expiry and of the freshness of versions.
 *
 * @module
 */
import { checksOf, fail, longLife, mustBe, outcomeOf, textAt, versionAt } from './target.js'

/** The life of a record in these checks, in seconds. */
const life = 100

const rewrites = 100

/** The checks. */
export const expiryChecks = checksOf([
  {
    id: 'expiry-load',
    what: 'load gives a record until the second before expiresAt, and null from expiresAt on',
    check: async ({ open, key, now, advance }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + life)
      advance(life - 1)
      mustBe(await textAt(store, key('a')), '"first"', 'one second before it expires')
      advance(1)
      mustBe(await textAt(store, key('a')), null, 'at the second at which it expires')
      advance(1)
      mustBe(await textAt(await open(), key('a')), null, 'one second later, on another connection')
    }
  },
  {
    id: 'expiry-swap',
    what: 'an expired record is absent for swap: its version loses, and null creates a new one',
    check: async ({ open, key, now, advance }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + life)
      const version = await versionAt(store, key('a'))
      advance(life)
      mustBe(await store.swap(key('a'), version, '"second"', now() + longLife), 'lost', 'the version of an expired one')
      mustBe(await textAt(store, key('a')), null, 'the text')
      mustBe(await store.swap(key('a'), null, '"third"', now() + longLife), 'won', 'a new creation')
      mustBe(await textAt(store, key('a')), '"third"', 'the text')
    }
  },
  {
    id: 'expiry-early',
    what: 'swap wins and null loses until the second before expiresAt',
    check: async ({ open, key, now, advance }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + life)
      const version = await versionAt(store, key('a'))
      advance(life - 1)
      mustBe(await store.swap(key('a'), null, '"second"', now() + life), 'lost', 'a creation before it expires')
      mustBe(await store.swap(key('a'), version, '"third"', now() + life), 'won', 'a replacement before it expires')
    }
  },
  {
    id: 'expiry-replaced',
    what: 'swap replaces the time at which a record expires',
    check: async ({ open, key, now, advance }) => {
      const store = await open()
      await store.swap(key('longer'), null, '0', now() + life)
      await store.swap(key('shorter'), null, '0', now() + longLife)
      await store.swap(key('longer'), await versionAt(store, key('longer')), '1', now() + 2 * life)
      await store.swap(key('shorter'), await versionAt(store, key('shorter')), '1', now() + life)
      advance(life)
      mustBe(await textAt(store, key('longer')), '1', 'a longer life')
      mustBe(await textAt(store, key('shorter')), null, 'a shorter life')
    }
  },
  {
    id: 'expiry-numbers',
    what: 'expiresAt may be any finite number; NaN and infinity are refused, and nothing is written',
    check: async ({ open, key, now }) => {
      const store = await open()
      for (const past of [0, -1, now() - 1, now()]) {
        const at = key(String(past))
        mustBe(await store.swap(at, null, '"past"', past), 'won', `swap with expiresAt ${String(past)}`)
        mustBe(await textAt(store, at), null, `load with expiresAt ${String(past)}`)
        mustBe(await store.swap(at, null, '"again"', past), 'won', 'a second creation')
      }
      for (const far of [2 ** 31, 2 ** 53 + 2, 2 ** 60]) {
        mustBe(await store.swap(key(String(far)), null, '"far"', far), 'won', `swap with expiresAt ${String(far)}`)
        mustBe(await textAt(store, key(String(far))), '"far"', `load with expiresAt ${String(far)}`)
      }
      for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
        const at = key(String(wrong))
        const outcome = await outcomeOf(() => store.swap(at, null, '"wrong"', wrong))
        mustBe(outcome, 'not applied', `swap with expiresAt ${String(wrong)}`)
        mustBe(await textAt(store, at), null, `load after expiresAt ${String(wrong)}`)
      }
    }
  },
  {
    id: 'version-fresh',
    what: 'every write makes a new version, also when the text is the same',
    check: async ({ open, key, now }) => {
      const stores = [await open(), await open()]
      const versions = new Set<string>()
      let expected: string | null = null
      for (let round = 0; round < rewrites; round++) {
        const store = stores[round % 2] ?? fail('no store')
        mustBe(await store.swap(key('a'), expected, '"same"', now() + longLife), 'won', 'swap')
        expected = await versionAt(store, key('a'))
        versions.add(expected)
      }
      mustBe(versions.size, rewrites, 'the number of different versions')
    }
  },
  {
    id: 'version-after-expiry',
    what: 'a record that expired and was created again has a version that it never had (no ABA)',
    check: async ({ open, key, now, advance }) => {
      const [one, other] = [await open(), await open()]
      const versions = new Set<string>()
      for (const store of [one, other, one, one]) {
        mustBe(await store.swap(key('a'), null, '"same"', now() + life), 'won', 'a creation')
        const version = await versionAt(store, key('a'))
        for (const earlier of versions)
          mustBe(await store.swap(key('a'), earlier, '"x"', now() + life), 'lost', 'a version of an earlier record')
        if (versions.has(version)) fail('a version returned after the record expired')
        versions.add(version)
        advance(life)
      }
    }
  }
])
