/** The mutants that survive: the list is complete for each measured group, and each entry names existing text. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesOf, filesUnder, groups } from './groups.js'

const root = join(import.meta.dirname, '..', '..')

interface Survivor {
  readonly file: string
  /** The text that is mutated, as it is in the file. */
  readonly text: string
  /** What it is replaced by. */
  readonly replacement: string
  /** How many places of the file have this text and survive. */
  readonly places: number
  readonly reason: string
}

interface Figures {
  readonly date: string
  readonly mutants: number
  readonly killed: number
  readonly survived: number
  readonly score: number
}

const read = (name: string): unknown => JSON.parse(readFileSync(join(import.meta.dirname, name), 'utf8'))
const survivors = read('survivors.json') as ReadonlyArray<Survivor>
/** Null: the group is not measured. */
const figures = read('figures.json') as Readonly<Record<string, Figures | null>>
const measured = Object.entries(figures).flatMap(([name, found]) => (found === null ? [] : [[name, found] as const]))

const filesOfGroup = (group: string): ReadonlyArray<string> =>
  filesOf(root, groups.find(({ name }) => name === group)?.mutate ?? [])

/** The folders whose files are mutated, each in one group. */
const folders = ['src/scopes', ...['grant', 'client', 'token', 'access'].map((name) => `src/protocol/${name}`)]

/** The table of `docs/CONTRIBUTING.md`. */
const table = (): string =>
  [
    '| group | files | mutants | noticed |',
    '|---|---|---|---|',
    ...groups.map(({ name, mutate }) => {
      const found = figures[name] ?? null
      const files = mutate.map((file) => `\`${file.replace('src/', '')}\``).join(', ')
      const result = found === null ? '| not measured' : `${String(found.mutants)} | ${String(found.score)} %`
      return `| ${name} | ${files} | ${result} |`
    })
  ].join('\n')

describe('the survivors', () => {
  it.each(survivors)('$file: $text -> $replacement is about the text of the file, and has a reason', (survivor) => {
    const source = readFileSync(join(root, survivor.file), 'utf8')
    expect(source.split(survivor.text).length - 1).toBeGreaterThanOrEqual(survivor.places)
    expect(survivor.reason).toMatch(/^[A-Z].{20,}\.$/)
  })

  it.each(measured)('of %s are counted', (group, { mutants, killed, survived, score }) => {
    console.log(`mutation: ${group}: ${String(score)} % of ${String(mutants)} mutants`)
    expect(killed + survived).toBe(mutants)
    expect(score).toBe(Math.round((1000 * killed) / mutants) / 10)
    expect(score).toBeGreaterThanOrEqual(90)
    const explained = survivors.filter(({ file }) => filesOfGroup(group).includes(file))
    expect(explained.reduce((sum, { places }) => sum + places, 0)).toBe(survived)
  })

  it('are of files and suites that exist', () => {
    const named = groups.flatMap(({ mutate, suites }) => [...mutate, ...suites])
    const missing = named.filter((path) => !existsSync(join(root, path.replace(/\/[^/]*\*.*$/, ''))))
    expect(missing).toEqual([])
  })

  it('are of groups that have each file of the folders once', () => {
    const grouped = groups.flatMap(({ name }) => filesOfGroup(name)).toSorted()
    expect(grouped).toEqual(folders.flatMap((folder) => filesUnder(root, folder)).toSorted())
  })

  it('are counted, or said not to be, in docs/CONTRIBUTING.md', () => {
    expect(Object.keys(figures)).toEqual(groups.map(({ name }) => name))
    expect(readFileSync(join(root, 'docs/CONTRIBUTING.md'), 'utf8')).toContain(table())
  })
})
