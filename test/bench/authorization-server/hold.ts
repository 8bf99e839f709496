/**
 * A child process, run with `--expose-gc`, that holds many outstanding grants of one opponent and says how many bytes
 * each of them takes: the difference of the heap before and after, both times after the garbage was collected.
 */
import type { Job, Opponent } from './job.js'
import { oidcProvider } from './oidc-provider.js'
import { onWebCrypto, ours } from './ours.js'

const room = 1_000_000

const holders: Readonly<Record<string, Opponent>> = {
  'smart-app-launch': ours(onWebCrypto),
  'oidc-provider': oidcProvider(room)
}

const heapUsed = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

/** Grants are made in portions, so that the codes and tokens which the clients would hold are not counted. */
const portion = 1000
const warmUpPortions = 2

const [, , name = '', job = '', count = ''] = process.argv
const served = await holders[name]?.(JSON.parse(job) as Job)
if (served === undefined) throw new Error(`no opponent is called ${name}`)
for (let made = 0; made < warmUpPortions; made++) await served.seed(portion)
const before = heapUsed()
for (let made = 0; made < Number(count); made += portion) await served.seed(portion)
process.send?.((heapUsed() - before) / Number(count))
process.disconnect()
// What was made must be held until here.
process.exitCode = served.path === '' ? 1 : 0
