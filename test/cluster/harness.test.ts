/**
 * The cluster itself is checked with a small store of its own: in its right form nothing is found, and each wrong form
 * is found.
 */
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { ClusterReport } from '../support/cluster/cluster-run.js'
import { printReport, runCluster, runKillSteps } from '../support/cluster/cluster-run.js'
import { startLasting } from '../support/cluster/processes.js'
import { sqliteClients } from '../support/engines/sqlite.js'
import type { ReferenceForm } from '../support/cluster/reference-store.js'
import type { LineageKind } from '../support/cluster/workload.js'
import { isLongMode } from '../support/cluster/modes.js'

/** A port that is free now. */
const freePort = (): Promise<number> =>
  new Promise((resolve) => {
    const server = createServer()
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as AddressInfo
      server.close(() => {
        resolve(port)
      })
    })
  })

/** Does something with a reference store of that form. */
const withReferenceStore = async <Result>(
  form: ReferenceForm,
  use: (address: string, kill: () => Promise<void>) => Promise<Result>
): Promise<Result> => {
  const folder = mkdtempSync(join(tmpdir(), 'reference-store-'))
  const port = await freePort()
  const pidFile = join(folder, 'store.pid')
  const store = await startLasting({
    name: 'store',
    script: 'reference-main',
    pidFile,
    argumentsOf: () => ({ form, port, log: join(folder, 'log') })
  })
  try {
    return await use(`reference+${form}://127.0.0.1:${String(port)}`, () => store.kill())
  } finally {
    await store.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const runOn = (
  form: ReferenceForm,
  seconds: number,
  kinds: ReadonlyArray<LineageKind> | undefined,
  isKilled: boolean
): Promise<ClusterReport> =>
  withReferenceStore(form, (address, kill) =>
    runCluster({
      title: `reference store, ${form}`,
      proxied: [],
      disturbsProxies: false,
      addresses: () => [address, address],
      killsEngines: isKilled,
      disturbances: isKilled ? [{ name: 'kill store', every: [500, 1200], strike: kill }] : [],
      workload: {
        workers: 8,
        lineages: 60,
        milliseconds: seconds * 1000 * (isLongMode ? 10 : 1),
        ...(kinds === undefined ? {} : { kinds })
      }
    })
  )

describe('STO-16 a cluster on the reference store', () => {
  it('finds nothing in the right form, with engines and the store killed', async () => {
    const report = await runOn('right', 4, undefined, true)
    console.log(printReport(report))
    expect(report.violations).toEqual([])
    expect(Object.keys(report.faults)).toEqual(expect.arrayContaining(['kill engine', 'kill store']))
    expect(report.operations).toBeGreaterThan(200)
    expect(report.unknown.operations).toBeGreaterThan(0)
  }, 120_000)

  it.runIf(isLongMode || sqliteClients().every(({ missing }) => missing !== null))(
    'finds nothing in the right form when an engine is killed at each step',
    async () => {
      const report = await withReferenceStore('right', (address) =>
        runKillSteps('reference store, each step', [address, address], isLongMode ? 'all' : 'token endpoint')
      )
      console.log(printReport(report))
      expect(report.violations).toEqual([])
    },
    120_000
  )

  it.each<readonly [ReferenceForm, ReadonlyArray<LineageKind>, boolean, ReadonlyArray<RegExp>]>([
    ['readCheckWrite', ['code', 'assertion'], false, [/^redeemed 2 times: /, /not linearizable/]],
    ['earlyAnswer', ['code', 'chain', 'refresh', 'revocation'], true, [/gone|ended|redeemed/, /not linearizable/]],
    ['oldReads', ['revocation', 'registration'], false, [/not linearizable/]]
  ])(
    'finds the wrong form %s',
    async (form, kinds, isKilled, expected) => {
      const report = await runOn(form, 3, kinds, isKilled)
      console.log(`${printReport(report)}\n  (the store is wrong on purpose)`)
      for (const pattern of expected) expect(report.violations.join('\n')).toMatch(new RegExp(pattern, 'm'))
    },
    120_000
  )
})
