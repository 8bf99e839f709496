/**
 * A test runner for Stryker that loads the suites of a group once and plays them in one process for each mutant. A new
 * vitest run for each mutant would load all modules again and take most of the time. Stryker makes the mutants, bounds
 * loops by a count, stops a run that takes too long and makes the report.
 */
import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import type { CollectedTest } from './collected-suites.js'
import { filesOf, groups } from './groups.js'

/** What the instrumented sources and Stryker have in common. */
interface Instrumented {
  activeMutant?: string | undefined
  currentTestId?: string | undefined
  hitCount?: number | undefined
  hitLimit?: number | undefined
  mutantCoverage?: unknown
}

interface MutantRun {
  readonly activeMutant: { readonly id: string }
  readonly testFilter?: ReadonlyArray<string>
  readonly hitLimit?: number
}

/** The suites, and the place of each file in them, in one module of the sandbox. */
const bundled = async (sandbox: string, suites: ReadonlyArray<string>): Promise<string> => {
  const outfile = join(sandbox, `suites-${String(process.pid)}.mjs`)
  const lines = ['./test/mutation/fixed-seed.ts', ...suites.map((suite) => `./${suite}`)].map(
    (one) => `import '${one}'`
  )
  await build({
    stdin: {
      contents: [...lines, "export { collected } from './test/mutation/collected-suites.ts'"].join('\n'),
      resolveDir: sandbox
    },
    bundle: true,
    format: 'esm',
    platform: 'node',
    packages: 'external',
    // package.json says that no module has side effects; suites have.
    ignoreAnnotations: true,
    outfile,
    logLevel: 'error',
    plugins: [
      {
        name: 'suites',
        setup: (bundling) => {
          const stand = join(sandbox, 'test/mutation/collected-suites.ts')
          bundling.onResolve({ filter: /^vitest$/ }, ({ importer }) =>
            importer === stand ? { external: true } : { path: stand }
          )
          bundling.onLoad({ filter: /\/test\/.*\.ts$/ }, ({ path }) => ({
            contents: readFileSync(path, 'utf8').replaceAll('import.meta.dirname', JSON.stringify(dirname(path))),
            loader: 'ts'
          }))
        }
      }
    ]
  })
  return outfile
}

class InProcessRunner {
  #tests: ReadonlyArray<CollectedTest> = []
  readonly #records = new Map<string, { readonly milliseconds: number; readonly kills: number }>()
  readonly #instrumented: Instrumented

  constructor() {
    const holder = globalThis as { __stryker__?: Instrumented }
    holder.__stryker__ ??= {}
    this.#instrumented = holder.__stryker__
  }

  /**
   * Stryker would start a new process for each mutant in code that also runs when the suites are loaded. That is not
   * needed: a mutant is active only while tests are played.
   */
  capabilities() {
    return { reloadEnvironment: true }
  }

  async init(): Promise<void> {
    const group = groups.find(({ name }) => name === process.env['MUTATION_GROUP'])
    if (group === undefined) throw new Error('MUTATION_GROUP names no group of test/mutation/groups.ts')
    const file = await bundled(process.cwd(), filesOf(process.cwd(), group.suites))
    const suites = (await import(pathToFileURL(file).href)) as { readonly collected: ReadonlyArray<CollectedTest> }
    this.#tests = suites.collected
  }

  /** Plays tests in the given order; stops at the first one that fails if `bail`. */
  async #play(tests: ReadonlyArray<CollectedTest>, bail: boolean) {
    const results = []
    for (const { name, play } of tests) {
      this.#instrumented.currentTestId = name
      const begun = Date.now()
      let failure: string | null = null
      try {
        await play()
      } catch (error) {
        failure = error instanceof Error ? error.message : String(error)
      }
      const about = { id: name, name, timeSpentMs: Date.now() - begun }
      const kills = (this.#records.get(name)?.kills ?? 0) + (failure === null ? 0 : 1)
      this.#records.set(name, { milliseconds: about.timeSpentMs, kills })
      results.push(failure === null ? { ...about, status: 0 } : { ...about, status: 1, failureMessage: failure })
      if (failure !== null && bail) break
    }
    this.#instrumented.currentTestId = undefined
    return results
  }

  /** What a test costs for a mutant that it finds, as far as is known: the cheap ones are played first. */
  #costOf({ name }: CollectedTest): number {
    const { milliseconds = 0, kills = 0 } = this.#records.get(name) ?? {}
    return (milliseconds + 1) / (kills + 1)
  }

  async dryRun() {
    this.#instrumented.activeMutant = undefined
    this.#instrumented.hitLimit = undefined
    const tests = await this.#play(this.#tests, false)
    return { status: 'complete', tests, mutantCoverage: this.#instrumented.mutantCoverage }
  }

  async mutantRun({ activeMutant, testFilter, hitLimit }: MutantRun) {
    const names = testFilter === undefined ? null : new Set(testFilter)
    this.#instrumented.activeMutant = activeMutant.id
    this.#instrumented.hitCount = 0
    this.#instrumented.hitLimit = hitLimit
    const results = await this.#play(
      this.#tests
        .filter(({ name }) => names?.has(name) ?? true)
        .toSorted((one, other) => this.#costOf(one) - this.#costOf(other)),
      true
    )
    this.#instrumented.activeMutant = undefined
    if (hitLimit !== undefined && this.#instrumented.hitCount > hitLimit) return { status: 'timeout' }
    const failed = results.find(({ status }) => status === 1)
    const nrOfTests = results.length
    return failed === undefined
      ? { status: 'survived', nrOfTests }
      : {
          status: 'killed',
          nrOfTests,
          killedBy: [failed.id],
          failureMessage: 'failureMessage' in failed ? failed.failureMessage : ''
        }
  }
}

/** The plugin, as Stryker reads it. */
export const strykerPlugins = [{ kind: 'TestRunner', name: 'in-process', factory: () => new InProcessRunner() }]
