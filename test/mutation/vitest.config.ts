/** The suites that a mutation run plays: `MUTATION_GROUP` names the group of `groups.ts`. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { groups } from './groups.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '../..')
const group = groups.find(({ name }) => name === process.env['MUTATION_GROUP'])
if (group === undefined) throw new Error('MUTATION_GROUP names no group of test/mutation/groups.ts')

export default defineConfig({
  root,
  test: {
    include: [...group.suites],
    setupFiles: [join(root, 'test/mutation/fixed-seed.ts')],
    env: { SCOPE_RUNS: '200' },
    isolate: process.env['MUTATION_ISOLATE'] !== 'no',
    testTimeout: 20_000,
    hookTimeout: 60_000
  }
})
