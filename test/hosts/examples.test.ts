/** The hosts of docs/hosts/, as they stand there: a user signs in, chooses, consents, and the app reads. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { build } from 'esbuild'
import { parse } from 'node-html-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencesOf } from '../support/fences.js'

const root = join(import.meta.dirname, '..', '..')
const pages = readdirSync(join(root, 'docs', 'hosts')).map((file) => ({
  name: file.replace('.md', ''),
  text: readFileSync(join(root, 'docs', 'hosts', file), 'utf8')
}))
const verifier = 'v'.repeat(43)

const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly import: { readonly default: string } }>>
}
/** The package's own name leads to its sources. */
const alias = Object.fromEntries(
  Object.entries(entries).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [
          [
            `smart-app-launch${entry.slice(1)}`,
            join(root, target.import.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))
          ]
        ]
  )
)

const glueOf = (text: string): ReadonlyArray<string> =>
  (/```js\n([^]*?)```/.exec(text)?.[1] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('import '))

const wholeOf = (text: string): string | undefined => fencesOf('hosts.md', text)[0]?.code

/** The files of routes of Next.js, which stand behind the whole host. */
const routesOf = (text: string): ReadonlyArray<string> =>
  [...text.slice(text.indexOf('## A whole host')).matchAll(/```js\n([^]*?)```/g)].map(([, code = '']) => code.trim())

/**
 * A process that calls route handlers as Next.js does: with a request that has `nextUrl`, and with a promise of the
 * parts of the path.
 */
const nextServer = (port: string): string => `
import { serve } from '@hono/node-server'
import * as smart from './smart-route.js'
import * as signIn from './sign-in-route.js'
const fetch = async (request) => {
  const url = new URL(request.url)
  const route = url.pathname === '/sign-in' ? signIn : smart
  const nextUrl = Object.assign(url, { basePath: '' })
  const params = Promise.resolve(route === signIn ? {} : { smart: url.pathname.slice(1).split('/') })
  const handler = route[request.method]
  return handler === undefined
    ? new Response(null, { status: 405 })
    : handler(Object.assign(new Request(request), { nextUrl }), { params })
}
serve({ fetch, port: ${port} })
`

/** Lines of code, without empty lines. */
const linesOf = (code: string): ReadonlyArray<string> => code.split('\n').filter((line) => line.trim() !== '')

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

const wholes = pages.flatMap(({ name, text }) => {
  const code = wholeOf(text)
  return code === undefined ? [] : [{ name, code }]
})
const origins = new Map<string, string>()
let fhirServer: Server
let folder = ''
let hosts: ChildProcess
let log = ''

const isUp = async (origin: string): Promise<boolean> =>
  fetch(`${origin}/fhir/.well-known/smart-configuration`).then(
    ({ ok }) => ok,
    () => false
  )

/** All hosts run in one process, each at its own port. */
beforeAll(async () => {
  // From there, the frameworks are found.
  mkdirSync(join(root, 'node_modules', '.cache'), { recursive: true })
  folder = mkdtempSync(join(root, 'node_modules', '.cache', 'hosts-'))
  fhirServer = createServer((message, response) => {
    const [, id] = /^\/fhir\/Patient\/(\w+)/.exec(message.url ?? '') ?? []
    response.setHeader('content-type', 'application/fhir+json')
    response.end(JSON.stringify({ resourceType: 'Patient', id }))
  }).listen(0, '127.0.0.1')
  await once(fhirServer, 'listening')
  for (const { name, code } of wholes) {
    const port = String(await freePort())
    origins.set(name, `http://127.0.0.1:${port}`)
    const fhirPort = String((fhirServer.address() as AddressInfo).port)
    const module = code.replaceAll('4020', port).replaceAll('4021', fhirPort)
    if (name !== 'next') writeFileSync(join(folder, `${name}.ts`), module)
    else {
      writeFileSync(join(folder, 'smart.ts'), module)
      for (const [place, route] of routesOf(pages.find((page) => page.name === name)?.text ?? '').entries()) {
        const file = `${place === 0 ? 'smart' : 'sign-in'}-route.ts`
        writeFileSync(join(folder, file), route.replace('../../smart', './smart.js'))
      }
      writeFileSync(join(folder, 'next.ts'), nextServer(port))
    }
  }
  const outfile = join(folder, 'hosts.mjs')
  await build({
    stdin: {
      contents: wholes.map(({ name }) => `import './${name}.js'`).join('\n'),
      resolveDir: folder,
      loader: 'ts'
    },
    bundle: true,
    packages: 'external',
    // The manifest says that importing a module of this package has no effect.
    ignoreAnnotations: true,
    alias,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent'
  })
  hosts = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [hosts.stdout, hosts.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
  }
  for (const origin of origins.values()) {
    while (!(await isUp(origin))) {
      if (hosts.exitCode !== null) throw new Error(log)
      await new Promise((resolve) => {
        setTimeout(resolve, 50)
      })
    }
  }
}, 120_000)
afterAll(() => {
  hosts.kill()
  fhirServer.close()
  rmSync(folder, { recursive: true, force: true })
})

describe.each(pages.map(({ name, text }) => [name, text] as const))('docs/hosts/%s.md', (name, text) => {
  it('needs at most five lines after the imports', () => {
    expect(glueOf(text).length).toBeGreaterThan(0)
    expect(glueOf(text).length).toBeLessThanOrEqual(5)
  })

  const whole = wholeOf(text)
  if (whole === undefined) return

  it('has a whole host of at most 60 lines without fp-ts', () => {
    expect(linesOf([whole, ...routesOf(text)].join('\n')).length).toBeLessThanOrEqual(60)
    expect(whole).not.toContain('fp-ts')
    expect(whole.split('\n').filter((line) => line.length > 120)).toEqual([])
  })

  it('launches an app that reads its patient', async () => {
    const origin = origins.get(name) ?? ''
    let cookie = ''
    const go = async (address: string, form?: URLSearchParams, from = origin): Promise<Response> => {
      const response = await fetch(new URL(address, origin), {
        redirect: 'manual',
        headers: { cookie, ...(form === undefined ? {} : { origin: from }) },
        ...(form === undefined ? {} : { method: 'POST', body: form })
      })
      const set = response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '')
      cookie = [cookie, ...set].filter((one) => one !== '').join('; ')
      return response
    }
    const location = (response: Response): string => {
      const to = response.headers.get('location')
      if (to === null) throw new Error(`${String(response.status)} ${log}`)
      return to
    }
    const redirectUri = 'http://127.0.0.1:4567/'
    const authorize = `/authorize?${new URLSearchParams({
      client_id: 'my-app',
      redirect_uri: redirectUri,
      response_type: 'code',
      scope: 'launch/patient patient/*.rs',
      state: 's',
      aud: `${origin}/fhir`,
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
      code_challenge_method: 'S256'
    }).toString()}`
    const toSignIn = location(await go(authorize))
    expect(toSignIn).toContain('/sign-in?return_to=')
    const refused = await go(toSignIn, new URLSearchParams({ name: 'alice', password: 'wrong' }))
    expect([refused.headers.get('location'), await refused.text()]).toEqual([null, expect.stringContaining('<form')])
    const right = new URLSearchParams({ name: 'alice', password: 'alice-demo' })
    const forged = await go(toSignIn, right, 'https://evil.example')
    expect([forged.headers.get('location'), forged.headers.getSetCookie()]).toEqual([null, []])
    let next = location(await go(toSignIn, right))
    expect(cookie).toMatch(/session=[^;]+/)
    for (const [pageTitle, field] of [
      ['Patient', 'patient'],
      ['Allow', 'scope']
    ] as const) {
      const shown = await go(next)
      const page = parse(await shown.text())
      expect(page.querySelector('title')?.text, `${String(shown.status)} ${log}`).toBe(pageTitle)
      const form = new URLSearchParams({ decision: 'allow' })
      for (const input of page.querySelectorAll(`input[type=hidden], input[name=${field}]`)) {
        form.append(input.getAttribute('name') ?? '', input.getAttribute('value') ?? '')
        if (field === 'patient' && input.getAttribute('name') === field) break
      }
      next = location(await go(page.querySelector('form')?.getAttribute('action') ?? '', form))
    }
    const code = new URL(next).searchParams.get('code') ?? ''
    const form = { grant_type: 'authorization_code', code, redirect_uri: redirectUri, client_id: 'my-app' }
    const token = (await (
      await go('/token', new URLSearchParams({ ...form, code_verifier: verifier }))
    ).json()) as Readonly<Record<string, string>>
    const read = await fetch(`${origin}/fhir/Patient/a`, {
      headers: { authorization: `Bearer ${token['access_token'] ?? ''}` }
    })
    expect([token['patient'], await read.json()]).toEqual(['a', { resourceType: 'Patient', id: 'a' }])
    const apps = await (await go('/apps')).text()
    expect([parse(apps).querySelector('title')?.text, apps]).toEqual(['Apps', expect.stringContaining('End my-app')])
  })
})
