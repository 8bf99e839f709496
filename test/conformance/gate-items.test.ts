/** The tests that the items of the gate name are there. */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { NamedTest } from './gate-items.js'
import { gateItems } from './gate-items.js'

const root = join(import.meta.dirname, '..')

/**
 * Whether a text declares a test, or a row of a table of tests, with this title: as an argument, or as a member or its
 * name.
 */
const declares = (text: string, title: string): boolean => {
  const literal = title.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')
  return new RegExp(`[({[,:\\s](['"\`])${literal}\\1\\s*[,:]`).test(text)
}

const isThere = ([file, title]: NamedTest): boolean => {
  const path = join(root, file)
  return existsSync(path) && declares(readFileSync(path, 'utf8'), title)
}

describe.each(Object.entries(gateItems))('the items of the gate: %s', (_name, items) => {
  it.each(items.map((one) => [one.says, one.tests] as const))('%s', (_says, tests) => {
    expect(tests.length).toBeGreaterThan(0)
    expect(tests.filter((test) => !isThere(test))).toEqual([])
  })
})

describe('a named test', () => {
  const [file, title] = gateItems['size']?.[0]?.tests[0] ?? ['', '']

  it('is missed when its title or its file changes, or is only spoken of', () => {
    expect(isThere([file, title])).toBe(true)
    expect(isThere([file, `${title}.`])).toBe(false)
    expect(isThere([`${file}x`, title])).toBe(false)
    expect(declares(`// '${title}' was a test`, title)).toBe(false)
    expect(declares(`it('${title}', () => {`, title)).toBe(true)
    expect(declares(`])(\n  '${title}',\n  async () => {`, title)).toBe(true)
  })

  it('is in no file that skips tests', () => {
    const files = new Set(
      Object.values(gateItems).flatMap((items) => items.flatMap(({ tests }) => tests.map(([at]) => at)))
    )
    const isSkipping = (at: string): boolean =>
      /\.(?:skip|todo|only|skipIf|runIf)\b/.test(readFileSync(join(root, at), 'utf8'))
    expect([...files].filter(isSkipping)).toEqual([])
  })

  it('is in one item only once, and no item stands twice', () => {
    const all = Object.values(gateItems).flat()
    expect(new Set(all.map(({ says }) => says)).size).toBe(all.length)
    for (const { tests } of all) expect(new Set(tests.map((one) => one.join())).size).toBe(tests.length)
  })
})
