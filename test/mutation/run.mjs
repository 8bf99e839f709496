import { spawnSync } from 'node:child_process'
import { writeFileSync, mkdirSync } from 'node:fs'
import { groups } from './groups.mjs'

const wanted = process.argv.slice(2)
for (const group of groups.filter(({ name }) => wanted.length === 0 || wanted.includes(name))) {
  mkdirSync('.stryker', { recursive: true })
  const config = `.stryker/${group.name}.config.json`
  writeFileSync(config, JSON.stringify({
    testRunner: 'vitest',
    plugins: ['@stryker-mutator/vitest-runner'],
    vitest: { configFile: 'test/mutation/vitest.config.ts', related: false },
    mutate: group.mutate,
    coverageAnalysis: 'perTest',
    disableTypeChecks: false,
    ignorePatterns: ['dist', 'docs', '.git', '.stryker', 'test/examples', 'test/hosts'],
    reporters: ['clear-text', 'json'],
    clearTextReporter: { allowColor: false, logTests: false, reportTests: false, reportMutants: false },
    jsonReporter: { fileName: `.stryker/${group.name}.json` },
    tempDirName: `.stryker/sandbox-${group.name}`,
    incremental: true,
    incrementalFile: `.stryker/${group.name}.incremental.json`,
    concurrency: 2,
    timeoutMS: 20000
  }, null, 2))
  const { status } = spawnSync('npx', ['stryker', 'run', config], { stdio: 'inherit', env: { ...process.env, MUTATION_GROUP: group.name } })
  if (status !== 0) process.exitCode = 1
}
