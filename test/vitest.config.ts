import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { readFileSync } from 'node:fs'
import { defineConfig } from 'vitest/config'
import { countedSources } from './linear/counted-sources.js'
import { droppedRules } from './setup/dropped-rules.js'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')

interface Manifest {
  readonly name: string
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>
}

const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as Manifest

/** The package's own name leads to its sources, so that examples run without a build. */
const alias = Object.entries(manifest.exports).flatMap(([entry, target]) =>
  typeof target === 'string'
    ? []
    : [
        {
          find: new RegExp(`^${manifest.name}${entry.slice(1)}$`),
          replacement: join(root, target.import.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))
        }
      ]
)

/** The rows of rule tables that `test/architecture/rules.test.ts` drops, as `file#table/row`. */
const rows = Object.keys(
  JSON.parse(process.env['RULE_ROWS'] ?? '{}') as Readonly<Record<string, ReadonlyArray<string>>>
)
const tables = [...new Set(rows.map((row) => row.slice(0, row.lastIndexOf('/'))))]

export default defineConfig({
  root,
  resolve: { alias },
  test: {
    projects: [
      {
        extends: true,
        plugins: [droppedRules(root, tables)],
        test: {
          name: 'tests',
          include: ['test/**/*.test.ts'],
          exclude: ['test/linear/**'],
          ...(rows.length === 0 ? {} : { runner: join(root, 'test/setup/dropped-rules-runner.ts') })
        }
      },
      // What is measured there is not time but operations: the sources say themselves how many they do.
      {
        extends: true,
        plugins: [countedSources(root)],
        test: { name: 'linear', include: ['test/linear/**/*.test.ts'] }
      }
    ],
    reporters: [
      process.env['CI'] === undefined ? 'default' : 'verbose',
      join(root, 'test/setup/closing-line-reporter.ts')
    ],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    maxWorkers: 2
  }
})
