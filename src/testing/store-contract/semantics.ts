/**
 * Checks of what `load` and `swap` answer, on one connection and on several.
 *
 * @module
 */
import { checksOf, longLife, mustBe, textAt, versionAt } from './target.js'

const rounds = 50

/** The checks. */
export const semanticsChecks = checksOf([
  {
    id: 'absent',
    what: 'load gives null for a key that was never written',
    check: async ({ open, key }) => {
      mustBe(await (await open()).load(key('a')), null, 'load of an absent key')
    }
  },
  {
    id: 'create',
    what: 'swap with null creates a record, and load gives its exact text',
    check: async ({ open, key, now }) => {
      const store = await open()
      mustBe(await store.swap(key('a'), null, '"first"', now() + longLife), 'won', 'swap of an absent record')
      mustBe(await textAt(store, key('a')), '"first"', 'the text')
      mustBe(await textAt(store, key('b')), null, 'another key')
    }
  },
  {
    id: 'create-over-existing',
    what: 'swap with null loses when a record exists, and changes nothing',
    check: async ({ open, key, now }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + longLife)
      const version = await versionAt(store, key('a'))
      mustBe(await store.swap(key('a'), null, '"second"', now() + longLife), 'lost', 'the second creation')
      mustBe(await textAt(store, key('a')), '"first"', 'the text')
      mustBe(await versionAt(store, key('a')), version, 'the version')
    }
  },
  {
    id: 'replace',
    what: 'swap with the stored version replaces the record',
    check: async ({ open, key, now }) => {
      const store = await open()
      await store.swap(key('a'), null, '0', now() + longLife)
      for (let round = 1; round <= rounds; round++) {
        const version = await versionAt(store, key('a'))
        mustBe(await store.swap(key('a'), version, String(round), now() + longLife), 'won', 'swap with the version')
        mustBe(await textAt(store, key('a')), String(round), 'the text')
      }
    }
  },
  {
    id: 'stale-version',
    what: 'swap with an earlier version loses, and changes nothing',
    check: async ({ open, key, now }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + longLife)
      const stale = await versionAt(store, key('a'))
      await store.swap(key('a'), stale, '"second"', now() + longLife)
      mustBe(await store.swap(key('a'), stale, '"third"', now() + longLife), 'lost', 'swap with an earlier version')
      mustBe(await textAt(store, key('a')), '"second"', 'the text')
    }
  },
  {
    id: 'unknown-version',
    what: 'swap with a version that was never stored loses, and changes nothing',
    check: async ({ open, key, now }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + longLife)
      for (const version of ['', '0', '-1', 'never', "' OR '1' = '1", '*', '%'])
        mustBe(await store.swap(key('a'), version, '"second"', now() + longLife), 'lost', `version ${version}`)
      mustBe(await textAt(store, key('a')), '"first"', 'the text')
    }
  },
  {
    id: 'version-of-absent',
    what: 'swap with a version loses when there is no record, and creates nothing',
    check: async ({ open, key, now }) => {
      const store = await open()
      await store.swap(key('a'), null, '"first"', now() + longLife)
      const version = await versionAt(store, key('a'))
      mustBe(await store.swap(key('b'), version, '"second"', now() + longLife), 'lost', 'swap of an absent record')
      mustBe(await textAt(store, key('b')), null, 'the text')
    }
  },
  {
    id: 'read-your-writes',
    what: 'a write that was acknowledged on one connection is seen by the next load on another',
    check: async ({ open, key, now }) => {
      const [one, other] = [await open(), await open()]
      mustBe(await one.swap(key('a'), null, '0', now() + longLife), 'won', 'the creation')
      for (let round = 1; round <= rounds; round++) {
        const [writer, reader] = round % 2 === 0 ? [one, other] : [other, one]
        const version = await versionAt(writer, key('a'))
        mustBe(await writer.swap(key('a'), version, String(round), now() + longLife), 'won', 'swap')
        mustBe(await textAt(reader, key('a')), String(round), 'the text on the other connection')
      }
    }
  },
  {
    id: 'version-across-connections',
    what: 'a version that one connection loaded is valid on another, once',
    check: async ({ open, key, now }) => {
      const [one, other] = [await open(), await open()]
      await one.swap(key('a'), null, '"first"', now() + longLife)
      const version = await versionAt(one, key('a'))
      mustBe(await other.swap(key('a'), version, '"second"', now() + longLife), 'won', 'swap on the other connection')
      mustBe(await one.swap(key('a'), version, '"third"', now() + longLife), 'lost', 'swap with the same version')
      mustBe(await textAt(one, key('a')), '"second"', 'the text')
    }
  },
  {
    id: 'delivered-twice',
    what: 'a command that is delivered twice answers as if it was delivered once',
    needs: ['deliveringTwice'],
    check: async ({ target, opened, open, options, key, now }) => {
      const twice = await opened(() => target.deliveringTwice?.(options) ?? open())
      mustBe(await twice.swap(key('a'), null, '"first"', now() + longLife), 'won', 'a creation')
      mustBe(await twice.swap(key('a'), null, '"other"', now() + longLife), 'lost', 'a second creation')
      const version = await versionAt(twice, key('a'))
      mustBe(await twice.swap(key('a'), version, '"second"', now() + longLife), 'won', 'a replacement')
      mustBe(await twice.swap(key('a'), version, '"third"', now() + longLife), 'lost', 'swap with an earlier version')
      mustBe(await textAt(await open(), key('a')), '"second"', 'the text')
    }
  }
])
