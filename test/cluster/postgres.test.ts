/** Two engines on PostgreSQL: the server is killed and started, and a synchronous standby is promoted. */
import { expect, it } from 'vitest'
import type { ClusterReport } from '../support/cluster/cluster-run.js'
import { printReport, runCluster, runRounds } from '../support/cluster/cluster-run.js'
import { isLongMode } from '../support/cluster/modes.js'
import { startDurablePostgres } from '../support/cluster/postgres-pair.js'
import { tcpSwitch } from '../support/cluster/tcp-switch.js'
import { raceKinds } from '../support/cluster/workload.js'
import { describeEngine } from '../support/engines/engine.js'
import { missingPostgres } from '../support/engines/postgres.js'

/** Raced redemptions; each must succeed once. */
const races = isLongMode ? 100_000 : 2_000

const addressAt = (client: 'pg' | 'postgres', port = 0): string =>
  `postgres+${client}://postgres@127.0.0.1:${String(port)}/postgres`

const expectNothingFound = (report: ClusterReport, faults: ReadonlyArray<string>): void => {
  console.log(printReport(report))
  expect(report.violations).toEqual([])
  expect(report.redeemedTwice).toBe(0)
  expect(Object.keys(report.faults)).toEqual(expect.arrayContaining([...faults]))
}

describeEngine('a cluster on PostgreSQL', missingPostgres(), () => {
  it('redeems nothing twice in many races', async () => {
    const server = await startDurablePostgres()
    try {
      const report = await runRounds(
        {
          title: 'PostgreSQL, races',
          proxied: [],
          disturbsProxies: false,
          addresses: () => [addressAt('pg', server.port), addressAt('postgres', server.port)],
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

  it('STO-11 redeems nothing twice and loses nothing while server, engines and connections are killed', async () => {
    const server = await startDurablePostgres()
    try {
      const report = await runCluster({
        title: 'PostgreSQL, everything killed',
        proxied: [server.port, server.port],
        disturbsProxies: true,
        addresses: ([first, second]) => [addressAt('pg', first), addressAt('postgres', second)],
        killsEngines: true,
        disturbances: [
          {
            name: 'kill PostgreSQL',
            every: [1000, 2000],
            strike: async () => {
              await server.kill()
              await server.start()
            }
          }
        ],
        workload: { workers: 8, lineages: 100, milliseconds: isLongMode ? 600_000 : 6_000 }
      })
      expectNothingFound(report, ['kill PostgreSQL', 'kill engine'])
      expect(report.unknown.operations).toBeGreaterThan(0)
    } finally {
      await server.remove()
    }
  }, 14_400_000)

  it('STO-12 does not start when commits are acknowledged before they are stored', async () => {
    const server = await startDurablePostgres({ synchronous_commit: 'off' })
    const run = runCluster({
      title: 'PostgreSQL, synchronous_commit = off',
      proxied: [],
      disturbsProxies: false,
      addresses: () => [addressAt('pg', server.port), addressAt('postgres', server.port)],
      killsEngines: false,
      disturbances: [],
      workload: { workers: 1, lineages: 1, milliseconds: 0 }
    })
    try {
      await expect(run).rejects.toThrow(/the store was refused: synchronous_commit = off/)
    } finally {
      await server.remove()
    }
  }, 60_000)

  it('loses nothing when its synchronous standby is promoted', async () => {
    const primary = await startDurablePostgres()
    const standby = await primary.startSynchronousStandby()
    const address = await tcpSwitch(primary.port)
    try {
      const report = await runCluster({
        title: 'PostgreSQL, a synchronous standby is promoted',
        proxied: [],
        disturbsProxies: false,
        addresses: () => [addressAt('pg', address.port), addressAt('postgres', address.port)],
        killsEngines: false,
        disturbances: [],
        event: {
          name: 'promote the standby',
          happen: async (answered) => {
            await answered(100)
            await primary.kill()
            await standby.query('SELECT pg_promote()')
            address.lead(standby.port)
          }
        },
        workload: { workers: 8, lineages: 100, milliseconds: 4_000 }
      })
      expectNothingFound(report, ['promote the standby'])
    } finally {
      await address.close()
      await standby.remove()
      await primary.remove()
    }
  }, 14_400_000)
})
