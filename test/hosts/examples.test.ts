/** The hosts of docs/hosts/, as they stand there: a user signs in, chooses, consents, and the app reads. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, readdirSync, readFileSync } from 'node:fs'
import type { Server } from 'node:http'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { createHash } from 'node:crypto'
import { build } from 'esbuild'
import { parse } from 'node-html-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencesOf, generatedFolder } from '../examples/fences.js'

const root = join(import.meta.dirname, '..', '..')
const folder = join(root, generatedFolder, 'hosts')
const pages = readdirSync(join(root, 'docs', 'hosts')).map((file) => ({
  name: file.replace('.md', ''),
  text: readFileSync(join(root, 'docs', 'hosts', file), 'utf8')
}))
const verifier = 'v'.repeat(43)

const { exports: entries } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  readonly exports: Readonly<Record<string, string | { readonly default: string }>>
}
/** The package's own name leads to its sources. */
const alias = Object.fromEntries(
  Object.entries(entries).flatMap(([entry, target]) =>
    typeof target === 'string'
      ? []
      : [
          [
            `smart-app-launch${entry.slice(1)}`,
            join(root, target.default.replace('./dist/', 'src/').replace(/\.js$/, '.ts'))
          ]
        ]
  )
)

const glueOf = (text: string): ReadonlyArray<string> =>
  (/```js\n([^]*?)```/.exec(text)?.[1] ?? '').split('\n').filter((line) => line !== '' && !line.startsWith('import '))

const wholeOf = (text: string): string | undefined => fencesOf('hosts.md', text)[0]?.code

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

let fhirServer: Server
beforeAll(async () => {
  mkdirSync(folder, { recursive: true })
  fhirServer = createServer((message, response) => {
    const [, id] = /^\/fhir\/Patient\/(\w+)/.exec(message.url ?? '') ?? []
    response.setHeader('content-type', 'application/fhir+json')
    response.end(JSON.stringify({ resourceType: 'Patient', id }))
  }).listen(0, '127.0.0.1')
  await once(fhirServer, 'listening')
})
afterAll(() => {
  fhirServer.close()
})

/** Starts the host of a page. */
const start = async (
  name: string,
  code: string
): Promise<{ readonly origin: string; readonly host: ChildProcess; readonly log: () => string }> => {
  const port = await freePort()
  const outfile = join(folder, `${name}.mjs`)
  const contents = code
    .replaceAll('4020', String(port))
    .replaceAll('4021', String((fhirServer.address() as AddressInfo).port))
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    packages: 'external',
    alias,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent'
  })
  const host = spawn(process.execPath, [outfile], { stdio: ['ignore', 'pipe', 'pipe'] })
  let log = ''
  for (const stream of [host.stdout, host.stderr]) {
    stream.on('data', (chunk: Buffer) => {
      log += chunk.toString()
    })
  }
  const origin = `http://127.0.0.1:${String(port)}`
  for (let tries = 0; tries < 300 && host.exitCode === null; tries++) {
    const isUp = await fetch(`${origin}/fhir/.well-known/smart-configuration`).then(
      ({ ok }) => ok,
      () => false
    )
    if (isUp) return { origin, host, log: () => log }
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
  host.kill()
  throw new Error(log)
}

describe.each(pages)('docs/hosts/$name.md', ({ name, text }) => {
  it('needs at most five lines after the imports', () => {
    expect(glueOf(text).length).toBeGreaterThan(0)
    expect(glueOf(text).length).toBeLessThanOrEqual(5)
  })

  const whole = wholeOf(text)
  if (whole === undefined) return

  it('has a whole host of at most 60 lines without fp-ts', () => {
    expect(linesOf(whole).length).toBeLessThanOrEqual(60)
    expect(whole).not.toContain('fp-ts')
    expect(whole.split('\n').filter((line) => line.length > 120)).toEqual([])
  })

  it('launches an app that reads its patient', async () => {
    const { origin, host, log } = await start(name, whole)
    try {
      let cookie = ''
      const go = async (address: string, form?: URLSearchParams): Promise<Response> => {
        const response = await fetch(new URL(address, origin), {
          redirect: 'manual',
          headers: { cookie },
          ...(form === undefined ? {} : { method: 'POST', body: form })
        })
        const set = response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '')
        cookie = [cookie, ...set].filter((one) => one !== '').join('; ')
        return response
      }
      const location = (response: Response): string => {
        const to = response.headers.get('location')
        if (to === null) throw new Error(`${String(response.status)} ${log()}`)
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
      let next = location(await go(toSignIn, new URLSearchParams({ name: 'alice', password: 'alice-demo' })))
      for (const [pageTitle, field] of [
        ['Patient', 'patient'],
        ['Allow', 'scope']
      ] as const) {
        const shown = await go(next)
        const page = parse(await shown.text())
        expect(page.querySelector('title')?.text, `${String(shown.status)} ${log()}`).toBe(pageTitle)
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
    } finally {
      host.kill()
    }
  })
})
