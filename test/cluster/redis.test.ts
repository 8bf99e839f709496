/** Two engines on Redis: the server is killed and started, and a replica is promoted by hand. */
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it } from 'vitest'
import type { ClusterReport } from '../support/cluster/cluster-run.js'
import { printReport, runCluster, runRounds } from '../support/cluster/cluster-run.js'
import { isLongMode } from '../support/cluster/modes.js'
import { tcpSwitch } from '../support/cluster/tcp-switch.js'
import { raceKinds } from '../support/cluster/workload.js'
import { describeEngine } from '../support/engines/engine.js'
import { redisMissing, safeSettings, startRedis } from '../support/engines/redis.js'
import { faultProxy } from '../../src/testing/store-contract/fault-proxy.js'

/** Raced redemptions; each must succeed once. */
const races = isLongMode ? 100_000 : 2_000

const addressAt = (client: 'redis' | 'ioredis', port = 0, query = ''): string =>
  `redis+${client}://127.0.0.1:${String(port)}${query}`

const expectNothingFound = (report: ClusterReport, faults: ReadonlyArray<string>): void => {
  console.log(printReport(report))
  expect(report.violations).toEqual([])
  expect(report.redeemedTwice).toBe(0)
  expect(Object.keys(report.faults)).toEqual(expect.arrayContaining([...faults]))
}

/**
 * A primary is killed while its replica lags behind, and an operator promotes the replica. A second replica follows the
 * first.
 */
const runFailover = async (title: string, query: string): Promise<ClusterReport> => {
  const primary = await startRedis()
  const lag = await faultProxy({ host: '127.0.0.1', port: primary.port })
  const replica = await startRedis({ ...safeSettings, replicaof: `127.0.0.1 ${String(lag.port)}` })
  const second = await startRedis({ ...safeSettings, replicaof: `127.0.0.1 ${String(replica.port)}` })
  const address = await tcpSwitch(primary.port)
  try {
    for (const server of [replica, second]) {
      while (!String(await server.command('INFO', 'replication')).includes('master_link_status:up')) await pause(50)
    }
    return await runCluster({
      title,
      proxied: [],
      disturbsProxies: false,
      addresses: () => [addressAt('redis', address.port, query), addressAt('ioredis', address.port, query)],
      killsEngines: false,
      disturbances: [],
      event: {
        name: 'promote the replica',
        happen: async (answered) => {
          await answered(100)
          lag.setFault({ kind: 'half-open' })
          await Promise.race([answered(60), pause(2000)])
          await primary.kill()
          await replica.command('REPLICAOF', 'NO', 'ONE')
          address.lead(replica.port)
        }
      },
      workload: { workers: 8, lineages: 100, milliseconds: 4_000 }
    })
  } finally {
    await address.close()
    await lag.close()
    await Promise.all([primary, replica, second].map((server) => server.remove()))
  }
}

describeEngine('a cluster on Redis', redisMissing, () => {
  it('redeems nothing twice in many races', async () => {
    const server = await startRedis()
    try {
      const report = await runRounds(
        {
          title: 'Redis, races',
          proxied: [],
          disturbsProxies: false,
          addresses: () => [addressAt('redis', server.port), addressAt('ioredis', server.port)],
          killsEngines: false,
          disturbances: [],
          workload: { workers: 12, lineages: 0, milliseconds: 0, kinds: raceKinds }
        },
        races
      )
      expectNothingFound(report, [])
      expect(Object.values(report.races).reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(races)
    } finally {
      await server.remove()
    }
  }, 14_400_000)

  it('STO-07 redeems nothing twice and loses nothing while server, engines and connections are killed', async () => {
    const server = await startRedis()
    try {
      const report = await runCluster({
        title: 'Redis, everything killed',
        proxied: [server.port, server.port],
        disturbsProxies: true,
        addresses: ([first, second]) => [addressAt('redis', first), addressAt('ioredis', second)],
        killsEngines: true,
        disturbances: [
          {
            name: 'kill Redis',
            every: [1000, 2000],
            strike: async () => {
              await server.kill()
              await server.start()
            }
          }
        ],
        workload: { workers: 8, lineages: 100, milliseconds: isLongMode ? 600_000 : 6_000 }
      })
      expectNothingFound(report, ['kill Redis', 'kill engine'])
      expect(report.unknown.operations).toBeGreaterThan(0)
    } finally {
      await server.remove()
    }
  }, 14_400_000)

  it('STO-06 does not start on a server that forgets at a restart', async () => {
    const server = await startRedis({ appendonly: 'no' })
    const run = runCluster({
      title: 'Redis, no append-only file',
      proxied: [],
      disturbsProxies: false,
      addresses: () => [addressAt('redis', server.port), addressAt('ioredis', server.port)],
      killsEngines: false,
      disturbances: [],
      workload: { workers: 1, lineages: 1, milliseconds: 0 }
    })
    try {
      await expect(run).rejects.toThrow(/the store was refused: appendonly = no/)
    } finally {
      await server.remove()
    }
  }, 60_000)

  it('does not start on a primary with a replica that need not acknowledge', async () => {
    await expect(runFailover('Redis, refused', '')).rejects.toThrow(/the store was refused: replicas = [12] connected/)
  }, 14_400_000)

  it('is seen to lose writes at a failover when the unsafe setting is accepted', async () => {
    const report = await runFailover('Redis, a lagging replica is promoted, unsafe settings', '?accept=replicas')
    console.log(`${printReport(report)}\n  (the loss is expected: the setting \`replicas\` was accepted as unsafe)`)
    expect(report.violations.join('\n')).toMatch(/not linearizable/)
  }, 14_400_000)

  it('STO-08 loses nothing at a failover when a replica must acknowledge', async () => {
    const report = await runFailover('Redis, a lagging replica is promoted, safe settings', '?acknowledgements=1')
    expectNothingFound(report, ['promote the replica'])
    expect(report.unknown.operations).toBeGreaterThan(0)
  }, 14_400_000)
})
