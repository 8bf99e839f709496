/** Faults planted in the checkers and in the certifier are noticed by the vectors and by random certificates. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import typescript from 'typescript'
import { describe, expect, it } from 'vitest'
import type { Certifier } from './certified.js'
import { certifiedLines, header, wrongLines } from './certified.js'
import type { Accepted, Checker, Line } from './checkers.js'
import { checkerFolder, inTypeScript, otherCheckers } from './checkers.js'
import type { Edit } from './faults.js'
import { certifierFaults, checkerFaults } from './faults.js'
import { withFault } from '../support/planted-package.js'

const dist = join(import.meta.dirname, '..', '..', 'dist')

const [head = {}, ...cases] = readFileSync(join(import.meta.dirname, 'scopes-1.jsonl'), 'utf8')
  .trimEnd()
  .split('\n')
  .map((line) => JSON.parse(line) as Line)

/** Right and wrong certificates: those of some vectors, and random ones. */
const ofVectors = cases.filter((line) => 'certificate' in line).filter((_line, place) => place % 5 === 0)
const { lines } = certifiedLines(400, 23)
const both = [head, ...ofVectors, header, ...lines, ...wrongLines(lines.slice(0, 120)).map(({ line }) => line)]

type Run = NonNullable<Checker['run']>

/** How many certificates one checker accepts and another does not. */
const more = (some: Accepted, others: Accepted): number => [...some].filter((id) => !others.has(id)).length

/** The checkers with an edit; they are gone after their use. */
const withEdit = async <A>([file, from, to]: Edit, use: (folder: string) => A | Promise<A>): Promise<A> => {
  const folder = mkdtempSync(join(tmpdir(), 'planted-checker-'))
  try {
    cpSync(checkerFolder, folder, { recursive: true })
    const text = readFileSync(join(folder, file), 'utf8')
    if (!text.includes(from)) throw new Error(`${file} does not contain ${from}`)
    writeFileSync(
      join(folder, file),
      text.replace(from, () => to)
    )
    return await use(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** The checker in TypeScript of a folder. */
const typeScriptIn = async (folder: string): Promise<Run> => {
  const load = async (name: string): Promise<object> => {
    const { outputText } = typescript.transpileModule(readFileSync(join(folder, `${name}.ts`), 'utf8'), {
      compilerOptions: { module: typescript.ModuleKind.ES2022, target: typescript.ScriptTarget.ES2022 }
    })
    writeFileSync(join(folder, `${name}.mjs`), outputText)
    return (await import(/* @vite-ignore */ pathToFileURL(join(folder, `${name}.mjs`)).href)) as object
  }
  return inTypeScript(Object.assign({}, await load('check'), await load('read')) as Parameters<typeof inTypeScript>[0])
}

const prepared: Readonly<Record<string, (folder: string) => Checker['run'] | Promise<Run>>> = {
  TypeScript: (folder) => (folder === checkerFolder ? inTypeScript() : typeScriptIn(folder)),
  ...otherCheckers
}

describe.each(Object.entries(prepared))('faults planted in the checker in %s', { timeout: 600_000 }, (language, of) => {
  const faults = checkerFaults.flatMap(({ what, edits }) => {
    const edit = edits[language]
    return edit === undefined ? [] : [{ what, edit }]
  })

  it('are noticed: it accepts too much, or refuses too much', async ({ skip }) => {
    const run = await of(checkerFolder)
    if (run === null) return skip(`${language} is not installed: not checked here`)
    const right = run(both)
    const found: Array<readonly [what: string, tooMuch: number, tooLittle: number]> = []
    for (const { what, edit } of faults) {
      const planted = await withEdit(edit, async (folder) => (await of(folder))!(both))
      found.push([what, more(planted, right), more(right, planted)])
    }
    console.log(found.map(([what, much, little]) => `${what}: ${String(much)} +, ${String(little)} -`).join('\n'))
    expect(found.length).toBeGreaterThanOrEqual(10)
    expect(found.filter(([, much, little]) => much + little === 0)).toEqual([])
    expect(found.filter(([, much]) => much > 0).length).toBeGreaterThanOrEqual(6)
    expect(found.filter(([, much, little]) => much === 0 && little > 0).length).toBeGreaterThanOrEqual(2)
  })
})

describe('faults planted in the certifier', { timeout: 600_000 }, () => {
  it.each(certifierFaults)('are noticed: $what', async (fault) => {
    const folder = withFault(dist, fault)
    const load = async (file: string): Promise<object> =>
      (await import(/* @vite-ignore */ pathToFileURL(join(folder, 'scopes', file)).href)) as object
    const planted = Object.assign({}, await load('certificates/certify.js'), await load('parse.js')) as Certifier
    const { contradictions, lines: own } = certifiedLines(1500, 29, planted)
    rmSync(folder, { recursive: true, force: true })
    const accepted = inTypeScript()([header, ...own])
    const refused = own.length - accepted.size
    console.log(`${fault.what}: ${String(refused)} refused, ${String(contradictions.length)} contradictions`)
    expect(refused).toBeGreaterThan(0)
  })
})
