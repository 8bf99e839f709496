/** The pictures of the documentation: each is made by the browser tests, is small, and is shown with a text. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { sandboxPages } from './pages.js'

const root = join(import.meta.dirname, '..', '..', '..')
const folder = join(root, 'docs', 'images')
const made = sandboxPages.flatMap(({ picture }) => (picture === undefined ? [] : [`${picture}.png`]))
const read = (page: string): string => readFileSync(join(root, page), 'utf8')

interface Shown {
  readonly alternative: string
  readonly name: string
}

const shownIn = (text: string): ReadonlyArray<Shown> =>
  [...text.matchAll(/!\[([^\]]*)\]\((?:docs\/)?images\/([^)]+)\)/g)].map(([, alternative = '', name = '']) => ({
    alternative,
    name
  }))

/** What is wrong with the pictures of a page. */
const faultsIn = (text: string): ReadonlyArray<string> =>
  shownIn(text).flatMap(({ alternative, name }) => [
    ...(made.includes(name) ? [] : [`${name}: no page of the browser tests makes it`]),
    ...(existsSync(join(folder, name)) ? [] : [`${name}: no such file`]),
    ...(alternative.length > 20 ? [] : [`${name}: no text for those who do not see it`])
  ])

describe('the pictures of the documentation', () => {
  it('are made by the browser tests, exist, and have a text', () => {
    expect(faultsIn(read('docs/simulator.md') + read('README.md'))).toEqual([])
    expect(shownIn(read('README.md'))).toHaveLength(2)
  })

  it('are few and small, and each is shown', () => {
    const files = readdirSync(folder)
    expect(files.sort()).toEqual([...made].sort())
    expect(files.length).toBeLessThanOrEqual(8)
    expect(files.filter((name) => statSync(join(folder, name)).size > 60_000)).toEqual([])
    const shown = new Set(shownIn(read('docs/simulator.md')).map(({ name }) => name))
    expect(files.filter((name) => !shown.has(name))).toEqual([])
  })

  it('that are missing, made by nothing, or without a text are noticed', () => {
    expect(faultsIn('![A page that is long gone](images/gone.png)')).toHaveLength(2)
    expect(faultsIn('![](images/launch-page.png)')).toHaveLength(1)
  })
})

describe('the comparison with the public SMART launcher', () => {
  const rows = [...read('docs/simulator.md').matchAll(/^\|[^|]*\|[^|]*\| `(test\/[^`]+)` \|$/gm)]

  it('names a test for each row, and the test exists', () => {
    expect(rows.length).toBeGreaterThan(15)
    expect(rows.map(([, file = '']) => file).filter((file) => !existsSync(join(root, file)))).toEqual([])
  })
})
