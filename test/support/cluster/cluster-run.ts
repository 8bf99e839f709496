/** One run of a cluster: start, work under faults, heal, audit, check, report. */
import { setTimeout as pause } from 'node:timers/promises'
import type { RecordingClients } from './clients.js'
import { recordingClients } from './clients.js'
import type { KilledKinds } from './kill-steps.js'
import { killAtEachStep } from './kill-steps.js'
import { checkHistory } from './linearizable.js'
import type { Cluster } from './processes.js'
import { enginePidFiles, newClusterFolder, startCluster, startNemesis } from './processes.js'
import { audit, brokenByRequests } from './protocol-checks.js'
import type { WorkloadFacts, WorkloadOptions } from './workload.js'
import { runWorkload } from './workload.js'

/** Something that is done to the store again and again while the clients work: it is killed and started. */
export interface Disturbance {
  readonly name: string
  /** The shortest and the longest time between the end of one and the next, in milliseconds. */
  readonly every: readonly [number, number]
  readonly strike: () => Promise<void>
}

/** What a run does. */
export interface ClusterRun {
  readonly title: string
  /** The ports of the store before which the nemesis opens proxies. */
  readonly proxied: ReadonlyArray<number>
  /** Whether the proxies disturb. */
  readonly disturbsProxies: boolean
  /** The address of the store for each engine; `ports` are those of the proxies. */
  readonly addresses: (ports: ReadonlyArray<number>) => readonly [string, string]
  /** Whether engines are killed. */
  readonly killsEngines: boolean
  readonly disturbances: ReadonlyArray<Disturbance>
  readonly workload: WorkloadOptions
  /** Something that happens once while the clients work: a failover. */
  readonly event?: {
    readonly name: string
    /** `answered` resolves when so many more requests were answered. */
    readonly happen: (answered: (requests: number) => Promise<void>) => Promise<void>
  }
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
    `  unknown outcomes: ${String(report.unknown.operations)} of the store, ` +
      `${String(report.unknown.requests)} of requests`,
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
  addresses: readonly [string, string],
  kinds: KilledKinds
): Promise<ClusterReport> => {
  const cluster = await startCluster(addresses, newClusterFolder())
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

/** So many requests are answered between two disturbances, so that a slow machine does something in between. */
const requestsBetween = 20

/** Strikes again and again until the work is done. */
const strikeUntil = async (
  isOver: () => boolean,
  { name, every: [least, most], strike }: Disturbance,
  counts: Record<string, number>,
  answered: () => number
): Promise<void> => {
  for (;;) {
    const end = Date.now() + least + Math.random() * (most - least)
    const before = answered()
    while ((Date.now() < end || answered() < before + requestsBetween) && !isOver()) await pause(20)
    if (isOver()) return
    counts[name] = (counts[name] ?? 0) + 1
    await strike()
  }
}

/** Runs a cluster. Everything that it starts has ended when it returns. */
export const runCluster = async (run: ClusterRun): Promise<ClusterReport> => {
  const folder = newClusterFolder()
  const nemesis = await startNemesis({
    faults: run.killsEngines
      ? [
          { kind: 'kill', name: 'kill engine', pidFiles: enginePidFiles(folder), every: [1500, 3500] },
          { kind: 'pause', name: 'pause engine', pidFiles: enginePidFiles(folder), every: [1500, 3500], lasts: 400 }
        ]
      : [],
    proxies: run.proxied.map((port) => ({
      port,
      every: run.disturbsProxies ? [500, 1500] : [1e9, 1e9],
      lasts: 250
    }))
  })
  try {
    const cluster = await startCluster(run.addresses(nemesis.ports), folder)
    try {
      const clients = recordingClients(cluster)
      const counts: Record<string, number> = {}
      let isOver = false
      const answered = (): number => clients.requests.filter(({ outcome }) => outcome !== 'info').length
      const answeredMore = async (requests: number): Promise<void> => {
        for (const least = answered() + requests; answered() < least && !isOver;) await pause(10)
      }
      const work = async (): Promise<WorkloadFacts> => {
        try {
          return await runWorkload(cluster, clients, run.workload)
        } finally {
          isOver = true
        }
      }
      const happen = async (): Promise<void> => {
        if (run.event === undefined) return
        await run.event.happen(answeredMore)
        counts[run.event.name] = 1
      }
      nemesis.begin()
      const [facts] = await Promise.all([
        work(),
        happen(),
        ...run.disturbances.map((disturbance) => strikeUntil(() => isOver, disturbance, counts, answered))
      ])
      await nemesis.heal()
      await pause(100)
      await Promise.all(cluster.engines.map((engine) => engine.ready()))
      const broken = await audit(cluster, clients, facts)
      await cluster.stop()
      return reportOf(run.title, cluster, clients, {
        races: facts.races,
        faults: { ...nemesis.faults(), ...counts },
        broken
      })
    } finally {
      await cluster.stop()
      cluster.remove()
    }
  } finally {
    await nemesis.stop()
  }
}

/** Adds the counts of reports. */
const added = (
  one: Readonly<Record<string, number>>,
  other: Readonly<Record<string, number>>
): Readonly<Record<string, number>> =>
  Object.fromEntries(
    [...new Set([...Object.keys(one), ...Object.keys(other)])].map((name) => [
      name,
      (one[name] ?? 0) + (other[name] ?? 0)
    ])
  )

/** Runs a cluster again and again until so many lineages were raced, so that a history fits into memory. */
export const runRounds = async (run: ClusterRun, lineages: number): Promise<ClusterReport> => {
  const perRound = 5_000
  let sum: ClusterReport | null = null
  for (let left = lineages; left > 0; left -= perRound) {
    const report: ClusterReport = await runCluster({
      ...run,
      workload: { ...run.workload, lineages: Math.min(left, perRound) }
    })
    sum =
      sum === null
        ? report
        : {
            title: report.title,
            operations: sum.operations + report.operations,
            keys: sum.keys + report.keys,
            requests: sum.requests + report.requests,
            races: added(sum.races, report.races),
            faults: added(sum.faults, report.faults),
            unknown: {
              operations: sum.unknown.operations + report.unknown.operations,
              requests: sum.unknown.requests + report.unknown.requests
            },
            redeemedTwice: sum.redeemedTwice + report.redeemedTwice,
            violations: [...sum.violations, ...report.violations]
          }
  }
  if (sum === null) throw new Error('no lineages')
  return sum
}
