/** The mutants that survive: the list is complete for each measured group, and each entry names existing text. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { groups } from './groups.js'

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
const figures = read('figures.json') as Readonly<Record<string, Figures>>

const filesOf = (group: string): ReadonlyArray<string> => groups.find(({ name }) => name === group)?.mutate ?? []

describe('the survivors', () => {
  it.each(survivors)('$file: $text -> $replacement is about the text of the file, and has a reason', (survivor) => {
    const source = readFileSync(join(root, survivor.file), 'utf8')
    expect(source.split(survivor.text).length - 1).toBeGreaterThanOrEqual(survivor.places)
    expect(survivor.reason).toMatch(/^[A-Z].{20,}\.$/)
  })

  it.each(Object.entries(figures))('of %s are counted', (group, { mutants, killed, survived, score }) => {
    console.log(`mutation: ${group}: ${String(score)} % of ${String(mutants)} mutants`)
    expect(killed + survived).toBe(mutants)
    expect(score).toBe(Math.round((1000 * killed) / mutants) / 10)
    expect(score).toBeGreaterThanOrEqual(90)
    const explained = survivors.filter(({ file }) => filesOf(group).includes(file))
    expect(explained.reduce((sum, { places }) => sum + places, 0)).toBe(survived)
  })

  it('are of files and suites that exist', () => {
    const named = groups.flatMap(({ mutate, suites }) => [...mutate, ...suites])
    const missing = named.filter((path) => !existsSync(join(root, path.replace(/\/[^/]*\*.*$/, ''))))
    expect(missing).toEqual([])
  })
})
