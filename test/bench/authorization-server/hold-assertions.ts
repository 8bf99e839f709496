/**
 * A child process, run with `--expose-gc`, that remembers many assertions as the engine does, and says how many bytes
 * each of them takes.
 */
import { createHash, randomInt, randomUUID } from 'node:crypto'
import * as Option from 'fp-ts/lib/Option.js'
import { memoryStore } from 'smart-app-launch/fp-ts/adapters/memory'
import { systemClock } from 'smart-app-launch/fp-ts/adapters/web'
import { assertionKey } from '../../../src/engine/server/store-keys.js'

const digest = (): string => createHash('sha256').update(randomUUID()).digest('base64url')

const store = memoryStore(systemClock)
const floor = new Map<string, number>()
const now = systemClock.now()

/** Assertions end within five minutes, and are remembered for the clock skew longer. */
const until = (): number => now + 60 + randomInt(300)

const holders: Readonly<Record<string, () => unknown>> = {
  'a Map of digests': () => floor.set(digest(), until()),
  'smart-app-launch': () => store.swap(assertionKey(digest()), Option.none, '1', until())()
}

const heapUsed = (): number => {
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

const [, , name = '', count = ''] = process.argv
const hold = holders[name]
if (hold === undefined) throw new Error(`nobody is called ${name}`)
for (let made = 0; made < 1000; made++) await hold()
const before = heapUsed()
for (let made = 0; made < Number(count); made++) await hold()
process.send?.((heapUsed() - before) / Number(count))
process.disconnect()
// What was remembered must be held until here.
process.exitCode = store.size() + floor.size > 0 ? 0 : 1
