/** What one outstanding grant costs in memory. */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Job } from './job.js'

/** A row of the report. */
export interface MemoryRow {
  readonly title: string
  readonly job: Job
}

/** What is measured. The largest permitted number of bytes is {@link memoryTarget}. */
export const memoryRows: ReadonlyArray<MemoryRow> = [
  { title: 'A code with its grant', job: { requested: 'exchange', idToken: true, accessToken: 'opaque' } },
  { title: 'An active grant with a refresh token', job: { requested: 'refresh', idToken: true, accessToken: 'opaque' } }
]

export const memoryTarget = 1000
export const grantsHeld = 100_000
const holders = ['smart-app-launch', 'oidc-provider']

/** Bytes per grant, by holder. */
export const measureMemory = async ({
  job
}: MemoryRow): Promise<ReadonlyArray<readonly [name: string, bytes: number]>> => {
  const measured: Array<readonly [string, number]> = []
  for (const name of holders) {
    const execArgv = ['--import', 'tsx', '--expose-gc', '--max-old-space-size=4096']
    const child = fork(join(import.meta.dirname, 'hold.ts'), [name, JSON.stringify(job), String(grantsHeld)], {
      execArgv
    })
    const [bytes] = (await once(child, 'message')) as [number]
    measured.push([name, bytes])
  }
  return measured
}

/** The largest number of bytes that one remembered assertion may take. */
export const assertionTarget = 120

/** Bytes per remembered `jti`: in our memory store, and in the floor, a Map from the digest to its expiry. */
export const measureAssertions = async (): Promise<ReadonlyArray<readonly [name: string, bytes: number]>> => {
  const measured: Array<readonly [string, number]> = []
  for (const name of ['a Map of digests', 'smart-app-launch']) {
    const execArgv = ['--import', 'tsx', '--expose-gc', '--max-old-space-size=4096']
    const child = fork(join(import.meta.dirname, 'hold-assertions.ts'), [name, String(grantsHeld)], { execArgv })
    const [bytes] = (await once(child, 'message')) as [number]
    measured.push([name, bytes])
  }
  return measured
}
