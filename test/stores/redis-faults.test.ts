/** The store in Redis while connections are cut, servers are killed, and a replica is promoted by hand. */
import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PlainStore } from '../../src/plain/ports.js'
import { faultProxy } from '../../src/testing.js'
import { outcomeOf } from '../../src/testing/store-contract/target.js'
import { describeEngine } from '../support/engines/engine.js'
import { checkHistory, emptyHistory, reportLine, work } from '../support/engines/history.js'
import { closeStore, closeStores, openOver } from '../support/engines/opened-stores.js'
import type { RedisServer } from '../support/engines/redis.js'
import { redisClients, redisMissing, startRedis } from '../support/engines/redis.js'
import { pause, until } from '../support/engines/server-process.js'

const farFuture = 4_000_000_000

const callsOf = async (server: RedisServer): Promise<number> =>
  Number(/cmdstat_evalsha:calls=(\d+)/.exec(String(await server.command('INFO', 'commandstats')))?.[1] ?? 0)

describeEngine('a connection to Redis that is cut before the answer', redisMissing, () => {
  let server: RedisServer
  beforeAll(async () => {
    server = await startRedis()
  })
  afterAll(async () => {
    closeStores()
    await server.remove()
  })

  describe.each(redisClients)('with $name', ({ name, connect }) => {
    const between = async () => {
      const proxy = await faultProxy(server)
      const [store, direct] = [await openOver(connect(proxy)), await openOver(connect(server))]
      const key = crypto.randomUUID()
      await store.swap(key, null, '"first"', farFuture)
      const version = (await store.load(key))?.version ?? ''
      return { proxy, store, direct, key, version }
    }

    it('leaves the outcome unknown, or the second delivery wins', async () => {
      const { proxy, store, direct, key, version } = await between()
      const before = await callsOf(server)
      proxy.setFault({ kind: 'cut-answers', afterBytes: 0 })
      const swapping = outcomeOf(() => store.swap(key, version, '"ours"', farFuture))
      await until('the command was delivered', async () => (await callsOf(server)) > before)
      proxy.setFault({ kind: 'none' })
      // ioredis sends the command again; redis does not.
      expect(await swapping).toBe(name === 'ioredis' ? 'won' : 'unknown')
      expect((await callsOf(server)) - before).toBe(name === 'ioredis' ? 2 : 1)
      expect((await direct.load(key))?.text).toBe('"ours"')
      for (const one of [store, direct]) closeStore(one)
      await proxy.close()
    })

    it('leaves the outcome unknown when the record was replaced before the second delivery', async () => {
      const { proxy, store, direct, key, version } = await between()
      const before = await callsOf(server)
      proxy.setFault({ kind: 'cut-answers', afterBytes: 0 })
      const swapping = outcomeOf(() => store.swap(key, version, '"ours"', farFuture))
      await until('the command was delivered', async () => (await callsOf(server)) > before)
      proxy.setFault({ kind: 'refuse' })
      const found = await direct.load(key)
      expect(found?.text).toBe('"ours"')
      expect(await direct.swap(key, found?.version ?? '', '"theirs"', farFuture)).toBe('won')
      proxy.setFault({ kind: 'none' })
      expect(await swapping).toBe('unknown')
      for (const one of [store, direct]) closeStore(one)
      await proxy.close()
    })
  })
})

describeEngine('Redis that is killed under load', redisMissing, () => {
  it('loses no acknowledged write, and lets nothing win twice', async () => {
    const server = await startRedis()
    const stores: Array<PlainStore> = []
    for (const { connect } of [...redisClients, ...redisClients])
      stores.push(await openOver(connect(server), { timeoutMilliseconds: 2000 }))
    const keys = Array.from({ length: 6 }, (_, place) => `k${String(place)}`)
    const history = emptyHistory()
    let [isOver, kills] = [false, 0]
    const workers = stores.flatMap((store) => [1, 2].map(() => work(history, store, keys, () => isOver)))
    for (; kills < 6; kills++) {
      await pause(600)
      await server.kill()
      await pause(100)
      await server.start()
    }
    await pause(500)
    isOver = true
    await Promise.all(workers)
    const report = await checkHistory(history, await openOver(redisClients[0]!.connect(server)), keys)
    console.log(reportLine('Redis, SIGKILL', kills, report))
    expect(report.violations).toEqual([])
    expect(report.won).toBeGreaterThan(500)
    closeStores()
    await server.remove()
  }, 60_000)
})

describeEngine('a replica of Redis that is promoted by hand', redisMissing, () => {
  const codes = Array.from({ length: 100 }, (_, place) => `code-${String(place)}`)

  /** A primary, and a replica that follows it through a proxy. */
  const pair = async () => {
    const [primary, replica] = await Promise.all([startRedis(), startRedis()])
    const proxy = await faultProxy(primary)
    await replica.command('REPLICAOF', proxy.host, String(proxy.port))
    await until('the replica follows', async () =>
      String(await primary.command('INFO', 'replication')).includes('state=online')
    )
    const promote = async () => {
      await primary.kill()
      await proxy.close()
      await replica.command('REPLICAOF', 'NO', 'ONE')
    }
    const remove = async () => {
      closeStores()
      await Promise.all([primary.remove(), replica.remove()])
    }
    return { primary, replica, proxy, promote, remove }
  }

  const create = async (store: PlainStore, names: ReadonlyArray<string>): Promise<void> => {
    const outcomes = await Promise.all(names.map(async (name) => store.swap(name, null, '"issued"', farFuture)))
    expect(new Set(outcomes)).toEqual(new Set(['won']))
  }

  /** Redeems a code that was not redeemed yet; what the store says. */
  const redeem = async (store: PlainStore, code: string) => {
    const found = await store.load(code)
    if (found?.text !== '"issued"') return 'refused'
    return outcomeOf(() => store.swap(code, found.version, '"redeemed"', farFuture))
  }

  const count = (outcomes: ReadonlyArray<string>, outcome: string): number =>
    outcomes.filter((one) => one === outcome).length

  describe.each(redisClients)('with $name', ({ name, connect }) => {
    it('takes acknowledged writes back without acknowledgements of replicas', async () => {
      const { primary, replica, proxy, promote, remove } = await pair()
      const unsafe = { acceptUnsafe: ['replicas'] }
      const store = await openOver(connect(primary), unsafe)
      await create(store, codes)
      await until('the replica has everything', async () => Number(await primary.command('WAIT', '1', '1000')) === 1)
      proxy.setFault({ kind: 'half-open' })
      const first = await Promise.all(codes.map((code) => redeem(store, code)))
      await promote()
      const after = await openOver(connect(replica), unsafe)
      const second = await Promise.all(codes.map((code) => redeem(after, code)))
      const twice = codes.filter((_, place) => first[place] === 'won' && second[place] === 'won').length
      console.log(`Redis, ${name}, promoted, unsafe: ${String(twice)} of ${String(codes.length)} codes redeemed twice`)
      expect(twice).toBe(codes.length)
      await remove()
    }, 60_000)

    it('takes nothing back that a replica acknowledged, and confirms nothing else', async () => {
      const { primary, replica, proxy, promote, remove } = await pair()
      const replicas = { acknowledgements: 1, timeoutMilliseconds: 2000 }
      const store = await openOver(connect(primary), { replicas, timeoutMilliseconds: 15_000 })
      await create(store, codes)
      const late = codes.slice(0, 10)
      const first = await Promise.all(codes.slice(10).map((code) => redeem(store, code)))
      expect(count(first, 'won')).toBe(codes.length - late.length)
      const versions = await Promise.all(late.map(async (code) => store.load(code)))
      proxy.setFault({ kind: 'half-open' })
      const delayed = await Promise.all(
        late.map((code, place) =>
          outcomeOf(() => store.swap(code, versions[place]?.version ?? '', '"redeemed"', farFuture))
        )
      )
      expect(count(delayed, 'unknown')).toBe(late.length)
      // The primary has the write, and does not show it: it would settle the unknown outcome as won.
      await expect(store.load(late[0] ?? '')).rejects.toThrow(/too few replicas/)
      await promote()
      const after = await openOver(connect(replica))
      const second = await Promise.all(codes.map((code) => redeem(after, code)))
      expect(count(second.slice(10), 'refused')).toBe(codes.length - late.length)
      expect(count(second.slice(0, 10), 'won')).toBe(late.length)
      const [unknown, all] = [count(delayed, 'unknown'), codes.length]
      console.log(
        `Redis, ${name}, promoted, safe: 0 of ${String(all)} codes redeemed twice, ${String(unknown)} unknown`
      )
      await remove()
    }, 60_000)
  })

  it('does not take the answer of a new connection for an acknowledgement', async () => {
    const { primary, proxy, remove } = await pair()
    const toPrimary = await faultProxy(primary)
    const replicas = { acknowledgements: 1, timeoutMilliseconds: 2000 }
    // A new connection of this client begins without commands of its own, so its WAIT waits for nothing.
    const client = new Redis({
      host: toPrimary.host,
      port: toPrimary.port,
      retryStrategy: () => 50,
      enableReadyCheck: false,
      disableClientInfo: true,
      protocol: 2
    })
    client.on('error', () => undefined)
    const close = (): void => {
      client.disconnect()
    }
    const store = await openOver(Promise.resolve({ client, close }), { replicas })
    await create(store, ['a'])
    const version = (await store.load('a'))?.version ?? ''
    proxy.setFault({ kind: 'half-open' })
    // The answer of the script comes, and the connection is cut before that of WAIT.
    toPrimary.setFault({ kind: 'cut-answers', afterBytes: 4 })
    const swapping = outcomeOf(() => store.swap('a', version, '"redeemed"', farFuture))
    await pause(500)
    toPrimary.setFault({ kind: 'none' })
    expect(await swapping).toBe('unknown')
    closeStore(store)
    await toPrimary.close()
    await proxy.close()
    await remove()
  }, 60_000)
})
