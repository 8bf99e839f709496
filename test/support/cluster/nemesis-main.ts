/**
 * The nemesis: a process that kills and pauses others at random moments, and disturbs their connections to the store.
 * It is a process of its own, so that nothing that the others do waits for it, and their requests are under way when it
 * strikes.
 */
import { readFileSync } from 'node:fs'
import { setTimeout as pause } from 'node:timers/promises'
import type { Fault, FaultProxy } from '../../../src/testing/store-contract/fault-proxy.js'
import { faultProxy } from '../../../src/testing/store-contract/fault-proxy.js'

/** A fault that is made again and again. */
export interface PlannedFault {
  /** `kill`: SIGKILL of the process and its children. `pause`: SIGSTOP, and SIGCONT after a while. */
  readonly kind: 'kill' | 'pause'
  /** The name in the report: `kill engine`. */
  readonly name: string
  /** The files of process ids; one is chosen each time. */
  readonly pidFiles: ReadonlyArray<string>
  /** The shortest and the longest time between two faults, in milliseconds. */
  readonly every: readonly [number, number]
  /** How long a pause lasts, in milliseconds. */
  readonly lasts?: number
}

/** A proxy before the store, which is disturbed again and again. */
export interface PlannedProxy {
  readonly port: number
  /** The shortest and the longest time between two faults, in milliseconds. */
  readonly every: readonly [number, number]
  /** How long each fault lasts, in milliseconds. */
  readonly lasts: number
}

/** The arguments of the nemesis, as JSON. */
export interface NemesisArguments {
  readonly faults: ReadonlyArray<PlannedFault>
  readonly proxies: ReadonlyArray<PlannedProxy>
}

/** What the nemesis prints: one JSON value a line. */
export type NemesisLine =
  | { readonly _tag: 'ready'; readonly ports: ReadonlyArray<number> }
  | { readonly _tag: 'fault'; readonly kind: string }
  | { readonly _tag: 'healed' }

const { faults, proxies } = JSON.parse(process.argv[2] ?? '') as NemesisArguments
const print = (line: NemesisLine): void => {
  process.stdout.write(`${JSON.stringify(line)}\n`)
}

let isHealed = false
const paused = new Set<number>()

const pidIn = (file: string): number | null => {
  try {
    const pid = Number.parseInt(readFileSync(file, 'utf8').split('\n')[0] ?? '', 10)
    return pid > 1 ? pid : null
  } catch {
    return null
  }
}

/** A process and everything that it started. */
const treeOf = (pid: number): ReadonlyArray<number> => {
  try {
    const children = readFileSync(`/proc/${String(pid)}/task/${String(pid)}/children`, 'utf8')
    return [
      pid,
      ...children
        .split(' ')
        .filter((text) => text !== '')
        .flatMap((text) => treeOf(Number(text)))
    ]
  } catch {
    return [pid]
  }
}

const signal = (pid: number, name: 'SIGKILL' | 'SIGSTOP' | 'SIGCONT'): boolean => {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}

const strike = async ({ kind, name, pidFiles, lasts = 300 }: PlannedFault): Promise<void> => {
  const pid = pidIn(pidFiles[Math.floor(Math.random() * pidFiles.length)] ?? '')
  if (pid === null || isHealed) return
  if (kind === 'kill') {
    const killed = treeOf(pid).map((one) => signal(one, 'SIGKILL'))
    if (killed[0] === true) print({ _tag: 'fault', kind: name })
    return
  }
  if (!signal(pid, 'SIGSTOP')) return
  paused.add(pid)
  print({ _tag: 'fault', kind: name })
  await pause(lasts)
  paused.delete(pid)
  signal(pid, 'SIGCONT')
}

const repeat = async (fault: PlannedFault): Promise<void> => {
  const [least, most] = fault.every
  for (;;) {
    await pause(least + Math.random() * (most - least))
    await strike(fault)
  }
}

/** The faults of a proxy, in turn. */
const proxyFaults: ReadonlyArray<Fault> = [
  { kind: 'drop-answers' },
  { kind: 'cut-answers', afterBytes: 3 },
  { kind: 'delay', milliseconds: 40 },
  { kind: 'refuse' },
  { kind: 'half-open' }
]

const disturb = async (proxy: FaultProxy, { every: [least, most], lasts }: PlannedProxy): Promise<void> => {
  for (let turn = Math.floor(Math.random() * proxyFaults.length); ; turn++) {
    await pause(least + Math.random() * (most - least))
    const fault = proxyFaults[turn % proxyFaults.length] ?? { kind: 'none' }
    if (isHealed) return
    const before = proxy.disturbed()
    proxy.setFault(fault)
    await pause(lasts)
    proxy.setFault({ kind: 'none' })
    if (proxy.disturbed() > before) print({ _tag: 'fault', kind: `proxy ${fault.kind}` })
  }
}

const openProxies = await Promise.all(proxies.map(({ port }) => faultProxy({ host: '127.0.0.1', port })))
process.on('SIGUSR2', () => {
  isHealed = true
  for (const proxy of openProxies) proxy.setFault({ kind: 'none' })
  for (const pid of paused) signal(pid, 'SIGCONT')
  print({ _tag: 'healed' })
})
process.once('SIGUSR1', () => {
  for (const fault of faults) void repeat(fault)
  openProxies.forEach((proxy, place) => {
    const planned = proxies[place]
    if (planned !== undefined) void disturb(proxy, planned)
  })
})
// Without a fault, it stays until it is stopped.
setInterval(() => undefined, 60_000)
print({ _tag: 'ready', ports: openProxies.map(({ port }) => port) })
