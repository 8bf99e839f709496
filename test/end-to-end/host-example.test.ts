/**
 * The host on the page docs/fp-ts.md, as it stands there: an app comes by itself and from the EHR, and strangers come
 * too.
 */
import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import type { HTMLElement } from 'node-html-parser'
import { parse } from 'node-html-parser'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { fencesOf } from '../support/fences.js'

const root = join(import.meta.dirname, '..', '..')
const verifier = 'v'.repeat(43)
const redirectUri = 'http://127.0.0.1:4567/redirect'

let folder = ''
let home = ''
let host: ChildProcess

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'host-example-'))
  const free = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => {
    free.once('listening', resolve)
  })
  const { port } = free.address() as AddressInfo
  await new Promise((resolve) => {
    free.close(resolve)
  })
  home = `http://127.0.0.1:${String(port)}`
  const [example] = fencesOf('docs/fp-ts.md', readFileSync(join(root, 'docs', 'fp-ts.md'), 'utf8')).filter(({ code }) =>
    code.includes('createServer(')
  )
  const outfile = join(folder, 'host.mjs')
  await build({
    stdin: { contents: (example?.code ?? '').replaceAll('4020', String(port)), resolveDir: root, loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    outfile,
    logLevel: 'silent'
  })
  host = spawn(process.execPath, [outfile], { stdio: ['ignore', 'ignore', 'inherit'] })
  for (let tries = 0; tries < 200; tries++) {
    if (
      await fetch(home).then(
        () => true,
        () => false
      )
    )
      return
    await new Promise((resolve) => {
      setTimeout(resolve, 50)
    })
  }
})
afterAll(() => {
  host.kill()
  rmSync(folder, { recursive: true, force: true })
})

const authorize = (more: Readonly<Record<string, string>>): string =>
  `${home}/authorize?${new URLSearchParams({
    client_id: 'my-app',
    redirect_uri: redirectUri,
    response_type: 'code',
    state: 's',
    aud: `${home}/fhir`,
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more
  }).toString()}`

interface Seen {
  readonly status: number
  readonly to: URL | null
  readonly document: HTMLElement
  readonly cookie: string
}

/** What a response shows. A browser keeps its cookies from one page to the next. */
const seen = async (response: Response, kept = ''): Promise<Seen> => {
  const location = response.headers.get('location')
  const cookies = [
    ...kept.split('; '),
    ...response.headers.getSetCookie().map((one) => one.split(';')[0] ?? '')
  ].filter((one) => one !== '')
  const cookie = [...new Map(cookies.map((one) => [one.slice(0, one.indexOf('=')), one])).values()].join('; ')
  return {
    status: response.status,
    to: location === null ? null : new URL(location),
    document: parse(await response.text()),
    cookie
  }
}

const open = async (address: string): Promise<Seen> => seen(await fetch(address, { redirect: 'manual' }))

/** Sends the form of a page, with what its hidden fields and ticked boxes hold. */
const send = async ({ document, cookie }: Seen, wishes: Readonly<Record<string, string>> = {}): Promise<Seen> => {
  const kept = document
    .querySelectorAll('input[type=hidden], input[checked]')
    .map((input): [string, string] => [input.getAttribute('name') ?? '', input.getAttribute('value') ?? ''])
  const body = new URLSearchParams([...kept, ...Object.entries({ answer: 'yes', ...wishes })])
  return seen(
    await fetch(`${home}/decision`, { method: 'POST', redirect: 'manual', headers: { cookie }, body }),
    cookie
  )
}

const alice = { name: 'alice', password: 'alice-demo' }

const tokenFor = async (code: string): Promise<{ readonly access_token: string; readonly patient: string }> => {
  const body = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: redirectUri,
    client_id: 'my-app',
    code_verifier: verifier
  })
  return (await fetch(`${home}/token`, { method: 'POST', body })).json() as Promise<{
    access_token: string
    patient: string
  }>
}

it('lets a user sign in, choose and consent, and the app read', async () => {
  const signIn = await open(authorize({ scope: 'launch/patient openid patient/*.rs' }))
  const again = await send(signIn, { ...alice, password: 'wrong' })
  expect(again.document.text).toContain('Name or password is wrong.')
  const choosing = await send(again, alice)
  const consent = await send(await send(choosing, { patient: 'b' }), { patient: 'a' })
  expect(consent.document.text).toContain('Read and search all records of the one patient in context')
  const { to } = await send(consent)
  const { access_token, patient } = await tokenFor(to?.searchParams.get('code') ?? '')
  const read = (id: string, token: string): Promise<Response> =>
    fetch(`${home}/fhir/Patient/${id}`, { headers: { authorization: `Bearer ${token}` } })
  expect([patient, ((await (await read('a', access_token)).json()) as { id: string }).id]).toEqual(['a', 'a'])
  const batch = (address: string): Promise<Response> =>
    fetch(address, {
      method: 'POST',
      headers: { authorization: `Bearer ${access_token}`, 'content-type': 'application/fhir+json' },
      body: '{"resourceType":"Bundle","type":"batch","entry":[{"request":{"method":"GET","url":"Patient/a"}}]}'
    })
  expect(
    await Promise.all([`${home}/fhir`, `${home}/fhir/`].map(async (address) => (await batch(address)).status))
  ).toEqual([200, 200])
  expect([
    (await read('b', access_token)).status,
    (await read('a', 'x')).status,
    (await open(`${home}/fhir/Patient/a`)).status
  ]).toEqual([404, 401, 401])
})

it('launches the app for the patient on the screen', async () => {
  const launched = (await open(`${home}/launch`)).to?.searchParams
  expect(launched?.get('iss')).toBe(`${home}/fhir`)
  const consent = await send(
    await open(authorize({ scope: 'launch patient/*.rs', launch: launched?.get('launch') ?? '' })),
    alice
  )
  expect((await tokenFor((await send(consent)).to?.searchParams.get('code') ?? '')).patient).toBe('a')
})

it('informs the app that the user denied the request', async () => {
  const { to } = await send(await open(authorize({ scope: 'launch/patient patient/*.rs' })), { answer: 'no' })
  expect(to?.searchParams.get('error')).toBe('access_denied')
})

it('refuses a decision of another browser, and redirects to registered URIs only', async () => {
  const requested = await open(authorize({ scope: 'launch/patient patient/*.rs' }))
  expect((await send({ ...requested, cookie: '' }, alice)).status).toBe(403)
  expect(await open(authorize({ scope: 'openid', redirect_uri: 'https://evil.example/' }))).toMatchObject({
    status: 400,
    to: null
  })
  expect((await open(`${home}/fhir/.well-known/smart-configuration`)).status).toBe(200)
})
