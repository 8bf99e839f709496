import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  complaintsAbout,
  crowdedFolders,
  folderEdges,
  folders,
  importCircles,
  namesDefinedTwice,
  wideLines,
  wideProse
} from './layers.js'

const root = join(import.meta.dirname, '..', '..')

const filesBelow = (folder: string, pattern: RegExp): ReadonlyArray<{ readonly path: string; readonly text: string }> =>
  readdirSync(join(root, folder), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && pattern.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((file) => !/[\\/](?:generated|fhir-[a-z0-9]+)[\\/]/.test(file) || folder === 'src')
    .map((file) => ({
      path: relative(join(root, folder), file).split(sep).join('/'),
      text: readFileSync(file, 'utf8')
    }))

const sources = filesBelow('src', /\.ts$/)
const tests = filesBelow('test', /\.(?:ts|mjs|js)$/)

describe('the layers', () => {
  it('hold in every file of src/', () => {
    expect(sources.length).toBeGreaterThan(30)
    expect(sources.flatMap(({ path, text }) => complaintsAbout(path, text))).toEqual([])
  }, 60_000)

  it('have no circle of imports, inside folders either', () => {
    expect(importCircles(sources)).toEqual([])
  }, 60_000)

  it('print which folder imports from which', () => {
    const edges = folderEdges(sources)
    console.log([...edges].map(([from, to]) => `${from}: ${to.join(', ')}`).join('\n'))
    expect([...edges.keys()]).toEqual(folders.map(({ path }) => path))
  }, 60_000)

  it('define every exported name once', () => {
    expect(namesDefinedTwice(sources)).toEqual([])
  })

  it('have no folder of too many files', () => {
    expect(
      crowdedFolders([...sources.map(({ path }) => `src/${path}`), ...tests.map(({ path }) => `test/${path}`)])
    ).toEqual([])
  })

  it('have no wide lines', () => {
    const generated = (path: string): boolean => path.startsWith('values/fhir-')
    expect(sources.flatMap(({ path, text }) => (generated(path) ? [] : wideLines(`src/${path}`, text)))).toEqual([])
    expect(tests.flatMap(({ path, text }) => wideLines(`test/${path}`, text))).toEqual([])
  })

  it('have no pages with wide lines', () => {
    const pages = ['README.md', ...filesBelow('docs', /\.md$/).map(({ path }) => `docs/${path}`)]
    expect(pages.length).toBeGreaterThan(20)
    expect(pages.flatMap((path) => wideProse(path, readFileSync(join(root, path), 'utf8')))).toEqual([])
  })

  it('name no command by its place, and no state that is not final as the end', () => {
    expect(
      sources
        .filter(({ text }) => /commands\s*(?:\?\.)?\[0\]|commands\??\.at\(|['"`]the end['"`]/.test(text))
        .map(({ path }) => path)
    ).toEqual([])
  })
})

/** Planted faults: a path, a text, and what must be said. */
const planted: ReadonlyArray<readonly [path: string, text: string, expected: RegExp]> = [
  [
    'values/a.ts',
    "import { x } from '../scopes/scope.js'",
    /^src\/values\/a\.ts:1 imports .* folder above \(scopes\); see docs\/architecture\.md$/
  ],
  ['protocol/http/a.ts', "\nexport * from '../grant/grant.js'", /^src\/protocol\/http\/a\.ts:2 .*folder above/],
  ['protocol/grant/a.ts', "import type { Ports } from '../../engine/ports.js'", /folder above \(engine\)/],
  ['engine/resource/a.ts', "import type { A } from '../server/a.js'", /folder above \(engine\/server\)/],
  ['engine/a.ts', "const a = await import('../adapters/jose.js')", /folder above \(adapters\)/],
  ['engine/a.ts', 'const a = import(name)', /imports a module that is not named/],
  ['engine/a.ts', "import { SignJWT } from 'jose'", /jose, which this file may not know/],
  ['engine/a.ts', "import * as t from 'io-ts'", /types only/],
  ['scopes/a.ts', "import * as t from 'io-ts'", /io-ts, which this file may not know/],
  ['protocol/grant/a.ts', "import { readFileSync } from 'node:fs'", /node:fs, which this file may not know/],
  ['adapters/a.ts', "import express from 'express'", /express, which is no dependency/],
  ['values/a.ts', "import * as Either from 'fp-ts/Either'", /the only form is fp-ts\/lib\/X\.js/],
  ['values/a.ts', "import { either } from 'fp-ts'", /the only form/],
  ['values/a.ts', "import { a } from './b'", /without \.js/],
  ['values/a.ts', "import { a } from '../server.js'", /an entry point/],
  ['values/a.ts', 'export const now = () => Date.now()', /uses Date in a pure layer/],
  ['scopes/a.ts', 'const x = Math.random()', /uses Math\.random/],
  ['protocol/http/a.ts', "throw new Error('x')", /throws in a pure layer/],
  ['protocol/grant/a.ts', 'class A {}', /has a class/],
  ['protocol/grant/a.ts', 'const f = async () => 1', /is asynchronous/],
  ['protocol/grant/a.ts', 'const f = () => new Promise(() => {})', /uses Promise/],
  ['protocol/grant/a.ts', 'console.log(1)', /uses console/],
  ['values/a.ts', "const u = new URL('https://a')", /uses URL/],
  ['values/a.ts', 'const r = globalThis.crypto', /uses globalThis/],
  ['adapters/a.ts', 'const a = JSON.parse(text)', /uses JSON\.parse, which reads escaped names wrongly/],
  ['server.ts', 'export const a = 1', /entry point and does more than re-export/],
  ['basement/a.ts', 'export const a = 1', /basement is in no layer/],
  ['values/utils/a.ts', 'export const a = 1', /a folder named utils has no subject/],
  ['values/a.ts', '\n'.repeat(401), /has 402 lines/],
  ['values/a.ts', 'const id = /^[A-Za-z0-9.-]{1,64}$/', /defines a FHIR id .*, as src\/values\/fhir\.ts does/],
  ['values/a.ts', 'const id = /^[a-zA-Z0-9.-]{1,64}$/', /defines a FHIR id/],
  ['values/a.ts', 'const id = /^[0-9A-Za-z\\-\\.]+$/', /defines a FHIR id/],
  ['values/a.ts', 'const id = /^[-a-z\\dA-Z.]{1,64}$/', /defines a FHIR id/],
  ['values/a.ts', 'const type = /^[A-Z][a-zA-Z]*$/', /defines a FHIR id or the name of a resource type/],
  ['values/a.ts', 'const type = /^[A-Z][A-Za-z]{1,63}$/', /defines a FHIR id or the name of a resource type/],
  ['protocol/http/a.ts', 'const here = /^http:\\/\\/(?:127\\.0\\.0\\.1|localhost)/', /defines a loopback address/],
  ['protocol/http/a.ts', 'const uri = /^[A-Za-z][A-Za-z0-9+.-]*:/', /defines the scheme of a URI/],
  ['engine/a.ts', 'const isForm = /^application\\/json/.test(type)', /defines a media type/],
  [
    'engine/a.ts',
    "const is = (a: unknown) => typeof a === 'object' && a !== null && !Array.isArray(a)",
    /defines a JSON object/
  ],
  [
    'adapters/a.ts',
    "\nmessage.on('data', keep)",
    /^src\/adapters\/a\.ts:2 defines a reader of bodies, as src\/adapters/
  ],
  ['adapters/a.ts', 'const reader = body.getReader()', /defines a reader of bodies/],
  ['engine/a.ts', "const headers = { accept: 'application/fhir+json' }", /defines a media type/],
  ['protocol/a/a.ts', "origin.replace(/^(https:.*):443$/, '$1')", /defines the normalization of an origin/],
  ['engine/a.ts', 'const path = /^[a-z]+:\\/\\/[^/?#]*(.*)/', /defines the path of a URL/],
  ['simulator/a.ts', 'text.split(/(?<!(?<!x)),/)', /defines a comma list/],
  ['protocol/access/a.ts', 'const bytes = atob(text)', /defines the decoding of base64/],
  ['simulator/a.ts', 'const is = /(?:^|\\/)Patient$/', /defines the type of a Patient/],
  ['adapters/a.ts', 'const shortestModulus = 2048', /defines the shortest RSA key/],
  ['engine/a.ts', "if (name !== 'reference' || isMissing) skip()", /defines the references in a body/],
  ['protocol/access/a.ts', "decodeURIComponent(text.replaceAll('+', ' '))", /defines the decoding of forms/],
  ['engine/a.ts', "stopped({ _tag: 'Unavailable', reason })", /defines the failure of a port/]
]

describe('the checker', () => {
  it.each(planted)('in %s notices %j', (path, text, expected) => {
    expect(complaintsAbout(path, text).join('\n')).toMatch(expected)
  })

  it.each([
    ['values/a.ts', '// Date.now() and throw in a comment'],
    ['values/a.ts', "export const a = 'Promise'"],
    ['adapters/a.ts', '/** Like body.getReader(). */'],
    ['values/a.ts', 'export interface A { readonly Date: string }'],
    ['adapters/a.ts', "import { SignJWT } from 'jose'\nconst f = async () => { throw new Error(String(Date.now())) }"],
    ['server.ts', "export type { A } from './engine/a.js'"]
  ])('in %s allows %j', (path, text) => {
    expect(complaintsAbout(path, text)).toEqual([])
  })
})

describe('the other checks', () => {
  const file = (path: string, text: string): { readonly path: string; readonly text: string } => ({ path, text })

  it('see a circle of two and of three files', () => {
    const two = [file('scopes/a.ts', "import './b.js'"), file('scopes/b.ts', "import type { A } from './a.js'")]
    const three = [
      file('values/a.ts', "import './b.js'"),
      file('values/b.ts', "export * from './c.js'"),
      file('values/c.ts', "import './a.js'")
    ]
    expect(importCircles(two)).toEqual([['scopes/a.ts', 'scopes/b.ts', 'scopes/a.ts']])
    expect(importCircles(three)).toHaveLength(1)
    expect(importCircles(three.slice(0, 2))).toEqual([])
  })

  it('see a name that is defined twice, a crowded folder and a wide line', () => {
    const named = [file('values/a.ts', 'export const a = 1'), file('scopes/b.ts', 'export interface a {}')]
    expect(namesDefinedTwice(named)).toEqual(['a: values/a.ts, scopes/b.ts'])
    expect(namesDefinedTwice(named.slice(1))).toEqual([])
    const listed = [
      file('values/a.ts', 'const b = 1\nexport { b as a, b as c }'),
      file('scopes/b.ts', 'export async function a() {}'),
      file('scopes/c.ts', "export { c } from '../values/a.js'")
    ]
    expect(namesDefinedTwice(listed)).toEqual(['a: values/a.ts, scopes/b.ts'])
    const many = Array.from({ length: 23 }, (_, place) => `src/values/${String(place)}.ts`)
    expect(crowdedFolders(many)).toEqual(['src/values: 23 files'])
    expect(crowdedFolders(many.slice(1))).toEqual([])
    expect(wideLines('a.ts', `${'x'.repeat(120)}\n${'x'.repeat(121)}`)).toEqual(['a.ts:2 has 121 columns'])
    expect(wideLines('a.ts', `/** ${'x'.repeat(120)} */`)).toEqual(['a.ts:1 has 127 columns'])
    const wide = 'word '.repeat(25)
    expect(wideProse('a.md', `${wide}\n| ${wide}\n- <https://example.org/${'x'.repeat(121)}>\n`)).toEqual([
      'a.md:1 has 125 columns'
    ])
    expect(wideProse('a.md', `\`\`\`ts\n${'x'.repeat(121)}\n| ${wide}\n\`\`\``)).toEqual([
      'a.md:2 has 121 columns',
      'a.md:3 has 127 columns'
    ])
  })
})
