/** The package as others get it: packed, inspected, installed into an empty folder, and loaded. */
import { execFile } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, normalize } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { build } from 'esbuild'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const run = promisify(execFile)
const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly dependencies: Readonly<Record<string, string>>
  readonly devDependencies: Readonly<Record<string, string>>
  readonly exports: Readonly<Record<string, unknown>>
}
const entries = Object.keys(manifest.exports)
  .filter((entry) => entry !== './package.json')
  .map((entry) => `smart-app-launch${entry.slice(1)}`)

let folder = ''
let tarball = ''
let packed: ReadonlyArray<string> = []

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'package-'))
  const { stdout } = await run('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder], {
    cwd: root
  })
  const report: unknown = JSON.parse(stdout)
  const [first] = (Array.isArray(report) ? report : Object.values(report as object)) as ReadonlyArray<{
    readonly filename: string
    readonly files: ReadonlyArray<{ readonly path: string }>
  }>
  if (first === undefined) throw new Error(stdout)
  tarball = join(folder, first.filename)
  packed = first.files.map(({ path }) => path)
  writeFileSync(join(folder, 'package.json'), JSON.stringify({ name: 'empty', private: true, type: 'module' }))
  await run(
    'npm',
    [
      'install',
      '--prefer-offline',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      tarball,
      `fast-check@${manifest.devDependencies['fast-check'] ?? ''}`
    ],
    { cwd: folder }
  )
}, 120_000)

afterAll(() => {
  rmSync(folder, { recursive: true, force: true })
})

const node = async (code: string, type: 'module' | 'commonjs'): Promise<string> =>
  (await run(process.execPath, [`--input-type=${type}`, '--eval', code], { cwd: folder })).stdout

describe('the package', { timeout: 120_000 }, () => {
  it('depends on fp-ts, io-ts and jose alone', () => {
    expect(Object.keys(manifest.dependencies).sort()).toEqual(['fp-ts', 'io-ts', 'jose'])
  })

  it('holds what it should and nothing else', () => {
    expect(
      packed.filter((path) => !/^(?:dist\/|src\/|docs\/(?!api\/)|LICENSE$|README\.md$|package\.json$)/.test(path))
    ).toEqual([])
    expect(packed).toEqual(
      expect.arrayContaining([
        'LICENSE',
        'README.md',
        'dist/cli/main.js',
        'dist/simulator/sample-app/browser/app.js',
        'dist/simulator/sample-app/browser/fhir-client.js'
      ])
    )
    expect(packed.filter((path) => /\btest\b|\.test\./.test(path))).toEqual([])
  })

  it('holds every page that its declaration files name', () => {
    const declarations = packed.filter((path) => path.endsWith('.d.ts'))
    const named = declarations.flatMap((path) =>
      [...readFileSync(join(root, path), 'utf8').matchAll(/\bdocs\/[\w/-]+\.md\b/g)].map(([page]) => page)
    )
    expect(new Set(named).size).toBeGreaterThan(1)
    expect(named.filter((page) => !packed.includes(page))).toEqual([])
  })

  it('holds every page and file to which its pages link', () => {
    const links = packed
      .filter((path) => path.endsWith('.md'))
      .flatMap((page) =>
        [...readFileSync(join(root, page), 'utf8').matchAll(/\]\(([^)\s#]+)[^)\s]*\)/g)]
          .map(([, target = '']) => target)
          .filter((target) => !/^[a-z]+:/.test(target))
          // The README tells contributors which tests there are; only the repository has them.
          .filter((target) => !(page === 'README.md' && target.startsWith('test/')))
          .map((target) => ({ page, target: normalize(join(page, '..', target)).replace(/\/$/, '') }))
      )
    expect(links.length).toBeGreaterThan(50)
    expect(
      links.filter(({ target }) => !packed.some((path) => path === target || path.startsWith(`${target}/`)))
    ).toEqual([])
  })

  const consumer = `
    import type { PlainStore, SmartServer } from 'smart-app-launch/server'
    import { createAuthorizationServer } from 'smart-app-launch/server'
    import { subsumes } from 'smart-app-launch/scopes'
    import { normalize } from 'smart-app-launch/scopes/sets'
    import { toV2 } from 'smart-app-launch/scopes/forms'
    import { explain } from 'smart-app-launch/scopes/explain'
    import { certify } from 'smart-app-launch/scopes/certificates'
    import { refusalTable } from 'smart-app-launch'
    import { createMemoryStore } from 'smart-app-launch/adapters/memory'
    import { createFetchHandler } from 'smart-app-launch/adapters/web'
    import { createSmartApp } from 'smart-app-launch/app'
    import { createFhirGate } from 'smart-app-launch/resource'
    import { authorizationServer } from 'smart-app-launch/fp-ts'
    import { createNodeKeys } from 'smart-app-launch/adapters/node-crypto'
    import { createKeys } from 'smart-app-launch/adapters/jose'
    import { memoryStore } from 'smart-app-launch/fp-ts/adapters/memory'
    import { openPostgresStore } from 'smart-app-launch/stores/postgres'
    import { openSqliteStore } from 'smart-app-launch/stores/sqlite'
    import { openSqliteStore as openFpTsSqliteStore } from 'smart-app-launch/fp-ts/stores/sqlite'
    import { smartHono } from 'smart-app-launch/hosts/hono'
    import { smartNext } from 'smart-app-launch/hosts/next'
    import { smartFetch } from 'smart-app-launch/hosts/fetch'
    const store: PlainStore = createMemoryStore()
    const server: SmartServer = createAuthorizationServer({
      issuer: 'https://ehr.example',
      fhirBaseUrl: 'https://ehr.example/fhir',
      store,
      clients: [],
      permittedScopes: async (_user, _client, requested) => requested
    })
    const covered: boolean = subsumes('patient/*.rs', 'patient/Observation.r')
    export const all = [server, covered, refusalTable, createFetchHandler, createSmartApp]
    export const more = [createFhirGate, authorizationServer, createNodeKeys, createKeys, memoryStore]
    export const stores = [openPostgresStore, openSqliteStore, openFpTsSqliteStore]
    export const scopes = [normalize, toV2, explain, certify]
    export const hosts = [smartHono, smartNext, smartFetch]
  `

  /** What needs the types of Node beside it. */
  const nodeConsumer = `
    import { createNodeListener } from 'smart-app-launch/adapters/node'
    import { smartNode } from 'smart-app-launch/hosts/node'
    import { smartExpress } from 'smart-app-launch/hosts/express'
    import { smartFastify } from 'smart-app-launch/hosts/fastify'
    import { smartKoa } from 'smart-app-launch/hosts/koa'
    import { smartNest } from 'smart-app-launch/hosts/nest'
    export const onNode = [createNodeListener, smartNode, smartExpress, smartFastify, smartKoa, smartNest]
  `

  it.each([
    ['an ES module, nodenext', 'a.mts', ['--module', 'nodenext', '--lib', 'es2023,dom']],
    ['an ES module, node16, without DOM', 'a.mts', ['--module', 'node16', '--lib', 'es2023', '--types', 'node']],
    ['CommonJS, node16', 'a.cts', ['--module', 'node16', '--lib', 'es2023,dom']],
    ['CommonJS, node16, without DOM', 'a.cts', ['--module', 'node16', '--lib', 'es2023', '--types', 'node']],
    ['a bundler', 'a.ts', ['--module', 'esnext', '--moduleResolution', 'bundler', '--lib', 'es2023,dom']],
    [
      'node10',
      'a.ts',
      [
        '--module',
        'commonjs',
        '--moduleResolution',
        'node10',
        '--ignoreDeprecations',
        '6.0',
        '--lib',
        'es2023,dom',
        '--types',
        'node'
      ]
    ]
  ] as const)('has types for %s', async (_title, file, options) => {
    const hasNode = (options as ReadonlyArray<string>).includes('node')
    writeFileSync(join(folder, file), hasNode ? consumer + nodeConsumer : consumer)
    const compiled = await run(
      process.execPath,
      [
        ...[join(root, 'node_modules/typescript/bin/tsc'), '--noEmit', '--strict', '--target', 'es2022'],
        ...['--typeRoots', join(root, 'node_modules/@types'), ...options, file]
      ],
      { cwd: folder }
    ).catch((failed: unknown) => failed as { readonly stdout: string })
    expect(compiled.stdout).toBe('')
  })

  it('satisfies publint', async () => {
    const { stdout } = await run(join(root, 'node_modules/.bin/publint'), ['run', tarball, '--strict'])
    expect(stdout).toContain('All good!')
  })

  it('satisfies arethetypeswrong', async () => {
    const { stdout } = await run(join(root, 'node_modules/.bin/attw'), [tarball, '--no-color', '--format', 'ascii'])
    // It ends with a non-zero exit code, and so with a rejection, when something is wrong.
    expect(stdout).toContain('No problems found')
    expect(entries.filter((entry) => !stdout.includes(`"${entry}"`))).toEqual([])
  })

  it.each(entries)('%s loads alone, by import and by require', async (entry) => {
    const list = 'console.log(JSON.stringify(Object.keys(loaded).sort()))'
    const [imported, required] = await Promise.all([
      node(`const loaded = await import('${entry}'); ${list}`, 'module'),
      node(`const loaded = require('${entry}'); ${list}`, 'commonjs')
    ])
    expect(JSON.parse(imported)).not.toEqual([])
    expect(
      (JSON.parse(required) as ReadonlyArray<string>).filter(
        (name) => name !== '__esModule' && name !== 'module.exports'
      )
    ).toEqual(JSON.parse(imported))
  })

  it('imports no framework, also not for its types', () => {
    const imported = packed
      .filter((path) => /^dist\/.*\.(?:js|cjs|d\.ts|d\.cts)$/.test(path))
      .flatMap((path) =>
        [
          ...readFileSync(join(root, path), 'utf8').matchAll(
            /^(?:import|export|\}) (?:[^'\n]* )?from '((?!node:|\.)[^']+)'|^[^*\n]*\b(?:require|import)\('((?!node:|\.)[^']+)'/gm
          )
        ].map(([, name, called = '']) => ({ path, name: name ?? called }))
      )
      // Comments have examples, which import what users import.
      .filter(({ name }) => !name.startsWith('smart-app-launch'))
    expect(new Set(imported.map(({ name }) => name.split('/')[0]))).toEqual(
      new Set(['fp-ts', 'io-ts', 'jose', 'fast-check'])
    )
  })

  it('gives the scope language and the table of refusals from its main entry point, and nothing else', async () => {
    const names = async (entry: string): Promise<ReadonlyArray<string>> =>
      JSON.parse(
        await node(`console.log(JSON.stringify(Object.keys(await import('${entry}')).sort()))`, 'module')
      ) as ReadonlyArray<string>
    const parts = ['', '/sets', '/forms', '/explain', '/certificates'].map((part) =>
      names(`smart-app-launch/scopes${part}`)
    )
    const scopeNames = (await Promise.all(parts)).flat()
    expect(new Set(scopeNames).size).toBe(scopeNames.length)
    expect(await names('smart-app-launch')).toEqual([...scopeNames, 'errorUri', 'refusalTable'].sort())
  })

  it.each([
    ['smart-app-launch', 'dist/protocol/errors'],
    ['smart-app-launch/scopes', 'dist/scopes']
  ])('gives %s without jose and io-ts behind it', async (entry, part) => {
    const { metafile } = await build({
      stdin: { contents: `export * from '${entry}'`, resolveDir: folder },
      bundle: true,
      format: 'esm',
      metafile: true,
      write: false,
      logLevel: 'silent'
    })
    const inputs = Object.keys(metafile.inputs)
    expect(inputs.some((path) => path.includes(`smart-app-launch/${part}`))).toBe(true)
    expect(inputs.filter((path) => /node_modules\/(?:jose|io-ts)\//.test(path))).toEqual([])
  })

  it.each([
    // The whole entry point stays within 12 KiB. Its functions share the table of search parameters.
    ['everything', 'scopes', '*', 12_288],
    ['one function', 'scopes', '{ subsumes }', 10_000],
    ['everything', 'scopes/sets', '*', 13_000],
    ['everything', 'scopes/forms', '*', 3500],
    ['everything', 'scopes/explain', '*', 15_000],
    ['everything', 'scopes/certificates', '*', 13_000]
  ])('gives %s of smart-app-launch/%s in few bytes, without fp-ts', async (_what, entry, names, most) => {
    const { metafile, outputFiles } = await build({
      stdin: { contents: `export ${names} from 'smart-app-launch/${entry}'`, resolveDir: folder },
      bundle: true,
      minify: true,
      format: 'esm',
      metafile: true,
      write: false
    })
    const bytes = gzipSync(outputFiles[0]?.contents ?? '', { level: 9 }).length
    expect(bytes).toBeGreaterThan(most / 2)
    expect(bytes).toBeLessThanOrEqual(most)
    expect(Object.keys(metafile.inputs).filter((path) => /node_modules\/(?:fp-ts|io-ts|jose)\//.test(path))).toEqual([])
    expect(Object.keys(metafile.inputs).filter((path) => /values\/limits\/(?!scope-numbers)/.test(path))).toEqual([])
  })

  it('has a command line that says how it is used', async () => {
    const { stdout } = await run(join(folder, 'node_modules/.bin/smart-app-launch'), ['--help'])
    expect(stdout).toContain('smart-app-launch serve')
  })
})
