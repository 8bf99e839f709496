/** The store in a cluster of Redis: three primaries, each with a replica. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlainStore } from '../../src/plain/ports.js'
import { storeContract } from '../../src/testing.js'
import { describeEngine } from '../support/engines/engine.js'
import { checkHistory, emptyHistory, reportLine, work } from '../support/engines/history.js'
import { closeStore, closeStores, openOver } from '../support/engines/opened-stores.js'
import type { RedisServer, RedisServers } from '../support/engines/redis.js'
import { clusterId, redisClients, redisMissing, startRedisCluster } from '../support/engines/redis.js'
import { pause, until } from '../support/engines/server-process.js'

const farFuture = 4_000_000_000

const replicas = { acknowledgements: 1, timeoutMilliseconds: 500 }

describeEngine('a store in a cluster of Redis', redisMissing, () => {
  let servers: RedisServers = { primaries: [], replicas: [] }
  beforeAll(async () => {
    servers = await startRedisCluster()
  })
  afterAll(async () => {
    closeStores()
    await Promise.all([...servers.primaries, ...servers.replicas].map((server) => server.remove()))
  })

  /** The primary of a slot. */
  const ownerOf = async (slot: string): Promise<RedisServer> => {
    for (const server of servers.primaries)
      if (Number(await server.command('CLUSTER', 'COUNTKEYSINSLOT', slot)) > 0) return server
    return expect.fail('no owner')
  }

  describe.each(redisClients)('with $name', ({ name, connectCluster }) => {
    const open = (options: Parameters<typeof openOver>[1] = {}) =>
      openOver(connectCluster(servers.primaries), { replicas, ...options })

    const contract = storeContract({
      open,
      close: closeStore,
      unsafe: [
        { name: 'replicas', open: () => openOver(connectCluster(servers.primaries)) },
        {
          // One unsafe primary of three is enough.
          name: 'appendfsync',
          open: async () => {
            await servers.primaries[2]?.command('CONFIG', 'SET', 'appendfsync', 'everysec')
            try {
              return await open()
            } finally {
              await servers.primaries[2]?.command('CONFIG', 'SET', 'appendfsync', 'always')
            }
          }
        }
      ]
    })
    for (const { title, run } of contract) it(title, run)

    it('spreads its keys over all primaries', async () => {
      const store = await open({ prefix: `${name}-spread:` })
      const before = await Promise.all(servers.primaries.map((server) => server.command('DBSIZE')))
      for (let turn = 0; turn < 30; turn++) await store.swap(String(turn), null, '1', farFuture)
      const after = await Promise.all(servers.primaries.map((server) => server.command('DBSIZE')))
      for (const [place, count] of after.entries()) expect(Number(count)).toBeGreaterThan(Number(before[place]))
      closeStore(store)
    })

    it.each([
      ['with acknowledgements', true],
      ['without acknowledgements', false]
    ])('follows a slot to another primary, %s', async (_title, isAsked) => {
      const options = isAsked ? { replicas } : { acceptUnsafe: ['replicas'] }
      const store = await openOver(connectCluster(servers.primaries), options)
      const key = `moving-${crypto.randomUUID()}`
      expect(await store.swap(key, null, '"first"', farFuture)).toBe('won')
      const slot = String(await servers.primaries[0]?.command('CLUSTER', 'KEYSLOT', `smart:${key}`))
      const from = await ownerOf(slot)
      const to = servers.primaries.find((server) => server !== from) ?? expect.fail('no other')
      await to.command('CLUSTER', 'SETSLOT', slot, 'IMPORTING', await clusterId(from))
      await from.command('CLUSTER', 'SETSLOT', slot, 'MIGRATING', await clusterId(to))
      await from.command('MIGRATE', to.host, String(to.port), `smart:${key}`, '0', '2000')
      if (!isAsked) {
        // The key has moved, and its slot has not: the client is sent on for this one command.
        const moving = await store.load(key)
        expect(await store.swap(key, moving?.version ?? '', '"second"', farFuture)).toBe('won')
      }
      for (const server of [to, from]) await server.command('CLUSTER', 'SETSLOT', slot, 'NODE', await clusterId(to))
      const found = await store.load(key)
      expect(await store.swap(key, found?.version ?? '', '"third"', farFuture)).toBe('won')
      expect(await store.swap(key, found?.version ?? '', '"fourth"', farFuture)).toBe('lost')
      closeStore(store)
    })
  })

  it('loses no acknowledged write when a primary is killed and its replica takes over', async () => {
    const keys = Array.from({ length: 12 }, (_, place) => `k${String(place)}`)
    const history = emptyHistory()
    const stores: Array<PlainStore> = []
    for (const { connectCluster } of redisClients)
      for (const _ of [1, 2])
        stores.push(await openOver(connectCluster(servers.primaries), { replicas, timeoutMilliseconds: 2000 }))
    let isOver = false
    const workers = stores.flatMap((store) => [1, 2].map(() => work(history, store, keys, () => isOver)))
    await pause(1000)
    await servers.primaries[0]?.kill()
    await until('the replica has taken over', async () =>
      String(await servers.replicas[0]?.command('INFO', 'replication')).includes('role:master')
    )
    await pause(1500)
    // The former primary comes back as the replica of its own replica.
    await servers.primaries[0]?.start()
    await until('the former primary follows', async () =>
      String(await servers.replicas[0]?.command('INFO', 'replication')).includes('state=online')
    )
    await pause(2000)
    isOver = true
    await Promise.all(workers)
    const reader = await openOver(redisClients[0]!.connectCluster(servers.primaries.slice(1)), { replicas })
    const report = await checkHistory(history, reader, keys)
    console.log(reportLine('Redis cluster, SIGKILL of a primary', 1, report))
    expect(report.violations).toEqual([])
    expect(report.won).toBeGreaterThan(200)
  }, 60_000)
})
