/**
 * Mutation testing: `npm run mutation`, or `npm run mutation -- <group> ...` for groups of `groups.ts`. It takes
 * minutes to hours, so it is no part of `npm test`. What it finds is written to `figures.json`; `survivors.json`
 * explains the mutants that survive. With `--again`, a run that follows new tests plays them for the survivors of the
 * last run, and what was found then counts as found. Tests that have changed need a whole run.
 */
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Group } from './groups.js'
import { groups } from './groups.js'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, '.stryker')
const isAgain = process.argv.includes('--again')

/** The settings of Stryker for a group. */
const settings = ({ name, mutate }: Group) => ({
  testRunner: 'in-process',
  plugins: [join(import.meta.dirname, 'in-process-runner.ts')],
  mutate,
  coverageAnalysis: 'perTest',
  disableTypeChecks: false,
  ignorePatterns: ['dist', '.git', '.stryker'],
  reporters: ['json', 'progress-append-only'],
  jsonReporter: { fileName: join(folder, `${name}.json`) },
  incremental: true,
  incrementalFile: join(folder, `${name}.last.json`),
  force: !isAgain,
  tempDirName: join(folder, `sandbox-${name}`),
  concurrency: 2,
  ignoreStatic: true,
  // Long, so that a busy machine takes no slow run for one that never ends. Loops end earlier, by their count.
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 10
})

interface Position {
  readonly line: number
  readonly column: number
}

interface Report {
  readonly files: Readonly<
    Record<
      string,
      {
        readonly source: string
        readonly mutants: ReadonlyArray<{
          readonly status: string
          readonly mutatorName: string
          readonly location: { readonly start: Position; readonly end: Position }
          readonly replacement?: string
        }>
      }
    >
  >
}

const textOf = (source: string, { start, end }: { readonly start: Position; readonly end: Position }): string =>
  source
    .split('\n')
    .slice(start.line - 1, end.line)
    .map((line, index, lines) =>
      line.slice(index === 0 ? start.column - 1 : 0, index === lines.length - 1 ? end.column - 1 : undefined)
    )
    .join('\n')

/** What a run found: counts, and the mutants that survive. */
const foundBy = (name: string) => {
  const report = JSON.parse(readFileSync(join(folder, `${name}.json`), 'utf8')) as Report
  const mutants = Object.entries(report.files).flatMap(([file, { source, mutants: all }]) =>
    all.map(({ status, mutatorName, location, replacement = '' }) => ({
      file,
      status,
      mutator: mutatorName,
      line: location.start.line,
      text: textOf(source, location),
      replacement
    }))
  )
  const survivors = mutants.filter(({ status }) => status === 'Survived' || status === 'NoCoverage')
  const killed = mutants.filter(({ status }) => status === 'Killed' || status === 'Timeout').length
  const all = killed + survivors.length
  return {
    figures: {
      mutants: all,
      killed,
      survived: survivors.length,
      score: Math.round((1000 * killed) / all) / 10
    },
    survivors
  }
}

const run = (group: Group): boolean => {
  const config = join(folder, `${group.name}.config.json`)
  writeFileSync(config, JSON.stringify(settings(group), null, 2))
  const { status } = spawnSync(
    process.execPath,
    [join(root, 'node_modules/@stryker-mutator/core/bin/stryker.js'), 'run', config],
    {
      cwd: root,
      stdio: 'inherit',
      env: { ...process.env, MUTATION_GROUP: group.name, SCOPE_RUNS: '200', NODE_OPTIONS: '--import tsx' }
    }
  )
  if (status !== 0) return false
  const { figures, survivors } = foundBy(group.name)
  const figuresFile = join(import.meta.dirname, 'figures.json')
  const known = JSON.parse(readFileSync(figuresFile, 'utf8')) as Readonly<Record<string, unknown>>
  const found = { ...known, [group.name]: { date: new Date().toISOString().slice(0, 10), ...figures } }
  const next = Object.fromEntries(groups.map(({ name }) => [name, found[name] ?? null]))
  writeFileSync(figuresFile, `${JSON.stringify(next, null, 2)}\n`)
  for (const { file, line, mutator, text, replacement } of survivors)
    console.log(`survived: ${file}:${String(line)} ${mutator}: ${JSON.stringify(text)} -> ${replacement}`)
  console.log(
    `mutation: ${group.name}: ${String(figures.score)} % of ${String(figures.mutants)} mutants found, ` +
      `${String(figures.survived)} survive`
  )
  return true
}

const names = process.argv.slice(2).filter((name) => name !== '--again')
const unknown = names.filter((name) => !groups.some((group) => group.name === name))
if (unknown.length > 0) {
  console.error(`no such group: ${unknown.join(', ')}; there are ${groups.map(({ name }) => name).join(', ')}`)
  process.exitCode = 2
} else {
  mkdirSync(folder, { recursive: true })
  const chosen = groups.filter(({ name }) => names.length === 0 || names.includes(name))
  if (!chosen.map(run).every((isDone) => isDone)) process.exitCode = 1
}
