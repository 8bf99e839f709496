/** One run of a cluster: start, work under faults, heal, audit, check, report. */
import { setTimeout as pause } from 'node:timers/promises'
import type { RecordingClients } from './clients.js'
import { recordingClients } from './clients.js'
import type { KilledKinds } from './kill-steps.js'
import { killAtEachStep } from './kill-steps.js'
import { checkHistory } from './linearizable.js'
import type { PlannedFault } from './nemesis-main.js'
import type { Cluster } from './processes.js'
import { pidFileOf, startCluster, startNemesis } from './processes.js'
import { audit, brokenByRequests } from './protocol-checks.js'
import type { WorkloadOptions } from './workload.js'
import { runWorkload } from './workload.js'

/** What a run does. */
export interface ClusterRun {
  readonly title: string
  /** The address of the store for each engine. */
  readonly addresses: readonly [string, string]
  /** Whether engines are killed. */
  readonly killsEngines: boolean
  /** Faults of the store and of what lies between. */
  readonly faults: ReadonlyArray<PlannedFault>
  readonly workload: WorkloadOptions
  /** Something that happens once while the clients work: a fail-over. Its answer is counted as a fault of that name. */
  readonly event?: () => Promise<string>
  /** Brings the store back, before the audit. */
  readonly heal?: () => Promise<void>
}

/** What came of it. */
export interface ClusterReport {
  readonly title: string
  readonly operations: number
  readonly keys: number
  readonly requests: number
  readonly races: Readonly<Record<string, number>>
  readonly faults: Readonly<Record<string, number>>
  readonly unknown: { readonly operations: number; readonly requests: number }
  readonly redeemedTwice: number
  readonly violations: ReadonlyArray<string>
}

const total = (counts: Readonly<Record<string, number>>): number =>
  Object.values(counts).reduce((sum, count) => sum + count, 0)

const inWords = (counts: Readonly<Record<string, number>>): string =>
  Object.entries(counts)
    .map(([name, count]) => `${name} ${String(count)}`)
    .join(', ') || 'none'

/** The report as text, for the output of the tests. */
export const printReport = (report: ClusterReport): string =>
  [
    `cluster: ${report.title}`,
    `  operations at the store: ${String(report.operations)} on ${String(report.keys)} keys; ` +
      `requests: ${String(report.requests)}`,
    `  raced redemptions: ${String(total(report.races))} (${inWords(report.races)}); ` +
      `redeemed twice: ${String(report.redeemedTwice)}`,
    `  faults: ${String(total(report.faults))} (${inWords(report.faults)})`,
    `  unknown outcomes: ${String(report.unknown.operations)} of the store, ${String(report.unknown.requests)} of requests`,
    `  violations: ${String(report.violations.length)}`,
    ...report.violations.slice(0, 10).map((violation) => `    ${violation}`)
  ].join('\n')

/** What is found in a run whose engines have stopped. */
const reportOf = (
  title: string,
  cluster: Cluster,
  clients: RecordingClients,
  run: Pick<ClusterReport, 'races' | 'faults'> & { readonly broken: ReadonlyArray<string> }
): ClusterReport => {
  const operations = cluster.operations()
  const { keys, faults } = checkHistory(operations)
  const broken = [...run.broken, ...brokenByRequests(clients.requests)]
  return {
    title,
    operations: operations.length,
    keys,
    requests: clients.requests.length,
    races: run.races,
    faults: run.faults,
    unknown: {
      operations: operations.filter(
        ({ completed }) =>
          completed === null || (completed.answer._tag === 'failed' && completed.answer.applied === 'unknown')
      ).length,
      requests: clients.requests.filter(({ outcome }) => outcome === 'info').length
    },
    redeemedTwice: broken.filter((text) => text.startsWith('redeemed ')).length,
    violations: [
      ...broken,
      ...faults.map(
        ({ key, isLinearizable, reason }) =>
          `${key} is ${isLinearizable === 'no' ? 'not linearizable' : 'undecided'}: ${reason}`
      )
    ]
  }
}

/** Kills an engine at each step of each request, on stores with these addresses. */
export const runKillSteps = async (
  title: string,
  addresses: ClusterRun['addresses'],
  kinds: KilledKinds
): Promise<ClusterReport> => {
  const cluster = await startCluster(addresses)
  try {
    const clients = recordingClients(cluster)
    const { kills, broken, facts } = await killAtEachStep(cluster, clients, kinds)
    const found = await audit(cluster, clients, facts)
    await cluster.stop()
    const faults = Object.fromEntries(Object.entries(kills).map(([name, count]) => [`kill in ${name}`, count]))
    return reportOf(title, cluster, clients, { races: {}, faults, broken: [...broken, ...found] })
  } finally {
    await cluster.stop()
    cluster.remove()
  }
}

/** Runs a cluster. Everything that it starts has ended when it returns. */
export const runCluster = async (run: ClusterRun): Promise<ClusterReport> => {
  const cluster = await startCluster(run.addresses)
  try {
    const clients = recordingClients(cluster)
    const engineFault: PlannedFault = {
      kind: 'kill',
      name: 'kill engine',
      pidFiles: cluster.engines.map(({ name }) => pidFileOf(cluster.folder, name)),
      every: [700, 1800]
    }
    const nemesis = await startNemesis({ faults: [...(run.killsEngines ? [engineFault] : []), ...run.faults] })
    const events: Record<string, number> = {}
    try {
      const [facts, event] = await Promise.all([runWorkload(cluster, clients, run.workload), run.event?.()])
      if (event !== undefined) events[event] = 1
      await nemesis.heal()
      await run.heal?.()
      await pause(100)
      await Promise.all(cluster.engines.map((engine) => engine.ready()))
      const broken = await audit(cluster, clients, facts)
      await cluster.stop()
      return reportOf(run.title, cluster, clients, {
        races: facts.races,
        faults: { ...nemesis.faults(), ...events },
        broken
      })
    } finally {
      await nemesis.stop()
    }
  } finally {
    await cluster.stop()
    cluster.remove()
  }
}
