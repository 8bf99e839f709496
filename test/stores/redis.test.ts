/** The store in Redis against real servers, with both packages of clients: the contract, and unsafe settings. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { scriptDigest } from '../../src/adapters/stores/redis/redis-script.js'
import { readRedisFacts, unsafeRedisFacts } from '../../src/adapters/stores/redis/redis-settings.js'
import { storeContract } from '../../src/testing.js'
import { outcomeOf } from '../../src/testing/store-contract/target.js'
import { describeEngine } from '../support/engines/engine.js'
import { closeStore, closeStores, openOver } from '../support/engines/opened-stores.js'
import type { RedisAddress, RedisServer } from '../support/engines/redis.js'
import { deliveringTwice, redisClients, redisMissing, safeSettings, startRedis } from '../support/engines/redis.js'
import { freePort } from '../support/engines/ports.js'
import { pause, until } from '../support/engines/server-process.js'

const address: RedisAddress = { host: '127.0.0.1', port: await freePort() }
const unsafeAddress: RedisAddress = { host: '127.0.0.1', port: await freePort() }

const farFuture = 4_000_000_000

describeEngine('a store in Redis', redisMissing, () => {
  let server: RedisServer
  let unsafe: RedisServer
  let replica: RedisServer
  beforeAll(async () => {
    ;[server, unsafe, replica] = await Promise.all([
      startRedis(safeSettings, address.port),
      startRedis(safeSettings, unsafeAddress.port),
      startRedis()
    ])
    await unsafe.command('ACL', 'SETUSER', 'app', 'on', '>word', '~*', '+@all', '-config')
  })
  afterAll(async () => {
    closeStores()
    await Promise.all([server, unsafe, replica].map((one) => one.remove()))
  })

  describe.each(redisClients)('with $name', ({ connect }) => {
    /** Opens a store while settings of the server have other values. */
    const withSettings =
      (...settings: ReadonlyArray<readonly [name: string, value: string, safe: string]>) =>
      async () => {
        for (const [name, value] of settings) await unsafe.command('CONFIG', 'SET', name, value)
        try {
          return await openOver(connect(unsafeAddress))
        } finally {
          for (const [name, , safe] of settings) await unsafe.command('CONFIG', 'SET', name, safe)
        }
      }

    const contract = storeContract({
      open: (options) => openOver(connect(address), options),
      close: closeStore,
      address: () => address,
      throughProxy: (proxy, options) => openOver(connect(proxy, options.timeoutMilliseconds), options),
      deliveringTwice: (options) => openOver(deliveringTwice(connect(address)), options),
      unsafe: [
        { name: 'appendonly', open: withSettings(['appendonly', 'no', 'yes']) },
        { name: 'appendfsync', open: withSettings(['appendfsync', 'everysec', 'always']) },
        { name: 'appendfsync', open: withSettings(['appendfsync', 'no', 'always']) },
        { name: 'no-appendfsync-on-rewrite', open: withSettings(['no-appendfsync-on-rewrite', 'yes', 'no']) },
        { name: 'replica-read-only', open: withSettings(['replica-read-only', 'no', 'yes']) },
        {
          name: 'maxmemory-policy',
          open: withSettings(['maxmemory', '1gb', '0'], ['maxmemory-policy', 'volatile-ttl', 'noeviction'])
        },
        {
          name: 'config-unreadable',
          open: () => openOver(connect({ ...unsafeAddress, username: 'app', password: 'word' }))
        },
        {
          name: 'role',
          open: async () => {
            await unsafe.command('REPLICAOF', address.host, String(address.port))
            try {
              return await openOver(connect(unsafeAddress))
            } finally {
              await unsafe.command('REPLICAOF', 'NO', 'ONE')
            }
          }
        },
        {
          name: 'replicas',
          open: async () => {
            await replica.command('REPLICAOF', unsafeAddress.host, String(unsafeAddress.port))
            await until('the replica is connected', async () =>
              String(await unsafe.command('INFO', 'replication')).includes('state=online')
            )
            try {
              return await openOver(connect(unsafeAddress))
            } finally {
              await replica.command('REPLICAOF', 'NO', 'ONE')
            }
          }
        }
      ]
    })
    for (const { title, run } of contract) it(title, run)

    it('accepts unsafe settings by their names, and no others', async () => {
      const app = { ...unsafeAddress, username: 'app', password: 'word' }
      const accepting = (names: ReadonlyArray<string>) => openOver(connect(app), { acceptUnsafe: names })
      closeStore(await accepting(['config-unreadable']))
      await expect(accepting(['appendonly'])).rejects.toThrow(/config-unreadable.*appendfsync/)
      await expect(accepting(['appendfsink'])).rejects.toThrow(/acceptUnsafe: expected .*`appendfsync`/)
      await expect(
        openOver(connect(address), { replicas: { acknowledgements: 0, timeoutMilliseconds: 1 } })
      ).rejects.toThrow(/replicas/)
    })

    it('needs one round trip for each operation', async () => {
      const store = await openOver(connect(address), { prefix: 'trips:' })
      await store.swap('a', null, '1', farFuture)
      const calls = async () => {
        const text = String(await server.command('INFO', 'commandstats'))
        return [...text.matchAll(/cmdstat_(?:evalsha|eval|getex):calls=(\d+)/g)].reduce(
          (sum, [, n]) => sum + Number(n),
          0
        )
      }
      const before = await calls()
      for (let turn = 0; turn < 50; turn++) {
        const found = await store.load('a')
        await store.swap('a', found?.version ?? null, String(turn), farFuture)
      }
      expect((await calls()) - before).toBe(100)
      closeStore(store)
    })

    it('sends the script when the server does not know it', async () => {
      const store = await openOver(connect(address))
      const key = crypto.randomUUID()
      await server.command('SCRIPT', 'FLUSH')
      expect(await store.swap(key, null, '1', farFuture)).toBe('won')
      await server.command('SCRIPT', 'FLUSH')
      expect(await store.swap(key, null, '2', farFuture)).toBe('lost')
      closeStore(store)
    })

    it('stops when a setting becomes unsafe, and goes on when it is safe again', async () => {
      let now = 1000
      const store = await openOver(connect(unsafeAddress), { clock: () => now })
      const attempt = () => outcomeOf(() => store.swap(crypto.randomUUID(), null, '1', farFuture))
      await unsafe.command('CONFIG', 'SET', 'appendfsync', 'everysec')
      expect(await attempt()).toBe('won')
      now += 60
      await attempt()
      await pause(200)
      expect(await attempt()).toBe('not applied')
      await expect(store.load('a')).rejects.toThrow()
      await unsafe.command('CONFIG', 'SET', 'appendfsync', 'always')
      now += 60
      await attempt()
      await pause(200)
      expect(await attempt()).toBe('won')
      closeStore(store)
    })

    it('says that a definite error had no effect', async () => {
      const store = await openOver(connect(unsafeAddress))
      const attempt = async (...undo: ReadonlyArray<string>) => {
        const outcome = await outcomeOf(() => store.swap('definite', null, '1', farFuture))
        await unsafe.command(...undo)
        return outcome
      }
      await unsafe.command('RPUSH', 'smart:definite', 'x')
      expect(await attempt('DEL', 'smart:definite'), 'WRONGTYPE').toBe('not applied')
      await unsafe.command('SET', 'smart:definite', 'x'.repeat(80))
      expect(await attempt('DEL', 'smart:definite'), 'another text').toBe('not applied')
      await unsafe.command('CONFIG', 'SET', 'maxmemory', '1')
      expect(await attempt('CONFIG', 'SET', 'maxmemory', '0'), 'OOM').toBe('not applied')
      await unsafe.command('CONFIG', 'SET', 'min-replicas-to-write', '1')
      expect(await attempt('CONFIG', 'SET', 'min-replicas-to-write', '0'), 'NOREPLICAS').toBe('not applied')
      await unsafe.command('REPLICAOF', '127.0.0.1', '1')
      await expect(store.load('definite')).rejects.toThrow(/READONLY/)
      expect(await attempt('REPLICAOF', 'NO', 'ONE'), 'READONLY').toBe('not applied')
      await unsafe.command('ACL', 'SETUSER', 'default', '-evalsha')
      expect(await attempt('ACL', 'SETUSER', 'default', '+@all'), 'NOPERM').toBe('not applied')
      expect(await store.swap('definite', null, '1', farFuture)).toBe('won')
      await unsafe.command('DEL', 'smart:definite')
      closeStore(store)
    })
  })

  it('reads the facts of servers that are not here', async () => {
    const facts = (version: string) => ({
      info: new Map([['redis_version', version]]),
      config: new Map<string, string>()
    })
    const names = (version: string) => unsafeRedisFacts(facts(version), 0).map(({ setting }) => setting)
    expect(names('6.0.16')).toContain('redis_version')
    expect(names('6.2.0')).not.toContain('redis_version')
    expect(names('7.2.4')).not.toContain('redis_version')
    // A map, as with RESP3, and bytes.
    const bytes = new TextEncoder()
    const { config, info } = await readRedisFacts(([command = '', , name = '']) =>
      Promise.resolve(command === 'INFO' ? bytes.encode('role:master\r\n') : new Map([[name, bytes.encode('yes')]]))
    )
    expect(info.get('role')).toBe('master')
    expect(config).toEqual(
      new Map(['appendfsync', 'no-appendfsync-on-rewrite', 'replica-read-only'].map((n) => [n, 'yes']))
    )
    expect(await scriptDigest('return 1')).toBe('e0e1f9fabfc9d4800c877a703b823ac0578ff8db')
  })
})
