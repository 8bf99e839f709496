/** The store in etcd against real members: the contract, leases, unsafe settings, and leaders that are killed. */
import { afterAll, beforeAll, expect, it } from 'vitest'
import { openEtcdStore } from '../../src/plain/stores/etcd.js'
import { storeContract } from '../../src/testing.js'
import { outcomeOf } from '../../src/testing/store-contract/target.js'
import { describeEngine } from '../support/engines/engine.js'
import type { EtcdMember } from '../support/engines/etcd.js'
import { etcdMissing, startEtcd } from '../support/engines/etcd.js'
import { checkHistory, emptyHistory, reportLine, work } from '../support/engines/history.js'
import { freePort } from '../support/engines/ports.js'
import { pause, until } from '../support/engines/server-process.js'

const address = { host: '127.0.0.1', port: await freePort() }

const endpointOf = ({ host, port }: { readonly host: string; readonly port: number }): string =>
  `http://${host}:${String(port)}`

const endpoint = endpointOf(address)

const now = (): number => Math.floor(Date.now() / 1000)

/** A `fetch` that sends each write twice, and gives the second answer. */
const twice: typeof fetch = async (input, init) => {
  await fetch(input, init).then((response) => response.text())
  return fetch(input, init)
}

/** A `fetch` that counts requests by path, and may change what it gets. */
const counted = (answer?: (path: string) => Response | null) => {
  const paths: Array<string> = []
  const request: typeof fetch = (input, init) => {
    const { pathname } = new URL(input instanceof Request ? input.url : input)
    paths.push(pathname)
    const other = answer?.(pathname) ?? null
    return other === null ? fetch(input, init) : Promise.resolve(other)
  }
  return { paths, request }
}

describeEngine('a store in etcd', etcdMissing, () => {
  let members: ReadonlyArray<EtcdMember> = []
  const member = (): EtcdMember => members[0] ?? expect.fail('no member')
  beforeAll(async () => {
    members = await startEtcd([address.port])
  })
  afterAll(async () => {
    await member().remove()
  })

  const metrics = (text: string) =>
    openEtcdStore({
      endpoints: [endpoint],
      fetch: counted((path) => (path === '/metrics' ? new Response(text) : null)).request
    })

  const contract = storeContract({
    open: (options) => openEtcdStore({ endpoints: [endpoint] }, options),
    address: () => address,
    throughProxy: (proxy, options) => openEtcdStore({ endpoints: [endpointOf(proxy)] }, options),
    deliveringTwice: (options) => openEtcdStore({ endpoints: [endpoint], fetch: twice }, options),
    unsafe: [
      {
        name: 'unsafe-no-fsync',
        open: () => metrics('etcd_disk_wal_fsync_duration_seconds_count 0\netcd_server_proposals_committed_total 12\n')
      },
      { name: 'metrics-unreadable', open: () => metrics('# nothing\n') },
      {
        name: 'alarms',
        open: async () => {
          const alarm = { memberID: '1', alarm: 'NOSPACE' }
          await member().post('/v3/maintenance/alarm', { action: 'ACTIVATE', ...alarm })
          try {
            return await openEtcdStore({ endpoints: [endpoint] })
          } finally {
            await member().post('/v3/maintenance/alarm', { action: 'DEACTIVATE', ...alarm })
          }
        }
      },
      {
        name: 'endpoints',
        open: async () => openEtcdStore({ endpoints: [`http://127.0.0.1:${String(await freePort())}`] })
      },
      { name: 'endpoints', open: () => openEtcdStore({ endpoints: ['127.0.0.1:2379'] }) }
    ]
  })
  for (const { title, run } of contract) it(title, run)

  it('needs one request for each operation, and few for leases', async () => {
    const { paths, request } = counted()
    const store = await openEtcdStore({ endpoints: [endpoint], fetch: request })
    paths.length = 0
    const key = crypto.randomUUID()
    for (let turn = 0; turn < 50; turn++) {
      const found = await store.load(key)
      expect(await store.swap(key, found?.version ?? null, String(turn), now() + 60)).toBe('won')
    }
    const leases = paths.filter((path) => path === '/v3/lease/grant').length
    expect(paths.length - leases).toBe(100)
    expect(leases).toBeLessThanOrEqual(2)
    console.log(`etcd: 100 operations, 100 requests, ${String(leases)} for leases`)
  })

  it('grants the next lease before it is needed', async () => {
    let seconds = 3_600_000
    const { paths, request } = counted()
    const store = await openEtcdStore({ endpoints: [endpoint], fetch: request }, { clock: () => seconds })
    const leasesOf = async (life: number) => {
      paths.length = 0
      expect(await store.swap(crypto.randomUUID(), null, '1', seconds + life)).toBe('won')
      await pause(50)
      return paths.filter((path) => path === '/v3/lease/grant').length
    }
    expect(await leasesOf(60)).toBe(1)
    expect(await leasesOf(60)).toBe(0)
    expect(await leasesOf(3000)).toBe(0)
    seconds += 3600
    // The hour after: the first lease still serves, and the next one is granted.
    expect(await leasesOf(60)).toBe(1)
    expect(await leasesOf(60)).toBe(0)
    expect(await leasesOf(30 * 86_400)).toBe(1)
    expect(await leasesOf(30 * 86_400)).toBe(0)
    // No lease holds so long.
    expect(await leasesOf(2 ** 50)).toBe(0)
  })

  it('gets a new lease when etcd does not know the old one', async () => {
    const store = await openEtcdStore({ endpoints: [endpoint] })
    const key = crypto.randomUUID()
    await store.swap(key, null, '"first"', now() + 60)
    const { leases = [] } = (await member().post('/v3/lease/leases', {})) as { leases?: Array<{ ID: string }> }
    for (const { ID } of leases) await member().post('/v3/lease/revoke', { ID })
    expect(await store.load(key)).toBeNull()
    expect(await store.swap(key, null, '"second"', now() + 60)).toBe('won')
    expect((await store.load(key))?.text).toBe('"second"')
  })

  it('keeps a record for an hour after its expiry at least', async () => {
    const store = await openEtcdStore({ endpoints: [endpoint] })
    const key = crypto.randomUUID()
    for (const life of [-100, 0, 60, 3600, 86_400, 86_401, 40 * 86_400]) {
      await store.swap(`${key}:${String(life)}`, null, '1', now() + life)
      const found = (await member().post('/v3/kv/range', { key: btoa(`smart/${key}:${String(life)}`) })) as {
        kvs: Array<{ lease: string }>
      }
      const { TTL } = await member().post('/v3/lease/timetolive', { ID: found.kvs[0]?.lease ?? '' })
      expect(Number(TTL)).toBeGreaterThanOrEqual(Math.max(life, 0) + 3590)
      expect(Number(TTL)).toBeLessThanOrEqual(Math.max(life, 0) + (life > 86_400 ? 2 * 86_400 : 7200) + 3600)
    }
  })

  it('tries the next endpoint only when nothing was sent', async () => {
    const closed = `http://127.0.0.1:${String(await freePort())}`
    const store = await openEtcdStore({ endpoints: [closed, endpoint] })
    expect(await store.swap(crypto.randomUUID(), null, '1', now() + 60)).toBe('won')
    // The first endpoint accepts connections and does not answer.
    const sent: Array<string> = []
    const request: typeof fetch = (input, init) => {
      const { origin, pathname } = new URL(input instanceof Request ? input.url : input)
      if (pathname === '/v3/kv/txn') sent.push(origin)
      return pathname === '/v3/kv/txn' && origin === closed
        ? Promise.reject(
            new TypeError('fetch failed', { cause: Object.assign(new Error('reset'), { code: 'ECONNRESET' }) })
          )
        : fetch(origin === closed ? endpoint + pathname : input, init)
    }
    const other = await openEtcdStore({ endpoints: [closed, endpoint], fetch: request })
    expect(await outcomeOf(() => other.swap(crypto.randomUUID(), null, '1', now() + 60))).toBe('unknown')
    expect(sent).toEqual([closed])
    expect(await outcomeOf(() => other.swap(crypto.randomUUID(), null, '1', now() + 60))).toBe('won')
    expect(sent).toEqual([closed, endpoint])
  })

  it.each([
    [{ code: 8, message: 'etcdserver: too many requests' }, 'not applied'],
    [{ code: 16, message: 'etcdserver: invalid auth token' }, 'not applied'],
    // A member that applied a transaction answers this too.
    [{ code: 8, message: 'etcdserver: mvcc: database space exceeded' }, 'unknown'],
    [{ code: 14, message: 'etcdserver: request timed out' }, 'unknown'],
    [{ code: 14, message: 'etcdserver: leader changed' }, 'unknown'],
    ['<html>', 'unknown']
  ] as const)('%j is %s', async (body, outcome) => {
    const answer = () => new Response(JSON.stringify(body), { status: 503 })
    const { request } = counted((path) => (path === '/v3/kv/txn' ? answer() : null))
    const store = await openEtcdStore({ endpoints: [endpoint], fetch: request })
    expect(await outcomeOf(() => store.swap(crypto.randomUUID(), null, '1', now() + 60))).toBe(outcome)
  })

  it('sends the token of a user, who may use the prefix only', async () => {
    const [locked] = await startEtcd([await freePort()])
    if (locked === undefined) return
    const perm = { permType: 'READWRITE', key: btoa('smart/'), range_end: btoa('smart0') }
    for (const [path, body] of [
      ['user/add', { name: 'root', password: 'root' }],
      ['role/add', { name: 'root' }],
      ['user/grant', { user: 'root', role: 'root' }],
      ['user/add', { name: 'app', password: 'app' }],
      ['role/add', { name: 'app' }],
      ['role/grant', { name: 'app', perm }],
      ['user/grant', { user: 'app', role: 'app' }],
      ['enable', {}]
    ] as const)
      await locked.post(`/v3/auth/${path}`, body)
    const login = async () => {
      const { token } = await locked.post('/v3/auth/authenticate', { name: 'app', password: 'app' })
      return { authorization: String(token) }
    }
    const endpoints = [locked.endpoint]
    const store = await openEtcdStore({ endpoints, headers: login })
    expect(await store.swap('a', null, '"first"', now() + 60)).toBe('won')
    expect((await store.load('a'))?.text).toBe('"first"')
    await expect(openEtcdStore({ endpoints })).rejects.toThrow(/headers: .*user name is empty/)
    const wrong = { authorization: 'wrong' }
    await expect(openEtcdStore({ endpoints, headers: wrong })).rejects.toThrow(/headers: .*invalid auth token/)
    await expect(openEtcdStore({ endpoints, headers: login }, { prefix: 'other/' })).rejects.toThrow(
      /permission denied/
    )
    await locked.remove()
  })

  it('names unknown options, and accepts what is unsafe by its name', async () => {
    const client = {
      endpoints: [endpoint],
      fetch: counted((path) => (path === '/metrics' ? new Response('') : null)).request
    }
    await expect(openEtcdStore(client, { acceptUnsafe: ['alarms'] })).rejects.toThrow(/metrics-unreadable/)
    await expect(openEtcdStore(client, { acceptUnsafe: ['alarm'] })).rejects.toThrow(/`alarms`/)
    await openEtcdStore(client, { acceptUnsafe: ['metrics-unreadable'] })
  })
})

describeEngine('three members of etcd whose leader is killed again and again', etcdMissing, () => {
  it('lose no acknowledged write, and let nothing win twice', async () => {
    const members = await startEtcd(await Promise.all([freePort(), freePort(), freePort()]))
    const endpoints = members.map((member) => member.endpoint)
    const keys = Array.from({ length: 6 }, (_, place) => `k${String(place)}`)
    const history = emptyHistory()
    let [isOver, kills] = [false, 0]
    const workers: Array<Promise<void>> = []
    for (const [place] of endpoints.entries()) {
      const own = [...endpoints.slice(place), ...endpoints.slice(0, place)]
      const store = await openEtcdStore({ endpoints: own }, { timeoutMilliseconds: 1500 })
      for (const _ of [1, 2, 3]) workers.push(work(history, store, keys, () => isOver))
    }
    const leader = async (): Promise<EtcdMember> => {
      for (;;) {
        for (const member of members) if (await member.isLeader()) return member
        await pause(50)
      }
    }
    for (; kills < 6; kills++) {
      await pause(1000)
      const killed = await leader()
      await killed.kill()
      await pause(1200)
      await killed.start()
    }
    await pause(1000)
    isOver = true
    await Promise.all(workers)
    await until('a leader', async () => (await leader()).port > 0)
    const report = await checkHistory(history, await openEtcdStore({ endpoints }), keys)
    console.log(reportLine('etcd, SIGKILL of the leader', kills, report))
    expect(report.violations).toEqual([])
    expect(report.won).toBeGreaterThan(200)
    await Promise.all(members.map((member) => member.remove()))
  }, 90_000)
})
