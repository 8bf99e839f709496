/**
 * `load` and `swap` of the stores in Redis and etcd beside the same statement without a store, on the same client. The
 * server of Redis keeps nothing on disk, so that the time of the disk does not hide the difference.
 */
import type { PlainStore } from '../../src/plain/ports.js'
import { openEtcdStore } from '../../src/plain/stores/etcd.js'
import { openRedisStore } from '../../src/plain/stores/redis.js'
import { frameRecord } from '../../src/adapters/stores/framed-record.js'
import { swapScript } from '../../src/adapters/stores/redis/redis-script.js'
import { etcdMissing, startEtcd } from '../support/engines/etcd.js'
import { freePort } from '../support/engines/ports.js'
import { redisClients, redisMissing, startRedis } from '../support/engines/redis.js'
import { compare } from './harness.js'
import type { Opponent } from './harness.js'

/** The bound of the ratio to the bare statement. */
export const keyValueTarget = 1.15

const rounds = 25

const jobsPerRound = 300

/** As long as the record of a grant. */
const text = JSON.stringify({ state: 'x'.repeat(2000) })

const farFuture = 4_000_000_000

const version = crypto.randomUUID()

const framed = frameRecord({ version, expiresAt: farFuture, text })

/** Compares the statements of a store, with keys that are new for each write. */
const compareStore = async (
  title: string,
  store: PlainStore,
  bare: { readonly load: () => Promise<unknown>; readonly create: (key: string) => Promise<unknown> }
): Promise<void> => {
  await store.swap('a', null, text, farFuture)
  const row = async (what: string, opponents: ReadonlyArray<Opponent>): Promise<void> => {
    await compare({ title: `${title}: ${what}`, jobsPerRound, opponents }, rounds)
    console.log(`  target of this project: ratio ${keyValueTarget.toFixed(2)} at most`)
  }
  let [last, bareLast] = [0, 0]
  await row('load', [
    { name: 'the statement', job: bare.load },
    { name: 'the store', job: async () => store.load('a') }
  ])
  await row('swap', [
    { name: 'the statement', job: () => bare.create(`bare${String((bareLast += 1))}`) },
    { name: 'the store', job: async () => store.swap(`ours${String((last += 1))}`, null, text, farFuture) }
  ])
}

const compareRedis = async (): Promise<void> => {
  const server = await startRedis({ appendonly: 'no' })
  for (const { name, connect } of redisClients) {
    const { client, close } = await connect(server)
    const send = async (...args: Array<string>): Promise<unknown> => {
      const [command = '', ...others] = args
      if ('call' in client) return client.call(command, others)
      if ('masters' in client) throw new Error('a cluster')
      return client.sendCommand(args)
    }
    const store = await openRedisStore(client, { prefix: '', acceptUnsafe: ['appendonly'] })
    const digest = String(await send('SCRIPT', 'LOAD', swapScript))
    await compareStore(`Redis, ${name}`, store, {
      load: () => send('GETEX', 'a'),
      create: (key) => send('EVALSHA', digest, '1', key, '', version, '0'.repeat(16), framed, '3600')
    })
    close()
    await server.command('FLUSHALL')
  }
  await server.remove()
}

const compareEtcd = async (): Promise<void> => {
  const members = await startEtcd([await freePort()])
  for (const member of members) {
    const send = async (path: string, body: object): Promise<unknown> => {
      const headers = { 'content-type': 'application/json' }
      const response = await fetch(member.endpoint + path, { method: 'POST', headers, body: JSON.stringify(body) })
      return response.json()
    }
    const store = await openEtcdStore({ endpoints: [member.endpoint] }, { prefix: '' })
    await compareStore('etcd', store, {
      load: () => send('/v3/kv/range', { key: btoa('a') }),
      create: (name) => {
        const key = btoa(name)
        return send('/v3/kv/txn', {
          compare: [{ key, target: 'MOD', result: 'EQUAL', mod_revision: '0' }],
          success: [{ request_put: { key, value: btoa(framed), lease: '0' } }],
          failure: [{ request_range: { key } }]
        })
      }
    })
    await member.remove()
  }
}

/** Compares the stores whose engines are installed. */
export const compareKeyValueStores = async (): Promise<void> => {
  if (redisMissing === null) await compareRedis()
  else console.log(`\nRedis: ${redisMissing}`)
  if (etcdMissing === null) await compareEtcd()
  else console.log(`\netcd: ${etcdMissing}`)
}
