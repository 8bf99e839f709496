import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { errorUri } from '../../src/protocol/errors/refusal.js'
import { refusalTable } from '../../src/protocol/errors/refusal-table.js'
import { misbehaviors } from '../../src/simulator/misbehavior/table.js'

const root = join(import.meta.dirname, '..', '..')

const pages = [
  'README.md',
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    // `docs/api` is built, and holds copies.
    .filter((name) => name.endsWith('.md') && !name.startsWith('api'))
    .map((name) => join('docs', name))
]

const slug = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const brokenLinks = (page: string, text: string): ReadonlyArray<string> =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, target = '']) => {
    if (/^https?:/.test(target)) return []
    const [path = '', anchor] = target.split('#')
    const file = path === '' ? join(root, page) : join(root, dirname(page), path)
    if (!existsSync(file)) return [`${page}: ${target}: no such file`]
    const headings = [...readFileSync(file, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => slug(heading))
    return anchor === undefined || headings.includes(anchor) ? [] : [`${page}: ${target}: no such heading`]
  })

/** The anchors of the guide (2.0.0) that rules cite: facts about its pages. */
const guideAnchors: Readonly<Record<string, ReadonlyArray<string>>> = {
  'app-launch': [
    'considerations-for-pkce-support',
    'step-1-register',
    'step-2-launch-ehr',
    'step-2-launch-standalone',
    'step-3-discovery',
    'step-4-authorization-code',
    'step-5-access-token',
    'step-6-fhir-api',
    'step-7-refresh'
  ],
  'scopes-and-launch-context': [
    'apps-that-launch-from-the-ehr',
    'standalone-apps',
    'launch-context-arrives-with-your-access_token',
    'scopes-for-requesting-a-refresh-token',
    'scopes-for-requesting-clinical-data',
    'scopes-for-requesting-context-data',
    'scopes-for-requesting-identity-data',
    'wildcard-scopes'
  ],
  conformance: ['using-well-known', 'metadata', 'capabilities']
}

/** Pages that are not wrapped yet, and those that are generated. */
const isWrapped = (page: string, text: string): boolean =>
  !text.includes('npm run docs:write') &&
  !['adding-a-rule', 'architecture', 'CONTRIBUTING', 'decisions', 'fhir-interactions'].some(
    (name) => page === join('docs', `${name}.md`)
  )

/** The lines that are wider than 120 columns; a row of a table may be. */
const wideLines = (page: string, text: string): ReadonlyArray<string> =>
  text.split('\n').flatMap((line, index) => {
    const isWide = line.length > 120 && !line.trimStart().startsWith('|')
    return isWide ? [`${page}:${String(index + 1)}`] : []
  })

/** What the package has: a page that is installed must not link to anything else. */
const packed = /^(?:dist|docs|src|README\.md$|LICENSE$|package\.json$)/

/** Links out of the package, and paths of tests that do not exist. */
const outsideLinks = (page: string, text: string): ReadonlyArray<string> => [
  ...[...text.matchAll(/\]\(([^)\s#]+)/g)].flatMap(([, target = '']) => {
    const path = join(dirname(page), target)
    return /^https?:/.test(target) || packed.test(path) ? [] : [`${page}: ${target}: not in the package`]
  }),
  ...[...text.matchAll(/`(test\/[^`\s<>*]+\.ts)`/g)].flatMap(([, path = '']) =>
    existsSync(join(root, path)) ? [] : [`${page}: ${path}: no such file`]
  )
]

describe('the lines of pages', () => {
  const texts = pages.map((page): [string, string] => [page, readFileSync(join(root, page), 'utf8')])

  it('have at most 120 columns', () => {
    const wrapped = texts.filter(([page, text]) => isWrapped(page, text))
    expect(wrapped.length).toBeGreaterThan(20)
    expect(wrapped.flatMap(([page, text]) => wideLines(page, text))).toEqual([])
  })

  it('are noticed when they are wider', () => {
    expect(wideLines('a.md', `x\n${'y'.repeat(121)}\n| ${'z'.repeat(121)} |\n${'y'.repeat(120)}`)).toEqual(['a.md:2'])
  })
})

describe('links', () => {
  it.each(pages)('of %s lead somewhere', (page) => {
    expect(brokenLinks(page, readFileSync(join(root, page), 'utf8'))).toEqual([])
  })

  it.each(pages)('of %s lead to what the package has', (page) => {
    expect(outsideLinks(page, readFileSync(join(root, page), 'utf8'))).toEqual([])
  })

  it('lead from the map of the documentation to every page', () => {
    const linked = pages.flatMap((page) =>
      [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s#]+\.md)/g)].map(([, target = '']) =>
        join(dirname(page), target)
      )
    )
    expect(pages.filter((page) => page !== 'README.md' && !linked.includes(page))).toEqual([])
  })

  it('that lead nowhere are noticed', () => {
    expect(brokenLinks('README.md', '[a](docs/nothing.md) [b](#no-such-heading) [c](README.md)')).toHaveLength(2)
    expect(outsideLinks('README.md', '[a](test/x.ts) [b](docs/app.md) `test/nothing.ts`')).toHaveLength(2)
  })

  /** Whether a source is a section of an RFC, or an anchor of the guide. */
  const isSource = (source: string): boolean => {
    const [page = '', anchor = ''] = source.split('#')
    return /^rfc[0-9]+$/.test(page)
      ? /^(?:section-[0-9.]+|appendix-[A-Z](?:\.[0-9]+)*)$/.test(anchor)
      : guideAnchors[page]?.includes(anchor) === true
  }

  it.each(misbehaviors)(
    'of the misbehavior $name lead to an RFC, to an anchor of the guide, or are in words',
    (row) => {
      expect(row.sources.filter((source) => !isSource(source) && !/^(?:OpenID Connect|FHIR R4)/.test(source))).toEqual(
        []
      )
      expect(row.sources.length).toBeGreaterThan(0)
    }
  )

  it.each(Object.entries(refusalTable))(
    'of the refusal %s lead to an RFC or to an anchor of the guide',
    (_tag, row) => {
      expect(isSource(row.anchor)).toBe(true)
      expect(errorUri(row)).toMatch(/^https:\/\/[\x21\x23-\x5b\x5d-\x7e]+$/)
    }
  )
})
