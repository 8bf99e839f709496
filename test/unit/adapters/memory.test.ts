import * as Either from 'fp-ts/lib/Either.js'
import * as Option from 'fp-ts/lib/Option.js'
import { describe, expect, it } from 'vitest'
import type { MemoryStore } from '../../../src/adapters/stores/memory-store.js'
import { memoryStore } from '../../../src/adapters/stores/memory-store.js'

const versionIn = async (store: MemoryStore, key: string): Promise<Option.Option<string>> => {
  const loaded = await store.load(key)()
  return Either.isRight(loaded) ? Option.map(({ version }: { version: string }) => version)(loaded.right) : Option.none
}

describe('the memory store', () => {
  it('lets one of several writers win', async () => {
    const store = memoryStore({ now: () => 0 })
    await store.swap('k', Option.none, 'first', 10)()
    const version = await versionIn(store, 'k')
    const results = await Promise.all(['a', 'b', 'c'].map((text) => store.swap('k', version, text, 10)()))
    expect(results.map((result) => (Either.isRight(result) ? result.right : 'unavailable')).sort()).toEqual([
      'lost',
      'lost',
      'won'
    ])
  })

  it('never repeats a version, not even after a record is gone', async () => {
    let now = 0
    const store = memoryStore({ now: () => now })
    const seen = new Set<string>()
    for (let round = 0; round < 5; round++) {
      expect(await store.swap('k', Option.none, 'x', now + 5)()).toEqual(Either.right('won'))
      const version = await versionIn(store, 'k')
      if (Option.isSome(version)) seen.add(version.value)
      now += 5
      expect(await store.swap('k', version, 'y', now + 5)()).toEqual(Either.right('lost'))
    }
    expect(seen.size).toBe(5)
  })

  it('keeps records that say the same apart by their keys', async () => {
    let now = 0
    const store = memoryStore({ now: () => now })
    await Promise.all(['a', 'b'].map((key) => store.swap(key, Option.none, '1', 10)()))
    const version = await versionIn(store, 'a')
    expect(await store.swap('a', Option.none, '1', 10)()).toEqual(Either.right('lost'))
    expect(await store.swap('a', version, '2', 20)()).toEqual(Either.right('won'))
    expect(await store.swap('a', version, '3', 20)()).toEqual(Either.right('lost'))
    expect(store.entries()).toEqual([
      ['a', '2'],
      ['b', '1']
    ])
    now = 10
    expect(store.entries()).toEqual([['a', '2']])
    expect(await store.swap('b', Option.none, '1', 20)()).toEqual(Either.right('won'))
    expect(await versionIn(store, 'b')).not.toEqual(version)
  })

  it('forgets what is expired, at the second', async () => {
    let now = 0
    const store = memoryStore({ now: () => now })
    await store.swap('k', Option.none, 'x', 10)()
    now = 9
    expect(Option.isSome(await versionIn(store, 'k'))).toBe(true)
    now = 10
    expect(Option.isSome(await versionIn(store, 'k'))).toBe(false)
  })

  it('does not grow with what is expired', async () => {
    let now = 0
    const store = memoryStore({ now: () => now })
    for (now = 0; now < 10_000; now++) await store.swap(`k${String(now)}`, Option.none, 'x', now + 1)()
    expect(store.size()).toBeLessThan(100)
  })
})
