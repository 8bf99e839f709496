/** Keys that rotate by themselves in the host's storage, also when several processes share it. */
import { describe, expect, it } from 'vitest'
import type { StoredKeys } from '../../../src/plain/keys.js'
import { keysInStore, readStoredKeys, rotatingKeys } from '../../../src/plain/keys.js'
import { createMemoryStore } from '../../../src/plain/memory.js'
import type { PlainKeys } from '../../../src/plain/ports.js'

const day = 86_400
const claims = { iss: 'https://ehr.example' } as never

const idsOf = async (keys: PlainKeys): Promise<ReadonlyArray<unknown>> =>
  (await keys.publicKeys()).map((key) => key['kid'])

const isVerifiedBy = async (keys: PlainKeys, token: string): Promise<boolean> =>
  (await keys.verifyAccessToken(token)) !== null

describe('rotating keys', () => {
  it('are the same in every process of one store, and outlive a process', async () => {
    const store = createMemoryStore({ clock: () => 0 })
    const processes = [1, 2, 3].map(() => rotatingKeys(keysInStore(store), { clock: () => 0 }))
    const [first, ...others] = await Promise.all(processes.map(idsOf))
    expect(first).toHaveLength(2)
    for (const ids of others) expect(ids).toEqual(first)
    expect(await idsOf(rotatingKeys(keysInStore(store), { clock: () => 60 }))).toEqual(first)
  })

  it('rotate when it is time, and every process verifies what another one signed', async () => {
    const time = { now: 0 }
    const store = createMemoryStore({ clock: () => time.now })
    const [one, other] = [1, 2].map(() => rotatingKeys(keysInStore(store), { clock: () => time.now })) as [
      PlainKeys,
      PlainKeys
    ]
    const before = await idsOf(one)
    await idsOf(other)
    time.now = 30 * day
    expect((await idsOf(one)).length).toBe(4)
    time.now += 300
    expect(await idsOf(other)).toEqual(await idsOf(one))
    time.now += 3600
    const token = await one.signAccessToken(claims)
    expect(await isVerifiedBy(other, token)).toBe(true)
    time.now += 2 * day
    const after = await idsOf(one)
    expect(after).toHaveLength(2)
    expect(after.filter((id) => before.includes(id))).toEqual([])
    expect(await isVerifiedBy(other, token)).toBe(true)
  })

  it('stay in use while the storage is unavailable, and are unavailable when none was ever read', async () => {
    const time = { now: 0 }
    const store = createMemoryStore({ clock: () => time.now })
    const storage = keysInStore(store)
    let isDown = false
    const failing = {
      ...storage,
      load: () => (isDown ? Promise.reject(new Error('the database is down')) : storage.load())
    }
    const keys = rotatingKeys(failing, { clock: () => time.now })
    const before = await idsOf(keys)
    isDown = true
    time.now = 1000
    expect(await idsOf(keys)).toEqual(before)
    await expect(rotatingKeys(failing, { clock: () => 0 }).publicKeys()).rejects.toThrow('the database is down')
  })

  it('say which stored value is wrong, and do not replace it', async () => {
    const replaced: Array<StoredKeys> = []
    const keys = rotatingKeys(
      { load: () => ({ version: 2 }), replace: (next) => replaced.push(next) > 0 },
      { clock: () => 0 }
    )
    await expect(keys.publicKeys()).rejects.toThrow('the stored keys cannot be read: version: expected 1')
    expect(replaced).toEqual([])
    expect(readStoredKeys(null).ok).toBe(false)
  })

  it('read the storage once for many requests at a time', async () => {
    const storage = keysInStore(createMemoryStore({ clock: () => 0 }))
    let loads = 0
    const counted = {
      ...storage,
      load: () => {
        loads += 1
        return storage.load()
      }
    }
    const keys = rotatingKeys(counted, { clock: () => 0 })
    await Promise.all(Array.from({ length: 20 }, async () => keys.publicKeys()))
    expect(loads).toBe(1)
  })
})
