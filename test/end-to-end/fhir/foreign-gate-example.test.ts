/** The program of docs/fhir-access.md that puts the gate before a foreign FHIR server, as it stands there. */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { parse } from 'node-html-parser'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { fencesOf } from '../../support/fences.js'
import type { ForeignFhirServer } from '../../support/fhir/foreign-fhir-server.js'
import { startForeignFhirServer } from '../../support/fhir/foreign-fhir-server.js'
import { exampleResources } from '../../../src/simulator/fhir/synthetic-data.js'

const root = join(import.meta.dirname, '..', '..', '..')
const verifier = 'v'.repeat(43)
const redirectUri = 'http://127.0.0.1:4567/'
const folder = mkdtempSync(join(tmpdir(), 'foreign-gate-'))

const [program] = fencesOf('docs/fhir-access.md', readFileSync(join(root, 'docs', 'fhir-access.md'), 'utf8')).filter(
  ({ code }) => code.includes('createServer(')
)

let foreign: ForeignFhirServer
let home = ''
let running: ChildProcess

beforeAll(async () => {
  foreign = await startForeignFhirServer(exampleResources)
  const free = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => {
    free.once('listening', resolve)
  })
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => {
    free.close(resolve)
  })
  home = `http://127.0.0.1:${String(port)}`
  const outfile = join(folder, 'program.mjs')
  const contents = (program?.code ?? '')
    .replace('4020', String(port))
    .replace('http://127.0.0.1:8103/fhir/R4', foreign.base)
  await build({
    stdin: { contents, resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent'
  })
  running = spawn(process.execPath, [outfile], { stdio: ['ignore', 'ignore', 'inherit'] })
  const isUp = (): Promise<boolean> =>
    fetch(home).then(
      () => true,
      () => false
    )
  for (let tries = 0; tries < 400 && !(await isUp()); tries++) {
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
}, 120_000)
afterAll(() => {
  running.kill()
  foreign.stop()
  rmSync(folder, { recursive: true, force: true })
})

/** The token of an app after the consent of the program's user. */
const token = async (): Promise<string> => {
  const request = new URLSearchParams({
    client_id: 'my-app',
    redirect_uri: redirectUri,
    response_type: 'code',
    scope: 'launch/patient patient/*.rs',
    state: 's',
    aud: `${home}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256'
  })
  const cookies = new Map<string, string>()
  const visit = async (url: string, form?: URLSearchParams): Promise<URL> => {
    const response = await fetch(url, {
      redirect: 'manual',
      headers: { cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join('; '), origin: home },
      ...(form === undefined ? {} : { method: 'POST', body: form })
    })
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ''] = cookie.split(';')
      cookies.set(pair.slice(0, pair.indexOf('=')), pair.slice(pair.indexOf('=') + 1))
    }
    const location = response.headers.get('location')
    if (location !== null) {
      const next = new URL(location, url)
      return next.origin === home ? visit(next.href) : next
    }
    const html = await response.text()
    const page = parse(html).querySelector('form')
    const fields = (page?.querySelectorAll('input[type=hidden], input[checked]') ?? []).map((input) => [
      input.getAttribute('name') ?? '',
      input.getAttribute('value') ?? ''
    ])
    if (page === null) throw new Error(html)
    const body = new URLSearchParams(fields)
    body.set('decision', 'allow')
    if (page.querySelector('input[name=patient]') !== null) body.set('patient', 'example-1')
    return visit(new URL(page.getAttribute('action') ?? '', url).href, body)
  }
  const back = await visit(`${home}/authorize?${request.toString()}`)
  const answer = await fetch(`${home}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'authorization_code',
      code: back.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: verifier,
      client_id: 'my-app'
    })
  })
  return ((await answer.json()) as { access_token: string }).access_token
}

describe('the program of the page', () => {
  it('has at most 20 lines', () => {
    expect(program).toBeDefined()
    expect((program?.code ?? '').split('\n').length).toBeLessThanOrEqual(20)
  })

  it('shows an app the record of its patient at the foreign server, and no other', async () => {
    const authorization = `Bearer ${await token()}`
    const get = async (path: string): Promise<readonly [number, string]> => {
      const response = await fetch(`${home}/fhir${path}`, { headers: { authorization } })
      return [response.status, await response.text()]
    }
    expect((await get('/Patient/example-1'))[0]).toBe(200)
    expect((await get('/Patient/example-2'))[0]).toBe(404)
    const [status, found] = await get('/Observation')
    expect([status, (JSON.parse(found) as { readonly entry: ReadonlyArray<unknown> }).entry.length]).toEqual([200, 4])
    expect(found).not.toMatch(/example-[23]\b/)
    expect((await fetch(`${home}/fhir/Patient/example-1`)).status).toBe(401)
    expect(foreign.requests.every((request) => request.authorization === null)).toBe(true)
  })
})
