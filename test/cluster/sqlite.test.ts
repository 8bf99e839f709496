/** Two processes on one SQLite file; a process is killed at random, in the middle of transactions too. */
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { printReport, runCluster, runKillSteps } from '../support/cluster/cluster-run.js'
import { isLongMode } from '../support/cluster/modes.js'
import { describeEngine } from '../support/engines/engine.js'
import { sqliteClients, temporaryFolder } from '../support/engines/sqlite.js'

const clients = sqliteClients()
const missing = clients.some((client) => client.missing === null)
  ? null
  : clients.map((client) => client.missing).join('; ')

describeEngine('a cluster on SQLite', missing, () => {
  const { folder, remove } = temporaryFolder()
  afterAll(remove)

  it('redeems nothing twice and loses nothing while processes are killed', async () => {
    const address = `sqlite:${join(folder, 'random.db')}`
    const report = await runCluster({
      title: 'SQLite, engines killed',
      proxied: [],
      disturbsProxies: false,
      addresses: () => [address, address],
      killsEngines: true,
      disturbances: [],
      workload: { workers: 8, lineages: 100, milliseconds: isLongMode ? 300_000 : 5_000 }
    })
    console.log(printReport(report))
    expect(report.violations).toEqual([])
    expect(report.faults['kill engine']).toBeGreaterThan(0)
    expect(report.redeemedTwice).toBe(0)
  }, 600_000)

  it('STO-03 holds when a process is killed before and after each operation of each request', async () => {
    const address = `sqlite:${join(folder, 'steps.db')}`
    const report = await runKillSteps('SQLite, each step', [address, address], isLongMode ? 'all' : 'token endpoint')
    console.log(printReport(report))
    expect(report.violations).toEqual([])
    expect(Object.keys(report.faults).length).toBeGreaterThanOrEqual(4)
  }, 600_000)
})
