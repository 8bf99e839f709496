/** The page of decisions: each number once and under a subject, and each reference to a number leads to one. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const page = 'docs/decisions.md'

interface Decision {
  readonly number: number
  readonly line: number
  /** The heading above it; null where there is none. */
  readonly subject: string | null
}

const decisionsOf = (text: string): ReadonlyArray<Decision> => {
  let subject: string | null = null
  return text.split('\n').flatMap((written, index) => {
    subject = /^## (.+)$/.exec(written)?.[1] ?? subject
    const number = /^- \*\*(\d+)\.\*\* \S/.exec(written)?.[1]
    return number === undefined ? [] : [{ number: Number(number), line: index + 1, subject }]
  })
}

/** What is wrong with the page itself. */
const faultsOf = (text: string): ReadonlyArray<string> => {
  const decisions = decisionsOf(text)
  const faults = decisions.flatMap(({ number, line, subject }, index) => {
    const before = decisions[index - 1]
    return [
      ...(subject === null ? [`${page}:${String(line)}: ${String(number)} stands under no heading`] : []),
      ...(decisions.slice(0, index).some((other) => other.number === number)
        ? [`${page}:${String(line)}: ${String(number)} is taken`]
        : []),
      ...(before !== undefined && before.subject === subject && before.number > number
        ? [`${page}:${String(line)}: ${String(number)} stands behind ${String(before.number)}`]
        : [])
    ]
  })
  const others = text
    .split('\n')
    .flatMap((written, index) =>
      /^(?:\d+\. |- (?!\*\*\d+\.\*\* ))/.test(written) ? [`${page}:${String(index + 1)}: an item without a number`] : []
    )
  return [...faults, ...others]
}

/** The numbers of decisions that a text names: `decision 144`, `decisions 9 and 10`, and on pages also `(144)`. */
const referencesOf = (
  file: string,
  text: string
): ReadonlyArray<{ readonly number: number; readonly line: number }> => {
  const isPage = file.endsWith('.md')
  const prose = isPage ? text.replaceAll(/^```[^]*?^```|`[^`\n]*`/gm, (code) => code.replaceAll(/[^\n]/g, ' ')) : text
  const named = [...prose.matchAll(/\bdecisions?\s+(\d+(?:(?:, | and |, and )\d+)*)/gi)]
  // From 300 on a number in parentheses is a status of HTTP.
  const inParentheses = isPage ? [...prose.matchAll(/\((?:see )?([12]?\d?\d)\)/g)] : []
  return [...named, ...inParentheses].flatMap((match) =>
    [...(match[1] ?? '').matchAll(/\d+/g)].map(([number]) => ({
      number: Number(number),
      line: prose.slice(0, match.index).split('\n').length
    }))
  )
}

const deadReferences = (file: string, text: string, numbers: ReadonlySet<number>): ReadonlyArray<string> =>
  referencesOf(file, text)
    .filter(({ number }) => !numbers.has(number))
    .map(({ number, line }) => `${file}:${String(line)}: there is no decision ${String(number)}`)

const read = (file: string): string => readFileSync(join(root, file), 'utf8')
const filesBelow = (folder: string, ending: string): ReadonlyArray<string> =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(ending))
    .map((name) => join(folder, name))

describe('the decisions', () => {
  const numbers = new Set(decisionsOf(read(page)).map(({ number }) => number))

  it('have a number each, stand under a subject, and are in order there', () => {
    expect(numbers.size).toBeGreaterThan(150)
    expect(faultsOf(read(page))).toEqual([])
  })

  it('are there where pages and sources refer to them', () => {
    const files = [
      'README.md',
      ...filesBelow('docs', '.md').filter((file) => !file.startsWith(join('docs', 'api'))),
      ...filesBelow('src', '.ts')
    ]
    expect(referencesOf(page, read(page)).length).toBeGreaterThan(5)
    expect(files.flatMap((file) => deadReferences(file, read(file), numbers))).toEqual([])
  })
})

describe('the checks of the decisions', () => {
  it.each<readonly [string, ReadonlyArray<string>]>([
    ['## A\n\n- **1.** x\n- **2.** y\n\n## B\n\n- **1.** z', ['docs/decisions.md:8: 1 is taken']],
    ['- **1.** x', ['docs/decisions.md:1: 1 stands under no heading']],
    ['## A\n\n- **2.** x\n- **1.** y', ['docs/decisions.md:4: 1 stands behind 2']],
    [
      '## A\n\n3. x\n- y',
      ['docs/decisions.md:3: an item without a number', 'docs/decisions.md:4: an item without a number']
    ]
  ])('see what is wrong in %j', (text, faults) => {
    expect(faultsOf(text)).toEqual(faults)
  })

  it.each<readonly [string, string, ReadonlyArray<number>]>([
    ['docs/a.md', 'x (2) and (144), a status (404), code `(7)`', [2, 144]],
    ['docs/a.md', 'decision\n9; Decisions 10, 11 and 12', [9, 10, 11, 12]],
    ['src/a.ts', '// decision 7\nf(3)', [7]]
  ])('find in %s the references of %j', (file, text, found) => {
    expect(
      referencesOf(file, text)
        .map(({ number }) => number)
        .toSorted((one, other) => one - other)
    ).toEqual(found)
    expect(deadReferences(file, text, new Set())).toHaveLength(found.length)
  })
})
