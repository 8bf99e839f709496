import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import * as typescript from 'typescript'
import { beforeAll, describe, expect, it } from 'vitest'
import type { Fence } from '../support/fences.js'
import { fencesOf, generatedFolder, moduleOf } from '../support/fences.js'

const root = join(import.meta.dirname, '..', '..')
const generated = join(root, generatedFolder)

const filesBelow = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith(ending))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)))
    .filter((file) => !file.startsWith(join('docs', 'api')))

const sources = ['README.md', ...filesBelow('docs', '.md'), ...filesBelow('src', '.ts')]
const fences = sources.flatMap((file) => fencesOf(file, readFileSync(join(root, file), 'utf8')))

const placeOf = (fence: Fence): string => `${fence.file}:${String(fence.line)}`
const moduleFile = (fence: Fence): string =>
  join(generated, `${fence.file}-${String(fence.line)}.${fence.language}`.replaceAll(/[/\\]/g, '-'))

beforeAll(() => {
  rmSync(generated, { recursive: true, force: true })
  mkdirSync(generated, { recursive: true })
  for (const fence of fences) writeFileSync(moduleFile(fence), moduleOf(fence))
})

describe('the examples of the documentation', () => {
  it('exist', () => {
    expect(fences.length).toBeGreaterThan(10)
  })

  /** Whether an example runs here: one whose note is `needs node:sqlite` needs a release of Node that has it. */
  const runsHere = ({ note }: Fence): boolean =>
    note !== 'no-run' && !(note === 'needs node:sqlite' && process.getBuiltinModule('node:sqlite') === undefined)

  it.each(fences.filter(runsHere).map((fence) => [placeOf(fence), fence] as const))(
    '%s runs',
    async (_place, fence) => {
      await import(moduleFile(fence))
    }
  )

  it.skip.each(fences.filter((fence) => fence.note.startsWith('needs ') && !runsHere(fence)).map(placeOf))(
    '%s runs (this release of Node has no node:sqlite)',
    () => undefined
  )

  it('listen to the errors of the database clients that they open', () => {
    const opening = /\b(\w+) = (?:new (?:Pool|Redis|Cluster)|createClient|createCluster)\(/g
    const opened = fences.flatMap((fence) =>
      [...fence.code.matchAll(opening)].map(([, name = '']) => ({ fence, listener: `${name}.on('error', ` }))
    )
    expect(opened.length).toBeGreaterThan(4)
    // Without a listener, a connection that the server closes ends the process.
    expect(
      opened.filter(({ fence, listener }) => !fence.code.includes(listener)).map(({ fence }) => placeOf(fence))
    ).toEqual([])
  })

  it('have the right types', { timeout: 120_000 }, () => {
    const { options } = typescript.parseJsonConfigFileContent(
      typescript.readConfigFile(join(root, 'tsconfig.json'), (path) => typescript.sys.readFile(path)).config,
      typescript.sys,
      root
    )
    const declarations = join(root, 'test', 'support', 'node-sqlite.d.ts')
    const [plain, pages] = (['ts', 'tsx'] as const).map((wanted) =>
      fences.filter(({ language }) => language === wanted).map(moduleFile)
    )
    expect(pages).not.toEqual([])
    const programs = [
      typescript.createProgram([...(plain ?? []), declarations], { ...options, noUnusedLocals: false }),
      // Pages have the types of the browser beside those of React.
      typescript.createProgram(pages ?? [], {
        ...options,
        lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
        jsx: typescript.JsxEmit.ReactJSX,
        noUnusedLocals: false
      })
    ]
    const diagnostics = programs.flatMap((program) => typescript.getPreEmitDiagnostics(program))
    const complaints = diagnostics.map((diagnostic) => {
      const message = typescript.flattenDiagnosticMessageText(diagnostic.messageText, ' ')
      const { file, start } = diagnostic
      if (file === undefined || start === undefined) return message
      const fence = fences.find((one) => moduleFile(one) === file.fileName)
      const line = file.getLineAndCharacterOfPosition(start).line - 1
      return fence === undefined
        ? `${file.fileName}: ${message}`
        : `${fence.file}:${String(fence.line + line)} ${message}`
    })
    expect(complaints).toEqual([])
  })
})

describe('the example machinery', () => {
  const fence = (code: string): Fence => ({ file: 'x.md', line: 1, language: 'ts', note: '', code })

  it('finds fences in Markdown and in doc comments', () => {
    expect(fencesOf('a.md', 'x\n```ts\n1 // => 1\n```\n```sh\nls\n```').map(({ line, code }) => [line, code])).toEqual([
      [3, '1 // => 1']
    ])
    expect(
      fencesOf('a.ts', '/**\n * ```ts\n * 1 + 1 // => 2\n * ```\n */').map(({ line, code }) => [line, code])
    ).toEqual([[3, '1 + 1 // => 2']])
  })

  it('turns an expression into a check, and a wrong value into a failure', async () => {
    expect(moduleOf(fence('const a = 1\na + 1 // => 2'))).toContain('expectExample(a + 1).toEqual(2)')
    const file = join(generated, 'planted.ts')
    writeFileSync(file, moduleOf(fence('1 + 1 // => 3')))
    await expect(import(file)).rejects.toThrow('expected 2 to deeply equal 3')
  })

  it('resolves a relative import beside the file of the example', async () => {
    const beside = (file: string, code: string): string => moduleOf({ ...fence(code), file })
    expect(beside('src/values/fhir.ts', "import { isFhirId } from './fhir.js'")).toContain(
      "from '../../../src/values/fhir.js'"
    )
    expect(beside('docs/a.md', "import type { Rule } from '../src/protocol/machine/machine.js'")).toContain(
      "from '../../../src/protocol/machine/machine.js'"
    )
    const file = join(generated, 'planted-import.ts')
    writeFileSync(file, beside('src/values/fhir.ts', "import { isFhirId } from './fhir.js'\nisFhirId('..') // => true"))
    await expect(import(file)).rejects.toThrow('expected false to deeply equal true')
  })

  it('does not overlook a check that it cannot make', () => {
    expect(moduleOf(fence('const a = 1 // => 1'))).toContain('throw new Error')
  })
})
