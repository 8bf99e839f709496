/** Two engines on three members of etcd, whose leader is killed again and again. */
import { expect, it } from 'vitest'
import { printReport, runCluster } from '../support/cluster/cluster-run.js'
import { isLongMode } from '../support/cluster/modes.js'
import { describeEngine } from '../support/engines/engine.js'
import { etcdMissing, startEtcd } from '../support/engines/etcd.js'
import { freePort } from '../support/engines/ports.js'

describeEngine('a cluster on etcd', etcdMissing, () => {
  it('redeems nothing twice and loses nothing while leaders, engines and connections are killed', async () => {
    const members = await startEtcd(await Promise.all([1, 2, 3].map(() => freePort())))
    try {
      const report = await runCluster({
        title: 'etcd, leaders killed',
        proxied: members.map(({ port }) => port),
        disturbsProxies: true,
        addresses: (ports) => {
          const all = `etcd://${ports.map((port) => `127.0.0.1:${String(port)}`).join(',')}`
          return [all, all]
        },
        killsEngines: true,
        disturbances: [
          {
            name: 'kill the leader',
            every: [1000, 2000],
            strike: async () => {
              const leads = await Promise.all(members.map((member) => member.isLeader()))
              const leader = members[leads.indexOf(true)] ?? members[0]
              await leader?.kill()
              await leader?.start()
            }
          }
        ],
        workload: { workers: 8, lineages: 100, milliseconds: isLongMode ? 600_000 : 6_000 }
      })
      console.log(printReport(report))
      expect(report.violations).toEqual([])
      expect(report.redeemedTwice).toBe(0)
      expect(Object.keys(report.faults)).toEqual(expect.arrayContaining(['kill the leader', 'kill engine']))
    } finally {
      await Promise.all(members.map((member) => member.remove()))
    }
  }, 3_600_000)
})
