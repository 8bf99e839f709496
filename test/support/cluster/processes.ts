/** The processes of a cluster: engines that start again when they were killed, and the nemesis that kills them. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { buildSync } from 'esbuild'
import type { ClusterKeys } from './cluster-world.js'
import { newClusterKeys } from './cluster-world.js'
import type { EngineArguments } from './engine-main.js'
import type { StoreOperation } from './history.js'
import { operationsIn } from './history.js'
import type { NemesisArguments, NemesisLine } from './nemesis-main.js'

const built = new Map<string, string>()

/** A script of this folder as one file, so that a process starts quickly; packages are left outside. */
const scriptOf = (name: string): string => {
  const known = built.get(name)
  if (known !== undefined) return known
  const folder = join(import.meta.dirname, '..', '..', '..', 'node_modules', '.cache')
  const outfile = join(folder, `cluster-${name}-${String(process.pid)}.mjs`)
  buildSync({
    entryPoints: [join(import.meta.dirname, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    sourcemap: 'inline',
    logLevel: 'silent'
  })
  process.once('exit', () => {
    rmSync(outfile, { force: true })
  })
  built.set(name, outfile)
  return outfile
}

/** Starts a script of this folder; its arguments are one JSON value. */
const runScript = (name: string, given: unknown): ChildProcess =>
  spawn(process.execPath, [scriptOf(name), JSON.stringify(given)], { stdio: ['ignore', 'pipe', 'pipe'] })

/** The first output of a process that matches; an error when the process ends before. */
const printedBy = (child: ChildProcess, pattern: RegExp): Promise<string> =>
  new Promise((resolve, reject) => {
    let printed = ''
    const listen = (chunk: Buffer): void => {
      printed += chunk.toString()
      const [, found] = pattern.exec(printed) ?? []
      if (found !== undefined) resolve(found)
    }
    child.stdout?.on('data', listen)
    child.stderr?.on('data', listen)
    child.once('exit', (code, signal) => {
      reject(new Error(`the process ended with ${String(code ?? signal)}: ${printed.slice(-2000)}`))
    })
  })

const ended = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}

/** A process that is started again whenever it was killed. */
export interface LastingProcess {
  readonly name: string
  /** `http://127.0.0.1:<port>` of the present incarnation. */
  readonly base: () => string
  /** How often it was started again. */
  readonly restarts: () => number
  /** Resolves when it has been started again that often, and answers. */
  readonly ready: (restarts?: number) => Promise<void>
  /** Sends SIGKILL, and waits until it answers again. */
  readonly kill: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** What is needed to start a process again and again. */
interface Lasting {
  readonly name: string
  readonly script: string
  /** The arguments of each incarnation. */
  readonly argumentsOf: (incarnation: number) => unknown
  readonly pidFile: string
}

/** How often a process is started that ends before it answers. */
const mostStarts = 50

/** Starts a process and keeps it running. */
export const startLasting = async ({ name, script, argumentsOf, pidFile }: Lasting): Promise<LastingProcess> => {
  let incarnation = 0
  let isStopping = false
  let base = ''
  let child: ChildProcess | null = null
  let running: Promise<void> = Promise.resolve()
  const start = async (): Promise<void> => {
    const begun = runScript(script, argumentsOf(incarnation++))
    child = begun
    writeFileSync(pidFile, String(begun.pid))
    base = `http://127.0.0.1:${await printedBy(begun, /listening (\d+)\n/)}`
    begun.once('exit', () => {
      running = restart()
    })
    if (begun.exitCode !== null || begun.signalCode !== null) throw new Error('the process ended')
  }
  const restart = async (): Promise<void> => {
    for (let tried = 0; !isStopping && tried < mostStarts; tried++) {
      try {
        await start()
        return
      } catch {
        await pause(100)
      }
    }
  }
  await start()
  const ready = async (restarts = 0): Promise<void> => {
    while (incarnation - 1 < restarts) await pause(5)
    for (let seen: Promise<void> | null = null; seen !== running;) {
      seen = running
      await running
    }
  }
  return {
    name,
    base: () => base,
    restarts: () => incarnation - 1,
    ready,
    kill: () => {
      child?.kill('SIGKILL')
      return ready(incarnation)
    },
    stop: async () => {
      isStopping = true
      child?.kill('SIGKILL')
      await running
      child?.kill('SIGKILL')
      if (child !== null) await ended(child)
    }
  }
}

/** A cluster: two engines on one store. */
export interface Cluster {
  readonly folder: string
  readonly keys: ClusterKeys
  readonly engines: readonly [LastingProcess, LastingProcess]
  /** Everything that the engines did at the store; to be called when they have stopped. */
  readonly operations: () => ReadonlyArray<StoreOperation>
  readonly stop: () => Promise<void>
  /** Removes the files. */
  readonly remove: () => void
}

/** The names of the engines. */
const engineNames = ['a', 'b'] as const

const pidFileOf = (folder: string, name: string): string => join(folder, `${name}.pid`)

/** A folder for the files of a cluster. */
export const newClusterFolder = (): string => mkdtempSync(join(tmpdir(), 'cluster-'))

/** The files of the process ids of the engines. */
export const enginePidFiles = (folder: string): ReadonlyArray<string> =>
  engineNames.map((name) => pidFileOf(folder, name))

/** Starts two engines on the stores with these addresses (the same store, perhaps over two proxies). */
export const startCluster = async (addresses: readonly [string, string], folder: string): Promise<Cluster> => {
  const keys = await newClusterKeys()
  const keyFile = join(folder, 'keys.json')
  writeFileSync(keyFile, JSON.stringify(keys))
  const histories: Array<readonly [name: string, file: string]> = []
  const startEngine = (name: string, store: string): Promise<LastingProcess> =>
    startLasting({
      name,
      script: 'engine-main',
      pidFile: pidFileOf(folder, name),
      argumentsOf: (incarnation): EngineArguments => {
        const history = join(folder, `${name}-${String(incarnation)}.jsonl`)
        writeFileSync(history, '')
        histories.push([`${name}-${String(incarnation)}`, history])
        return { store, keys: keyFile, history }
      }
    })
  const started = await Promise.allSettled(
    engineNames.map((name, place) => startEngine(name, addresses[place] ?? addresses[0]))
  )
  const engines = started.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []))
  const [first, second] = engines
  if (first === undefined || second === undefined) {
    await Promise.all(engines.map((engine) => engine.stop()))
    rmSync(folder, { recursive: true, force: true })
    throw new Error(started.map((one) => (one.status === 'rejected' ? String(one.reason) : '')).join('\n'))
  }
  return {
    folder,
    keys,
    engines: [first, second],
    operations: () => histories.flatMap(([name, file]) => operationsIn(name, readFileSync(file, 'utf8'))),
    stop: async () => {
      await Promise.all(engines.map((engine) => engine.stop()))
    },
    remove: () => {
      rmSync(folder, { recursive: true, force: true })
    }
  }
}

/** The nemesis, as a process of its own. */
export interface Nemesis {
  /** The faults that it has made, by kind. */
  readonly faults: () => Readonly<Record<string, number>>
  /** The ports of its proxies, in the order of the arguments. */
  readonly ports: ReadonlyArray<number>
  /** Begins with the faults. */
  readonly begin: () => void
  /** Ends the faults: whatever is paused continues, and the proxies let everything through until `stop`. */
  readonly heal: () => Promise<void>
  readonly stop: () => Promise<void>
}

/** Starts the nemesis. */
export const startNemesis = async (given: NemesisArguments): Promise<Nemesis> => {
  const child = runScript('nemesis-main', given)
  const faults: Record<string, number> = {}
  let rest = ''
  let ports: ReadonlyArray<number> = []
  let isHealed = false
  child.stdout?.on('data', (chunk: Buffer) => {
    const lines = `${rest}${chunk.toString()}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) {
      const read = JSON.parse(line) as NemesisLine
      if (read._tag === 'ready') ({ ports } = read)
      if (read._tag === 'healed') isHealed = true
      if (read._tag === 'fault') faults[read.kind] = (faults[read.kind] ?? 0) + 1
    }
  })
  await printedBy(child, /("ready".*\n)/)
  return {
    faults: () => faults,
    ports,
    begin: () => {
      child.kill('SIGUSR1')
    },
    heal: async () => {
      child.kill('SIGUSR2')
      for (let waited = 0; !isHealed && child.exitCode === null && waited < 200; waited++) await pause(25)
    },
    stop: async () => {
      child.kill('SIGKILL')
      await ended(child)
    }
  }
}
