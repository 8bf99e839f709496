import { readdirSync, readFileSync } from 'node:fs'
import { join, relative, sep } from 'node:path'
import { describe, expect, it } from 'vitest'
import { complaintsAbout } from './layers.js'

const root = join(import.meta.dirname, '..', '..')
const source = join(root, 'src')

const files = readdirSync(source, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
  .map((entry) => join(entry.parentPath, entry.name))

describe('the floors', () => {
  it('hold in every file of src/', () => {
    expect(files.length).toBeGreaterThan(30)
    expect(
      files.flatMap((file) => complaintsAbout(relative(source, file).split(sep).join('/'), readFileSync(file, 'utf8')))
    ).toEqual([])
  }, 60_000)
})

/** Planted faults: a path, a text, and what must be said. */
const planted: ReadonlyArray<readonly [path: string, text: string, expected: RegExp]> = [
  [
    'values/a.ts',
    "import { x } from '../scopes/scope.js'",
    /^src\/values\/a\.ts:1 imports .* floor above \(scopes\); see docs\/architecture\.md$/
  ],
  ['messages/a.ts', "\nexport * from '../machines/grant.js'", /^src\/messages\/a\.ts:2 .*floor above/],
  ['machines/a.ts', "import type { Ports } from '../engine/ports.js'", /floor above \(engine\)/],
  ['engine/a.ts', "const a = await import('../adapters/jose.js')", /floor above \(adapters\)/],
  ['engine/a.ts', 'const a = import(name)', /imports what cannot be seen/],
  ['engine/a.ts', "import { SignJWT } from 'jose'", /jose, which belongs to adapters/],
  ['engine/a.ts', "import * as t from 'io-ts'", /types only/],
  ['scopes/a.ts', "import * as t from 'io-ts'", /io-ts, which belongs to messages/],
  ['machines/a.ts', "import { readFileSync } from 'node:fs'", /node:fs, which belongs to adapters, cli/],
  ['adapters/a.ts', "import express from 'express'", /express, which is no dependency/],
  ['values/a.ts', "import * as Either from 'fp-ts/Either'", /the only form is fp-ts\/lib\/X\.js/],
  ['values/a.ts', "import { either } from 'fp-ts'", /the only form/],
  ['values/a.ts', "import { a } from './b'", /without \.js/],
  ['values/a.ts', "import { a } from '../server.js'", /a front door/],
  ['values/a.ts', 'export const now = () => Date.now()', /uses Date on a pure floor/],
  ['scopes/a.ts', 'const x = Math.random()', /uses Math\.random/],
  ['messages/a.ts', "throw new Error('x')", /throws on a pure floor/],
  ['machines/a.ts', 'class A {}', /has a class/],
  ['machines/a.ts', 'const f = async () => 1', /is asynchronous/],
  ['machines/a.ts', 'const f = () => new Promise(() => {})', /uses Promise/],
  ['machines/a.ts', 'console.log(1)', /uses console/],
  ['values/a.ts', "const u = new URL('https://a')", /uses URL/],
  ['values/a.ts', 'const r = globalThis.crypto', /uses globalThis/],
  ['adapters/a.ts', 'const a = JSON.parse(text)', /uses JSON\.parse, which reads escaped names wrongly/],
  ['server.ts', 'export const a = 1', /front door and does more than re-export/],
  ['basement/a.ts', 'export const a = 1', /basement is no floor/],
  ['values/utils/a.ts', 'export const a = 1', /a folder named utils has no home/],
  ['values/a.ts', '\n'.repeat(401), /has 402 lines/],
  [
    'values/a.ts',
    'const id = /^[A-Za-z0-9.-]{1,64}$/',
    /spells a FHIR id .* anew, which stands in src\/values\/fhir\.ts/
  ],
  ['values/a.ts', 'const type = /^[A-Z][A-Za-z]{1,63}$/', /spells a FHIR id or the name of a resource type anew/],
  ['messages/a.ts', 'const here = /^http:\\/\\/(?:127\\.0\\.0\\.1|localhost)/', /spells a loopback address anew/],
  ['messages/a.ts', 'const uri = /^[A-Za-z][A-Za-z0-9+.-]*:/', /spells the scheme of a URI anew/],
  ['engine/a.ts', 'const isForm = /^application\\/json/.test(type)', /spells a media type anew/],
  [
    'engine/a.ts',
    "const is = (a: unknown) => typeof a === 'object' && a !== null && !Array.isArray(a)",
    /spells a JSON object anew/
  ]
]

describe('the checker', () => {
  it.each(planted)('in %s notices %j', (path, text, expected) => {
    expect(complaintsAbout(path, text).join('\n')).toMatch(expected)
  })

  it.each([
    ['values/a.ts', '// Date.now() and throw in a comment'],
    ['values/a.ts', "export const a = 'Promise'"],
    ['values/a.ts', 'export interface A { readonly Date: string }'],
    ['adapters/a.ts', "import { SignJWT } from 'jose'\nconst f = async () => { throw new Error(String(Date.now())) }"],
    ['server.ts', "export type { A } from './engine/a.js'"]
  ])('in %s allows %j', (path, text) => {
    expect(complaintsAbout(path, text)).toEqual([])
  })
})
